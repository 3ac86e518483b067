"""Which residence documents let their holder sign a commitment (table 4.1 of annexes 3bis and 32): accepted, by a municipality's page only, or not."""

from dataclasses import dataclass

from frontoffice.kernel.i18n import mark as _

_OFFICE = "Immigration Office, annex 3bis page; orangeconnect.be, notes of the Immigration Office, early 2022"
_TOWN = "Municipality of Tervuren, annex 3bis page"


@dataclass(frozen=True, kw_only=True)
class Card:
    """One document: `accepted` is None where no source decides; `is_local` when only the page of a municipality names it."""

    code: str
    title: str
    accepted: bool | None
    source: str
    confidence: str
    is_local: bool = False


CARDS: tuple[Card, ...] = (
    Card(code="belgian", title=_("Belgian identity card"), accepted=True, source=_OFFICE, confidence="O"),
    Card(code="B", title=_("B card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="C", title=_("C card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="K", title=_("K card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="D", title=_("D card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="L", title=_("L card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="F", title=_("F card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="F+", title=_("F+ card"), accepted=True, source=_OFFICE, confidence="P"),
    Card(code="E", title=_("E card"), accepted=True, source=_TOWN, confidence="P", is_local=True),
    Card(code="E+", title=_("E+ card"), accepted=True, source=_TOWN, confidence="P", is_local=True),
    Card(code="annex-8", title=_("Annex 8 (registration certificate)"), accepted=True, source=_TOWN, confidence="P", is_local=True),
    Card(code="annex-8bis", title=_("Annex 8bis (permanent residence)"), accepted=True, source=_TOWN, confidence="P", is_local=True),
    Card(code="A", title=_("A card"), accepted=False, source=_OFFICE, confidence="O"),
    Card(code="H", title=_("H card (EU Blue Card)"), accepted=False, source=_OFFICE, confidence="O"),
    Card(code="other", title=_("Another document"), accepted=None, source=_OFFICE, confidence="U"),
)
LIMITED = frozenset(card.code for card in CARDS if card.accepted is False)


def card(code: str) -> Card | None:
    """The card of that code."""
    return next((one for one in CARDS if one.code == code), None)
