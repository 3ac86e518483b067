"""One question at a time: what people type, what machines send, and what is stored of it."""

import time
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from frontoffice.forms import identifiers
from frontoffice.forms.fields import (
    Agreement,
    Checked,
    Choice,
    Country,
    Day,
    Email,
    Field,
    LongText,
    Money,
    Number,
    Phone,
    Text,
    YesNo,
    read_decimal,
)
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.message import Message, Names

TEXT = Text(name="a", label="A")
LONG = LongText(name="a", label="A")
MONEY = Money(name="a", label="A")
WHOLE = Number(name="a", label="A", least=1, most=40)
DAY = Day(name="a", label="A")

EVERY_KIND: tuple[Field, ...] = (
    TEXT, LONG, MONEY, WHOLE, DAY, Email(name="a", label="A"), Phone(name="a", label="A"), YesNo(name="a", label="A"),
    Agreement(name="a", label="A"), Country(name="a", label="A"), Choice(name="a", label="A", choices=(("one", "One", ""),)),
    Checked(name="a", label="A", reader=identifiers.enterprise_number), Checked(name="a", label="A", reader=identifiers.travel_document_number),
)


def sent(one: Field, text: str) -> dict[str, str]:
    """The text in every input of a question."""
    return dict.fromkeys(one.raw_names(), text)


NEVER = [
    "\x00", "Kumar\x00", "a\x07b", "a\x1bb", "a\x7fb", "a\x85b", "a\x9fb", "\u202eramuK", "a\u202ab", "a\u2066b\u2069", "a\u200eb", "a\u200fb", "a\u061cb",
    "a\ufffdb", "\ud800", "a\udfffb",
]
INVISIBLE = ["", " ", "\t", "\r\n", "\u00a0", "\u2003", "\u200b", "\ufeff", "\u2060", "\u00ad", "\u200b \u200d", "\u3000"]


