"""Family reunification: the conditions that the finder shows, who may read what, and the way through the life."""

from datetime import date

import pytest

from frontoffice.procedures import in_force
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.shared.steps import HAND_OVER
from frontoffice.procedures.visa_d.family_article import ARTICLES, basis
from frontoffice.procedures.visa_d.family_questions import RELATIONS
from frontoffice.procedures.visa_d.family_rules import FACTS, MAY_JOIN, facts
from frontoffice.procedures.vocabulary import Role, Rule
from tests.procedures.samples.visa_d_family import ANSWERS

DAY = date(2026, 11, 23)
FAMILY = in_force("visa-d-family", DAY)
SAMPLE = {name: text for page in ANSWERS.values() for name, text in page.items()}
OFFICIALS = frozenset({Role.APPLICANT, Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE})


def rule(part: str) -> Rule:
    return next(one for one in FAMILY.rules if part in one.text)


def step(action: str) -> Step:
    return next(one for one in FAMILY.life.steps if one.action == action)


@pytest.mark.parametrize(("part", "changed", "expected"), [
    ("as the article names it", {}, True),
    ("as the article names it", {"relation": "dependent-parent"}, False),
    ("as the article names it", {"relation": ""}, None),
    ("as the article names it", {"sponsor_card": "other"}, None),
    ("as the article names it", {"sponsor_nationality": ""}, None),
    ("Both partners", {}, True),
    ("Both partners", {"birth_date": "2006-01-01"}, False),
    ("Both partners", {"sponsor_birth_date": "2006-00-00"}, False),
    ("Both partners", {"birth_date": "2005-00-00"}, True),
    ("Both partners", {"birth_date": ""}, None),
    ("Both partners", {"relation": "child"}, None),
    ("Under the old rules the person whom you join has had", {}, True),
    ("Under the old rules the person whom you join has had", {"sponsor_status_since": "2026-02-01"}, False),
    ("Under the old rules the person whom you join has had", {"sponsor_status_since": ""}, None),
    ("guaranteed average", {}, None),
])
def test_the_finder_says_no_to_nobody_without_knowing(part: str, changed: dict[str, str], expected: bool | None) -> None:
    met = rule(part).met
    assert met
    assert met({**SAMPLE, **changed}, DAY) is expected


def test_an_income_is_enough_only_against_an_amount_that_is_in_force() -> None:
    met = rule("living wage with family").met
    assert met
    in_2025 = date(2025, 12, 1)
    assert met(SAMPLE, in_2025) is True
    assert met(SAMPLE, DAY) is None
    assert met({**SAMPLE, "sponsor_net_income": "2131.27"}, in_2025) is None


@pytest.mark.parametrize(("known", "shown", "hidden"), [
    ({}, {"old rules %(count)s per cent", "new rules %(count)s per cent", "old rules the person", "new rules the person"}, set()),
    ({"family_rules": "old"}, {"old rules %(count)s per cent", "old rules the person"}, {"new rules %(count)s per cent", "new rules the person"}),
    ({"family_rules": "new"}, {"new rules %(count)s per cent", "new rules the person"}, {"old rules %(count)s per cent", "old rules the person"}),
    ({"family_article": "40bis"}, {"or it is dependent"}, {"old rules %(count)s per cent", "a home that is large enough", "new rules the person"}),
])
def test_only_the_rules_that_may_count_are_shown(known: dict[str, str], shown: set[str], hidden: set[str]) -> None:
    texts = " ".join(one.text for one in FAMILY.rules if one.when is None or one.when.holds(known))
    assert [part for part in shown if part not in texts] == []
    assert [part for part in hidden if part in texts] == []


@pytest.mark.parametrize("answers", [{}, {"sponsor_nationality": "BEL"}, {"sponsor_nationality": "MAR", "sponsor_card": ""}, {"relation": "spouse"}])
def test_nothing_is_said_of_answers_that_are_not_there(answers: dict[str, str]) -> None:
    assert basis(answers) is None
    assert facts(answers, DAY).keys() <= FACTS
    assert "family_article" not in facts(answers, DAY)
    assert [one for one in FAMILY.remarks(answers, DAY) if one.doubtful] == []


def test_every_relation_that_can_be_chosen_has_its_articles() -> None:
    assert {code for code, _label, _hint in RELATIONS} == MAY_JOIN.keys() | {"not-yet"}
    named = {one.article for _condition, one in ARTICLES}
    assert set().union(*MAY_JOIN.values()) == named - {"unknown"}
    assert [one.row for _condition, one in ARTICLES] == list(range(1, len(ARTICLES) + 1))


@pytest.mark.parametrize("code", ["history", "care", "means", "housing", "contribution"])
def test_the_municipality_does_not_read_what_is_delicate(code: str) -> None:
    page = FAMILY.page(code)
    assert page
    assert page.seen_by == OFFICIALS


@pytest.mark.parametrize("code", ["income", "housing", "health-insurance", "disability", "dependence", "care", "relation-proof", "protection-decision"])
def test_the_papers_of_the_sponsor_stay_with_the_examiners(code: str) -> None:
    found = FAMILY.requirement(code)
    assert found
    assert found.seen_by == OFFICIALS


def test_the_prosecutor_is_asked_by_the_immigration_office_alone_and_stops_no_clock() -> None:
    for action in ("ask-prosecutor", "record-prosecutor-advice", "grant", "refuse"):
        assert step(action).by == {Role.IMMIGRATION_OFFICE}
        assert HAND_OVER not in step(action).then
    for clock in FAMILY.clocks:
        if clock.code.startswith("decision"):
            assert clock.starts == {"issue-annex-15quinquies"}
            assert not clock.paused_in


@pytest.mark.parametrize("action", ["refuse", "declare-inadmissible"])
def test_a_refusal_is_appealed_at_the_council(action: str) -> None:
    assert FAMILY.appeals[action].figure == "appeal-call-period"
