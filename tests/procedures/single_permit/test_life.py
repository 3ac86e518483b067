"""The life of a single permit: every state can be reached, every position comes to an end, each role has its own steps."""

from collections import deque

import pytest

from frontoffice.procedures.lifecycle import Position, Step
from frontoffice.procedures.shared.steps import HAND_OVER, TELL
from frontoffice.procedures.single_permit.definition import APPEALS, DOCUMENTS
from frontoffice.procedures.single_permit.documents import ASKED
from frontoffice.procedures.single_permit.life import LIFE
from frontoffice.procedures.vocabulary import AUTHORITIES, FILERS, Role


def walk() -> dict[Position, list[tuple[Step, Position]]]:
    """Every position that can be reached, with the steps that lead on from it."""
    found: dict[Position, list[tuple[Step, Position]]] = {}
    waiting = deque([LIFE.start])
    while waiting:
        here = waiting.popleft()
        if here not in found:
            found[here] = [(step, LIFE.after(here, step)) for step in LIFE.open_steps(here)]
            waiting.extend(after for _step, after in found[here])
    return found


WALKED = walk()
ENDS = {here for here in WALKED if here & LIFE.final}


def at(*states: str) -> Position:
    return frozenset(states)


def test_every_state_is_reached_and_every_step_can_be_taken() -> None:
    assert frozenset().union(*WALKED) == LIFE.states()
    assert {id(step) for onward in WALKED.values() for step, _after in onward} == {id(step) for step in LIFE.steps}


def test_every_position_reaches_an_end() -> None:
    ending = set(ENDS)
    while more := {here for here, onward in WALKED.items() if here not in ending and any(after in ending for _step, after in onward)}:
        ending |= more
    assert ending == set(WALKED)
    assert {state for here in ENDS for state in here} == LIFE.final


def test_an_end_is_alone_and_leads_nowhere() -> None:
    assert all(len(here) == 1 and not WALKED[here] for here in ENDS)
    assert all(WALKED[here] for here in set(WALKED) - ENDS)


def test_the_positions_are_those_we_know() -> None:
    between = {"filed", "checking", "complement", "granted", "visa-requested", "visa-issued", "arrived", "registered", "card-ordered"}
    assert set(WALKED) - ENDS == {
        *(at(one) for one in between), at("draft", "worker-part"), at("draft", "worker-confirmed"),
        at("work-exam", "stay-exam"), at("work-exam", "stay-complement"), at("work-granted", "stay-exam"), at("work-granted", "stay-complement"),
        at("annex-49", "address-check"), at("annex-49", "address-confirmed"),
    }


# A draft that was filed before is withdrawn, one that never was is discarded: the number decides, which a position does not know.
WHO_MAY = {
    "draft worker-part": {
        Role.EMPLOYER: "declare-consent discard withdraw", Role.MANDATARY: "declare-consent discard withdraw", Role.WORKER: "confirm-worker-part"},
    "draft worker-confirmed": {
        Role.EMPLOYER: "discard reopen-worker-part submit withdraw", Role.MANDATARY: "discard reopen-worker-part submit withdraw",
        Role.WORKER: "reopen-worker-part"},
    "filed": {Role.EMPLOYER: "add take-back withdraw", Role.MANDATARY: "add take-back withdraw", Role.REGION: "pass-on take-up", Role.WORKER: "add"},
    "checking": {
        Role.EMPLOYER: "add withdraw", Role.MANDATARY: "add withdraw", Role.REGION: "admit ask-documents declare-inadmissible pass-on", Role.WORKER: "add"},
    "complement": {
        Role.EMPLOYER: "add complete withdraw", Role.MANDATARY: "add complete withdraw", Role.WORKER: "add complete", Role.REGION: "declare-inadmissible pass-on"},
    "work-exam stay-exam": {
        Role.EMPLOYER: "add withdraw", Role.MANDATARY: "add withdraw", Role.REGION: "grant-work pass-on refuse-work", Role.WORKER: "add",
        Role.IMMIGRATION_OFFICE: "ask-stay-documents refuse-stay"},
    "work-exam stay-complement": {
        Role.EMPLOYER: "add complete-stay withdraw", Role.MANDATARY: "add complete-stay withdraw", Role.WORKER: "add complete-stay",
        Role.REGION: "grant-work pass-on refuse-work"},
    "work-granted stay-exam": {
        Role.EMPLOYER: "add withdraw", Role.MANDATARY: "add withdraw", Role.IMMIGRATION_OFFICE: "ask-stay-documents certify-silence grant refuse-stay",
        Role.WORKER: "add report-address", Role.MUNICIPALITY: "issue-annex-49"},
    "work-granted stay-complement": {
        Role.EMPLOYER: "add complete-stay withdraw", Role.MANDATARY: "add complete-stay withdraw", Role.WORKER: "add complete-stay report-address",
        Role.MUNICIPALITY: "issue-annex-49"},
    "granted": {Role.DIPLOMATIC_POST: "request-visa", Role.WORKER: "report-address"},
    "visa-requested": {Role.DIPLOMATIC_POST: "issue-visa refuse-visa"},
    "visa-issued": {Role.WORKER: "announce-arrival"},
    "arrived": {Role.MUNICIPALITY: "register"},
    "registered": {Role.MUNICIPALITY: "issue-annex-49"},
    "annex-49 address-check": {Role.MUNICIPALITY: "record-address-check record-failed-check"},
    "annex-49 address-confirmed": {Role.MUNICIPALITY: "order-card"},
    "card-ordered": {Role.MUNICIPALITY: "deliver-card"},
}


