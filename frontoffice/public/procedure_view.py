"""What people read about a procedure before they begin: conditions, documents, fees and periods, as far as their answers decide them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from frontoffice.dossiers.track import ROLE_TITLES
from frontoffice.forms.conditions import Condition
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.procedures.fees import Charge, charges, sum_of
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.vocabulary import Clock, DocumentRequirement, Fee, Procedure, Rule

_UNKNOWN = _("(not known for today: check with the authority)")
_LAST_KNOWN = _("%(value)s (the last amount that we know, until %(day)s: check with the authority)")


class _Conditional(Protocol):
    @property
    def when(self) -> Condition | None: ...


_Any = TypeVar("_Any", bound=_Conditional)


@dataclass(frozen=True)
class ShownRule:
    """A condition in words; `met` is None as long as the answers do not tell."""

    message: Message
    met: bool | None
    source: str
    confidence: str


@dataclass(frozen=True)
class ShownDocument:
    """A document, who brings it, and the figure that says how old it may be."""

    requirement: DocumentRequirement
    by: Sequence[str]
    age: Figure | None


@dataclass(frozen=True)
class ShownPeriod:
    """A legal period, with the figure in force if one is known."""

    clock: Clock
    figure: Figure | None


@dataclass(frozen=True)
class Price:
    """The fees of this case; `sum` adds up the least that is known, `whole` says that it can be no more."""

    charges: Sequence[Charge]
    sum: Decimal
    whole: bool


@dataclass(frozen=True, kw_only=True)
class ProcedureView:
    """One page about a procedure: what holds for these answers, and what may hold besides."""

    procedure: Procedure
    rules: Sequence[ShownRule]
    other_rules: Sequence[ShownRule]
    documents: Sequence[ShownDocument]
    other_documents: Sequence[ShownDocument]
    price: Price
    other_fees: Sequence[Charge]
    periods: Sequence[ShownPeriod]
    filers: Sequence[str]


def view_of(procedure: Procedure, known: Mapping[str, str], day: date) -> ProcedureView:
    """The procedure for these answers, with the figures of that day."""
    figures = Figures.at(day)
    rules, other_rules = _parted(procedure.rules, known)
    documents, other_documents = _parted(procedure.documents, known)
    _fees, other_fees = _parted(procedure.fees, known)
    clocks, _others = _parted(procedure.clocks, known)
    owed = charges(procedure, known, figures)
    together = sum_of(owed)
    return ProcedureView(
        procedure=procedure, filers=[ROLE_TITLES[one] for one in sorted(procedure.filed_by)],
        rules=[_rule(one, known, figures) for one in rules], other_rules=[_rule(one, known, figures) for one in other_rules],
        documents=[_document(one, figures) for one in documents], other_documents=[_document(one, figures) for one in other_documents],
        price=Price(owed, together.least, together.most == together.least and not together.unknown),
        other_fees=[_fee(one, known, figures) for one in other_fees], periods=_periods(clocks, known, figures),
    )


def _parted(rows: Iterable[_Any], known: Mapping[str, str]) -> tuple[list[_Any], list[_Any]]:
    """What holds, and what may hold once more is known."""
    sure, open_yet = [], []
    for one in rows:
        if one.when is None or one.when.holds(known):
            sure.append(one)
        elif not all(known.get(name) for name in one.when.questions()):
            open_yet.append(one)
    return sure, open_yet


def _rule(one: Rule, known: Mapping[str, str], figures: Figures) -> ShownRule:
    met = one.met(known, figures.day) if one.met else None
    if not one.figure:
        return ShownRule(Message(one.text), met, one.source, one.confidence)
    figure = figures.latest(one.figure, region=one.region or known.get("competent_region"), category=one.category or None)
    if figure is None:
        return ShownRule(Message(one.text, dict.fromkeys(("amount", "count", "text"), Message(_UNKNOWN))), met, one.source, one.confidence)
    value: Param = figure.value
    if one.figure == "salary-threshold":
        value = Message(_("%(amount)s a year") if figure.unit == "EUR gross a year" else _("%(amount)s a month"), {"amount": figure.value})
    if not figure.in_force(figures.day):
        value = Message(_LAST_KNOWN, {"value": value, "day": figure.valid_until or figures.day})
        return ShownRule(Message(one.text, dict.fromkeys(("amount", "count", "text"), value)), met, one.source or figure.source, "U")
    return ShownRule(Message(one.text, {"amount": value, "count": figure.value, "text": figure.value}), met, one.source or figure.source, figure.confidence)


def _document(one: DocumentRequirement, figures: Figures) -> ShownDocument:
    return ShownDocument(one, [ROLE_TITLES[role] for role in ROLE_TITLES if role in one.by], figures.find(one.max_age) if one.max_age else None)


def _fee(one: Fee, known: Mapping[str, str], figures: Figures) -> Charge:
    return Charge(one, figures.find(one.figure, region=known.get("competent_region"), category=one.category or None))


def _periods(clocks: Iterable[Clock], known: Mapping[str, str], figures: Figures) -> list[ShownPeriod]:
    """Each title once: a period that runs twice in a life is told once."""
    found: dict[tuple[str, object], ShownPeriod] = {}
    for one in clocks:
        figure = figures.find(one.figure, region=known.get("competent_region"), category=one.category or known.get("category") or None)
        found.setdefault((one.title, figure and (figure.value, figure.unit)), ShownPeriod(one, figure))
    return list(found.values())
