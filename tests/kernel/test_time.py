"""The Belgian clock and calendar."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest

from frontoffice.kernel import time


def test_today_is_that_of_brussels_not_of_utc() -> None:
    with time.stopped_at(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)):
        assert time.today() == date(2026, 7, 2)
        assert time.now().isoformat() == "2026-07-02T00:30:00+02:00"
    with time.stopped_at(datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)):
        assert time.today() == date(2026, 12, 31)


def test_the_clock_runs_when_nobody_stops_it() -> None:
    assert abs(time.now() - datetime.now(UTC)) < timedelta(seconds=5)
    with pytest.raises(ValueError, match="time zone"), time.stopped_at(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass


async def test_tasks_and_threads_started_inside_see_the_stopped_clock() -> None:
    with time.stopped_at(datetime(2026, 2, 3, 12, tzinfo=UTC)):
        assert await asyncio.create_task(asyncio.to_thread(time.today)) == date(2026, 2, 3)


def test_ten_public_holidays_a_year_as_an_independent_calendar_has_them() -> None:
    for year in range(2020, 2041):
        mine = time.public_holidays(year)
        # The other calendar also lists the Sundays of Easter and Pentecost.
        theirs = {
            day
            for day, name in holidays.country_holidays("BE", years=year, language="en_US").items()
            if name not in ("Easter Sunday", "Pentecost")
        }
        assert mine == theirs
        assert len(mine) == 10


@pytest.mark.parametrize(
    ("day", "works_on"),
    [
        ("2026-04-03", "2026-04-03"),  # Good Friday is an ordinary day in Belgium
        ("2026-04-04", "2026-04-07"),  # Saturday before Easter Monday
        ("2026-05-14", "2026-05-15"),  # Ascension
        ("2026-05-25", "2026-05-26"),  # Whit Monday
        ("2026-07-21", "2026-07-22"),
        ("2026-12-25", "2026-12-28"),
        ("2027-01-01", "2027-01-04"),
    ],
)
def test_a_period_that_ends_on_a_day_of_rest_moves_on(day: str, works_on: str) -> None:
    assert time.next_working_day(date.fromisoformat(day)) == date.fromisoformat(works_on)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-20", 8, "2026-12-02"),
        ("2026-12-22", 8, "2027-01-05"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-11-21", 0, "2026-11-21"),
    ],
)
def test_working_days_skip_the_day_itself_weekends_and_holidays(start: str, count: int, end: str) -> None:
    assert time.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(end)
    with pytest.raises(ValueError, match="forward"):
        time.add_working_days(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-11-21", 4, "2027-03-21"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-10-31", 4, "2027-02-28"),
    ],
)
def test_months_end_on_the_last_day_of_a_shorter_one(start: str, months: int, end: str) -> None:
    assert time.add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


def test_a_birthday_of_29_february() -> None:
    assert time.add_years(date(1996, 2, 29), 30) == date(2026, 2, 28)
