"""The catalogue of categories."""

import pytest

from frontoffice.forms.conditions import Answers
from frontoffice.procedures.figures import PUBLISHED
from frontoffice.procedures.single_permit.categories import CATEGORIES, FILED_HERE, OFFERED, OPTIONS, category, title_of
from frontoffice.procedures.territory import Region


def test_those_of_another_procedure_cannot_be_filed_here() -> None:
    assert {one.code for one in CATEGORIES} - {one.code for one in FILED_HERE} == {"researcher-hosted", "au-pair", "vander-elst", "unlimited"}
    assert [code for code, _title, _hint in OPTIONS] == [one.code for one in FILED_HERE]


@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize("posted", ["yes", "no", ""])
def test_each_region_offers_what_it_knows_and_a_belgian_contract_excludes_posting(region: Region, posted: str) -> None:
    answers: Answers = {"competent_region": str(region), "posted": posted}
    for one in FILED_HERE:
        assert OFFERED[one.code].holds(answers) is (one.known_in(region) and (one.posting or posted != "yes")), one.code


def test_what_figures_name_has_a_title() -> None:
    named = {row.category for row in PUBLISHED if row.category and row.code in ("salary-threshold", "decision-period", "ict-employment-before")}
    assert named and all(title_of(code) for code in named)
    assert title_of("astronaut") == ""


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
