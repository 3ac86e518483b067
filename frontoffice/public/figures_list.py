"""The figures of the law as people read them: in force today and announced, grouped, each with its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.figures import PUBLISHED, Figure
from frontoffice.procedures.single_permit.categories import category
from frontoffice.procedures.territory import REGION_TITLES

TITLES: Mapping[str, str] = {
    "salary-threshold": _("Minimum salary"),
    "minimum-monthly-income": _("Guaranteed average minimum monthly income"),
    "threshold-reference-date": _("Which day decides which minimum salary counts"),
    "federal-contribution": _("Federal contribution"),
    "federal-contribution-beneficiary": _("Federal contribution: beneficiary"),
    "federal-contribution-beneficiary-address": _("Federal contribution: address of the beneficiary"),
    "federal-contribution-iban": _("Federal contribution: account number (IBAN)"),
    "federal-contribution-bic": _("Federal contribution: bank (BIC)"),
    "flanders-fee": _("Fee of the Flemish Region"),
    "visa-d-fee": _("Visa D"),
    "visa-centre-fee": _("Visa centre, service fee"),
    "residence-card-fee": _("Residence card"),
    "residence-card-urgent-fee": _("Residence card, urgent"),
    "complement-period": _("Time to send a document that the Region asks for"),
    "stay-complement-period": _("Time to send a document that the Immigration Office asks for"),
    "decision-period": _("Time for the decision on work and residence"),
    "municipal-report-period": _("Time to report to the municipality after arrival"),
    "annex-46-work-period": _("How long the worker may work on annex 46"),
    "annex-49-validity": _("How long annex 49 is valid"),
    "criminal-record-age": _("Greatest age of the criminal record extract"),
    "medical-certificate-age": _("Greatest age of the medical certificate"),
    "earliest-filing": _("How long before the first working day one may file"),
    "appeal-region-period": _("Time to appeal against a decision of the Region"),
    "appeal-call-period": _("Time to appeal to the Council for Alien Law Litigation"),
}
CONFIDENCE: Mapping[str, str] = {
    "O": _("From an official page or text"), "P": _("From a professional publication"),
    "C": _("From a recent compilation that cites an official page"), "U": _("Not confirmed: ask the authority"),
}
UNITS: Mapping[str, str] = {
    "EUR gross a year": _("gross a year"), "EUR gross a month": _("gross a month"),
    "EUR gross a month (DmfA code 1)": _("gross a month, base wage only (DmfA code 1)"),
}
WORDS: Mapping[str, str] = {"filing": _("the day of filing"), "start-of-work": _("the first working day")}


@dataclass(frozen=True)
class ShownFigure:
    """One row with the words that go with it."""

    figure: Figure
    is_announced: bool

    @property
    def region(self) -> str:
        """The msgid of its Region; empty when it holds everywhere."""
        return REGION_TITLES[self.figure.region] if self.figure.region else ""

    @property
    def category(self) -> str:
        """The msgid of its category of worker, if it names one."""
        found = category(self.figure.category) if self.figure.category else None
        return found.title if found else ""

    @property
    def confidence(self) -> str:
        """How sure it is, as a msgid."""
        return CONFIDENCE[self.figure.confidence]

    @property
    def unit(self) -> str:
        """What an amount is paid for, as a msgid; empty for a plain amount."""
        return UNITS.get(self.figure.unit, "")

    @property
    def words(self) -> str:
        """A text value as a msgid, or as it stands."""
        return WORDS.get(str(self.figure.value), str(self.figure.value))


def shown(day: date, region: str = "", rows: Sequence[Figure] | None = None) -> Mapping[str, list[ShownFigure]]:
    """The figures in force on a day and those announced, by the msgid of their title; with `region` those that hold there."""
    found: dict[str, list[ShownFigure]] = {title: [] for title in TITLES.values()}
    for row in PUBLISHED if rows is None else rows:
        announced = row.valid_from is not None and row.valid_from > day
        if (announced or row.in_force(day)) and (not region or row.region in (None, region)):
            found[TITLES[row.code]].append(ShownFigure(row, announced))
    return {title: sorted(some, key=_order) for title, some in found.items() if some}


def _order(one: ShownFigure) -> tuple[bool, str, int, date]:
    row = one.figure
    return one.is_announced, str(row.region or ""), -(row.age_below or 999), row.valid_from or date.min
