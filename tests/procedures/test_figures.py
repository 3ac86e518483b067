"""Dated figures: what is in force when, for whom, and with which source."""

import io
from datetime import date
from decimal import Decimal

import pytest
from babel.messages.extract import extract

from frontoffice.procedures.figures import PUBLISHED, Figure, Figures, UnknownFigure, read_rows

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("code", "day", "about", "value", "confidence"),
    [
        ("federal-contribution", "2022-06-01", {}, "126", "O"),
        ("federal-contribution", "2023-12-31", {}, "138", "O"),
        ("federal-contribution", "2024-01-01", {}, "144", "O"),
        ("federal-contribution", "2025-07-01", {}, "148", "P"),
        ("federal-contribution", "2026-11-21", {}, "152", "C"),
        ("flanders-fee", "2026-09-01", {"region": "flanders"}, "180", "P"),
        ("visa-d-fee", "2026-06-30", {}, "180", "P"),
        ("visa-d-fee", "2026-07-01", {}, "250", "C"),
        ("visa-centre-fee", "2026-11-21", {}, "28", "C"),
        ("salary-threshold", "2025-06-01", {"region": "flanders"}, "48912", "P"),
        ("salary-threshold", "2026-06-01", {"region": "flanders"}, "48912", "P"),
        ("salary-threshold", "2026-06-01", {"region": "flanders", "age": 29}, "39129.60", "P"),
        ("salary-threshold", "2026-06-01", {"region": "flanders", "age": 30}, "48912", "P"),
        ("salary-threshold", "2025-06-01", {"region": "wallonia"}, "51613", "P"),
        ("salary-threshold", "2026-06-01", {"region": "wallonia"}, "53220", "P"),
        ("salary-threshold", "2025-06-01", {"region": "wallonia", "age": 25}, "41290", "P"),
        ("salary-threshold", "2026-06-01", {"region": "wallonia", "age": 25}, "42576", "P"),
        ("salary-threshold", "2025-06-01", {"region": "brussels", "age": 25}, "3703.44", "O"),
        ("salary-threshold", "2026-06-01", {"region": "brussels"}, "3703.44", "P"),
        ("salary-threshold", "2026-06-01", {"region": "german-speaking-community"}, "49830", "O"),
        ("minimum-monthly-income", "2026-11-21", {}, "2070.48", "O"),
    ],
)
def test_amounts(code: str, day: str, about: dict[str, object], value: str, confidence: str) -> None:
    category = "highly-qualified" if code == "salary-threshold" else None
    figure = Figures.at(date.fromisoformat(day)).get(code, category=category, **about)  # type: ignore[arg-type]
    assert figure.amount == Decimal(value)
    assert (figure.confidence, bool(figure.source)) == (confidence, True)


@pytest.mark.parametrize(
    ("code", "region", "count", "unit", "confidence"),
    [
        ("complement-period", None, 15, "days", "O"),
        ("stay-complement-period", None, 15, "days", "O"),
        ("decision-period", None, 4, "months", "P"),
        ("municipal-report-period", None, 8, "working days", "O"),
        ("annex-46-work-period", None, 90, "days", "P"),
        ("annex-49-validity", None, 45, "days", "U"),
        ("criminal-record-age", None, 6, "months", "O"),
        ("medical-certificate-age", None, 6, "months", "O"),
        ("earliest-filing", "flanders", 4, "months", "O"),
        ("appeal-region-period", "brussels", 30, "days", "O"),
        ("appeal-region-period", "wallonia", 30, "days", "U"),
        ("appeal-call-period", None, 30, "days", "O"),
    ],
)
def test_periods(code: str, region: str | None, count: int, unit: str, confidence: str) -> None:
    figure = Figures.at(TODAY).get(code, region=region)
    assert (figure.count, figure.unit, figure.confidence) == (count, unit, confidence)


@pytest.mark.parametrize(
    ("code", "day", "about"),
    [
        ("flanders-fee", "2026-08-31", {"region": "flanders"}),
        ("flanders-fee", "2026-11-21", {"region": "brussels"}),
        ("federal-contribution", "2022-05-25", {}),
        ("federal-contribution", "2027-01-01", {}),
        ("salary-threshold", "2026-11-21", {"region": "flanders", "category": "artist"}),
        ("earliest-filing", "2026-11-21", {"region": "wallonia"}),
        ("no-such-figure", "2026-11-21", {}),
    ],
)
def test_what_is_not_known_is_said_to_be_unknown(code: str, day: str, about: dict[str, str]) -> None:
    figures = Figures.at(date.fromisoformat(day))
    with pytest.raises(UnknownFigure):
        figures.get(code, **about)  # type: ignore[arg-type]
    assert figures.find(code, **about) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("complement-period", "2026-11-20", "2026-12-07"),  # 5 December is a Saturday
        ("complement-period", "2026-11-23", "2026-12-08"),
        ("complement-period", "2026-12-10", "2026-12-28"),  # Christmas Day, then a weekend
        ("decision-period", "2026-11-20", "2027-03-22"),  # 20 March is a Saturday
        ("decision-period", "2026-10-31", "2027-03-01"),  # 28 February is a Sunday
        ("municipal-report-period", "2026-12-22", "2027-01-05"),
    ],
)
def test_last_days_skip_the_day_itself_and_move_to_a_working_day(code: str, start: str, end: str) -> None:
    assert Figures.at(TODAY).get(code).after(date.fromisoformat(start)) == date.fromisoformat(end)


