"""The conditions in plain words: each has a figure or a source, and answers only when the answers tell."""

from collections.abc import Mapping
from datetime import date

import pytest

from frontoffice.procedures.figures import PUBLISHED, Figures
from frontoffice.procedures.single_permit.categories import FILED_HERE
from frontoffice.procedures.single_permit.rules import RULES
from frontoffice.procedures.territory import Region

DAY = date(2026, 11, 21)


def rule(part: str, known: Mapping[str, str] | None = None) -> bool | None:
    """What the one rule with these words, among those that hold, says of the answers."""
    [found] = [one for one in RULES if part in one.text and (one.when is None or one.when.holds(known or {}))]
    assert found.met
    return found.met(known or {}, DAY)


def test_each_names_where_it_comes_from() -> None:
    codes = {row.code for row in PUBLISHED}
    for one in RULES:
        assert one.figure in codes or (not one.figure and one.source and one.confidence in "OPCU"), one.text


@pytest.mark.parametrize("region", list(Region))
def test_the_words_fit_the_figure(region: Region) -> None:
    figures = Figures.at(DAY)
    for one in RULES:
        figure = figures.find(one.figure, region=region, category=one.category or None) if one.figure else None
        if figure:
            assert one.text % {"amount": "", "count": figure.value, "text": figure.value}
            assert ("%(amount)s" in one.text) is figure.unit.startswith("EUR")


@pytest.mark.parametrize("category", [one.code for one in FILED_HERE])
def test_every_category_has_one_rule_about_pay(category: str) -> None:
    known = {"category": category, "competent_region": "flanders"}
    assert sum("pay" in one.text.split()[1] and one.when is not None and one.when.holds(known) for one in RULES) == 1


IN_FLANDERS = {"competent_region": "flanders", "category": "highly-qualified"}


@pytest.mark.parametrize(("part", "known", "met"), [
    ("no national of", {}, None), ("no national of", {"nationality": "IND"}, True), ("no national of", {"nationality": "CHE"}, False),
    ("more than 90 days", {}, None), ("more than 90 days", {"contract_kind": "open-ended"}, True),
    ("more than 90 days", {"contract_start": "2027-03-01", "contract_end": "2027-05-31"}, True),
    ("more than 90 days", {"contract_start": "2027-03-01", "contract_end": "2027-05-30"}, False),
    ("as the Region counts it", IN_FLANDERS, None), ("as the Region counts it", {**IN_FLANDERS, "pay_year": "48912"}, True),
    ("as the Region counts it", {**IN_FLANDERS, "pay_year": "48911"}, True),  # no birth date: the worker may be under 30
    ("as the Region counts it", {**IN_FLANDERS, "pay_year": "48911", "birth_date": "1980-01-01"}, False),
    ("as the Region counts it", {**IN_FLANDERS, "pay_month": "4000"}, None),  # Flanders counts the year
    ("as the Region counts it", {**IN_FLANDERS, "competent_region": "brussels", "pay_month": "4000"}, True),
    ("as the Region counts it", {**IN_FLANDERS, "category": "athlete", "pay_year": "40000"}, None),
    ("at least of level", IN_FLANDERS, None), ("at least of level", {**IN_FLANDERS, "function_level": "5"}, True),
    ("at least of level", {**IN_FLANDERS, "function_level": "4"}, False),
    ("is abroad when", {"category": "other-flanders"}, None), ("is abroad when", {"category": "other-flanders", "residence_status": "student"}, False),
    ("is abroad when", {"category": "other-flanders", "residence_status": "abroad"}, True),
    ("days within 365", {"category": "seasonal"}, None), ("days within 365", {"category": "seasonal", "seasonal_days": "150"}, True),
    ("days within 365", {"category": "seasonal", "seasonal_days": "151"}, False),
])
def test_whether_it_is_met(part: str, known: Mapping[str, str], met: bool | None) -> None:
    assert rule(part, known) is met
