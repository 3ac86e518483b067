"""Legal periods on the calendar: when they start, wait, stop, and on which day they end."""

from collections import deque
from datetime import date
from itertools import pairwise

import pytest

from frontoffice.dossiers.deadlines import next_due, running
from frontoffice.kernel.time import is_working_day
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.dossiers.opened import BEGUN, happened

ADMITTED = (*BEGUN, ("admit", "2026-11-04T10:00"))
GRANTED = (*ADMITTED, ("grant-work", "2026-11-20T10:00"), ("grant", "2026-11-25T10:00"))
ARRIVED = (*GRANTED, ("request-visa", "2026-12-01T10:00"), ("issue-visa", "2026-12-10T10:00"))


def clocks(*actions: tuple[str, str], on: str, region: str = "flanders") -> dict[str, str]:
    found = running(SINGLE_PERMIT, happened(*actions), date.fromisoformat(on), region)
    return {one.clock.code: one.last_day.isoformat() for one in found}


@pytest.mark.parametrize(("actions", "on", "expected"), [
    (BEGUN, "2026-11-03", {}),
    # Fifteen days after a Tuesday end on a Wednesday; after a Friday on a Saturday, so on the Monday.
    ((*BEGUN, ("ask-documents", "2026-11-03T11:00")), "2026-11-03", {"complement": "2026-11-18"}),
    ((*BEGUN, ("ask-documents", "2026-11-06T11:00")), "2026-11-06", {"complement": "2026-11-23"}),
    # The fifteenth day after 10 December is Christmas, a Friday.
    ((*BEGUN, ("ask-documents", "2026-12-10T11:00")), "2026-12-10", {"complement": "2026-12-28"}),
    # Half past eleven at night in UTC is the next day in Brussels.
    ((*BEGUN, ("ask-documents", "2026-11-03T23:30")), "2026-11-04", {"complement": "2026-11-19"}),
    ((*BEGUN, ("ask-documents", "2026-11-03T11:00"), ("complete", "2026-11-05T11:00")), "2026-11-05", {}),
    ((*BEGUN, ("ask-documents", "2026-11-03T11:00"), ("complete", "2026-11-05T11:00"), ("ask-documents", "2026-11-09T11:00")), "2026-11-09",
     {"complement": "2026-11-24"}),
    (ADMITTED, "2026-11-04", {"decision": "2027-03-04"}),
    ((*BEGUN, ("admit", "2026-10-31T10:00")), "2026-10-31", {"decision": "2027-03-01"}),
    ((*ADMITTED, ("grant-work", "2026-11-20T10:00")), "2026-11-20", {"decision": "2027-03-04"}),
    (GRANTED, "2026-11-25", {}),
    ((*ADMITTED, ("refuse-work", "2026-11-20T10:00")), "2026-11-20", {}),
    ((*ADMITTED, ("withdraw", "2026-11-20T10:00")), "2026-11-20", {}),
    # Eight working days; with the holidays at the end of the year left out.
    ((*ARRIVED, ("announce-arrival", "2026-12-14T10:00")), "2026-12-14", {"municipal-report": "2026-12-24"}),
    ((*ARRIVED, ("announce-arrival", "2026-12-18T10:00")), "2026-12-18", {"municipal-report": "2026-12-31"}),
    ((*ARRIVED, ("announce-arrival", "2026-12-18T10:00"), ("register", "2026-12-21T10:00")), "2026-12-21", {}),
])
def test_which_run_and_until_when(actions: tuple[tuple[str, str], ...], on: str, expected: dict[str, str]) -> None:
    assert clocks(*actions, on=on) == expected


ASKED = (*ADMITTED, ("ask-stay-documents", "2026-12-01T10:00"))


@pytest.mark.parametrize(("actions", "on", "decision", "paused"), [
    (ASKED, "2026-12-01", "2027-03-04", 0),
    (ASKED, "2026-12-04", "2027-03-08", 3),       # Sunday the 7th becomes Monday
    (ASKED, "2026-12-11", "2027-03-15", 10),      # Sunday the 14th
    ((*ASKED, ("complete-stay", "2026-12-04T10:00")), "2027-01-20", "2027-03-08", 3),
    ((*ASKED, ("complete-stay", "2026-12-06T10:00")), "2027-01-20", "2027-03-09", 5),
    ((*ASKED, ("complete-stay", "2026-12-06T10:00"), ("ask-stay-documents", "2026-12-20T10:00"), ("complete-stay", "2026-12-26T10:00")), "2027-01-20",
     "2027-03-15", 11),
    # A decision of the Region in between does not end the pause.
    ((*ASKED, ("grant-work", "2026-12-02T10:00"), ("complete-stay", "2026-12-06T10:00")), "2027-01-20", "2027-03-09", 5),
])
def test_the_decision_waits_for_the_documents_of_the_stay(actions: tuple[tuple[str, str], ...], on: str, decision: str, paused: int) -> None:
    found = running(SINGLE_PERMIT, happened(*actions), date.fromisoformat(on), "flanders")
    one = next(clock for clock in found if clock.clock.code == "decision")
    assert (one.last_day.isoformat(), one.days_paused) == (decision, paused)
    assert (one.paused_since is not None) is (actions == ASKED)


