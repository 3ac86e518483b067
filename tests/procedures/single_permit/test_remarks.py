"""Remarks: each can be read in every language, names its source, and shows its computation where there is one."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES
from frontoffice.kernel.message import say
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.single_permit.definition import remarks
from frontoffice.procedures.vocabulary import Remark
from tests.procedures.samples.single_permit import ANSWERS, GENERAL, VARIANTS, Answers

DAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with stopped_at(datetime(2026, 11, 21, 12, tzinfo=BRUSSELS)):
        yield


def said(answers: Answers, **changes: str) -> list[Remark]:
    return remarks({**{name: value for page in answers.values() for name, value in page.items()}, **changes}, DAY)


def table(found: list[Remark], about: str) -> Mapping[str, str]:
    """The first computation about a question, as an English reader sees it."""
    rows = next(one.rows for one in found if one.about == about and one.rows)
    return {say(label, "en"): say(value, "en") for label, value in rows}


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_each_can_be_read_and_names_its_source(name: str) -> None:
    found = said(VARIANTS[name][0], residence_status="pending", other_nationalities="PRT", previous_until="2026-12-01", staff_count="0")
    assert found
    for one in found:
        assert one.source and one.confidence in "OPCU"
        for locale in LOCALES:
            assert "%(" not in say(one.message, locale)
            assert all(say(text, locale) for row in one.rows for text in row)


def test_the_pay_is_shown_line_by_line() -> None:
    assert table(said(ANSWERS), "pay_year") == {
        "Day whose minimum counts": "1 March 2027", "Gross pay a year": "€60,000.00", "Minimum": "€48,912.00", "Above the minimum": "€11,088.00"}


def test_part_time_pay_is_shown_beside_that_of_a_full_time_job() -> None:
    found = table(said(ANSWERS, hours_per_week="28.50", pay_year="45000.00"), "pay_year")
    assert found["Below the minimum"] == "€3,912.00"
    assert (found["Part of a full-time job"], found["The same pay for a full-time job"]) == ("75%", "€60,000.00")


def test_brussels_counts_the_month_of_the_day_of_filing() -> None:
    found = table(said(VARIANTS["ict"][0]), "pay_year")
    assert found["Gross pay a month"] == "€4,700.00" and found["Day whose minimum counts"] == "21 November 2026"


def test_the_days_of_a_vacancy_are_counted() -> None:
    assert table(said(GENERAL), "lmt_to") == {"First day that counts": "1 October 2026", "Last day that counts": "9 November 2026", "Days": "40", "Minimum": "28"}


@pytest.mark.parametrize("unit", ["9123456789", "8999999992"])
def test_a_unit_number_that_looks_wrong_is_doubted(unit: str) -> None:
    assert [one.doubtful for one in said(ANSWERS, workplace_unit=unit) if one.about == "workplace_unit"] == [True]


def test_nothing_is_said_of_nothing() -> None:
    assert remarks({}, DAY) == []
