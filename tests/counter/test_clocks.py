"""What the clock column of a work list says."""

from datetime import UTC, date, datetime

import pytest

from frontoffice.counter.clocks import QueueClock, clock_of
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT

TODAY = date(2026, 11, 21)
SINCE = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("headline", "due", "expected"), [
    ("filed", None, QueueClock("queue", 4)),
    ("checking", None, QueueClock("waiting", 4)),
    ("granted", None, QueueClock("waiting", 4)),
    ("complement", date(2026, 11, 24), QueueClock("left", 3, 81, "soon")),
    ("complement", date(2026, 12, 7), QueueClock("left", 16, 0, "running")),
    ("complement", date(2026, 11, 19), QueueClock("late", 2, 100, "late")),
    ("work-exam", date(2026, 11, 21), QueueClock("left", 0, 100, "soon")),
    ("work-exam", date(2027, 3, 22), QueueClock("left", 121, 0, "running")),
    ("card-issued", None, QueueClock("closed", 0)),
    ("withdrawn", None, QueueClock("closed", 0)),
])
def test_clock(headline: str, due: date | None, expected: QueueClock) -> None:
    assert clock_of(SINGLE_PERMIT, headline, due_on=due, since=SINCE, today=TODAY, region="flanders") == expected


def test_days_are_those_of_brussels() -> None:
    late_evening = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # already the 21st in Belgium
    assert clock_of(SINGLE_PERMIT, "filed", due_on=None, since=late_evening, today=TODAY, region="flanders").days == 0
