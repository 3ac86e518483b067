"""The table of competence, row by row and Region by Region."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from frontoffice.procedures.single_permit.case import Case, Place, Workplace
from frontoffice.procedures.single_permit.competence import SOURCES, AskAPerson, Competence, OtherDoor, competent_region
from frontoffice.procedures.territory import Region

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "competence.toml").read_text())["case"]
PLACES = ("receiving_entity", "registered_office", "worker_residence")
ABOUT = {"name", "row", "outcome", "region", "source", "confidence"}


def place(code: str) -> Place:
    return Place(nis=code) if len(code) == 5 else Place(postal_code=code)


def the_case(row: dict[str, Any]) -> Case:
    facts = {name: value for name, value in row.items() if name not in ABOUT}
    facts.update({name: place(facts[name]) for name in PLACES if name in facts})
    facts["workplaces"] = tuple(
        Workplace(place=Place(nis=one.pop("nis"), postal_code=one.pop("postal_code", "")), **one)
        for one in map(dict, facts.get("workplaces", ()))
    )
    return Case(**facts)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row["name"])
def test_the_table(row: dict[str, Any]) -> None:
    outcome = competent_region(the_case(row))
    expected = {"door": OtherDoor, "region": Competence, "ask": AskAPerson}[row["outcome"]]
    assert isinstance(outcome, expected)
    assert (outcome.row, outcome.confidence) == (row["row"], row["confidence"])
    assert row["source"] in outcome.source
    if isinstance(outcome, Competence):
        assert outcome.region == row["region"]
        assert outcome.answers
        assert outcome.reason.text % outcome.reason.params
        assert outcome.lies_in.text % outcome.lies_in.params
    for used in outcome.answers:
        assert used.label
        assert used.value.text % used.value.params


def test_every_row_and_every_region_is_reached() -> None:
    outcomes = [competent_region(the_case(row)) for row in CASES]
    reached = {
        one for outcome in outcomes for one in (outcome.rows if isinstance(outcome, Competence) else (outcome.row,))
    }
    assert reached == set(SOURCES) == set(range(1, 11))
    assert {outcome.region for outcome in outcomes if isinstance(outcome, Competence)} == set(Region)


def test_the_german_speaking_community_keeps_the_row_that_found_the_place() -> None:
    outcome = competent_region(the_case({"employer_has_belgian_unit": False, "workplaces": [{"nis": "63067"}]}))
    assert isinstance(outcome, Competence)
    assert (outcome.rows, outcome.row) == ((7, 10), 10)
    assert outcome.lies_in.params["municipality"].de == "Sankt Vith"  # type: ignore[union-attr]


def test_the_reason_names_the_unit_and_the_place() -> None:
    outcome = competent_region(
        Case(workplaces=(Workplace(place=Place(postal_code="2000"), unit_number="7987654347", share=100),))
    )
    assert isinstance(outcome, Competence)
    assert outcome.reason.params == {"unit": "7.987.654.347"}
    assert outcome.lies_in.params["municipality"].nl == "Antwerpen"  # type: ignore[union-attr]
    assert [used.name for used in outcome.answers] == ["workplaces"]


def test_the_door_of_an_unlimited_permit_names_the_region_of_residence_when_it_is_known() -> None:
    known = competent_region(Case(unlimited=True, worker_residence=Place(postal_code="4700")))
    unknown = competent_region(Case(unlimited=True))
    assert isinstance(known, OtherDoor)
    assert isinstance(unknown, OtherDoor)
    assert known.what_to_do.params["region"].text == "German-speaking Community"  # type: ignore[union-attr]
    assert unknown.what_to_do.params["region"].text == "Region where the worker lives"  # type: ignore[union-attr]


def test_a_code_of_an_organisation_still_has_a_region() -> None:
    outcome = competent_region(Case(workplaces=(Workplace(place=Place(postal_code="1049"), unit_number="7987654347"),)))
    assert isinstance(outcome, Competence)
    assert outcome.region is Region.BRUSSELS
    assert outcome.lies_in.params["postal_code"] == "1049"
