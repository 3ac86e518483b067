"""The figures as people read them: complete, dated, each with its words."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.procedures.figures import CONFIDENCES, PUBLISHED, UNITS, Figure
from frontoffice.procedures.territory import Region
from frontoffice.public import figures_list
from frontoffice.public.figures_list import shown


def test_every_figure_has_a_title_and_words() -> None:
    assert {row.code for row in PUBLISHED} == set(figures_list.TITLES)
    assert len(set(figures_list.TITLES.values())) == len(figures_list.TITLES)
    assert set(figures_list.CONFIDENCE) == set(CONFIDENCES)
    assert {unit for unit in UNITS if unit.startswith("EUR ")} == set(figures_list.UNITS)
    assert {str(row.value) for row in PUBLISHED if row.code == "threshold-reference-date"} == set(figures_list.WORDS)


def _fee(value: int, first: date, last: date | None = None, region: Region | None = None) -> Figure:
    return Figure(code="visa-d-fee", value=Decimal(value), unit="EUR", source="a page", confidence="O", valid_from=first, valid_until=last, region=region)


ROWS = (
    _fee(1, date(2025, 1, 1), date(2025, 12, 31)), _fee(2, date(2026, 1, 1), date(2026, 12, 31)), _fee(3, date(2027, 1, 1)),
    _fee(4, date(2026, 1, 1), region=Region.BRUSSELS),
)


@pytest.mark.parametrize(("day", "region", "expected"), [
    (date(2026, 11, 21), "", [(2, False), (4, False), (3, True)]),
    (date(2026, 11, 21), "brussels", [(2, False), (4, False), (3, True)]),
    (date(2026, 11, 21), "flanders", [(2, False), (3, True)]),
    (date(2027, 1, 1), "wallonia", [(3, False)]),
    (date(2024, 1, 1), "wallonia", [(1, True), (2, True), (3, True)]),
])
def test_in_force_and_announced(day: date, region: str, expected: list[tuple[int, bool]]) -> None:
    assert [(int(one.figure.amount), one.is_announced) for one in shown(day, region, ROWS)["Visa D"]] == expected


def test_a_group_without_rows_is_left_out() -> None:
    assert list(shown(date(2026, 11, 21), rows=ROWS)) == ["Visa D"]
