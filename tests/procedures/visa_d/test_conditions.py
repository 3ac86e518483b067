"""The conditions of the visas D as the finder shows them: met, not met, or nobody can tell yet."""

from datetime import date

import pytest

from frontoffice.kernel.i18n import country_name
from frontoffice.procedures import in_force
from frontoffice.procedures.figures import PUBLISHED
from frontoffice.procedures.visa_d.common import may_be_aged
from frontoffice.procedures.vocabulary import Rule

DAY = date(2026, 11, 23)


def rule(code: str, part: str) -> Rule:
    [found] = [one for one in in_force(code, DAY).rules if part in one.text]
    return found


@pytest.mark.parametrize(("code", "part", "answers", "expected"), [
    ("visa-d-working-holiday", "has an agreement", {}, None),
    ("visa-d-working-holiday", "has an agreement", {"nationality": "AUS"}, True),
    ("visa-d-working-holiday", "has an agreement", {"nationality": "JPN"}, False),
    ("visa-d-working-holiday", "You live in", {"nationality": "AUS"}, None),
    ("visa-d-working-holiday", "You live in", {"nationality": "AUS", "home_country": "AUS"}, True),
    ("visa-d-working-holiday", "You live in", {"nationality": "AUS", "home_country": "SGP"}, False),
    ("visa-d-working-holiday", "at most %(count)s years old", {}, None),
    ("visa-d-working-holiday", "at most %(count)s years old", {"birth_date": "1990-01-01"}, False),
    ("visa-d-working-holiday", "at least %(count)s years old", {"birth_date": "1990-01-01"}, True),
    ("visa-d-working-holiday", "at least %(count)s years old", {"birth_date": "2010-01-01"}, False),
    ("visa-d-working-holiday", "You never had", {"holiday_before": "no"}, True),
    ("visa-d-working-holiday", "You have at least", {"funds": "2499.99"}, False),
    ("visa-d-working-holiday", "You have at least", {}, None),
    ("visa-d-au-pair", "at least %(count)s years old", {"birth_date": "2004-07-30"}, True),
    ("visa-d-au-pair", "no au pair in Belgium before", {"au_pair_before": "yes"}, False),
    ("visa-d-study", "full-time higher education", {"institution_kind": "recognised"}, True),
    ("visa-d-study", "full-time higher education", {"institution_kind": "private"}, None),
])
def test_whether_a_condition_is_met(code: str, part: str, answers: dict[str, str], expected: bool | None) -> None:
    met = rule(code, part).met
    assert met
    assert met(answers, DAY) is expected


def test_the_condition_names_every_country_with_an_agreement() -> None:
    text = rule("visa-d-working-holiday", "has an agreement").text
    named = {"KOR": "Republic of Korea"}
    for row in PUBLISHED:
        if row.code == "working-holiday-agreement":
            assert named.get(str(row.category), country_name(str(row.category), "en")) in text


@pytest.mark.parametrize(("born", "fits"), [
    ("2008-11-23", True), ("2008-11-24", False), ("1995-11-24", True), ("1995-11-23", False),
    ("2008-00-00", True), ("2009-00-00", False), ("1995-00-00", True), ("1994-00-00", False), ("1995-11-00", True), ("1995-10-00", False),
])
def test_an_age_that_is_not_wholly_known_is_read_in_favour(born: str, fits: bool) -> None:
    assert may_be_aged(born, DAY, 18, 30) is fits
