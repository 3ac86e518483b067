"""Whether a salary reaches the threshold of the Region, and until when a lower threshold for young workers helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Param
from frontoffice.kernel.time import add_years
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.territory import REGION_TITLES, Region

UNIT_TITLES: Mapping[str, str] = {
    "EUR gross a year": _("gross a year"),
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


@dataclass(frozen=True, kw_only=True)
class Salary:
    """What the contract says: gross euro; `end` None when open-ended, `birth_date` None when partly unknown."""

    yearly: Decimal | None
    monthly: Decimal | None
    birth_date: date | None
    start: date
    end: date | None = None
    posted: bool = False


@dataclass(frozen=True, kw_only=True)
class SalaryCheck:
    """The outcome: `until` is the last day on which the salary is enough, when it is not for the whole contract."""

    threshold: Figure
    compared: Decimal | None
    enough: bool
    until: date | None
    explanation: Message


def salary_check(salary: Salary, region: Region, category: str, figures: Figures) -> SalaryCheck:
    """Compare a salary with the threshold; `figures` are those of the day of filing. Raises UnknownFigure.

    Which date counts is itself a figure; a decision that has not come yet counts as the day of filing."""
    rule = figures.get("threshold-reference-date", region=region)
    in_force = figures.on(salary.start) if rule.value == "start-of-work" else figures
    full = in_force.get("salary-threshold", region=region, category=category)
    threshold = in_force.get("salary-threshold", region=region, category=category, age=_age_that_counts(salary, region))
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
        threshold=threshold, compared=compared, enough=enough, until=until, explanation=Message(text, params)
    )


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
