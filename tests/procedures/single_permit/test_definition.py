"""What a single permit asks for in each Region, and the facts that follow from answers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from frontoffice.forms.conditions import answer
from frontoffice.procedures.fees import charges
from frontoffice.procedures.figures import PUBLISHED, Figures, read_rows
from frontoffice.procedures.single_permit.categories import Category
from frontoffice.procedures.single_permit.competence import AskAPerson, Competence
from frontoffice.procedures.single_permit.definition import CLOCKS, DOCUMENTS, SINGLE_PERMIT, competence_of, derive
from frontoffice.procedures.territory import Region
from frontoffice.procedures.vocabulary import AUTHORITIES, EVERYONE, FILERS, DocumentRequirement, Role

DAY = date(2026, 11, 21)
ALWAYS = {"contract", "signatory-identity", "health-insurance", "contribution", "passport", "diploma", "medical-certificate", "mandate", "cv", "other"}
HERE = {
    "has_office": "yes", "office_postal_code": "1000", "office_municipality": "21004", "has_unit": "yes", "posted": "no", "work_pattern": "one",
    "workplace_postal_code": "2030", "workplace_municipality": "11002", "workplace_unit": "2123456789",
}
EQUAL = {"work_pattern": "equal", "second_postal_code": "4700", "second_municipality": "63023", "second_unit": "2999999999"}


@pytest.mark.parametrize(("facts", "more"), [
    ({}, {"criminal-record"}),
    ({"competent_region": "flanders"}, {"criminal-record", "function-description"}),
    ({"competent_region": "brussels"}, {"criminal-record", "function-description", "organisation-chart"}),
    ({"competent_region": "wallonia"}, {"criminal-record"}),
    ({"competent_region": "german-speaking-community"}, {"criminal-record"}),
    ({"competent_region": "wallonia", "posted": "yes"}, {"criminal-record", "secondment", "social-security", "limosa"}),
    # Nobody under 18 pays the contribution, so no proof is asked.
    ({"competent_region": "wallonia", "worker_is_adult": "no"}, {"-contribution"}),
    ({"competent_region": "wallonia", "worker_is_adult": "yes"}, {"criminal-record"}),
])
def test_documents(facts: Mapping[str, str], more: set[str]) -> None:
    assert {one.code for one in DOCUMENTS if one.when is None or one.when.holds(facts)} == {one for one in ALWAYS | more if not one.startswith("-") and f"-{one}" not in more}


@pytest.mark.parametrize(("code", "by", "not_seen_by"), [
    ("contract", FILERS, set()), ("organisation-chart", FILERS, {Role.WORKER}), ("signatory-identity", FILERS, {Role.WORKER}),
    ("criminal-record", {Role.WORKER}, FILERS), ("medical-certificate", {Role.WORKER}, FILERS), ("passport", {Role.WORKER}, set()),
    ("contribution", FILERS | {Role.WORKER}, set()),
])
def test_who_brings_and_who_opens(code: str, by: set[str], not_seen_by: set[str]) -> None:
    one = SINGLE_PERMIT.requirement(code)
    assert one is not None
    assert (one.by, EVERYONE - one.seen_by) == (by, not_seen_by)


def test_authorities_may_see_everything_that_is_asked() -> None:
    for one in (*SINGLE_PERMIT.documents, *SINGLE_PERMIT.pages):
        assert one.seen_by >= AUTHORITIES, one.code
        assert one.seen_by & one.by, one.code


def test_what_the_employer_must_not_read() -> None:
    assert {one.code for one in SINGLE_PERMIT.pages if not one.seen_by & FILERS} == {"register-number", "residence", "worker-contact"}


@pytest.mark.parametrize(("changes", "region", "row"), [
    ({}, "flanders", 3),
    ({"has_unit": "no", "has_office": "no"}, "flanders", 7),
    ({"workplace_postal_code": "4700", "workplace_municipality": "63023"}, "german-speaking-community", 10),
    ({"posted": "yes", "receiving_postal_code": "4000", "receiving_municipality": "62063"}, "wallonia", 6),
    ({**EQUAL, "work_pattern": "main"}, "flanders", 4),
    (EQUAL, "brussels", 5),
    # Answers left from before a change of mind do not count.
    ({**EQUAL, "work_pattern": "one"}, "flanders", 3),
    ({"receiving_postal_code": "4000", "receiving_municipality": "62063"}, "flanders", 3),
])
def test_the_competent_region_follows_from_the_answers(changes: Mapping[str, str], region: str, row: int) -> None:
    outcome = competence_of({**HERE, **changes})
    assert isinstance(outcome, Competence)
    assert (outcome.region, outcome.row) == (region, row)
    assert derive({**HERE, **changes}, DAY)["competent_region"] == region


@pytest.mark.parametrize("changes", [{"has_unit": "no"}, {"workplace_unit": ""}, {**EQUAL, "has_office": "no"}, {**EQUAL, "has_unit": "no", "has_office": "no"}])
def test_answers_that_do_not_decide_name_no_region(changes: Mapping[str, str]) -> None:
    assert isinstance(competence_of({**HERE, **changes}), AskAPerson)
    assert "competent_region" not in derive({**HERE, **changes}, DAY)


@pytest.mark.parametrize("name", ["has_office", "has_unit", "posted", "work_pattern", "workplace_postal_code"])
def test_nothing_is_said_while_an_answer_is_missing(name: str) -> None:
    assert competence_of({**HERE, name: ""}) is None
    assert derive({**HERE, name: ""}, DAY) == {"today": "2026-11-21"}


@pytest.mark.parametrize(("born", "adult"), [
    ("2008-11-21", "yes"), ("2008-11-22", "no"), ("1990-02-01", "yes"), ("2008-02-29", "yes"), ("", None),
])
def test_a_worker_is_an_adult_from_the_eighteenth_birthday(born: str, adult: str | None) -> None:
    assert derive({"birth_date": born}, DAY).get("worker_is_adult") == adult


def test_someone_born_on_a_leap_day_comes_of_age_as_everywhere_in_this_program() -> None:
    facts = derive({"birth_date": "2008-02-29"}, date(2026, 2, 28))
    assert facts["worker_is_adult"] == "yes"


def test_the_facts_are_those_that_were_announced() -> None:
    assert set(derive({**HERE, "birth_date": "1990-02-01", "category": "executive", "request_kind": "first"}, DAY)) == SINGLE_PERMIT.derived


@pytest.mark.parametrize("region", ["flanders", "brussels", "wallonia", "german-speaking-community"])
def test_every_clock_fee_and_appeal_has_its_figure_today(region: str) -> None:
    figures = Figures.at(DAY)
    for one in CLOCKS:
        assert figures.get(one.figure, region=region, category=one.category or None).unit in ("days", "working days", "months")
    for route in SINGLE_PERMIT.appeals.values():
        assert figures.get(route.figure, region=region).count == 30
    for fee in SINGLE_PERMIT.fees:
        if fee.when is None or fee.when.holds({"competent_region": region}):
            assert figures.get(fee.figure, region=region).amount


def test_milestones_are_states_of_the_life() -> None:
    for one in SINGLE_PERMIT.milestones:
        assert one.states <= SINGLE_PERMIT.life.states(), one.title


def test_a_document_and_a_category_are_one_row_each() -> None:
    """What the law adds is a row in a table: nothing else has to change."""
    added = DocumentRequirement(code="vaccination", title="Vaccination", by=FILERS, when=answer("category").is_("carer"), source="Law of tomorrow", confidence="O")
    changed = replace(SINGLE_PERMIT, documents=(*DOCUMENTS, added))
    carer = Category(code="carer", title="Carer", regions=frozenset({Region.BRUSSELS}))
    assert carer.offered().holds({"competent_region": "brussels"}) and not carer.offered().holds({"competent_region": "flanders"})
    assert changed.requirement("vaccination") is added and added.when and added.when.holds({"category": "carer"})


def test_a_figure_of_2027_changes_a_dossier_of_2027_and_no_other() -> None:
    text = '[[federal-contribution]]\nvalue = 156\nunit = "EUR"\nvalid_from = 2027-01-01\nsource = "Law of tomorrow"\nconfidence = "O"'
    rows = (*PUBLISHED, *read_rows(text))
    for day, amount in ((DAY, "152"), (date(2027, 1, 1), "156")):
        found = next(one for one in charges(SINGLE_PERMIT, {}, Figures.at(day, rows)) if one.fee.code == "federal-contribution")
        assert found.amount == Decimal(amount)
