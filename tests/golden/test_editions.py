"""A released edition never changes: people filed under it. A change of the law is a new edition beside it."""

import json

import pytest

from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import Procedure
from tests.golden.editions import FOLDER, described, file_of, written


@pytest.mark.parametrize("procedure", EDITIONS, ids=lambda one: f"{one.code}-{one.edition}")
def test_an_edition_is_what_it_was_when_it_was_released(procedure: Procedure) -> None:
    released = json.loads(file_of(procedure).read_text())
    assert json.loads(json.dumps(described(procedure))) == released


@pytest.mark.parametrize("procedure", EDITIONS, ids=lambda one: f"{one.code}-{one.edition}")
def test_describing_it_is_the_same_each_time(procedure: Procedure) -> None:
    assert written(procedure) == written(procedure)
    assert " at 0x" not in written(procedure)


def test_no_released_edition_is_taken_away() -> None:
    assert {one.name for one in FOLDER.glob("*.json")} == {file_of(one).name for one in EDITIONS}