@pytest.mark.parametrize("one", EVERY_KIND, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("text", NEVER, ids=ascii)
def test_no_question_takes_what_cannot_be_printed(one: Field, text: str) -> None:
    with pytest.raises(Wrong):
        one.read(sent(one, text))


@pytest.mark.parametrize("one", EVERY_KIND, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_what_nobody_can_see_is_no_answer(one: Field, text: str) -> None:
    with pytest.raises(Wrong):
        one.read(sent(one, text))
    with pytest.raises(Wrong):
        one.read({})


@pytest.mark.parametrize("one", EVERY_KIND, ids=lambda one: type(one).__name__)
def test_ten_megabytes_are_turned_away_at_once(one: Field) -> None:
    started = time.process_time()
    for filling in ("1", "a", "(", "é", "1,"):
        with pytest.raises(Wrong):
            one.read(sent(one, filling * (10_000_000 // len(filling))))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", [
    "Kumar", "Ng", "O", "O’Neil-D'Arcy", "van der Meer", "Ågård", "Nguyễn Thị Minh Khai", "王小明", "Иванов", "محمد بن سلمان", "عبد\u200cالله", "രാജേഷ്",
    "क्\u200dष", "יוסף", "김철수", "Þórðardóttir", "𠮷田", "X Æ A-12", "Łukasz", "1990", "ʻOkina", "Null", "'; DROP TABLE dossier; --", "<b>x</b>", "{{ 7*7 }}",
])
def test_a_name_may_have_one_part_and_any_script(text: str) -> None:
    assert TEXT.read({"a": text}) == text


@pytest.mark.parametrize(("typed", "stored"), [
    ("  Rajesh   Kumar ", "Rajesh Kumar"), ("Rajesh\tKumar", "Rajesh Kumar"), ("Rajesh\r\nKumar", "Rajesh Kumar"), ("Rajesh\u2028Kumar", "Rajesh Kumar"),
    ("e\u0301", "é"), ("\u212b", "Å"), ("a" * 200, "a" * 200),
])
def test_one_line_is_stored_composed_and_with_single_spaces(typed: str, stored: str) -> None:
    assert TEXT.read({"a": typed}) == stored


def test_several_lines_keep_their_lines() -> None:
    assert LONG.read({"a": "one\r\ntwo\n\nthree "}) == "one\ntwo\n\nthree"


def test_too_long_says_how_long() -> None:
    with pytest.raises(Wrong) as wrong:
        TEXT.read({"a": "a" * 201})
    assert wrong.value.params == {"longest": 200, "used": 201}


def test_an_optional_question_may_stay_empty() -> None:
    assert Text(name="a", label="A", optional=True).read({}) == ""
    assert Day(name="a", label="A", optional=True).read({"a-day": " "}) == ""
    with pytest.raises(Wrong):
        Day(name="a", label="A", optional=True).read({"a-day": "1"})


@pytest.mark.parametrize(("typed", "value"), [
    ("3500", "3500"), ("3.500", "3500"), ("3,500", "3500"), ("3 500", "3500"), ("3'500", "3500"), ("3\u202f500", "3500"), ("3\u00a0500,50", "3500.50"),
    ("3.500,50", "3500.50"), ("3,500.50", "3500.50"), ("3500,5", "3500.5"), ("3500.50", "3500.50"), ("€ 3.500,50", "3500.50"), ("€3500", "3500"),
    ("1.234.567,89", "1234567.89"), ("1,234,567.89", "1234567.89"), ("1 234 567", "1234567"), ("0", "0"), ("0,5", "0.5"), ("0,125", "0.125"), ("007", "7"),
    ("12,345,678", "12345678"), ("5.", "5"), (" 38 ", "38"),
])
def test_numbers_in_every_notation(typed: str, value: str) -> None:
    assert read_decimal(typed) == Decimal(value)


@pytest.mark.parametrize("typed", [
    "", ".", ",", "'", " ", "€", "1e9", "1E-3", "0x1F", "+5", "-5", "−5", "½", "²", "５０", "٣٥", "१२", "1_000", "NaN", "Infinity", "1/2", "12%", "50 EUR", "1.2.3", "31.12.20",
    "1,2,3", "1.23.456", "1,234,56", "12 34", "1 2", "3.50.50", "1..5", "1,,5", "1.500.00", "9" * 21, "1" + "0" * 400, "3500,50,", "'5", ",5,",
])
def test_what_is_no_number_is_not_guessed(typed: str) -> None:
    assert read_decimal(typed) is None


@pytest.mark.parametrize(("one", "typed", "stored"), [
    (WHOLE, "38", "38"), (WHOLE, "1", "1"), (WHOLE, "40", "40"), (MONEY, "3500", "3500.00"), (MONEY, "3.500,5", "3500.50"), (MONEY, "0", "0.00"),
    (Number(name="a", label="A", most=40, decimals=2), "37,75", "37.75"),
])
def test_a_number_is_stored_with_its_decimals(one: Number, typed: str, stored: str) -> None:
    assert one.read({"a": typed}) == stored


@pytest.mark.parametrize(("one", "typed"), [
    (WHOLE, "0"), (WHOLE, "41"), (WHOLE, "38,5"), (WHOLE, "38.0"), (MONEY, "3500,505"), (MONEY, "10000000000"), (MONEY, "-1"),
])
def test_a_number_out_of_bounds_or_too_precise_is_refused(one: Number, typed: str) -> None:
    with pytest.raises(Wrong):
        one.read({"a": typed})


@pytest.mark.parametrize(("parts", "stored"), [
    (("1", "3", "2027"), "2027-03-01"), (("01", "03", "2027"), "2027-03-01"), (("29", "2", "2028"), "2028-02-29"), ((" 31", "12 ", "2026"), "2026-12-31"),
    (("1", "1", "1907"), "1907-01-01"),
])
def test_a_date_is_stored_as_iso(parts: tuple[str, str, str], stored: str) -> None:
    raw = dict(zip(DAY.raw_names(), parts, strict=True))
    assert DAY.read(raw) == stored
    assert DAY.read(DAY.raw_of(stored)) == stored
    assert DAY.shown(stored) == Message("%(day)s", {"day": date.fromisoformat(stored)})


@pytest.mark.parametrize("parts", [
    ("29", "2", "2027"), ("31", "4", "2027"), ("0", "1", "2027"), ("1", "0", "2027"), ("1", "13", "2027"), ("32", "1", "2027"), ("1", "1", "0000"), ("1", "1", "27"),
    ("1", "1", "20270"), ("1", "maart", "2027"), ("１", "１", "２０２７"), ("١", "١", "٢٠٢٧"), ("1", "1", "-202"), ("+1", "1", "2027"), ("1.0", "1", "2027"), ("1", "", "2027"),
    ("", "", "2027"), ("1", "1", ""), ("²", "1", "2027"), ("1\x00", "1", "2027"), ("2027", "1", "1"), ("1", "1", "9999"), ("1", "1", "0001"), ("1", "1", "1066"),
])
def test_dates_that_cannot_be(parts: tuple[str, str, str]) -> None:
    with pytest.raises(Wrong):
        DAY.read(dict(zip(DAY.raw_names(), parts, strict=True)))


@pytest.mark.parametrize("typed", ["two", "One", "one\u0301", "1", "one,two", "None", "__class__"])
def test_only_the_answers_on_the_list_count(typed: str) -> None:
    one = Choice(name="a", label="A", choices=(("one", "One", ""),))
    with pytest.raises(Wrong):
        one.read({"a": typed})
    assert one.read({"a": "one"}) == "one"
    assert one.shown("one") == Message("One")


@pytest.mark.parametrize("typed", ["on", "no", "true", "YES", "1", "yes yes"])
def test_a_box_is_ticked_or_not(typed: str) -> None:
    one = Agreement(name="a", label="A")
    with pytest.raises(Wrong):
        one.read({"a": typed})
    assert one.read({"a": "yes"}) == "yes"


@pytest.mark.parametrize(("typed", "stored"), [("IND", "IND"), ("BEL", None), ("ind", None), ("IN", None), ("India", None), ("XXX", None), ("D", None)])
def test_a_country_is_one_of_iso_3166_and_may_be_turned_away(typed: str, stored: str | None) -> None:
    one = Country(name="a", label="A", refuse={"BEL": "not this one"})
    if stored is None:
        with pytest.raises(Wrong):
            one.read({"a": typed})
    else:
        assert one.read({"a": typed}) == stored
        assert one.shown(stored) == Names("India", "Inde", "Indien", "India")


@pytest.mark.parametrize(("one", "value"), [
    (TEXT, "Kumar"), (LONG, "a\nb"), (MONEY, "3500.50"), (WHOLE, "38"), (DAY, "2027-03-09"), (Phone(name="a", label="A"), "+3232101234"),
    (Email(name="a", label="A"), "rajesh@worker.example"), (YesNo(name="a", label="A"), "no"), (Country(name="a", label="A"), "IND"),
])
def test_what_is_shown_again_reads_the_same(one: Field, value: str) -> None:
    raw: Mapping[str, str] = one.raw_of(value)
    assert set(raw) == set(one.raw_names())
    assert one.read(raw) == value
