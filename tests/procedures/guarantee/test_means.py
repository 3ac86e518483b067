"""What so many commitments need: the computation with its rows, the marks of its sources, and the days on which a commitment ends."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.kernel.message import say
from frontoffice.procedures.figures import Figures, read_rows
from frontoffice.procedures.guarantee.means import enough, expires_on, for_students, for_visitors, liable_until

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "count", "amount", "in_force"),
    [
        ("2023-12-01", 1, "2048.53", True), ("2024-06-02", 1, "2048.53", True), ("2024-06-03", 1, "2089.55", True), ("2024-06-03", 2, "3134.325", True),
        ("2025-01-31", 3, "4179.10", True), ("2025-02-01", 1, "2131.28", True), ("2025-02-01", 3, "4262.56", True), ("2026-11-23", 1, "2131.28", False),
        ("2026-11-23", 5, "6393.84", False),
    ],
)
def test_the_income_for_several_commitments(day: str, count: int, amount: str, in_force: bool) -> None:
    found = for_visitors(count, Figures.at(date.fromisoformat(day)))
    assert found
    assert (found.amount, found.in_force, found.count) == (Decimal(amount), in_force, count)


def test_t10_two_active_and_a_new_one_need_twice_the_amount_of_one() -> None:
    for day in (date(2024, 9, 2), date(2025, 6, 2), DAY):
        one, three = for_visitors(1, Figures.at(day)), for_visitors(3, Figures.at(day))
        assert one and three and three.amount == one.amount * 2


def test_before_the_rule_there_was_no_amount_and_no_second_commitment() -> None:
    assert for_visitors(1, Figures.at(date(2023, 11, 30))) is None
    assert for_visitors(2, Figures.at(date(2024, 1, 3))) is None


def test_the_computation_is_shown_line_by_line() -> None:
    found = for_visitors(3, Figures.at(date(2025, 6, 2)))
    assert found
    assert [(say(label, "en"), say(value, "en")) for label, value in found.rows] == [
        ("First visitor", "€2,131.28"), ("Further visitors: 2 × €1,065.64", "€2,131.28"), ("Net income asked a month", "€4,262.56"),
    ]
    assert (found.confidence, found.since) == ("U", date(2025, 2, 1))
    assert "cpassivryrance.be" in found.source and "vreemdelingenrecht.be" in found.source


@pytest.mark.parametrize(
    ("day", "year", "count", "amount", "in_force"),
    [
        ("2024-01-15", "2023-24", 1, "2837.53", True), ("2025-10-01", "2025-26", 1, "2966.28", True), ("2025-10-01", "2025-26", 3, "4636.28", True),
        ("2026-11-23", "2026-27", 1, "3193.28", False), ("2026-11-23", "2027-28", 1, "3193.28", False),
    ],
)
def test_the_income_for_students(day: str, year: str, count: int, amount: str, in_force: bool) -> None:
    found = for_students(count, year, Figures.at(date.fromisoformat(day)))
    assert found
    assert (found.amount, found.in_force) == (Decimal(amount), in_force)


def test_a_new_amount_is_a_row_in_the_table() -> None:
    rows = read_rows('[[guarantee-threshold]]\nvalue = "2200.00"\nunit = "EUR"\nvalid_from = 2026-01-01\nsource = "Notice of the Immigration Office"\nconfidence = "O"')
    found = for_visitors(1, Figures.at(DAY, rows=rows))
    assert found
    assert (found.amount, found.in_force, found.confidence) == (Decimal("2200.00"), True, "O")


def test_enough_is_not_said_when_the_amount_of_the_day_is_not_known() -> None:
    old, new = for_visitors(1, Figures.at(date(2025, 6, 2))), for_visitors(1, Figures.at(DAY))
    assert [enough({"net_monthly_income": one}, old) for one in ("2131.28", "2131.27", "")] == [True, False, None]
    assert enough({"net_monthly_income": "9000"}, new) is None
    assert enough({"net_monthly_income": "9000"}, None) is None


def test_when_a_commitment_ends() -> None:
    assert expires_on(date(2026, 11, 24)) == date(2027, 5, 24)
    assert expires_on(date(2026, 8, 31)) == date(2027, 3, 1)  # 28 February 2027 is a Sunday
    assert liable_until(date(2027, 3, 15)) == date(2029, 3, 15)
