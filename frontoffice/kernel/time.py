"""What time and what day it is in Belgium, and counting in months and working days."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from frontoffice.kernel.i18n import BRUSSELS

_stopped: ContextVar[datetime | None] = ContextVar("stopped clock", default=None)

# Public holidays that keep their date, as (month, day).
_FIXED = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
# Easter Monday, Ascension Day and Whit Monday, in days after Easter Sunday.
_AFTER_EASTER = (1, 39, 50)


def now() -> datetime:
    """This instant, in the time of Brussels."""
    return _stopped.get() or datetime.now(BRUSSELS)


def today() -> date:
    """This day, as the calendar on a wall in Brussels shows it."""
    return now().date()


@contextmanager
def stopped_at(instant: datetime) -> Iterator[None]:
    """Stop the clock at an instant with a time zone, for this context and the tasks and threads made from it."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone could be any of twenty-four hours")
    token = _stopped.set(instant.astimezone(BRUSSELS))
    try:
        yield
    finally:
        _stopped.reset(token)


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The ten legal public holidays of Belgium in a year."""
    sunday = easter(year)
    moving = (sunday + timedelta(days=days) for days in _AFTER_EASTER)
    return frozenset(date(year, month, day) for month, day in _FIXED).union(moving)


def is_working_day(day: date) -> bool:
    """Whether a day is a Monday to Friday and no public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself when people work on it, else the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The `count`th working day after a day; the day itself does not count."""
    if count < 0:
        raise ValueError("working days are counted forward")
    for _nth in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later (earlier when negative), or the last day of a shorter one."""
    return day + relativedelta(months=months)


def add_years(day: date, years: int) -> date:
    """The same day so many years later; someone born on 29 February has a birthday on the 28th in other years."""
    return day + relativedelta(years=years)
