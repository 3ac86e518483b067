"""The figures as people read them: complete, dated, each with its words, found by subject, Region and word."""

from datetime import date
from decimal import Decimal

import pytest

from frontoffice.forms.nationality import nationality_names
from frontoffice.kernel.i18n import LOCALES, country_codes
from frontoffice.procedures.figures import CONFIDENCES, PUBLISHED, UNITS, Figure
from frontoffice.procedures.territory import Region
from frontoffice.public import figure_titles
from frontoffice.public.figures_list import ShownFigure, posts_by_country, shown, words_of
from frontoffice.public.texts import in_words

TODAY = date(2026, 11, 21)


def test_every_figure_has_a_title_and_every_title_a_figure() -> None:
    assert {row.code for row in PUBLISHED} == set(figure_titles.TITLES)
    assert len(set(figure_titles.TITLES.values())) == len(figure_titles.TITLES) == sum(len(titles) for _title, titles in figure_titles.SUBJECTS.values())


def test_every_category_has_words() -> None:
    for row in PUBLISHED:
        if row.category:
            assert row.category in country_codes() if row.code in figure_titles.BY_COUNTRY else str(ShownFigure(row, "current").category), row
            assert ShownFigure(row, "current").category, row


def test_every_mark_and_unit_has_words() -> None:
    assert set(figure_titles.CONFIDENCE) == set(CONFIDENCES)
    assert {unit for unit in UNITS if unit.startswith("EUR ")} == set(figure_titles.UNITS)
    # A word that a rule reads is shown in words; names and numbers stand as they are.
    coded = {row.code for row in PUBLISHED if row.unit == "text" and str(row.value).islower()}
    assert {str(row.value) for row in PUBLISHED if row.code in coded} == set(figure_titles.WORDS)


def test_every_row_is_told_in_every_language() -> None:
    for locale in LOCALES:
        assert all(in_words(row, locale) and "%(" not in in_words(row, locale) for row in PUBLISHED)


def test_states_are_named_and_not_coded() -> None:
    row = next(one for one in PUBLISHED if one.code == "schengen-states")
    assert words_of(row, "de").startswith("Belgien, Bulgarien, Dänemark") and "AUT" not in words_of(row, "en")
    assert {country for country, _towns in posts_by_country("en")} >= {"Japan", "Morocco"}
    assert nationality_names("AUS") == ShownFigure(next(one for one in PUBLISHED if one.category == "AUS"), "current").category


def _fee(value: int, first: date, last: date | None = None, region: Region | None = None) -> Figure:
    return Figure(code="visa-d-fee", value=Decimal(value), unit="EUR", source="a page", confidence="O", valid_from=first, valid_until=last, region=region)


ROWS = (
    _fee(1, date(2025, 1, 1), date(2025, 12, 31)), _fee(2, date(2026, 1, 1), date(2026, 12, 31)), _fee(3, date(2027, 1, 1)),
    _fee(4, date(2026, 1, 1), region=Region.BRUSSELS),
)
LATER = (*ROWS, _fee(5, date(2028, 1, 1), region=Region.BRUSSELS))


@pytest.mark.parametrize(("day", "region", "expected"), [
    (TODAY, "", [(2, "current"), (4, "current"), (3, "announced"), (1, "ended")]),
    (TODAY, "brussels", [(2, "current"), (4, "current"), (3, "announced"), (1, "ended")]),
    (TODAY, "flanders", [(2, "current"), (3, "announced"), (1, "ended")]),
    (date(2027, 1, 1), "wallonia", [(3, "current"), (1, "ended"), (2, "ended")]),
    # A row without a last day ends when a later one about the same begins.
    (date(2028, 1, 1), "brussels", [(3, "current"), (5, "current"), (1, "ended"), (2, "ended"), (4, "ended")]),
    (date(2024, 1, 1), "wallonia", [(1, "announced"), (2, "announced"), (3, "announced")]),
])
def test_in_force_announced_and_ended(day: date, region: str, expected: list[tuple[int, str]]) -> None:
    [subject] = shown(day, region, rows=LATER if day.year == 2028 else ROWS)
    [group] = subject.groups
    assert (subject.code, group.code) == ("fees", "visa-d-fee")
    assert [(int(one.figure.amount), one.state) for one in group.rows] == expected
    assert [int(one.figure.amount) for one in group.of("announced")] == [value for value, state in expected if state == "announced"]


@pytest.mark.parametrize(("sought", "locale", "expected"), [
    ("retribution", "en", {"federal-contribution", "federal-contribution-d", "federal-contribution-beneficiary", "federal-contribution-iban", "federal-contribution-bic"}),
    ("VACANCY", "en", {"vacancy-period", "vacancy-window"}), ("forem wallonia vacancy", "en", set()), ("forem walloon vacancy", "en", {"vacancy-period"}),
    ("countries working holiday australia", "en", {"working-holiday-agreement"}), ("Australië", "nl", {"working-holiday-agreement"}),
    ("no such words", "en", set()), ("", "en", set(figure_titles.TITLES)),
])
def test_looking_for_words(sought: str, locale: str, expected: set[str]) -> None:
    found = {group.code for subject in shown(TODAY, sought=sought, locale=locale) for group in subject.groups}  # type: ignore[arg-type]
    assert found == expected
