"""Outages of ours and last days: the table of cases, what never happens, and which clocks they move."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from frontoffice.dossiers.deadlines import Circumstances, RunningClock, is_kept_here, running
from frontoffice.dossiers.relief import Granted, Outage, moved, moved_instant
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import is_working_day
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.dossiers.opened import BEGUN, happened

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "outages.toml").read_text("utf-8"))["case"]
ASKED = (*BEGUN, ("ask-documents", "2026-11-03T11:00"))  # until Wednesday 18 November
DAY = date(2026, 11, 18)


def instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=BRUSSELS)


def outage(since: str, until: str, affects: str = "everything") -> Outage:
    return Outage(uuid4(), affects, instant(since), instant(until) if until else None)


def clocks(actions: Sequence[tuple[str, str]], around: Circumstances, *, on: str = "2026-12-15", region: str = "flanders") -> dict[str, RunningClock]:
    return {one.clock.code: one for one in running(SINGLE_PERMIT, happened(*actions), date.fromisoformat(on), region, around=around)}


def with_outages(*spans: tuple[str, str], granted: Iterable[Granted] = ()) -> Circumstances:
    return Circumstances(outages=[outage(*one) for one in spans], granted=tuple(granted))


@pytest.mark.parametrize("case", CASES, ids=[one["about"] for one in CASES])
def test_where_a_last_day_goes(case: dict[str, Any]) -> None:
    outages = [outage(*one) for one in case["outages"]]
    today = case.get("today", case["last_day"] + timedelta(days=31))
    found = moved(case["last_day"], outages, today)
    assert found.last_day == case["expected"]
    assert bool(found.outages) is (case["expected"] != case["last_day"])


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 40


def test_a_last_day_never_moves_back_and_always_to_a_working_day_after_the_outage() -> None:
    random = Random(20261118)
    for _try in range(2000):
        last_day = date(2026, 1, 1) + timedelta(days=random.randrange(700))
        spans = []
        for _one in range(random.randrange(4)):
            since = datetime.combine(last_day, datetime.min.time(), BRUSSELS) + timedelta(minutes=random.randrange(-10_000, 10_000))
            spans.append(Outage(uuid4(), "everything", since, since + timedelta(minutes=random.randrange(1, 8_000))))
        found = moved(last_day, spans, last_day + timedelta(days=60))
        again = moved(last_day, random.sample(spans, len(spans)), last_day + timedelta(days=60))
        assert found.last_day == again.last_day >= last_day
        if found.outages:
            assert is_working_day(found.last_day)
            assert all(one.until and one.until.astimezone(BRUSSELS).date() < found.last_day for one in found.outages)
        else:
            assert found.last_day == last_day


def test_the_time_to_send_a_document_moves_and_says_why() -> None:
    one = clocks(ASKED, with_outages(("2026-11-18T09:00", "2026-11-18T12:00")))["complement"]
    assert (one.last_day, one.was_on, len(one.outages)) == (date(2026, 11, 20), DAY, 1)
    other = clocks(ASKED, with_outages(("2026-11-17T09:00", "2026-11-17T12:00")))["complement"]
    assert (other.last_day, other.was_on, other.outages) == (DAY, None, ())


def test_late_and_soon_follow_the_day_that_moved() -> None:
    around = with_outages(("2026-11-18T09:00", "2026-11-18T12:00"))
    for day, late, left in (("2026-11-18", False, 2), ("2026-11-20", False, 0), ("2026-11-21", True, -1)):
        one = clocks(ASKED, around, on=day)["complement"]
        assert (one.is_late, one.days_left) == (late, left), day


def test_the_time_of_an_authority_never_moves_but_shows_what_fell_in_it() -> None:
    admitted = (*BEGUN, ("admit", "2026-11-04T10:00"))
    around = with_outages(("2027-03-04T09:00", "2027-03-04T12:00"), ("2026-12-01T09:00", "2026-12-01T12:00"), ("2026-11-03T09:00", "2026-11-03T12:00"))
    one = clocks(admitted, around, on="2027-03-10")["decision"]
    assert (one.last_day, one.was_on, len(one.outages)) == (date(2027, 3, 4), None, 2)


def test_a_visit_to_the_municipality_does_not_move() -> None:
    arrived = (*BEGUN, ("admit", "2026-11-04T10:00"), ("grant-work", "2026-11-20T10:00"), ("grant", "2026-11-25T10:00"), ("request-visa", "2026-12-01T10:00"),
               ("issue-visa", "2026-12-10T10:00"), ("announce-arrival", "2026-12-14T10:00"))
    one = clocks(arrived, with_outages(("2026-12-24T09:00", "2026-12-24T12:00")), on="2026-12-26")["municipal-report"]
    assert (one.last_day, one.was_on) == (date(2026, 12, 24), None)


@pytest.mark.parametrize(("span", "expected"), [
    # The question was asked at noon on the 3rd, while the portal did not work: only what falls on the last day counts.
    (("2026-11-02T10:00", "2026-11-04T10:00"), DAY),
    # Begun before the question, ended after its last day.
    (("2026-11-02T10:00", "2026-11-18T10:00"), date(2026, 12, 7)),
])
def test_a_clock_that_starts_in_an_outage(span: tuple[str, str], expected: date) -> None:
    assert clocks(ASKED, with_outages(span))["complement"].last_day == expected


# A period that is kept here and waits too: no law of ours has one, a law may.
_PAUSED = replace(SINGLE_PERMIT, clocks=tuple(
    replace(one, starts=frozenset({"admit"}), stops=frozenset({"complete", "withdraw"}), paused_in=frozenset({"stay-complement"})) if one.code == "complement" else one
    for one in SINGLE_PERMIT.clocks))
ADMITTED = (*BEGUN, ("admit", "2026-11-03T11:00"))  # so until the 18th as well


@pytest.mark.parametrize(("actions", "expected", "moves"), [
    (ADMITTED, "2026-11-20", True),
    # It waits on the day of the outage, and still: nobody knows its last day.
    ((*ADMITTED, ("ask-stay-documents", "2026-11-10T10:00")), None, False),
    # It waited three days over the outage: the last day is the 23rd then, with which the outage has nothing to do.
    ((*ADMITTED, ("ask-stay-documents", "2026-11-16T10:00"), ("complete-stay", "2026-11-19T10:00")), "2026-11-23", False),
])
def test_an_outage_while_a_clock_waits(actions: tuple[tuple[str, str], ...], expected: str | None, moves: bool) -> None:
    around = with_outages(("2026-11-18T09:00", "2026-11-18T12:00"))
    found = next(one for one in running(_PAUSED, happened(*actions), date(2026, 12, 15), "flanders", around=around) if one.clock.code == "complement")
    assert (found.was_on is not None) is moves
    assert expected is None or found.last_day.isoformat() == expected
    if found.paused_since:
        assert not found.outages


def granted(last_day: date, *, started_on: date = date(2026, 11, 3), clock: str = "complement") -> Granted:
    return Granted(UUID(int=1), clock, started_on, DAY, last_day, (outage("2026-11-18T09:00", "2026-11-18T12:00"),), sealed=True)


@pytest.mark.parametrize(("told", "spans", "expected"), [
    # The outage was withdrawn, or is said to have been shorter: what people were told stays.
    (granted(date(2026, 11, 25)), (), date(2026, 11, 25)),
    (granted(date(2026, 11, 25)), (("2026-11-18T09:00", "2026-11-18T12:00"),), date(2026, 11, 25)),
    # It is said to have been longer.
    (granted(date(2026, 11, 20)), (("2026-11-18T09:00", "2026-11-20T12:00"),), date(2026, 11, 23)),
    # What was told of another question, or of another period, does not count.
    (granted(date(2026, 11, 25), started_on=date(2026, 11, 2)), (), DAY),
    (granted(date(2026, 11, 25), clock="stay-complement"), (), DAY),
])
def test_what_was_told_is_never_taken_back(told: Granted, spans: tuple[tuple[str, str], ...], expected: date) -> None:
    assert clocks(ASKED, with_outages(*spans, granted=[told]))["complement"].last_day == expected


def test_which_periods_are_kept_here() -> None:
    kept = {one.code for procedure in EDITIONS for one in procedure.clocks if is_kept_here(procedure, one)}
    assert kept == {"complement", "stay-complement", "contribution"}


@pytest.mark.parametrize(("ends", "expected"), [
    ("2026-11-18T10:30", "2026-11-20T10:30"), ("2026-11-20T10:30", "2026-11-23T10:30"),
])
def test_what_ends_at_an_instant_ends_at_the_same_hour(ends: str, expected: str) -> None:
    day = ends[:10]
    found = moved_instant(instant(ends), outage(f"{day}T09:00", f"{day}T12:00"), date(2026, 12, 1))
    assert found == instant(expected)
