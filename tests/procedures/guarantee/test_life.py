"""The lives of the two commitments: who takes which step, what leads where, and what a guarantor never learns."""

import pytest

from frontoffice.procedures.guarantee.life import GROUNDS, LEGALISATION
from frontoffice.procedures.guarantee.questions import SEEN_BY
from frontoffice.procedures.guarantee.short_stay import GUARANTEE_SHORT_STAY
from frontoffice.procedures.guarantee.study import GUARANTEE_STUDY
from frontoffice.procedures.shared.steps import HAND_OVER, TELL
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure, Role

BOTH = [GUARANTEE_SHORT_STAY, GUARANTEE_STUDY]
TOWN, POST, OFFICE, GUARANTOR = Role.MUNICIPALITY, Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE, Role.GUARANTOR


def actions(procedure: Procedure, state: str, role: str) -> set[str]:
    return {step.action for step in procedure.life.available({state}, {role})}


@pytest.mark.parametrize(
    ("state", "role", "expected"),
    [
        ("draft", GUARANTOR, {"submit", "discard", "withdraw"}), ("to-legalise", GUARANTOR, {"add-documents", "take-back", "withdraw"}),
        ("complement", GUARANTOR, {"add-documents", "complete", "withdraw"}),
        ("to-legalise", TOWN, {"ask-documents", "legalise", "legalise-for-office", "refuse-legalisation"}), ("complement", TOWN, {"refuse-legalisation"}),
        ("to-legalise", POST, set()), ("to-legalise", OFFICE, set()), ("legalised", GUARANTOR, {"add-documents"}),
        ("legalised", POST, {"accept", "refuse-commitment", "send-to-office", "record-replacement"}), ("legalised", OFFICE, {"record-replacement"}),
        ("legalised", TOWN, {"send-to-office", "record-expiry", "record-replacement"}), ("office-exam", POST, {"record-replacement"}),
        ("office-exam", OFFICE, {"accept", "refuse-commitment", "ask-stay-documents", "record-replacement"}), ("stay-complement", GUARANTOR, {"add-documents", "complete-stay"}),
        ("accepted", GUARANTOR, set()), ("accepted", TOWN, {"record-entry", "record-expiry", "record-replacement"}),
        ("used", GUARANTOR, set()), ("used", OFFICE, {"record-end", "record-replacement"}), ("replaced", TOWN, set()), ("commitment-refused", OFFICE, set()),
    ],
)
def test_who_may_do_what_with_annex_3bis(state: str, role: str, expected: set[str]) -> None:
    assert actions(GUARANTEE_SHORT_STAY, state, role) == expected


def test_annex_32_is_also_legalised_by_a_post_and_accepted_by_a_municipality() -> None:
    assert actions(GUARANTEE_STUDY, "to-legalise", POST) == {"ask-documents", "legalise", "refuse-legalisation"}
    assert "accept" in actions(GUARANTEE_STUDY, "legalised", TOWN)
    [step] = [one for one in GUARANTEE_STUDY.life.available({"to-legalise"}, {POST}) if one.action == "legalise"]
    assert [one.name for one in step.evidence] == ["legalised_on", "sufficient_solvency"]


def test_once_legalised_a_guarantor_cannot_take_it_back() -> None:
    for procedure in BOTH:
        for state in ("legalised", "office-exam", "accepted", "used"):
            assert not actions(procedure, state, GUARANTOR) - {"add-documents"}


@pytest.mark.parametrize("procedure", BOTH, ids=lambda one: one.code)
def test_authorities_that_act_through_the_backbone_are_not_sent_their_own_acts(procedure: Procedure) -> None:
    for step in procedure.life.steps:
        if step.by <= {OFFICE, POST}:
            assert step.then == (TELL,), step.action
        elif step.action != "discard":
            assert step.then == (HAND_OVER, TELL), step.action


@pytest.mark.parametrize("procedure", BOTH, ids=lambda one: one.code)
def test_only_the_guarantor_and_the_authorities_see_anything(procedure: Procedure) -> None:
    assert {Role.APPLICANT, Role.WORKER, Role.EMPLOYER, Role.REGION}.isdisjoint(SEEN_BY)
    assert AUTHORITIES | {Role.GUARANTOR} >= SEEN_BY
    assert all(page.seen_by == SEEN_BY and page.by == {GUARANTOR} for page in procedure.pages)
    assert all(one.seen_by == SEEN_BY for one in procedure.documents)
    assert {role for fact in procedure.key_facts for role in fact.roles} <= AUTHORITIES


@pytest.mark.parametrize("procedure", BOTH, ids=lambda one: one.code)
def test_t22_no_step_tells_the_guarantor_about_the_visa(procedure: Procedure) -> None:
    said = {one.name for step in procedure.life.steps for one in step.evidence}
    assert not {name for name in said if "visa" in name}
    for step in procedure.life.steps:
        if step.action == "refuse-commitment":
            assert [one.name for one in step.evidence] == ["decision_date", "ground"]
    assert {code for code, _label, _hint in GROUNDS} == {"income", "residence-right", "commitments", "incomplete", "other"}
    assert not any("visa" in action for action in procedure.life.actions())


def test_g8_a_legalisation_says_who_when_and_how() -> None:
    assert {"legalised_on", "identity_seen", "proofs_seen", "officer", "seal"} <= {one.name for one in LEGALISATION if not one.optional}


@pytest.mark.parametrize("procedure", BOTH, ids=lambda one: one.code)
def test_the_ways_let_in_the_authority_that_decides(procedure: Procedure) -> None:
    lets_in = {(step.action, step.lets_in) for step in procedure.life.steps if step.lets_in}
    assert lets_in == {("legalise", POST), ("legalise-for-office", OFFICE), ("send-to-office", OFFICE)}
