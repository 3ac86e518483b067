"""How old a document may be: on the day of filing, by law, and on the day on which the decision is expected, by prudence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import ARRIVED
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import add_months, today
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.vocabulary import DocumentRequirement


@dataclass(frozen=True, kw_only=True)
class Age:
    """One requirement with its greatest age, counted on two days; `issued_on` is that of the youngest document given, if it is known."""

    requirement: DocumentRequirement
    figure: Figure
    filed_on: date
    decided_on: date | None
    issued_on: date | None = None

    @property
    def oldest(self) -> date:
        """The first day of issue that is young enough on the day of filing."""
        return first_issue(self.figure, self.filed_on)

    @property
    def order_from(self) -> date:
        """The first day of issue that is young enough on the expected day of the decision too, but never one after the filing."""
        return min(first_issue(self.figure, self.decided_on), self.filed_on) if self.decided_on else self.oldest

    @property
    def is_too_old(self) -> bool:
        """Whether the youngest document given is older than allowed on the day of filing."""
        return self.issued_on is not None and self.issued_on < self.oldest

    @property
    def blocks(self) -> bool:
        """Whether that stands between the draft and filing: only what an official source says does."""
        return self.is_too_old and self.figure.confidence == "O"

    @property
    def will_be_too_old(self) -> bool:
        """Whether it is young enough for filing, and most likely no longer on the day of the decision."""
        return self.issued_on is not None and self.oldest <= self.issued_on < self.order_from

    @property
    def outlives_the_decision(self) -> bool:
        """Whether one issued on the day of filing would still be young enough on the expected day of the decision."""
        return self.decided_on is None or first_issue(self.figure, self.decided_on) <= self.filed_on

    @property
    def counts_until(self) -> date | None:
        """The last day on which the youngest document given is young enough; None when its day of issue is not known."""
        return _last_day(self.figure, self.issued_on) if self.issued_on else None

    @property
    def allowed(self) -> Message:
        """From which day on it must have been issued."""
        return Message(_("To count on %(filing)s it must have been issued on %(oldest)s or later."), {"filing": self.filed_on, "oldest": self.oldest})

    @property
    def verdict(self) -> Message | None:
        """What is wrong, or will be, with the document that was given; None when nothing is known to be."""
        if self.issued_on is None:
            return None
        known = {"issued": self.issued_on, "filing": self.filed_on, "oldest": self.oldest, "from": self.order_from,
                 "decision": self.decided_on or self.filed_on}
        if self.is_too_old:
            return Message(_("Issued on %(issued)s, it is too old: to count on %(filing)s it must have been issued on %(oldest)s or later."), known)
        if self.will_be_too_old:
            return Message(_("Issued on %(issued)s, it is young enough to file, but may be too old when the decision is taken, about %(decision)s. "
                             "Order a new one, issued on %(from)s or later."), known)
        return None


def ages(dossier: OpenDossier, known: Mapping[str, str], wanted: Sequence[DocumentRequirement], *, planned: date | None = None) -> dict[str, Age]:
    """By code, the requirements that have a greatest age in force; a draft is looked at as if it were filed on the planned day, or today."""
    filed_on = dossier.filed_at.astimezone(BRUSSELS).date() if dossier.filed_at else planned or today()
    region = dossier.region or known.get("competent_region")
    figures = Figures.at(filed_on)
    decided_on = _expected(dossier, known, figures, region)
    return {
        one.code: Age(requirement=one, figure=figure, filed_on=filed_on, decided_on=decided_on, issued_on=_youngest(dossier.of_requirement(one.code)))
        for one in wanted if one.max_age and (figure := figures.find(one.max_age, region=region))
    }


def _expected(dossier: OpenDossier, known: Mapping[str, str], figures: Figures, region: str | None) -> date | None:
    """The last day for the decision if it were counted from the filing; None where no period is known."""
    clocks = [one for one in dossier.procedure.clocks if one.code.startswith("decision") and (one.when is None or one.when.holds(known))]
    periods = [figures.find(one.figure, region=region, category=one.category or None) for one in clocks]
    return max((one.after(figures.day) for one in periods if one), default=None)


def _youngest(given: Sequence[GivenDocument]) -> date | None:
    """The latest day of issue among the documents that count; None when one of them does not say it, which may be younger."""
    days = [one.issued_on for one in given if one.state in ARRIVED]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def first_issue(figure: Figure, day: date) -> date:
    """The first day of issue from which the period reaches `day`; months differ in length, so going back alone is not enough."""
    issued = figure.before(day)
    while _last_day(figure, issued) < day:
        issued += timedelta(days=1)
    return issued


def _last_day(figure: Figure, issued: date) -> date:
    """The last day on which a document issued then is young enough, whatever day of the week that is."""
    end = add_months(issued, figure.count) if figure.unit == "months" else issued + timedelta(days=figure.count)
    return end + timedelta(days=figure.plus_days)
