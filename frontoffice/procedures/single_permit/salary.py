"""Whether a salary reaches the threshold of the Region, how that is computed, and until when a lower threshold helps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.kernel.time import add_years
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.territory import REGION_TITLES, Region

Row = tuple[Message, Message]

UNIT_TITLES: Mapping[str, str] = {
    "EUR gross a year": _("gross a year"),
    "EUR gross a month": _("gross a month"),
    "EUR gross a month (DmfA code 1)": _("gross a month, base wage only (DmfA code 1)"),
}

_MISSING = _("The minimum in the %(region)s is %(threshold)s %(unit)s. Give that amount, so that it can be compared.")
_BELOW = _("%(salary)s is below the minimum of %(threshold)s %(unit)s in the %(region)s.")
_REACHED = _("%(salary)s reaches the minimum of %(threshold)s %(unit)s in the %(region)s.")
_UNTIL = _(
    "%(salary)s reaches the minimum of %(threshold)s %(unit)s for workers under %(age)s in the %(region)s, "
    "until %(until)s. "
    "After that day the minimum is %(full)s."
)
# Agency for Integration (AGII), highly qualified worker page, 2024.
_UNTIL_FLANDERS = _(
    "%(salary)s reaches the minimum of %(threshold)s %(unit)s for workers under %(age)s in the %(region)s, "
    "until %(until)s. "
    "After that day the minimum is %(full)s: the contract must raise the pay from the birthday on, or the "
    "permit ends on %(until)s."
)

_IF_YOUNG = _(
    "%(salary)s reaches the minimum of %(threshold)s %(unit)s in the %(region)s only if the worker is under %(age)s on "
    "the first working day; else the minimum is %(full)s. The date of birth is not known yet."
)
_FLOOR = _("No minimum of its own is known for this category: the scale of the joint committee counts, never below %(threshold)s gross a month for a full-time job.")
_BELOW_FLOOR = _("%(salary)s a month for a full-time job is below the guaranteed average minimum monthly income of %(threshold)s.")


@dataclass(frozen=True, kw_only=True)
class Salary:
    """What the contract says: gross euro; `end` None when open-ended, `birth_date` None when unknown, the latest it may be when partly so.

    `variant` is the code of a special minimum within the category; `share` the part of a full-time job.
    """

    yearly: Decimal | None
    monthly: Decimal | None
    birth_date: date | None
    start: date
    end: date | None = None
    posted: bool = False
    variant: str = ""
    share: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class SalaryCheck:
    """The outcome: `until` is the last day on which the salary is enough, when it is not for the whole contract.

    `rows` are the computation, line by line.
    """

    threshold: Figure
    compared: Decimal | None
    enough: bool
    until: date | None
    explanation: Message
    rows: Sequence[Row] = ()


def salary_check(salary: Salary, region: Region, category: str, figures: Figures) -> SalaryCheck:
    """Compare a salary with the threshold; `figures` are those of the day of filing. Raises UnknownFigure.

    Which date counts is itself a figure; a decision that has not come yet counts as the day of filing."""
    in_force, code = _figures_that_count(salary, region, figures), salary.variant or category
    full = in_force.get("salary-threshold", region=region, category=code)
    threshold = in_force.get("salary-threshold", region=region, category=code, age=_age_that_counts(salary, region))
    compared = salary.yearly if threshold.unit == "EUR gross a year" else salary.monthly
    if compared is not None and compared >= full.amount:
        threshold = full
    enough = compared is not None and compared >= threshold.amount
    until = _last_day_young(salary, threshold) if enough else None
    params: dict[str, Param] = {
        "threshold": threshold.amount,
        "unit": Message(UNIT_TITLES[threshold.unit]),
        "region": Message(REGION_TITLES[region]),
        "salary": compared or 0,
        "full": full.amount,
        "age": threshold.age_below or 0,
        "until": until or "",
    }
    text = _text(salary, threshold, region, enough=enough, until=until) if compared is not None else _MISSING
    return SalaryCheck(
        threshold=threshold, compared=compared, enough=enough, until=until, explanation=Message(text, params),
        rows=_computation(salary, threshold, compared, in_force.day) if compared is not None else (),
    )


def floor_check(salary: Salary, figures: Figures) -> SalaryCheck | None:
    """The pay of a full-time month against the income that nobody may earn less than; None when that is not known."""
    floor = figures.find("minimum-monthly-income")
    if floor is None or salary.monthly is None:
        return None
    full_time = _rounded(salary.monthly / salary.share)
    enough = full_time >= floor.amount
    message = Message(_FLOOR if enough else _BELOW_FLOOR, {"threshold": floor.amount, "salary": full_time})
    rows = (_row(_("Gross pay a month"), salary.monthly), *_part_time(salary, salary.monthly), _row(_("Minimum"), floor.amount))
    return SalaryCheck(threshold=floor, compared=full_time, enough=enough, until=None, explanation=message, rows=rows)


def _figures_that_count(salary: Salary, region: Region, figures: Figures) -> Figures:
    rule = figures.get("threshold-reference-date", region=region)
    return figures.on(salary.start) if rule.value == "start-of-work" else figures


def _computation(salary: Salary, threshold: Figure, compared: Decimal, day: date) -> tuple[Row, ...]:
    is_year = threshold.unit == "EUR gross a year"
    difference = compared - threshold.amount
    return (
        (Message(_("Day whose minimum counts")), Message("%(day)s", {"day": day})),
        _row(_("Gross pay a year") if is_year else _("Gross pay a month"), compared),
        _row(_("Minimum"), threshold.amount),
        _row(_("Above the minimum") if difference >= 0 else _("Below the minimum"), abs(difference)),
        *_part_time(salary, compared),
    )


def _part_time(salary: Salary, compared: Decimal) -> tuple[Row, ...]:
    """What part-time work makes of the pay; nothing for a full-time job."""
    if salary.share >= 1:
        return ()
    percent = format(_rounded(salary.share * 100).normalize(), "f")
    return (
        (Message(_("Part of a full-time job")), Message("%(share)s%%", {"share": percent})),
        _row(_("The same pay for a full-time job"), _rounded(compared / salary.share)),
    )


def _row(label: str, amount: Decimal) -> Row:
    return Message(label), Message("%(amount)s", {"amount": amount})


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _text(salary: Salary, threshold: Figure, region: Region, *, enough: bool, until: date | None) -> str:
    if not enough:
        return _BELOW
    if threshold.age_below and salary.birth_date is None:
        return _IF_YOUNG
    if until is None:
        return _REACHED
    return _UNTIL_FLANDERS if region is Region.FLANDERS else _UNTIL


def _age_that_counts(salary: Salary, region: Region) -> int | None:
    """The age on the first working day; 0 while it is unknown, so that nobody is held up who may be young enough."""
    # Flanders gives no lower amount for posted workers (AGII, highly qualified worker page, 2024).
    if salary.posted and region is Region.FLANDERS:
        return None
    return 0 if salary.birth_date is None else _age(salary.birth_date, salary.start)


def _age(birth_date: date, day: date) -> int:
    """Years completed on a day."""
    years = day.year - birth_date.year
    return years if add_years(birth_date, years) <= day else years - 1


def _last_day_young(salary: Salary, threshold: Figure) -> date | None:
    """The day before the birthday that ends the lower threshold, if the contract lasts that long."""
    if threshold.age_below is None or salary.birth_date is None:
        return None
    last = date.fromordinal(add_years(salary.birth_date, threshold.age_below).toordinal() - 1)
    return last if salary.end is None or salary.end > last else None
