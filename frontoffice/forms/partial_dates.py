"""Dates of birth of which the day, or the day and the month, are unknown: how they are stored and shown, and what they say of an age.

A part that nobody knows is never made up. Where an age decides, a date is read in favour of the minor, and `in_doubt` tells whom to ask.
"""

import re
from calendar import monthrange
from datetime import date

from babel.dates import format_skeleton

from frontoffice.forms.identifiers import PartialDate
from frontoffice.kernel.i18n import LOCALES
from frontoffice.kernel.message import Message, Names

_STORED = re.compile(r"\A([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
ADULT = 18


def read_partial(stored: str) -> PartialDate:
    """A date as an answer stores it: 1987-05-09, 1987-05-00 or 1987-00-00; an empty answer is wholly unknown."""
    parts = _STORED.match(stored)
    year, month, day = (int(part) or None for part in parts.groups()) if parts else (None, None, None)
    return PartialDate(year, month, day)


def store_partial(born: PartialDate) -> str:
    """A date as an answer stores it; empty when not even the year is known."""
    return f"{born.year:04d}-{born.month or 0:02d}-{(born.day if born.month else 0) or 0:02d}" if born.year else ""


def show_partial(stored: str) -> Message | Names | str:
    """What people read for a stored date: the day, the month with its year, or the year."""
    born = read_partial(stored)
    if whole := born.whole():
        return Message("%(day)s", {"day": whole})
    if born.year and born.month:
        first = date(born.year, born.month, 1)
        return Names(*(format_skeleton("yMMMM", first, locale=locale) for locale in LOCALES))
    return str(born.year or "")


def oldest_possible(born: PartialDate) -> date | None:
    """The earliest day on which this person can be born; None when not even the year is known."""
    return date(born.year, born.month or 1, (born.day if born.month else 1) or 1) if born.year else None


def youngest_possible(born: PartialDate) -> date | None:
    """The latest day on which this person can be born; None when not even the year is known."""
    if not born.year:
        return None
    month = born.month or 12
    return date(born.year, month, (born.day if born.month else 31) or monthrange(born.year, month)[1])


def younger_than(years: int, born: PartialDate, day: date) -> bool:
    """Whether this person may still be younger on that day; so read is someone of whom nothing is known."""
    latest = youngest_possible(born)
    return latest is None or _age(latest, day) < years


def in_doubt(years: int, born: PartialDate, day: date) -> bool:
    """Whether what is unknown of the date decides if this person is younger on that day: an official has to look."""
    earliest = oldest_possible(born)
    return younger_than(years, born, day) and (earliest is None or _age(earliest, day) >= years)


def is_minor(born: PartialDate, day: date) -> bool:
    """Whether this person is, or may be, under eighteen on that day."""
    return younger_than(ADULT, born, day)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