def test_who_paused_it_and_how_much_of_the_law_s_time_is_used() -> None:
    again = (*ASKED, ("complete-stay", "2026-12-06T10:00"), ("ask-stay-documents", "2026-12-20T10:00"))
    [one] = [clock for clock in running(SINGLE_PERMIT, happened(*again), date(2026, 12, 26), "flanders") if clock.clock.code == "decision"]
    first, second = one.pauses
    assert (first.since, first.until, first.days) == (date(2026, 12, 1), date(2026, 12, 6), 5)
    assert (second.since, second.until, second.days) == (date(2026, 12, 20), None, 6)
    assert first.by == second.by == "immigration-office"
    # From 4 November until 1 December, and from 6 until 20 December.
    assert (one.legal_days_used, one.days_paused) == (27 + 14, 11)
    assert one.legal_days == one.days_total - 11


def test_a_period_ends_on_a_working_day_however_long_it_waited() -> None:
    for days in range(1, 29):
        actions = (*ADMITTED, ("ask-stay-documents", "2026-12-01T10:00"), ("complete-stay", f"2026-12-{days + 1:02}T10:00"))
        [one] = running(SINGLE_PERMIT, happened(*actions), date(2027, 1, 20), "flanders")
        assert is_working_day(one.last_day), days


def test_a_paused_clock_is_never_late_and_not_due() -> None:
    found = running(SINGLE_PERMIT, happened(*ASKED), date(2027, 6, 1), "flanders")
    decision, complement = (next(one for one in found if one.clock.code == code) for code in ("decision", "stay-complement"))
    assert not decision.is_late and not decision.is_soon
    assert complement.is_late and complement.days_left == (date(2026, 12, 16) - date(2027, 6, 1)).days
    assert next_due(found) == date(2026, 12, 16)
    assert decision.days_used == 27
    assert next_due([]) is None


@pytest.mark.parametrize(("on", "left", "soon", "late", "used"), [
    ("2026-11-03", 15, False, False, 0), ("2026-11-14", 4, False, False, 11), ("2026-11-15", 3, True, False, 12), ("2026-11-18", 0, True, False, 15),
    ("2026-11-19", -1, False, True, 15),
])
def test_how_near_the_end_is(on: str, left: int, soon: bool, late: bool, used: int) -> None:
    [one] = running(SINGLE_PERMIT, happened(*BEGUN, ("ask-documents", "2026-11-03T11:00")), date.fromisoformat(on), "flanders")
    assert (one.days_left, one.is_soon, one.is_late, one.days_used, one.days_total) == (left, soon, late, used, 15)


def test_each_rests_on_a_figure_with_a_source() -> None:
    for actions in (ASKED, (*ARRIVED, ("announce-arrival", "2026-12-14T10:00"))):
        for one in running(SINGLE_PERMIT, happened(*actions), date(2026, 12, 20), "brussels"):
            assert one.figure.source and one.figure.confidence


def test_nothing_runs_once_a_dossier_has_ended() -> None:
    """Every way through the life, each step a day after the one before, to each of its ends."""
    life = SINGLE_PERMIT.life
    waiting, ends = deque([(life.start, ())]), 0
    while waiting:
        position, path = waiting.popleft()
        for step in life.open_steps(position):
            # Each step once on a way is enough, and keeps the ways finite.
            if any(step is taken for taken in path):
                continue
            after, way = life.after(position, step), (*path, step)
            if after & life.final:
                ends += 1
                actions = [(one.action, f"2026-{1 + day // 28:02}-{1 + day % 28:02}T10:00") for day, one in enumerate(way)]
                assert not running(SINGLE_PERMIT, happened(*actions), date(2026, 12, 31), "flanders"), [one.action for one in way]
            elif len(way) < 9:
                waiting.append((after, way))
    assert ends > 100


def test_the_nearest_stands_first() -> None:
    found = running(SINGLE_PERMIT, happened(*ASKED), date(2026, 12, 2), "flanders")
    assert [one.clock.code for one in found] == ["stay-complement", "decision"]
    assert all(one.last_day <= other.last_day for one, other in pairwise(found))
