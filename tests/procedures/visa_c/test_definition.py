"""The declaration of the visa C: every item of the form is there, a whole application reads without a problem, hidden things stay hidden."""

from datetime import date, datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.visa_c.definition import VISA_C
from frontoffice.procedures.vocabulary import FILERS, Role, field_of
from tests.procedures.samples.visa_c import ANSWERS, DOCUMENTS

DAY = date(2026, 11, 21)
ALL = {question: value for page in ANSWERS.values() for question, value in page.items()}


def known(**changes: str) -> dict[str, str]:
    values = {**ALL, **changes}
    return {**values, **VISA_C.derive(values, DAY)}


def counting(**changes: str) -> set[str]:
    facts = known(**changes)
    return {one.code for one in VISA_C.pages if one.when is None or one.when.holds(facts)}


def test_every_item_of_the_harmonised_form_is_asked() -> None:
    items = {one.item for page in VISA_C.pages for one in page.form.fields}
    assert {str(number) for number in range(1, 34)} <= items


def test_the_sample_is_a_whole_application() -> None:
    facts = known()
    assert counting() == set(ANSWERS)
    with stopped_at(datetime(2026, 11, 21, 12, tzinfo=BRUSSELS)):
        for code, values in ANSWERS.items():
            page = VISA_C.page(code)
            assert page
            reading = page.form.read(page.form.raw_of(values), facts)
            assert reading.problems == (), (code, reading.problems)
            assert values.items() <= reading.values.items()
            assert page.form.stands(reading.values, facts)
    outcome = VISA_C.competent(ALL)
    assert isinstance(outcome, Competence)
    assert (outcome.authority, outcome.role, outcome.rows) == ("diplomatic-post", Role.DIPLOMATIC_POST, (2,))
    asked = {one.code for one in VISA_C.documents if one.required and (one.when is None or one.when.holds(facts))}
    assert asked == set(DOCUMENTS)


def test_the_texts_that_were_agreed_to_are_kept_by_version() -> None:
    page = VISA_C.page("statements")
    assert page
    assert page.form.read(page.form.raw_of(ANSWERS["statements"]), known()).values["statements_version"] == "2026-11-21"


def test_family_of_an_eu_citizen_is_not_asked_what_the_form_spares_it() -> None:
    assert counting() - counting(eu_family="yes") == {"occupation", "hosts", "costs", "insurance"}
    spared = {one.item for page in VISA_C.pages if page.code not in counting(eu_family="yes", host_kinds="organisation") for one in page.form.fields}
    assert {"21", "22", "30", "31", "32"} <= spared
    kept = {one.item for page in VISA_C.pages if page.code in counting(eu_family="yes") for one in page.form.fields}
    assert not {"21", "22", "30", "31", "32"} & kept


def test_no_third_party_reads_the_application() -> None:
    strangers = FILERS | {Role.GUARANTOR, Role.WORKER, Role.MUNICIPALITY, Role.REGION}
    readers = [page.seen_by for page in VISA_C.pages] + [document.seen_by for document in VISA_C.documents]
    assert not any(one & strangers for one in readers)


@pytest.mark.parametrize("official", ["issued_days", "decision", "visa_number", "refusal_reasons", "valid_until", "handler"])
def test_fields_for_official_use_are_not_asked_of_the_applicant(official: str) -> None:
    assert field_of(VISA_C, official) is None


def test_a_refusal_can_be_contested_for_thirty_days() -> None:
    route = VISA_C.appeals["refuse"]
    assert Figures.at(date(2026, 11, 23)).get(route.figure).after(date(2026, 11, 23)) == date(2026, 12, 23)


@pytest.mark.parametrize(("answers", "met"), [
    ({}, True), ({"departure_date": "2027-07-01"}, False), ({"arrival_date": "2027-08-01", "departure_date": "2027-08-09"}, False),
])
def test_rules_say_whether_they_are_met(answers: dict[str, str], met: bool) -> None:
    found = [one.met({**ALL, **answers}, DAY) for one in VISA_C.rules if one.met]
    assert (False not in found) is met
    assert [one.met({}, DAY) for one in VISA_C.rules if one.met] == [None] * len(found)


def test_rules_name_figures_or_sources() -> None:
    for one in VISA_C.rules:
        if one.figure:
            assert Figures.at(DAY).find(one.figure, category=one.category or None), one.text
        else:
            assert one.source, one.text


def test_a_half_filled_draft_breaks_nothing() -> None:
    given: dict[str, str] = {}
    for page in [{}, *ANSWERS.values()]:
        given |= page
        facts = {**given, **VISA_C.derive(given, DAY)}
        assert set(facts) <= set(given) | VISA_C.derived
        VISA_C.remarks(facts, DAY)
        assert (VISA_C.competent(given) is not None) is ("post" in given)
        assert [one.met(given, DAY) for one in VISA_C.rules if one.met].count(False) == 0


@pytest.mark.parametrize("left_out", sorted(ALL))
def test_any_answer_may_be_missing(left_out: str) -> None:
    given = {name: value for name, value in ALL.items() if name != left_out}
    facts = {**given, **VISA_C.derive(given, DAY)}
    VISA_C.remarks(facts, DAY)
    VISA_C.competent(given)