def test_periods_counted_back() -> None:
    figures = Figures.at(TODAY)
    assert figures.get("earliest-filing", region="flanders").before(date(2027, 3, 31)) == date(2026, 11, 15)
    assert figures.get("criminal-record-age").before(date(2026, 8, 31)) == date(2026, 2, 28)
    with pytest.raises(ValueError, match="forward"):
        figures.get("municipal-report-period").before(TODAY)
    with pytest.raises(ValueError, match="no amount"):
        figures.get("complement-period").amount  # noqa: B018
    with pytest.raises(ValueError, match="no period"):
        figures.get("federal-contribution").count  # noqa: B018


def test_where_to_pay() -> None:
    figures = Figures.at(TODAY)
    assert figures.get("federal-contribution-iban").value == "BE57679200609235"
    assert figures.get("federal-contribution-bic").value == "PCHQBEBB"
    assert figures.get("federal-contribution-beneficiary").confidence == "O"
    assert figures.get("federal-contribution-beneficiary-address").confidence == "U"
    assert figures.get("residence-card-fee").up_to == Decimal(35)


def test_no_two_rows_answer_the_same_question_on_the_same_day() -> None:
    for one in PUBLISHED:
        for other in PUBLISHED:
            same = (one.code, one.region, one.category, one.age_below) == (
                other.code,
                other.region,
                other.category,
                other.age_below,
            )
            if one is not other and same:
                apart = (one.valid_until or date.max) < (other.valid_from or date.min) or (
                    other.valid_until or date.max
                ) < (one.valid_from or date.min)
                assert apart, one


def test_no_row_ends_before_it_begins() -> None:
    assert all((row.valid_from or date.min) <= (row.valid_until or date.max) for row in PUBLISHED)


def test_rows_can_be_added_and_a_closer_row_wins() -> None:
    added = Figure(
        code="federal-contribution",
        value=Decimal(1),
        unit="EUR",
        source="test",
        confidence="U",
        valid_from=date(2027, 1, 1),
        region=None,
    )
    figures = Figures.at(date(2027, 6, 1), rows=(*PUBLISHED, added))
    assert figures.get("federal-contribution").amount == 1
    assert figures.on(TODAY).get("federal-contribution").amount == 152


@pytest.mark.parametrize(
    "text",
    [
        '[[a]]\nvalue = 1\nunit = "EUR"\nsource = ""\nconfidence = "O"',
        '[[a]]\nvalue = 1\nunit = "EUR"\nsource = "x"\nconfidence = "X"',
        '[[a]]\nvalue = 1\nunit = "weeks"\nsource = "x"\nconfidence = "O"',
        '[[a]]\nvalue = "1"\nunit = "days"\nsource = "x"\nconfidence = "O"',
        '[[a]]\nvalue = 1.5\nunit = "days"\nsource = "x"\nconfidence = "O"',
        '[[a]]\nvalue = 1\nunit = "days"\nsource = "x"\nconfidence = "O"\nregion = "atlantis"',
    ],
)
def test_a_row_that_makes_no_sense_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_rows(text)


def test_translators_see_the_notes() -> None:
    text = b'[[a]]\nvalue = 1\nnote = "Ask first."\n\n[[b]]\nvalue = 2\n\n[[b]]\nnote = "Ask again."\n'
    found = [
        (line, said)
        for line, said, _comments, _context in extract("frontoffice.procedures.extraction:notes", io.BytesIO(text))
    ]
    assert found == [(3, "Ask first."), (9, "Ask again.")]


@pytest.mark.parametrize(("code", "day", "value"), [
    ("guarantee-threshold", "2025-06-01", "2131.28"), ("guarantee-threshold", "2026-11-23", "2131.28"), ("guarantee-threshold", "2024-07-01", "2089.55"),
])
def test_the_last_amount_that_was_known(code: str, day: str, value: str) -> None:
    found = Figures.at(date.fromisoformat(day)).latest(code)
    assert found and found.amount == Decimal(value)
    assert Figures.at(date(2020, 1, 1)).latest(code) is None