@pytest.mark.parametrize("position", sorted(WHO_MAY))
@pytest.mark.parametrize("role", sorted(FILERS | AUTHORITIES | {Role.WORKER}))
def test_who_may_do_what_where(position: str, role: str) -> None:
    found = {step.action.replace("add-documents", "add") for step in LIFE.available(position.split(), {role})}
    assert found == set(WHO_MAY[position].get(role, "").split())


def test_the_table_is_whole() -> None:
    assert {frozenset(one.split()) for one in WHO_MAY} == set(WALKED) - ENDS


@pytest.mark.parametrize(("way", "end"), [
    # From abroad through the embassy; in Belgium without a visa, for a renewal with annex 49 before the stay is decided.
    ("admit grant-work grant request-visa issue-visa announce-arrival register issue-annex-49 record-address-check order-card deliver-card", "card-issued"),
    ("admit grant-work grant report-address register issue-annex-49 record-address-check order-card deliver-card", "card-issued"),
    ("admit grant-work report-address issue-annex-49 grant report-address register issue-annex-49 record-address-check order-card deliver-card", "card-issued"),
])
def test_both_ways_end_with_the_card(way: str, end: str) -> None:
    here = at("checking")
    for action in way.split():
        [taken] = [one for one in LIFE.open_steps(here) if one.action == action]
        here = LIFE.after(here, taken)
    assert here == at(end)


def test_authorities_and_filers_never_hold_the_same_step() -> None:
    for step in LIFE.steps:
        assert not (step.by & AUTHORITIES and step.by & (FILERS | {Role.WORKER})), step.action
        assert len(step.by & AUTHORITIES) <= 1, step.action


def test_a_step_has_one_past_one_label_and_the_same_askers_everywhere() -> None:
    for action in LIFE.actions():
        rows = [step for step in LIFE.steps if step.action == action]
        assert len({(one.past, one.label, one.done, one.by, one.then, one.refusing) for one in rows}) == 1, action


def test_jobs_are_the_two_that_exist() -> None:
    assert {job for step in LIFE.steps for job in step.then} == {HAND_OVER, TELL}
    told = {step.action for step in LIFE.steps if TELL in step.then}
    assert {step.action for step in LIFE.steps if step.by & AUTHORITIES} <= told


def test_every_refusal_by_an_authority_gives_reasons_and_names_an_appeal() -> None:
    refusals = {step.action for step in LIFE.steps if step.refusing and step.by & AUTHORITIES}
    assert refusals == set(APPEALS)
    for step in LIFE.steps:
        if step.action in refusals:
            assert [(one.name, one.optional) for one in step.evidence] == [("reasons", False)], step.action


def test_what_can_be_asked_for_is_what_can_be_brought() -> None:
    known = {one.code: one.title for one in DOCUMENTS}
    assert {code: title for code, title, _hint in ASKED if code in known} == {code: title for code, title, _hint in ASKED}
    assert all(known[code] == title for code, title, _hint in ASKED)


def test_whose_turn_it_is_is_somebody_who_can_act() -> None:
    for here, onward in WALKED.items():
        turn = LIFE.headline(here).turn
        able = frozenset().union(*(step.by for step, _after in onward)) if onward else frozenset()
        assert turn <= able, sorted(here)
        assert bool(turn) is bool(onward), sorted(here)
