"""What a guarantor must earn for so many commitments, and until when a commitment binds; shown with its computation, never a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.figures import Figure, Figures, Reckoned

THRESHOLD, FURTHER, STUDENT = "guarantee-threshold", "guarantee-threshold-further", "student-means"
VALIDITY, LIABILITY, INCOME_AGE, ADDRESS_WINDOW = "guarantee-validity", "guarantee-liability", "guarantee-income-age", "guarantee-address-window"


@dataclass(frozen=True, kw_only=True)
class Required(Reckoned):
    """The net income a month that `count` commitments need."""

    count: int
    amount: Decimal


def for_visitors(count: int, figures: Figures) -> Required | None:
    """Annex 3bis: the threshold for the first active commitment and half of it for each further one."""
    first, further = figures.latest(THRESHOLD), figures.latest(FURTHER)
    if first is None or (further is None and count > 1):
        return None
    parts = [(Message(_("First visitor")), first.amount)]
    if further and count > 1:
        text = _("Further visitors: %(count)s × %(amount)s")
        parts.append((Message(text, {"count": count - 1, "amount": further.amount}), further.amount * (count - 1)))
    used = [first, *([further] if further and count > 1 else [])]
    return _required(count, parts, used, in_force=all(one.in_force(figures.day) for one in used))


def for_students(count: int, year: str, figures: Figures) -> Required | None:
    """Annex 32: the threshold for the guarantor, and the amount of that academic year, such as 2026-27, for each student."""
    studying = figures.on(date(int(year[:4]), 10, 1))
    own, student = figures.latest(THRESHOLD), studying.latest(STUDENT)
    if own is None or student is None:
        return None
    text = _("Students: %(count)s × %(amount)s")
    parts = [(Message(_("The guarantor")), own.amount), (Message(text, {"count": count, "amount": student.amount}), student.amount * count)]
    return _required(count, parts, [own, student], in_force=own.in_force(figures.day) and student.in_force(studying.day))


def _required(count: int, parts: Sequence[tuple[Message, Decimal]], used: Sequence[Figure], *, in_force: bool) -> Required:
    amount = sum((one for _label, one in parts), Decimal(0))
    rows = [(label, _money(one)) for label, one in parts] + [(Message(_("Net income asked a month")), _money(amount))]
    return Required(count=count, amount=amount, rows=rows, figures=used, in_force=in_force)


def _money(amount: Decimal) -> Message:
    return Message("%(amount)s", {"amount": amount})


def enough(values: Mapping[str, str], needed: Required | None) -> bool | None:
    """Whether the declared income reaches what is asked; None while that cannot be said."""
    if needed is None or not needed.in_force or not values.get("net_monthly_income"):
        return None
    return Decimal(values["net_monthly_income"]) >= needed.amount


def expires_on(legalised_on: date) -> date:
    """The last day on which a commitment that was not used yet still holds, counted as its clock counts it."""
    return Figures.at(legalised_on).get(VALIDITY).after(legalised_on)


def liable_until(entered_on: date) -> date:
    """The last day on which the guarantor of a short stay answers for a visitor who entered on that day."""
    return Figures.at(entered_on).get(LIABILITY).after(entered_on)
