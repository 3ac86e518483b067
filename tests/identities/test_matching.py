"""How alike two persons are: the labelled pairs, what the thresholds find and miss, and the rules that no score outweighs."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from frontoffice.forms.identifiers import PartialDate
from frontoffice.identities.keys import EXACT, keys_of
from frontoffice.identities.matching import POSSIBLE_FROM, PROBABLE_FROM, Level, Match, alike, best, compare
from frontoffice.identities.particulars import Particulars, particulars_in

TODAY = date(2026, 11, 21)
CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "identities.toml").read_text("utf-8"))["case"]


def person(answers: Mapping[str, str]) -> Particulars:
    found = particulars_in(answers, TODAY)
    assert found is not None
    return found


def both(case: Mapping[str, Any]) -> tuple[Particulars, Particulars]:
    return person(case["left"]), person({**case["left"], **case["right"]})


def match_of(case: Mapping[str, Any]) -> Match:
    return compare(*both(case))


def test_the_table_is_large_enough_to_measure_with() -> None:
    assert len(CASES) >= 40 and len({case["title"] for case in CASES}) == len(CASES)
    assert min(sum(case["same"] for case in CASES), sum(not case["same"] for case in CASES)) >= 15


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_each_pair_amounts_to_its_level(case: Mapping[str, Any]) -> None:
    match = match_of(case)
    assert (match.level.name.lower(), match.is_doubtful) == (case["level"], case.get("doubtful", False)), match


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_order_of_the_two_does_not_matter(case: Mapping[str, Any]) -> None:
    left, right = both(case)
    one, other = compare(left, right), compare(right, left)
    assert (one.level, set(one.reasons)) == (other.level, set(other.reasons)) and one.score == pytest.approx(other.score, abs=0.001)


@pytest.mark.parametrize("case", [one for one in CASES if one["level"] != "none"], ids=lambda case: case["title"])
def test_what_is_alike_is_found_by_a_key(case: Mapping[str, Any]) -> None:
    """A pair that shares no key would never be compared."""
    left, right = both(case)
    assert set(keys_of(left)) & set(keys_of(right))


def measured(least: Level) -> tuple[float, float]:
    """Precision and recall of a level, exact numbers left out: these need no likeness."""
    judged = [(case["same"], match_of(case).level) for case in CASES if case["level"] != "exact"]
    hits = sum(same and level >= least for same, level in judged)
    return hits / sum(level >= least for _same, level in judged), hits / sum(same for same, _level in judged)


def test_thresholds_find_enough_and_ask_little_in_vain(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{'level':<10}{'from':>6}{'precision':>11}{'recall':>8}  ({len(CASES)} labelled pairs)")
        for level, least in ((Level.PROBABLE, PROBABLE_FROM), (Level.POSSIBLE, POSSIBLE_FROM)):
            precision, recall = measured(level)
            print(f"{level.name.lower():<10}{least:>6}{precision:>11.2f}{recall:>8.2f}")
    for level, precise, complete in ((Level.PROBABLE, 0.95, 0.9), (Level.POSSIBLE, 0.65, 0.97)):
        precision, recall = measured(level)
        assert precision >= precise and recall >= complete, level


def test_no_likeness_ever_links_without_a_number() -> None:
    for case in CASES:
        left, right = both(case)
        shared = {key.kind for key in set(keys_of(left)) & set(keys_of(right))} & set(EXACT)
        assert (compare(left, right).level is Level.EXACT) == bool(shared), case["title"]


NEW_YEAR = {"surname": "Ahmadi", "given_names": "Mohammad", "sex": "M", "nationality": "AFG"}


@pytest.mark.parametrize("born", ["1990-01-01", "1990-00-00", "1990-03-00", ""])
def test_a_name_and_a_birthday_that_many_share_never_make_a_task(born: str) -> None:
    answers = {**NEW_YEAR, "birth_date": born}
    assert compare(person(answers), person(answers)).level <= Level.POSSIBLE


@pytest.mark.parametrize(("left", "right", "least", "most"), [
    ("EL IDRISSI MOHAMED", "MOHAMED IDRISSI EL", 1.0, 1.0), ("ABDEL RAHMAN", "ABDELRAHMAN", 0.95, 1.0), ("KUMAR", "KUMAR RAJESH", 0.0, 0.8),
    ("SMITH", "JOHNSON", 0.0, 0.4), ("", "KUMAR", 0.0, 0.0), ("", "", 0.0, 0.0), ("GARCIA MARQUEZ LUCIA", "GARCIA LUCIA", 0.9, 1.0),
])
def test_names_are_alike_whatever_the_order_of_their_words(left: str, right: str, least: float, most: float) -> None:
    assert least <= alike(left.split(), right.split()) <= most
    assert alike(left.split(), right.split()) == pytest.approx(alike(right.split(), left.split()))


def test_the_best_of_several_dossiers_counts() -> None:
    one = person({name: value for name, value in CASES[5]["left"].items() if not name.startswith("passport")})
    other = person({"surname": "Nobody", "given_names": "Like That", "birth_date": "1950-02-03"})
    assert best(one, [other, one]).level is Level.PROBABLE
    assert best(one, []) == Match(Level.NONE, 0.0)


def test_a_person_of_whom_little_is_known_can_be_compared() -> None:
    nothing = Particulars(names=person({"surname": "؟"}).names, born=PartialDate(None))
    assert compare(nothing, nothing).level is Level.NONE
