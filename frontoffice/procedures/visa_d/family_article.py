"""Which article and which rule set a family file falls under, from facts about the person who is joined."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from frontoffice.forms.conditions import Condition, answer
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND

Values = Mapping[str, str]

LISTS = "avocat-halabi.com, pages on family reunification"
TRANSITION = "altea.be, transitional article 24 of the Act of 18 July 2025"
SUSPENSION = "orangeconnect.be, on the Constitutional Court, 26 February 2026; bx1.be, February 2026"
UNSURE = "No source found; general knowledge"

BELGIAN, EUROPEAN, THIRD = "belgian", "european", "third-country"
OLD, NEW = "old", "new"
UNKNOWN = "unknown"

UNLIMITED_CARDS = ("B", "C", "K", "L", "D")
LIMITED_CARDS = ("A", "H")


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The article of the Act of 15 December 1980, why it is that one, and who says so; `article` is "unknown" when no source names it."""

    row: int
    article: str
    reason: str
    source: str = LISTS
    confidence: str = "P"


_kind, _relation, _protection, _card = answer("sponsor_kind"), answer("relation"), answer("sponsor_protection"), answer("sponsor_card")
_third = _kind.is_(THIRD)

# In this order: the first row that holds.
ARTICLES: tuple[tuple[Condition, Basis], ...] = (
    (_kind.is_(BELGIAN) & answer("sponsor_free_movement").is_("yes") & _relation.is_("other-family"), Basis(
        row=1, article="47/1", reason=_("You are another relative of a Belgian who lived in another country of the Union: article 47/1 seems to count."),
        source=UNSURE, confidence="U")),
    (_kind.is_(BELGIAN) & answer("sponsor_free_movement").is_("yes"), Basis(
        row=2, article="40bis", reason=_("You join a Belgian who used free movement: article 40bis counts by analogy."))),
    (_kind.is_(BELGIAN) & answer("sponsor_free_movement").is_("no"), Basis(
        row=3, article="40ter", reason=_("You join a Belgian who did not use free movement: article 40ter counts."))),
    (_kind.is_(EUROPEAN) & _relation.is_("other-family"), Basis(
        row=4, article="47/1", reason=_("You are another relative of a citizen of the European Union: article 47/1 counts."))),
    (_kind.is_(EUROPEAN), Basis(
        row=5, article="40bis", reason=_("You join a citizen of the European Union, the European Economic Area or Switzerland: article 40bis counts."))),
    (_third & _protection.is_("refugee"), Basis(row=6, article="10", reason=_("You join a recognised refugee: article 10 counts."))),
    (_third & _protection.is_("subsidiary"), Basis(
        row=7, article="10", reason=_("You join a person with subsidiary protection: article 10 seems to count."), source=UNSURE, confidence="U")),
    (_third & _card.is_in(*UNLIMITED_CARDS), Basis(
        row=8, article="10", reason=_("You join a person who may stay in Belgium without limit of time: article 10 counts."))),
    (_third & _card.is_in(*LIMITED_CARDS), Basis(
        row=9, article="10bis", reason=_("You join a person whose stay in Belgium is limited in time: article 10bis counts."))),
    (_third & _card.is_("other"), Basis(
        row=10, article=UNKNOWN, reason=_("With this document we cannot tell which article counts: the embassy or consulate can tell you. You can apply."),
        source=UNSURE, confidence="U")),
)


def sponsor_kind(values: Values) -> str:
    """Whether the person who is joined is Belgian, another European, or of a third country; empty while nobody knows."""
    nationality = values.get("sponsor_nationality", "")
    if nationality == "BEL":
        return BELGIAN
    return EUROPEAN if nationality in EEA_AND_SWITZERLAND else THIRD if nationality else ""


def basis(values: Values) -> Basis | None:
    """The article of this file; None while answers are missing."""
    known = {**values, "sponsor_kind": sponsor_kind(values)}
    return next((one for condition, one in ARTICLES if condition.holds(known)), None)


def rule_set(values: Values, day: date) -> str:
    """Whether a file that is filed on that day follows the old or the new rules; empty while it cannot be said."""
    figures, kind = Figures.at(day), sponsor_kind(values)
    new = figures.find("family-new-rules")
    if new is None or new.valid_from is None:
        return OLD
    if not figures.find("family-old-rules"):
        return NEW
    since = values.get("sponsor_residence_since", "")
    if not kind or (kind != BELGIAN and not since):
        return ""
    return OLD if kind == BELGIAN or since < new.valid_from.isoformat() else NEW


def strict_for_subsidiary(values: Values, day: date) -> bool:
    """Whether the stricter rules for relatives of a person with subsidiary protection count for this file."""
    switch = Figures.at(day).find("family-subsidiary-strict")
    joins = values.get("sponsor_protection") == "subsidiary" and sponsor_kind(values) == THIRD
    return joins and rule_set(values, day) == NEW and switch is not None and switch.value == "on"
