"""What the law asks of a family file: who may join, from which age, after which time, and who is free of conditions on means and housing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from frontoffice.forms.form import Values
from frontoffice.forms.partial_dates import ADULT
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import add_months
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.shared.questions import age_at_most
from frontoffice.procedures.visa_d.common import may_be_aged
from frontoffice.procedures.visa_d.family_article import NEW, OLD, UNSURE, Basis, basis, rule_set, sponsor_kind, strict_for_subsidiary

STABLE_MEANS = "Immigration Office, stable means (text of 2023)"
PARTNERS = ("spouse", "equivalent-partner", "partner")
CHILDREN = ("child", "partner-child")
PARENTS_OF_MINORS = ("parent-of-refugee", "parent-of-minor")
DEPENDENTS = ("disabled-child", "dependent-parent", "other-family")
EQUIVALENT = frozenset({"DNK", "DEU", "FIN", "ISL", "NOR", "SWE", "GBR"})
_OLDEST = 150  # years: nobody is older

_ALL = frozenset({"10", "10bis", "40bis", "40ter"})
# Under which articles the lists name each relation.
MAY_JOIN: Mapping[str, frozenset[str]] = {
    "spouse": _ALL, "equivalent-partner": _ALL, "partner": _ALL, "child": _ALL, "partner-child": _ALL,
    "disabled-child": frozenset({"10", "10bis", "40bis"}), "parent-of-refugee": frozenset({"10", "10bis"}), "parent-of-minor": frozenset({"40bis", "40ter"}),
    "dependent-parent": frozenset({"40bis"}), "other-family": frozenset({"47/1"}),
}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Why no means are asked; with `frees_all` no housing and no health insurance either."""

    text: str
    source: str
    confidence: str
    frees_all: bool = False


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long the person who is joined must have had residence, and the first day on which that is so."""

    figure: Figure
    over_on: date


@dataclass(frozen=True)
class FamilyFile:
    """The answers of a family file on the day of filing, and what the rules say of them."""

    values: Values
    day: date

    def said(self, name: str) -> str:
        """An answer, or an empty text."""
        return self.values.get(name, "")

    def date_of(self, name: str) -> date | None:
        """An answer that is a day."""
        return date.fromisoformat(self.said(name)) if self.said(name) else None

    @cached_property
    def figures(self) -> Figures:
        """The figures of the day of filing."""
        return Figures.at(self.day)

    @cached_property
    def basis(self) -> Basis | None:
        """The article, and why."""
        return basis(self.values)

    @property
    def article(self) -> str:
        """The article, "unknown" where no source names it, empty while answers are missing."""
        return self.basis.article if self.basis else ""

    @cached_property
    def rules(self) -> str:
        """The old or the new rules, or nothing yet."""
        return rule_set(self.values, self.day)

    @cached_property
    def is_strict(self) -> bool:
        """Whether the stricter rules on subsidiary protection count."""
        return strict_for_subsidiary(self.values, self.day)

    @property
    def is_protected(self) -> bool:
        """Whether the person who is joined is a refugee, or has subsidiary protection and is treated like one."""
        protection = self.said("sponsor_protection") if sponsor_kind(self.values) == "third-country" else ""
        return protection == "refugee" or (protection == "subsidiary" and not self.is_strict)

    def is_minor(self, question: str = "birth_date") -> bool:
        """Whether somebody with this birth date may be under 18 on the day of filing."""
        return bool(self.said(question)) and age_at_most(self.said(question), self.day) < ADULT

    def may_have(self, question: str, least: int) -> bool:
        """Whether somebody with this birth date can be that old; nobody doubts an answer that is not there."""
        return not self.said(question) or may_be_aged(self.said(question), self.day, least, _OLDEST)

    def may_be_younger(self, limit: int) -> bool:
        """Whether the applicant may be younger than that."""
        return age_at_most(self.said("birth_date"), self.day) < limit

    @cached_property
    def partner_age(self) -> Figure | None:
        """The age that both partners must have; None where the lists name none."""
        if self.said("relation") not in PARTNERS or self.article not in ("10", "10bis", "40ter"):
            return None
        early = self.rules == OLD and self.said("tie_before") == "yes"
        return self.figures.get("family-partner-age", category="old-existing-tie" if early else None)

    @cached_property
    def child_age(self) -> Figure | None:
        """The age below which a child joins."""
        if self.said("relation") not in CHILDREN or self.article not in _ALL:
            return None
        category = "40ter-old" if self.article == "40ter" and self.rules == OLD else self.article
        return self.figures.get("family-child-age", category=category)

    @cached_property
    def grace(self) -> Wait | None:
        """The time after protection in which no conditions are asked, and its last day; None where there is none."""
        granted = self.date_of("sponsor_status_since")
        if not self.is_protected or granted is None or not self.rules:
            return None
        like_new = self.rules == NEW and self.said("sponsor_protection") == "refugee"
        figure = self.figures.get("family-refugee-grace", category=NEW if like_new else OLD)
        return Wait(figure=figure, over_on=add_months(granted, figure.count))

    @cached_property
    def ground(self) -> Ground | None:
        """The first ground that frees this file of the test of means; None when it is tested."""
        return next((found for one in _GROUNDS if (found := one(self))), None)

    @cached_property
    def wait(self) -> Wait | None:
        """The waiting time that counts for this file; None where there is none or an answer is missing."""
        category = self._kind_of_wait()
        starts = self.date_of("sponsor_residence_since" if category.startswith("new") else "sponsor_status_since")
        if not category or starts is None or (self.ground and self.ground.frees_all):
            return None
        figure = self.figures.get("family-waiting-time", category=category)
        return Wait(figure=figure, over_on=add_months(starts, figure.count))

    def _kind_of_wait(self) -> str:
        if self.article not in ("10", "10bis"):
            return ""
        if self.is_strict:
            return "subsidiary-protection"
        if self.rules == OLD:
            return "old" if self.article == "10" else ""
        if self.said("sponsor_protection") == "temporary":
            return "temporary-protection"
        return "new-existing-tie" if self.said("tie_before") == "yes" else "new"


def _european(file: FamilyFile) -> Ground | None:
    if file.article not in ("40bis", "47/1"):
        return None
    return Ground(text=_("For relatives of citizens of the European Union this amount, the housing and the insurance are not asked. The Immigration Office may "
                         "ask how you will live."), source=UNSURE, confidence="U", frees_all=True)


def _parent_of_refugee(file: FamilyFile) -> Ground | None:
    if file.said("relation") != "parent-of-refugee" or file.article not in ("10", "10bis"):
        return None
    return Ground(text=_("Parents of a minor refugee who came alone are free of these conditions."), source="vipresse.com, August 2025", confidence="P",
                  frees_all=True)


def _parent_of_minor(file: FamilyFile) -> Ground | None:
    if file.said("relation") != "parent-of-minor" or file.article != "40ter":
        return None
    return Ground(text=_("It is not confirmed which conditions count for the parent of a minor Belgian: we ask none here. The Immigration Office may ask more."),
                  source=UNSURE, confidence="U", frees_all=True)


def _grace(file: FamilyFile) -> Ground | None:
    if file.grace is None or file.day > file.grace.over_on or file.said("tie_before") != "yes":
        return None
    return Ground(text=_("You apply in the first months after the protection was granted: no income, housing or insurance is asked."),
                  source=file.grace.figure.source, confidence=file.grace.figure.confidence, frees_all=True)


def _child_of_belgian(file: FamilyFile) -> Ground | None:
    if file.rules != OLD or file.article != "40ter" or file.said("relation") != "child" or not file.is_minor():
        return None
    return Ground(text=_("Under the old rules no income is asked for the minor child of a Belgian."), source=STABLE_MEANS, confidence="O")


def _child_alone(file: FamilyFile) -> Ground | None:
    since, figure = file.date_of("sponsor_status_since"), file.figures.get("family-child-alone-stay")
    alone = file.said("relation") in CHILDREN and file.is_minor() and file.said("adult_joins") == "no"
    if file.rules != OLD or file.article != "10" or not alone or since is None or add_months(since, figure.count) > file.day:
        return None
    return Ground(text=_("Under the old rules no income is asked when only minor children join a person who has had an unlimited stay for long enough."),
                  source=STABLE_MEANS, confidence="O")


_GROUNDS: tuple[Callable[[FamilyFile], Ground | None], ...] = (_european, _parent_of_refugee, _parent_of_minor, _grace, _child_of_belgian, _child_alone)


def facts(values: Values, day: date) -> dict[str, str]:
    """What follows from the answers: kind of sponsor, article, rule set, and whether conditions and means are asked."""
    file = FamilyFile(values, day)
    found = {
        "sponsor_kind": sponsor_kind(values), "family_article": file.article, "family_rules": file.rules if file.article not in ("40bis", "47/1") else "",
        "subsidiary_strict": "yes" if file.is_strict else "no",
    }
    if file.article and values.get("relation"):
        found["family_conditions"] = "free" if file.ground and file.ground.frees_all else "asked"
        found["family_means"] = "free" if file.ground else "asked"
    return {name: text for name, text in found.items() if text}


FACTS = frozenset({"sponsor_kind", "family_article", "family_rules", "subsidiary_strict", "family_conditions", "family_means"})
