"""The reference amount for families: both rule sets, both readings of the step, and amounts that are not known."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from frontoffice.kernel.message import say
from frontoffice.procedures.figures import PUBLISHED, Figure, Figures
from frontoffice.procedures.visa_d.family_means import Reference, compare, reference
from frontoffice.procedures.visa_d.family_rules import FamilyFile
from tests.procedures.samples.visa_d_family import ANSWERS

IN_2025 = date(2025, 12, 1)
DAY = date(2026, 11, 23)
SAMPLE = {name: text for page in ANSWERS.values() for name, text in page.items()}
OTHER_BASE = [replace(one, value="threshold") if one.code == "family-means-step-base" else one for one in PUBLISHED]


def known(rules: str, count: int, figures: Figures) -> Reference:
    found = reference(rules, count, figures)
    assert found
    return found


@pytest.mark.parametrize(("rules", "count", "required", "other"), [
    ("old", 1, "2131.28", "2131.28"),
    ("old", 5, "2131.28", "2131.28"),
    ("new", 1, "2323.08", "2323.08"),
    ("new", 2, "2534.27", "2555.39"),
    ("new", 3, "2745.46", "2787.69"),
    ("new", 4, "2956.65", "3020.00"),
])
def test_amounts(rules: str, count: int, required: str, other: str) -> None:
    found = known(rules, count, Figures.at(IN_2025))
    assert (found.required, found.other, found.in_force) == (Decimal(required), Decimal(other), True)


def test_the_base_of_the_step_is_a_figure() -> None:
    found = known("new", 3, Figures.at(IN_2025, OTHER_BASE))
    assert (found.required, found.other) == (Decimal("2787.69"), Decimal("2745.46"))


@pytest.mark.parametrize(("rules", "count", "mark"), [("old", 3, "P"), ("new", 1, "P"), ("new", 3, "U")])
def test_an_amount_is_no_surer_than_the_least_sure_figure_in_it(rules: str, count: int, mark: str) -> None:
    found = known(rules, count, Figures.at(IN_2025))
    assert found.confidence == mark
    assert "droitsquotidiens.be" in found.source


def test_the_computation_is_shown_line_by_line() -> None:
    rows = [(say(label, "en"), say(amount, "en")) for label, amount in known("new", 3, Figures.at(IN_2025)).rows]
    assert [amount for _label, amount in rows] == ["€2,111.89", "€2,323.08", "€422.38", "€2,745.46", "€2,787.69"]
    assert rows[2][0] == "Further persons: 2 times €211.19"


def test_a_day_without_an_amount_uses_the_last_one_and_says_so() -> None:
    for rules in ("old", "new"):
        found = known(rules, 1, Figures.at(DAY))
        assert not found.in_force
        assert found.since


def test_an_amount_that_is_added_for_a_later_year_counts_from_then_on() -> None:
    added = Figure(code="family-minimum-income", value=Decimal(2200), unit="EUR", source="Example", confidence="O", valid_from=date(2026, 1, 1))
    rows = [*PUBLISHED, added]
    assert known("new", 1, Figures.at(DAY, rows)).required == Decimal("2420.00")
    assert known("new", 1, Figures.at(DAY, rows)).in_force
    assert known("new", 1, Figures.at(IN_2025, rows)).required == Decimal("2323.08")


def test_before_the_first_amount_nothing_is_said() -> None:
    assert reference("old", 1, Figures.at(date(2024, 5, 6))) is None
    assert reference("new", 1, Figures.at(date(2024, 5, 6))) is None


@pytest.mark.parametrize(("income", "gap", "below", "depends"), [
    ("3000.00", "254.54", False, False),
    ("2787.69", "42.23", False, False),
    ("2760.00", "14.54", False, True),
    ("2745.46", "0.00", False, True),
    ("2745.45", "-0.01", True, False),
])
def test_an_income_is_compared_and_not_judged(income: str, gap: str, below: bool, depends: bool) -> None:
    changed = {"sponsor_residence_since": "2025-08-20", "household_count": "2", "sponsor_net_income": income}
    found = compare(FamilyFile({**SAMPLE, **changed}, IN_2025))
    assert found
    assert (found.gap, found.is_below, found.depends_on_reading) == (Decimal(gap), below, depends)
    assert (found.reference.rules, found.reference.count, found.as_of) == ("new", 3, IN_2025)
    label, amount = found.rows[-1]
    assert say(label, "en") == ("Below the reference amount" if below else "Above the reference amount")
    assert say(amount, "en") == f"€{abs(Decimal(gap)):,.2f}"


@pytest.mark.parametrize("missing", ["sponsor_net_income", "joining_count", "sponsor_residence_since"])
def test_nothing_is_compared_while_an_answer_is_missing(missing: str) -> None:
    assert compare(FamilyFile({**SAMPLE, missing: ""}, IN_2025)) is None
