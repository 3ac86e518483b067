"""The recast of 2024 waits behind its switch: off, nothing changes; on, the periods are those of the directive."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from frontoffice.dossiers.deadlines import running
from frontoffice.procedures import figures, in_force
from frontoffice.procedures.figures import PUBLISHED, Figures
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT, SINGLE_PERMIT_RECAST
from frontoffice.procedures.vocabulary import Procedure
from tests.procedures.test_cases import Event

IN_2027 = date(2027, 2, 1)
ADMITTED = Event("admit", date(2027, 1, 4))


def switched(value: str) -> tuple[figures.Figure, ...]:
    return tuple(replace(row, value=value) if row.code == "switch-recast-2024" else row for row in PUBLISHED)


def decision(procedure: Procedure, **known: str) -> tuple[str, date, str]:
    [found] = [one for one in running(procedure, [ADMITTED], IN_2027, "flanders", known) if one.clock.title == "Decision on work and residence"]
    return f"{found.figure.count} {found.figure.unit}", found.last_day, found.clock.on_expiry


def test_off_nothing_changes() -> None:
    assert in_force("single-permit", IN_2027) is SINGLE_PERMIT
    assert decision(SINGLE_PERMIT)[:2] == ("4 months", date(2027, 5, 4))


def test_on_it_is_the_law_from_its_first_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "PUBLISHED", switched("on"))
    assert in_force("single-permit", IN_2027) is SINGLE_PERMIT_RECAST
    assert in_force("single-permit", date(2027, 1, 1)) is SINGLE_PERMIT_RECAST
    assert in_force("single-permit", date(2026, 12, 31)) is SINGLE_PERMIT


def test_the_recast_decides_in_ninety_days() -> None:
    length, last, expiry = decision(SINGLE_PERMIT_RECAST)
    assert (length, last) == ("90 days", date(2027, 4, 5)) and "30 days longer" in expiry  # 4 April is a Sunday
    assert "annex 47" in decision(SINGLE_PERMIT)[2] and "annex 47" not in expiry
    assert Figures.at(IN_2027).get("decision-extension-recast").count == 30


def test_shorter_periods_of_other_directives_stay() -> None:
    for known, length in (({"category": "blue-card", "blue_card_mobility": "yes"}, "30 days"), ({"category": "seasonal", "seasonal_returning": "yes"}, "60 days")):
        assert decision(SINGLE_PERMIT_RECAST, **known)[0] == decision(SINGLE_PERMIT, **known)[0] == length


def test_after_the_work_people_have_more_time_and_may_change() -> None:
    def told(procedure: Procedure) -> set[str]:
        return {one.figure for one in procedure.advice if "card-issued" in one.states}

    assert told(SINGLE_PERMIT) == {"search-period"}
    assert told(SINGLE_PERMIT_RECAST) == {"search-period-recast", "employer-change-suspension"}
    assert all(Figures.at(IN_2027).find(code) for code in told(SINGLE_PERMIT) | told(SINGLE_PERMIT_RECAST))


def test_everything_else_is_the_same_declaration() -> None:
    changed = {name for name in vars(SINGLE_PERMIT) if getattr(SINGLE_PERMIT, name) != getattr(SINGLE_PERMIT_RECAST, name)}
    assert changed == {"edition", "valid_from", "awaits", "legal_basis", "clocks", "advice"}


def test_an_event_is_at_noon() -> None:
    assert ADMITTED.happened_at.astimezone(UTC) == datetime(2027, 1, 4, 11, tzinfo=UTC)
