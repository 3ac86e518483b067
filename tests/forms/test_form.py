"""A page of questions read as a whole."""

from collections.abc import Mapping, Sequence

import pytest

from frontoffice.forms.conditions import answer
from frontoffice.forms.fields import Day, Number, Text, YesNo
from frontoffice.forms.form import Form
from frontoffice.kernel.errors import Problem

far = answer("far").is_("yes")


def check(values: Mapping[str, str], others: Mapping[str, str]) -> Sequence[Problem]:
    return [Problem("hours", "too many")] if int(values["hours"]) > int(others.get("most", "40")) else []


FORM = Form(
    fields=(YesNo(name="far", label="Far?"), Text(name="where", label="Where?", when=far), Number(name="hours", label="Hours"),
            Day(name="start", label="Start", optional=True)),
    check=check, complete=lambda values: {"days": str(int(values["hours"]) // 8)},
)


@pytest.mark.parametrize(("raw", "others", "values", "wrong"), [
    ({"far": "no", "hours": "38"}, {}, {"far": "no", "hours": "38", "start": "", "days": "4"}, []),
    ({"far": "yes", "where": "Pune", "hours": "38"}, {}, {"far": "yes", "where": "Pune", "hours": "38", "start": "", "days": "4"}, []),
    # A question that is not asked is not read, whatever a browser sends for it.
    ({"far": "no", "where": "\x00", "hours": "38"}, {}, {"far": "no", "hours": "38", "start": "", "days": "4"}, []),
    ({"far": "yes", "hours": "38"}, {}, {"far": "yes", "hours": "38", "start": ""}, ["where"]),
    ({}, {}, {"start": ""}, ["far", "hours"]),
    # The whole is checked only once every part can be read; usable parts are kept.
    ({"far": "no", "hours": "41"}, {}, {"far": "no", "hours": "41", "start": "", "days": "5"}, ["hours"]),
    ({"far": "no", "hours": "38"}, {"most": "20"}, {"far": "no", "hours": "38", "start": "", "days": "4"}, ["hours"]),
    ({"hours": "99"}, {}, {"hours": "99", "start": ""}, ["far"]),
    ({"far": "no", "hours": "38", "start-day": "31", "start-month": "2", "start-year": "2027"}, {}, {"far": "no", "hours": "38"}, ["start"]),
    ({"far": "no", "hours": "38", "position": "granted", "region": "flanders"}, {}, {"far": "no", "hours": "38", "start": "", "days": "4"}, []),
])
def test_reading(raw: dict[str, str], others: dict[str, str], values: dict[str, str], wrong: list[str]) -> None:
    reading = FORM.read(raw, others)
    assert reading.values == values
    assert [one.field for one in reading.problems] == wrong


def test_what_was_typed_is_kept_as_typed_and_nothing_else() -> None:
    reading = FORM.read({"far": "perhaps", "hours": " 4O ", "start-day": "1", "position": "granted"}, {})
    assert reading.raw == {"far": "perhaps", "where": "", "hours": " 4O ", "start-day": "1", "start-month": "", "start-year": ""}


def test_what_is_kept_has_an_end_and_can_be_stored() -> None:
    reading = FORM.read({"far": "yes", "where": "a" * 10_000_000, "hours": "3\x008"}, {})
    assert len(reading.raw["where"]) == 10_000
    assert "\x00" not in reading.raw["hours"]
    assert {one.field for one in reading.problems} == {"where", "hours"}


def test_only_the_questions_that_count_are_asked() -> None:
    assert [one.name for one in FORM.asked({})] == ["far", "hours", "start"]
    assert [one.name for one in FORM.asked({"far": "yes"})] == ["far", "where", "hours", "start"]


def test_stored_values_are_shown_again_in_their_inputs() -> None:
    assert FORM.raw_of({"far": "yes", "start": "2027-03-09"}) == {
        "far": "yes", "where": "", "hours": "", "start-day": "9", "start-month": "3", "start-year": "2027"}


@pytest.mark.parametrize(("values", "others", "stands"), [
    ({"far": "no", "hours": "38"}, {}, True),
    ({"far": "no", "hours": "38"}, {"most": "20"}, False),
    ({"far": "yes", "hours": "38"}, {}, False),
    ({"far": "no"}, {}, False),
    ({}, {}, False),
])
def test_answers_kept_earlier_stand_only_while_the_others_agree(values: dict[str, str], others: dict[str, str], stands: bool) -> None:
    assert FORM.stands(values, others) is stands
