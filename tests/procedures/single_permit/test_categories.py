"""The catalogue of categories."""

import pytest

from frontoffice.procedures.single_permit.categories import CATEGORIES, OPEN_CATEGORIES, category
from frontoffice.procedures.territory import Region


def test_only_highly_qualified_workers_can_be_filed_here() -> None:
    assert OPEN_CATEGORIES == (("highly-qualified", "Highly qualified worker", ""),)


def test_codes_are_unique_and_marks_known() -> None:
    assert len({one.code for one in CATEGORIES}) == len(CATEGORIES) == 30
    assert {one.confidence for one in CATEGORIES} <= {"O", "P", "C", "U"}
    assert all(not one.regions & one.exempt for one in CATEGORIES)
    assert all(one.tested_in <= one.regions for one in CATEGORIES)


@pytest.mark.parametrize(
    ("code", "region", "known", "exempt", "card"),
    [
        ("executive", "brussels", True, True, "A"),
        ("executive", "flanders", True, False, "A"),
        ("blue-card", "wallonia", True, False, "H"),
        ("ict-manager", "german-speaking-community", True, False, "I"),
        ("mobile-ict", "flanders", True, False, "J"),
        ("shortage-flanders", "wallonia", False, False, "A"),
        ("general", "flanders", False, False, "A"),
        ("general", "german-speaking-community", True, False, "A"),
        ("mobile-teacher", "brussels", False, False, "A"),
        ("post-doctoral", "brussels", True, True, "A"),
    ],
)
def test_rows_of_the_catalogue(code: str, region: str, known: bool, exempt: bool, card: str) -> None:
    row = category(code)
    assert row
    assert (row.known_in(Region(region)), Region(region) in row.exempt, row.card) == (known, exempt, card)


def test_an_unknown_code_is_no_category() -> None:
    assert category("astronaut") is None
