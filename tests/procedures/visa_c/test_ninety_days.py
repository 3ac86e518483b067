"""Ninety days in any period of one hundred and eighty, counted by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from frontoffice.procedures.visa_c.ninety_days import Stay, count, joined

ZERO = date(2026, 12, 31)


def day(number: int) -> date:
    """Day 1 is the first of January 2027."""
    return ZERO + timedelta(days=number)


def stay(first: int, last: int) -> Stay:
    return Stay(day(first), day(last))


@pytest.mark.parametrize(("earlier", "asked", "allowed", "used_on_last"), [
    pytest.param([], (1, 90), 90, 90, id="a whole stay of ninety days"),
    pytest.param([], (1, 91), 90, 91, id="one day too many"),
    pytest.param([], (1, 1), 1, 1, id="entry and exit on one day count as one"),
    pytest.param([(1, 60), (100, 129)], (130, 149), 0, 110, id="T5: ninety days used, twenty more are asked"),
    pytest.param([(1, 60), (100, 129)], (181, 200), 20, 90, id="T5, later: day 1 leaves the period on day 181, one more each day"),
    pytest.param([(1, 60), (100, 129)], (180, 199), 0, 91, id="T5, a day too soon"),
    pytest.param([(1, 60), (100, 119)], (130, 149), 10, 100, id="ten days are left"),
    pytest.param([(1, 90)], (181, 270), 90, 90, id="ninety days, ninety days away, ninety days again"),
    pytest.param([(1, 30), (20, 40)], (50, 59), 10, 50, id="stays that overlap are counted once"),
    pytest.param([(1, 30), (30, 40)], (50, 59), 10, 50, id="exit and entry on one day are one day"),
    pytest.param([(140, 160)], (130, 139), 10, 10, id="a stay that comes later does not count yet"),
    pytest.param([(-400, -200)], (1, 90), 90, 90, id="long ago"),
    pytest.param([(1, 10)], (5, 14), 10, 14, id="the stay that is asked overlaps an earlier one"),
])
def test_counts(earlier: list[tuple[int, int]], asked: tuple[int, int], allowed: int, used_on_last: int) -> None:
    found = count([stay(*one) for one in earlier], stay(*asked), most=90, window=180)
    assert found.allowed == allowed
    assert found.days[-1].used == used_on_last
    assert found.fits is (allowed == asked[1] - asked[0] + 1)
    assert found.last_allowed == (day(asked[0] + allowed - 1) if allowed else None)


def test_what_is_left_is_told_for_each_day() -> None:
    found = count([stay(1, 80)], stay(100, 112), most=90, window=180)
    assert [one.left for one in found.days] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0]


spans = some.tuples(some.integers(-300, 300), some.integers(0, 120)).map(lambda pair: (pair[0], pair[0] + pair[1]))


# The same ones each time, however long the machine takes over one of them.
STEADY = settings(deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])


@STEADY
@given(some.lists(spans, max_size=4), spans.filter(lambda span: span[1] - span[0] < 90))
def test_it_agrees_with_counting_days_one_by_one(earlier: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    found = count([stay(*one) for one in earlier], stay(*asked), most=90, window=180)
    before = {number for first, last in earlier for number in range(first, last + 1)}
    for index, number in enumerate(range(asked[0], asked[1] + 1)):
        there = before | set(range(asked[0], number + 1))
        assert found.days[index].used == sum(1 for one in there if number - 180 < one <= number)


@STEADY
@given(some.lists(spans, max_size=5))
def test_joined_stays_hold_the_same_days(spans: list[tuple[int, int]]) -> None:
    before = {one for first, last in spans for one in range(first, last + 1)}
    after = [one for each in joined(stay(*one) for one in spans) for one in range(each.length)]
    assert len(after) == len(before)
