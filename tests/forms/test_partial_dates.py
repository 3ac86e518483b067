"""Dates of birth that nobody knows wholly: nothing is made up, and ages are read in favour of the minor."""

from datetime import date

import pytest

from frontoffice.forms.identifiers import PartialDate
from frontoffice.forms.partial_dates import (
    in_doubt,
    is_minor,
    oldest_possible,
    read_partial,
    show_partial,
    store_partial,
    younger_than,
    youngest_possible,
)
from frontoffice.kernel.message import Message, Names


@pytest.mark.parametrize(("stored", "born", "oldest", "youngest"), [
    ("1987-05-09", PartialDate(1987, 5, 9), date(1987, 5, 9), date(1987, 5, 9)),
    ("1987-05-00", PartialDate(1987, 5), date(1987, 5, 1), date(1987, 5, 31)),
    ("1988-02-00", PartialDate(1988, 2), date(1988, 2, 1), date(1988, 2, 29)),
    ("1987-00-00", PartialDate(1987), date(1987, 1, 1), date(1987, 12, 31)),
    ("", PartialDate(None), None, None),
])  # fmt: skip
def test_what_is_stored_holds_no_day_that_nobody_knows(stored: str, born: PartialDate, oldest: date | None, youngest: date | None) -> None:
    assert read_partial(stored) == born
    assert store_partial(born) == stored
    assert (oldest_possible(born), youngest_possible(born)) == (oldest, youngest)


def test_a_day_without_its_month_is_left_out() -> None:
    born = PartialDate(1987, None, 31)
    assert store_partial(born) == "1987-00-00"
    assert (oldest_possible(born), youngest_possible(born)) == (date(1987, 1, 1), date(1987, 12, 31))


@pytest.mark.parametrize(("stored", "shown"), [
    ("1987-05-09", Message("%(day)s", {"day": date(1987, 5, 9)})), ("1987-05-00", Names("mei 1987", "mai 1987", "Mai 1987", "May 1987")),
    ("1987-00-00", "1987"), ("", ""),
])  # fmt: skip
def test_people_read_what_is_known(stored: str, shown: object) -> None:
    assert show_partial(stored) == shown


@pytest.mark.parametrize(("stored", "day", "minor", "doubt"), [
    ("2008-11-22", "2026-11-21", True, False), ("2008-11-21", "2026-11-21", False, False), ("2008-11-00", "2026-11-21", True, True),
    ("2008-11-00", "2026-11-30", False, False), ("2008-12-00", "2026-11-21", True, False), ("2008-00-00", "2026-11-21", True, True),
    ("2008-00-00", "2026-12-31", False, False), ("2009-00-00", "2026-11-21", True, False), ("2007-00-00", "2026-01-01", False, False),
    ("2008-02-29", "2026-02-28", True, False), ("2008-02-29", "2026-03-01", False, False), ("", "2026-11-21", True, True),
])  # fmt: skip
def test_who_may_be_a_minor_is_one_and_an_official_looks(stored: str, day: str, minor: bool, doubt: bool) -> None:
    born, on = read_partial(stored), date.fromisoformat(day)
    assert is_minor(born, on) is minor
    assert in_doubt(18, born, on) is doubt


def test_other_ages_count_too() -> None:
    assert younger_than(6, PartialDate(2020), date(2026, 11, 21))
    assert not younger_than(6, PartialDate(2020, 11), date(2026, 11, 30))
    assert younger_than(21, PartialDate(2005, 12), date(2026, 11, 21))
