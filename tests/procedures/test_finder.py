"""The finder: the table of cases, every procedure and category reached, three to eight pages on any way, and hostile answers."""

import random
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from frontoffice.forms.fields import Choice, Country, Field, Money
from frontoffice.kernel.i18n import LOCALES
from frontoffice.kernel.message import say
from frontoffice.procedures import every_in_force, in_force
from frontoffice.procedures.doors import DOORS
from frontoffice.procedures.figures import CONFIDENCES
from frontoffice.procedures.finder.journey import Journey, given_to, known_to, travel
from frontoffice.procedures.finder.place import Place, address_at, region_at
from frontoffice.procedures.finder.questions import MOST_STEPS, STEPS, facts_of
from frontoffice.procedures.finder.result import Alternative, Elsewhere, Found, Result
from frontoffice.procedures.single_permit.categories import FILED_HERE
from frontoffice.procedures.vocabulary import field_of

DAY = date(2026, 11, 22)
CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent.parent / "cases" / "finder.toml").read_text("utf-8"))["case"]
CODES = frozenset(one.code for one in every_in_force(DAY))


def sent(text: str) -> dict[str, str]:
    return dict(one.split("=", 1) for one in text.split())


def led(journey: Journey) -> Result:
    assert journey.result, (journey.asked and journey.asked.code, journey.problems)
    return journey.result


def code_of(one: Alternative) -> str:
    """The category or procedure of an alternative; else the door that has its title."""
    return one.given.get("category") or one.procedure or next(code for code, door in DOORS.items() if door.title == one.title)


@pytest.mark.parametrize("case", CASES, ids=[one["name"] for one in CASES])
def test_the_table(case: Mapping[str, Any]) -> None:
    assert case["source"] and case["confidence"] in CONFIDENCES
    journey = travel(sent(case["answers"]), DAY)
    result = led(journey)
    if "door" in case:
        assert isinstance(result, Elsewhere) and result.door == DOORS[case["door"]]
    else:
        assert isinstance(result, Found) and result.procedure == case["leads_to"]
        assert result.given.get("category", "") == case.get("category", "")
        assert case.get("given", {}).items() <= given_to(in_force(result.procedure, DAY), journey, {}).items()
    told = "\n".join(say(one.message, "en") for one in result.notes)
    assert all(one in told for one in case.get("notes", ())) and not any(one in told for one in case.get("no_notes", ())), told
    others = {code_of(one): "\n".join(say(note.message, "en") for note in one.why) for one in result.alternatives}
    assert set(case.get("alternatives", ())) <= set(others)
    for code, text in case.get("against", {}).items():
        assert text in others[code]
    assert len(journey.steps) == case.get("pages", len(journey.steps))


def test_the_table_reaches_every_procedure_category_and_door() -> None:
    assert len(CASES) >= 40
    assert {one["leads_to"] for one in CASES if "leads_to" in one} == CODES
    assert {one["category"] for one in CASES if one.get("category")} == {one.code for one in FILED_HERE}
    assert {one["door"] for one in CASES if "door" in one} == set(DOORS)


def some_answer(question: Field, chance: random.Random) -> str:
    if isinstance(question, Choice):
        return chance.choice(question.choices)[0]
    if isinstance(question, Country):
        return chance.choice(["IND", "AUS", "FRA", "XXA", "-"])
    if isinstance(question, Place):
        return chance.choice(["2030", "1000", "Liège", "Eupen", "-"])
    return chance.choice(["-", "3000", "90000"] if isinstance(question, Money) else ["-", "17", "22", "40"])


def test_any_way_ends_within_eight_pages_and_its_address_leads_there_again() -> None:
    chance, reached = random.Random(7), set()  # noqa: S311 - no secret
    for _way in range(1500):
        answers: dict[str, str] = {}
        while (journey := travel(answers, DAY)).asked:
            assert not journey.problems, (answers, journey.problems)
            for one in journey.asked.form.asked({**journey.values, **facts_of(journey.values)}):
                answers[one.name] = some_answer(one, chance)
        result = led(journey)
        assert len(journey.steps) <= MOST_STEPS and (len(journey.steps) >= 3 or isinstance(result, Elsewhere))
        assert led(travel(journey.raw, DAY)) == result
        if isinstance(result, Found):
            reached.add(result.procedure)
            procedure = in_force(result.procedure, DAY)
            given = given_to(procedure, journey, {})
            assert all(field_of(procedure, name) for name in given)
            known_to(procedure, given, journey, DAY)
        for note in [*result.notes, *(why for other in result.alternatives for why in other.why)]:
            assert all(say(note.message, locale) for locale in LOCALES) and (not note.source or note.confidence in CONFIDENCES)
    assert reached == CODES


def test_i_do_not_know_is_an_answer_to_all_but_what_everybody_knows() -> None:
    known_by_all = {one.name for step in STEPS for one in step.form.fields if not one.optional
                    and not (isinstance(one, Choice) and "unknown" in {value for value, _label, _hint in one.choices})}
    assert known_by_all == {"goal", "lives_in_belgium"}


@pytest.mark.parametrize("odd", ["", "x" * 9000, "\0", "\ud7ff", "<script>", "unknown unknown", "'; --", "٣", "-", "1e999"])
def test_odd_answers_are_asked_again_or_passed_over(odd: str) -> None:
    for step in STEPS:
        for one in step.form.fields:
            travel({"goal": "work", "nationality": "IND", "residence_status": "abroad", "work_form": "employee", "work_duration": "long", one.name: odd}, DAY)
    assert travel({"goal": odd}, DAY).result is None


def test_only_what_a_procedure_asks_and_offers_is_taken_over() -> None:
    answers = sent("goal=renew nationality=IND residence_status=unknown request_kind=renewal") | {"employer_name": "Evil NV", "category": "blue-card"}
    given = given_to(in_force("single-permit", DAY), travel(answers, DAY), answers)
    assert given == {"request_kind": "renewal", "nationality": "IND", "category": "blue-card"}
    assert "category" not in given_to(in_force("single-permit", DAY), travel(answers, DAY), {"category": "au-pair"})


@pytest.mark.parametrize(("place", "region", "address"), [
    ("2030", "flanders", {"postal_code": "2030", "municipality": "11002"}), ("1050", "brussels", {"postal_code": "1050"}),
    ("63023", "german-speaking-community", {"municipality": "63023"}), ("11002", "flanders", {"municipality": "11002"}), ("", None, {}), ("99999", None, {"municipality": "99999"}),
])
def test_places(place: str, region: str | None, address: dict[str, str]) -> None:
    assert region_at(place) == region
    assert address.items() <= address_at(place).items()


@pytest.mark.parametrize(("typed", "problem"), [
    ("luik", ""), ("LÜTTICH", ""), ("4000", ""), ("Atlantis", "No Belgian municipality"), ("0999", "No Belgian municipality"),
])
def test_a_place_is_typed_in_any_language(typed: str, problem: str) -> None:
    answers = {"goal": "hire", "nationality": "IND", "residence_status": "abroad", "work_form": "employee", "work_duration": "long", "place": typed}
    journey = travel(answers, DAY)
    assert (journey.problems[0].message if journey.problems else "").startswith(problem)
    assert bool(journey.problems) == bool(problem)
