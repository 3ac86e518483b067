"""The timeline as each reader may see it, whose turn it is, and where to appeal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.dossiers.track import Track, asked_document, evidence_text, track
from frontoffice.forms.fields import Choices, Countries, Field, LongText
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.visa_c.definition import VISA_C
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.opened import BEGUN, NOON, a_dossier, happened, participant

ADMITTED = (*BEGUN, ("admit", "2026-11-04T10:00"))
TO_VISA = (*ADMITTED, ("grant-work", "2026-11-05T10:00"), ("grant", "2026-11-06T10:00"), ("request-visa", "2026-11-09T10:00"))
ARRIVED = (*TO_VISA, ("issue-visa", "2026-11-10T10:00"), (
    "announce-arrival", "2026-11-16T10:00",
    {"arrived_on": "2026-11-15", "street": "Meir 1", "postal_code": "2000", "municipality": "11002"}))
PEOPLE = [participant(Role.EMPLOYER, "Havenlogistiek"), participant(Role.WORKER, "Rajesh Kumar"), participant(Role.REGION, "Flanders, Economic Migration", code="flanders")]


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with stopped_at(NOON):
        yield


def told(*actions: object, roles: tuple[str, ...] = (Role.EMPLOYER,), region: str = "flanders", **more: object) -> tuple[Track, OpenDossier, list[HappenedEvent]]:
    events = happened(*actions, **more)  # type: ignore[arg-type]
    position = SINGLE_PERMIT.life.start
    for event in events:
        position = (position - set(event.takes)) | set(event.gives)
        position = frozenset(set(event.gives) & SINGLE_PERMIT.life.final or position)
    dossier = a_dossier(*position, roles=roles, participants=PEOPLE, region=region)
    return track(dossier, events), dossier, events


@pytest.mark.parametrize("role", [Role.EMPLOYER, Role.MANDATARY])
def test_the_employer_reads_that_the_worker_arrived_but_not_where(role: str) -> None:
    found, _dossier, _events = told(*ARRIVED, roles=(role,))
    line = next(one for one in found.lines if one.title == "Arrival announced")
    assert line.details == []


@pytest.mark.parametrize("role", [Role.WORKER, Role.MUNICIPALITY, Role.REGION, Role.IMMIGRATION_OFFICE])
def test_the_worker_and_authorities_read_the_address(role: str) -> None:
    found, _dossier, _events = told(*ARRIVED, roles=(role,))
    line = next(one for one in found.lines if one.title == "Arrival announced")
    assert ("Street and number", "Meir 1") in line.details


@pytest.mark.parametrize("role", [Role.EMPLOYER, Role.WORKER, Role.REGION])
def test_officials_are_not_named_and_applicants_are(role: str) -> None:
    found, _dossier, _events = told(*ADMITTED, roles=(role,), party="Some party", person="Els Peeters")
    people = {one.title: one.person for one in found.lines if one.state == "done"}
    assert people["Filed"] == "Els Peeters"
    assert people["Taken up by the Region"] == people["Declared admissible"] == ""


def test_the_order_of_what_was_is_and_comes() -> None:
    found, _dossier, _events = told(*ADMITTED)
    assert [one.state for one in found.lines] == ["done"] * 4 + ["now"] + ["to-come"] * 5
    assert [one.title for one in found.lines][4:6] == ["Decision on work", "Decision on residence"]
    assert found.lines[4].who == "Flanders, Economic Migration"


def test_what_runs_now_is_not_told_twice() -> None:
    dossier = a_dossier(*(VISA_C.life.start - {"draft"} | {"filed"}), roles=(Role.APPLICANT,), procedure=VISA_C)
    titles = [one.title for one in track(dossier, []).lines]
    assert titles[0] == "Appointment" and len(titles) == len(set(titles))


def test_opening_the_workers_part_again_is_no_news() -> None:
    actions = (BEGUN[0], ("reopen-worker-part", "2026-11-02T09:05"), ("declare-consent", "2026-11-02T09:10"), *BEGUN[1:])
    found, _dossier, events = told(*actions)
    assert len(events) == 5
    assert len([one for one in found.lines if one.state == "done"]) == 4


@pytest.mark.parametrize(("actions", "role", "mine", "who"), [
    (BEGUN, Role.REGION, True, ["Flanders, Economic Migration"]), (BEGUN, Role.EMPLOYER, False, ["Flanders, Economic Migration"]),
    ((*BEGUN, ("ask-documents", "2026-11-04T10:00")), Role.EMPLOYER, True, ["Employer", "Worker"]),
    ((*BEGUN, ("ask-documents", "2026-11-04T10:00")), Role.WORKER, True, ["Employer", "Worker"]),
    ((*BEGUN, ("ask-documents", "2026-11-04T10:00")), Role.REGION, False, ["Employer", "Worker"]),
    (TO_VISA, Role.WORKER, False, ["Embassy or consulate"]),
    ((*TO_VISA, ("issue-visa", "2026-11-10T10:00")), Role.WORKER, True, ["Worker"]),
    ((*BEGUN, ("withdraw", "2026-11-04T10:00")), Role.EMPLOYER, False, []),
])
def test_whose_turn_it_is(actions: tuple[tuple[str, str], ...], role: str, mine: bool, who: list[str]) -> None:
    found, _dossier, _events = told(*actions, roles=(role,))
    assert (found.turn.mine, list(found.turn.who)) == (mine, who)


@pytest.mark.parametrize(("actions", "region", "body", "last_day", "confidence"), [
    ((*ADMITTED, ("refuse-work", "2026-11-06T10:00")), "brussels", "minister", date(2026, 12, 7), "O"),
    ((*ADMITTED, ("refuse-work", "2026-11-06T10:00")), "flanders", "minister", date(2026, 12, 7), "U"),
    ((*BEGUN, ("declare-inadmissible", "2026-11-04T10:00")), "wallonia", "minister", date(2026, 12, 4), "U"),
    ((*ADMITTED, ("refuse-stay", "2026-11-05T23:30")), "brussels", "Council for Alien Law", date(2026, 12, 7), "O"),
    ((*TO_VISA, ("refuse-visa", "2026-11-10T10:00")), "flanders", "Council for Alien Law", date(2026, 12, 10), "O"),
])
def test_where_to_appeal_and_how_sure_that_is(actions: tuple[tuple[str, str], ...], region: str, body: str, last_day: date, confidence: str) -> None:
    found, _dossier, events = told(*actions, region=region)
    assert found.refusal is events[-1]
    assert found.appeal is not None and found.appeal.figure is not None
    assert body in found.appeal.body
    assert (found.appeal.last_day, found.appeal.figure.confidence) == (last_day, confidence)
    if confidence == "U":
        assert "not confirmed" in found.appeal.figure.note
    assert found.turn.ended and not found.clocks and not found.steps
    assert [one.state for one in found.lines][-1] == "refused"


def test_nobody_appeals_against_the_own_withdrawal() -> None:
    found, _dossier, _events = told(*BEGUN, ("withdraw", "2026-11-04T10:00"))
    assert found.refusal is not None and found.appeal is None


ASK = ("ask-documents", "2026-11-04T10:00", {"document": "diploma", "request": "With a translation"})


def test_the_document_asked_for_last() -> None:
    found, dossier, _events = told(*BEGUN, ASK)
    assert asked_document(dossier, found) == Message("Diploma")
    assert found.asked is not None and found.asked.evidence["request"] == "With a translation"
    assert found.turn.clock is not None and found.turn.clock.last_day == date(2026, 11, 19)
    found, dossier, _events = told(*BEGUN, ASK, ("complete", "2026-11-05T10:00"))
    assert found.asked is None and asked_document(dossier, found) == ""


@pytest.mark.parametrize(("field", "value", "expected"), [
    (Choices(name="a", label="", choices=(("one", "One", ""), ("two", "Two", ""))), ["one", "two"], "one two"),
    (Countries(name="a", label=""), ["BEL", "FRA"], "BEL FRA"), (LongText(name="a", label=""), ["No proof", "Too late"], "No proof, Too late"),
    (LongText(name="a", label=""), "No proof", "No proof"),
])
def test_lists_of_the_backbone_become_what_their_question_reads(field: Field, value: object, expected: str) -> None:
    assert evidence_text(field, value) == expected


def test_buttons_come_from_the_readers_own_roles() -> None:
    found, dossier, events = told(*BEGUN, ASK)
    assert [one.action for one in found.steps] == ["complete", "withdraw"]
    assert [one.action for one in track(replace(dossier, roles=frozenset({Role.WORKER})), events).steps] == ["complete"]
    assert track(replace(dossier, roles=frozenset()), events).steps == []


@pytest.mark.parametrize(("actions", "role", "to_do", "others"), [
    (TO_VISA[:-1], Role.WORKER, ["Ask for the visa D at the Belgian embassy"], []),
    (TO_VISA[:-1], Role.EMPLOYER, [], ["The worker asks for the visa D"]),
    (ARRIVED, Role.WORKER, ["Report in person to your municipality within"], ["No appointment", "The work may start on annex 46", "Put your name on the bell"]),
    (ARRIVED, Role.EMPLOYER, [], ["The work may start on annex 46"]),
    (ARRIVED, Role.MUNICIPALITY, [], []),
])
def test_what_each_must_do_or_know_outside_the_portal(actions: tuple[tuple[str, str], ...], role: str, to_do: list[str], others: list[str]) -> None:
    found, _dossier, _events = told(*actions, roles=(role,))
    for wanted, advice in ((to_do, [one for one in found.advice if one.to_do]), (others, [one for one in found.advice if not one.to_do])):
        assert len(advice) == len(wanted) and all(one.message.text.startswith(start) for one, start in zip(advice, wanted, strict=True))
    assert all(one.source and one.confidence in "OPCU" for one in found.advice)
    assert found.turn.mine or not to_do


@pytest.mark.parametrize(("actions", "main"), [
    (BEGUN[:-1], "take-up"), (BEGUN, "admit"), (ADMITTED, "grant-work"), ((*BEGUN, ("ask-documents", "2026-11-04T10:00")), None),
])
def test_the_page_offers_the_step_that_leads_on_first(actions: tuple[tuple[str, str], ...], main: str | None) -> None:
    found, _dossier, _events = told(*actions, roles=(Role.REGION,))
    assert (found.main.action if found.main else None) == main
