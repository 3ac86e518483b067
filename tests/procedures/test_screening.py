"""The questions at the door: who may go on, and where the others are sent."""

import pytest

from frontoffice.procedures.screening import SCREENING, door

IN = {"activity": "employee", "stay": "belgium", "duration": "first"}


@pytest.mark.parametrize(("changes", "row"), [
    ({}, None),
    ({"activity": "self-employed"}, 1),
    ({"duration": "unlimited"}, 2),
    ({"stay": "elsewhere"}, 9),
    # The first row of the table that fits is the one that counts.
    ({"activity": "self-employed", "duration": "unlimited", "stay": "elsewhere"}, 1),
    ({"duration": "unlimited", "stay": "elsewhere"}, 2),
])
def test_the_door(changes: dict[str, str], row: int | None) -> None:
    reading, other = door({**IN, **changes})
    assert not reading.problems
    assert (other.row if other else None) == row
    if other:
        assert other.what_to_do.text % other.what_to_do.params
        assert other.source


@pytest.mark.parametrize("name", [one.name for one in SCREENING])
@pytest.mark.parametrize("value", ["", "perhaps", "\x00", "employee\x00"])
def test_nobody_is_sent_anywhere_on_half_an_answer(name: str, value: str) -> None:
    reading, other = door({**IN, "activity": "self-employed", name: value})
    assert [one.field for one in reading.problems] == [name]
    assert other is None
