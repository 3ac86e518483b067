"""Which State examines a journey."""

from datetime import date

import pytest

from frontoffice.procedures.visa_c.schengen import Destination, Visit, destination, schengen_states


@pytest.mark.parametrize(("visits", "purpose", "first", "expected"), [
    ([], "", "BEL", None),
    ([("BEL", 5)], "", "", Destination(state="BEL", row=1)),
    ([("BEL", 3), ("BEL", 4)], "", "FRA", Destination(state="BEL", row=1)),
    ([("FRA", 5), ("BEL", 6)], "", "FRA", Destination(state="BEL", row=2)),
    ([("BEL", 3), ("FRA", 5), ("BEL", 3)], "", "FRA", Destination(state="BEL", row=2)),
    ([("FRA", 5), ("BEL", 5)], "", "BEL", Destination(state="BEL", row=3)),
    ([("FRA", 5), ("BEL", 5)], "", "FRA", Destination(state="FRA", row=3)),
    ([("FRA", 5), ("BEL", 5)], "BEL", "FRA", Destination(state="BEL", row=2)),
    ([("FRA", 5), ("BEL", 5)], "", "", None),
    ([("FRA", 5), ("BEL", 5)], "DEU", "NLD", Destination(state="NLD", row=3)),
    ([("FRA", 8), ("BEL", 2)], "BEL", "FRA", Destination(state="FRA", row=2, rival="BEL")),
    ([("FRA", 8), ("BEL", 2)], "FRA", "BEL", Destination(state="FRA", row=2)),
])
def test_destination(visits: list[tuple[str, int]], purpose: str, first: str, expected: Destination | None) -> None:
    assert destination([Visit(*one) for one in visits], purpose=purpose, first_entry=first) == expected


@pytest.mark.parametrize(("state", "rival", "belgian"), [("BEL", "", True), ("FRA", "BEL", True), ("BEL", "FRA", True), ("FRA", "DEU", False)])
def test_belgium_examines_when_length_or_purpose_says_so(state: str, rival: str, belgian: bool) -> None:
    assert Destination(state=state, row=2, rival=rival).is_belgian is belgian


def test_the_list_of_states_is_a_figure() -> None:
    states = schengen_states(date(2026, 11, 21))
    assert len(states) == len(set(states)) == 29
    assert {"BEL", "CHE", "BGR"} <= set(states)
    assert not {"IRL", "CYP", "GBR"} & set(states)
