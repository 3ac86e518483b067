"""Dates of birth as far as a document shows them."""

import pytest

from frontoffice.forms.fields import Day, PartialDay
from frontoffice.forms.identifiers import Wrong

BORN = PartialDay(name="a", label="A")


@pytest.mark.parametrize(("parts", "stored"), [
    (("9", "5", "1987"), "1987-05-09"), (("", "5", "1987"), "1987-05-00"), (("", "", "1987"), "1987-00-00"), (("00", "00", "1987"), "1987-00-00"),
    (("0", "12", "1987"), "1987-12-00"), (("29", "2", "1988"), "1988-02-29"), ((" ", "\u200b", " 1987 "), "1987-00-00"),
])  # fmt: skip
def test_what_is_unknown_stays_unknown(parts: tuple[str, str, str], stored: str) -> None:
    assert BORN.read(dict(zip(BORN.raw_names(), parts, strict=True))) == stored
    assert BORN.read(BORN.raw_of(stored)) == stored


@pytest.mark.parametrize(("parts", "why"), [
    (("", "", ""), "Type a date"), (("9", "5", ""), "at least the year"), (("9", "", "1987"), "the month too"), (("9", "00", "1987"), "the month too"),
    (("", "13", "1987"), "does not exist"), (("30", "2", "1987"), "does not exist"), (("29", "2", "1987"), "does not exist"), (("", "", "87"), "four digits"),
    (("", "", "1066"), "check the year"), (("x", "5", "1987"), "in numbers"), (("", "mei", "1987"), "in numbers"), (("", "", "0000"), "check the year"),
    (("", "٥", "1987"), "in numbers"), (("000", "5", "1987"), "does not exist"), (("", "", "1987\x00"), "in numbers"),
])  # fmt: skip
def test_dates_that_cannot_be(parts: tuple[str, str, str], why: str) -> None:
    with pytest.raises(Wrong, match=why):
        BORN.read(dict(zip(BORN.raw_names(), parts, strict=True)))


def test_a_question_that_may_stay_empty_and_one_of_a_whole_day() -> None:
    assert PartialDay(name="a", label="A", optional=True).read({}) == ""
    assert PartialDay(name="a", label="A").shown("1987-00-00") == "1987"
    assert "Leave the day and the month empty" in BORN.hint
    with pytest.raises(Wrong):
        Day(name="a", label="A").read({"a-year": "1987"})
