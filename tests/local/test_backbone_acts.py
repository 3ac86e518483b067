"""What the stand-in sends to the portal: signed, in order or on purpose not, and until it is answered."""

import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from frontoffice.backbone import contract
from frontoffice.backbone.composition import compose
from frontoffice.backbone.envelope import MESSAGE_TYP
from frontoffice.kernel.time import stopped_at
from frontoffice.kernel.tokens import sign
from frontoffice.local.backbone_behaviour import Behaviour
from frontoffice.local.backbone_contract import WORDS
from frontoffice.local.backbone_lives import FEDERAL
from frontoffice.procedures import in_force
from tests.backbone.sampled import DOSSIERS, NOON, happened, open_dossier
from tests.peers import Backbone, a_backbone, a_portal, an_attachment, an_outgoing, events_about, filed, wait_for


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
def backbone(running: Backbone) -> Backbone:
    running.behave()
    running.portal.answers.clear()
    return running


def test_an_act_reaches_the_portal_signed_and_its_answer_is_in_the_books(backbone: Backbone) -> None:
    number = filed(backbone)
    evidence = {"annex": "46", "decision_date": "2026-12-01", "valid_until": "2028-11-30"}
    sent = backbone.act(number, "immigration-office", "grant", evidence=evidence).json()
    assert (sent["state"], sent["answers"][-1]["status"]) == ("accepted", 202)
    (event,) = events_about(backbone, number)
    assert (event["authority"], event["action"], event["evidence"], event["seq"]) == (
        "immigration-office",
        "grant",
        evidence,
        1,
    )


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"dossier": "SP-2026-0000000-Z"}, 404),
        ({"action": "grant-work"}, 400),
        ({"authority": "admin"}, 400),
        ({"evidence": {"annex": "46"}}, 400),
        ({"evidence": {"annex": "46", "decision_date": "2026-12-01", "valid_until": "2028-11-30", "html": "<b>"}}, 400),
        ({"action": "accept"}, 400),
        ({"extra": 1}, 400),
    ],
)
def test_an_act_off_the_contract_is_not_sent(backbone: Backbone, order: dict[str, Any], status: int) -> None:
    number = filed(backbone)
    whole = {"dossier": number, "authority": "immigration-office", "action": "grant", **order}
    assert httpx.post(f"{backbone.address}/acts", json=whole, timeout=60).status_code == status
    assert events_about(backbone, number) == []


def test_a_portal_that_is_away_delays_an_act(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.portal.answers[:] = [503]
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "waiting"
    first, second = wait_for(2, lambda: events_about(backbone, number))
    assert first == second


def test_what_the_portal_refuses_for_good_is_not_sent_again(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.portal.answers[:] = [403]
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "refused"
    time.sleep(0.8)
    assert len(events_about(backbone, number)) == 1


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({}, [(1, "ask-stay-documents", "immigration-office"), (2, "grant", "immigration-office")]),
        (
            {"send_twice": True},
            [
                (1, "ask-stay-documents", "immigration-office"),
                (1, "ask-stay-documents", "immigration-office"),
                (2, "grant", "immigration-office"),
                (2, "grant", "immigration-office"),
            ],
        ),
        (
            {"answer_twice": True},
            [
                (1, "ask-stay-documents", "immigration-office"),
                (2, "ask-stay-documents", "immigration-office"),
                (3, "grant", "immigration-office"),
                (4, "grant", "immigration-office"),
            ],
        ),
        (
            {"send_out_of_order": True},
            [(2, "grant", "immigration-office"), (1, "ask-stay-documents", "immigration-office")],
        ),
        (
            {"post_from_other_authority": True},
            [(1, "ask-stay-documents", "diplomatic-post"), (2, "grant", "diplomatic-post")],
        ),
    ],
    ids=["well", "send_twice", "answer_twice", "out_of_order", "other_authority"],
)
def test_acts_arrive_as_told(backbone: Backbone, behaviour: dict[str, bool], expected: list[Any]) -> None:
    number = filed(backbone)
    backbone.behave(**behaviour)
    for action in ("ask-stay-documents", "grant"):
        assert backbone.act(number, "immigration-office", action).status_code == 202
    found = wait_for(len(expected), lambda: events_about(backbone, number))
    assert [(one["seq"], one["action"], one["authority"]) for one in found] == expected


def test_an_act_that_is_held_back_goes_out_when_order_returns(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.behave(send_out_of_order=True)
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "held"
    backbone.behave()
    assert len(wait_for(1, lambda: events_about(backbone, number))) == 1


def test_decisions_can_follow_by_themselves(backbone: Backbone) -> None:
    refusal = {
        "action": "refuse-visa",
        "evidence": {"decision_date": "2026-12-24", "reasons": ["Het paspoort is vals."]},
    }
    backbone.behave(automatic={"after": "grant-work", "do": ["grant", "request-visa", refusal]})
    number = filed(backbone, action="grant-work", by="region", position=("work-granted", "stay-exam"),
                   evidence={"valid_from": "2027-03-01", "valid_until": "2030-02-28"})
    found = wait_for(3, lambda: events_about(backbone, number))
    assert [(one["seq"], one["action"]) for one in found] == [(1, "grant"), (2, "request-visa"), (3, "refuse-visa")]
    assert found[2]["evidence"] == refusal["evidence"]


def of_procedure(code: str) -> dict[str, Any]:
    """What a message about the sample dossier of a procedure tells, at filing."""
    procedure = in_force(code, NOON.date())
    with stopped_at(NOON):
        dossier = open_dossier(procedure, DOSSIERS[code])
        (event,) = history = happened(procedure)
        outgoing = compose(dossier, history, event.id)
    return {name: getattr(outgoing, name) for name in (
        "number", "procedure", "edition", "action", "by", "position", "authority", "employer", "employment", "person", "answers", "documents", "evidence")}


def open_acts(backbone: Backbone, number: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = httpx.get(f"{backbone.address}/acts/{number}", timeout=60).raise_for_status().json()
    return {(one["authority"], one["action"]): one["evidence"] for one in found}


@pytest.mark.parametrize("code", DOSSIERS)
def test_every_procedure_can_be_handed_over_and_led_on_by_its_authorities(backbone: Backbone, code: str) -> None:
    number = filed(backbone, **of_procedure(code))
    known = backbone.dossier(number)
    assert known["procedure"] == code and set(known["position"]) >= in_force(code, NOON.date()).life.filing.gives
    done = []
    while (acts := {pair: told for pair, told in open_acts(backbone, number).items() if pair[1] not in WORDS}) and len(done) < 5:
        authority, action = next((pair for pair in acts if "refuse" not in pair[1] and "inadmissible" not in pair[1]), next(iter(acts)))
        assert backbone.act(number, authority, action).json()["state"] == "accepted"
        done.append((action, authority, acts[(authority, action)]))
    events = events_about(backbone, number)
    assert [(one["action"], one["authority"], one["evidence"]) for one in events] == done
    edition = in_force(code, NOON.date()).edition
    assert [contract.evidence_violations(code, edition, one["action"], one["evidence"]) for one in events] == [[] for _ in events]


def test_what_can_be_done_follows_what_was_done(backbone: Backbone) -> None:
    number = filed(backbone, **of_procedure("visa-d-study"))
    assert ("diplomatic-post", "take-up") in open_acts(backbone, number)
    for action in ("take-up", "admit", "grant"):
        assert backbone.act(number, "", action).status_code == 202
    words = {("diplomatic-post", action) for action in contract.ABOUT_DOCUMENTS}
    words |= {("diplomatic-post", word) for word in contract.ABOUT_MESSAGES}
    assert set(open_acts(backbone, number)) == {("diplomatic-post", "issue-visa")} | words
    assert backbone.dossier(number)["position"] == ["granted"]
    assert [one["authority"] for one in events_about(backbone, number)] == ["diplomatic-post", "diplomatic-post", "immigration-office"]


def test_a_word_about_documents_names_those_of_the_last_message(backbone: Backbone) -> None:
    passport, diploma = an_attachment(b"passport"), an_attachment(b"diploma", "diploma")
    number = filed(backbone, position=("work-granted", "stay-exam"), documents=(passport, diploma))
    assert backbone.act(number, "immigration-office", "documents-taken-over").json()["state"] == "accepted"
    told = {"document": {"id": str(diploma.id), "sha256": diploma.sha256}, "reason": "Not legalised."}
    assert backbone.act(number, "immigration-office", "document-not-taken", evidence=told).json()["state"] == "accepted"
    form = {"dossier": number, "action": "document-not-taken", "authority": "immigration-office", "document": str(passport.id), "reason": " Page 3. "}
    assert httpx.post(f"{backbone.address}/desk/acts", data=form, timeout=60).status_code == 303
    assert [one["evidence"] for one in events_about(backbone, number)] == [
        {"documents": [{"id": str(one.id), "sha256": one.sha256} for one in (passport, diploma)]}, told,
        {"document": {"id": str(passport.id), "sha256": passport.sha256}, "reason": "Page 3."},
    ]
    # Where the dossier stands is not moved by it.
    assert sorted(backbone.dossier(number)["position"]) == ["stay-exam", "work-granted"]


@pytest.mark.parametrize("evidence", [{}, {"document": "diploma", "reason": "x"}, {"document": {"id": "1", "sha256": "0" * 64}, "reason": "x"}])
def test_a_word_about_documents_off_the_contract_is_not_sent(backbone: Backbone, evidence: dict[str, Any]) -> None:
    number = filed(backbone, position=("work-granted", "stay-exam"), documents=(an_attachment(b"x"),))
    assert backbone.act(number, "immigration-office", "document-not-taken", evidence=evidence).status_code == 400
    assert httpx.post(f"{backbone.address}/desk/acts", data={"dossier": number, "action": "document-not-taken", "document": "x"}, timeout=60).status_code == 400
    assert events_about(backbone, number) == []


def test_without_documents_there_is_no_word_about_them(backbone: Backbone) -> None:
    assert backbone.act(filed(backbone), "immigration-office", "documents-taken-over").status_code == 400


def test_an_act_that_both_may_do_names_the_authority(backbone: Backbone) -> None:
    number = filed(backbone, **{**of_procedure("guarantee-short-stay"), "position": ("accepted",)})
    order = {"dossier": number, "action": "record-replacement"}
    assert {authority for authority, action in open_acts(backbone, number) if action == "record-replacement"} == set(FEDERAL)
    refused = httpx.post(f"{backbone.address}/acts", json=order, timeout=60)
    assert (refused.status_code, refused.json()["issues"][0]["detail"]) == (400, "$.authority: required")
    sent = httpx.post(f"{backbone.address}/acts", json={**order, "authority": "diplomatic-post"}, timeout=60)
    assert sent.status_code == 202
    (event,) = events_about(backbone, number)
    assert event["authority"] == "diplomatic-post"


def test_what_follows_by_itself_leaves_out_what_a_procedure_does_not_know(backbone: Backbone) -> None:
    backbone.behave(automatic={"after": "submit", "do": ["certify-silence", "take-up"]})
    number = filed(backbone, **of_procedure("visa-d-marriage"))
    (event,) = wait_for(1, lambda: events_about(backbone, number))
    assert event["action"] == "take-up"


def test_the_acts_of_an_unknown_dossier_are_not_there(backbone: Backbone) -> None:
    assert httpx.get(f"{backbone.address}/acts/SP-2026-0000000-Z", timeout=60).status_code == 404


def a_complete_one(backbone: Backbone, *contents: bytes) -> tuple[str, dict[str, str]]:
    """A message with these documents, of which none has come yet; its number, and how an answer names it."""
    documents = tuple(an_attachment(content) for content in contents)
    claims = backbone.claims(an_outgoing(documents=documents))
    text = sign(claims, backbone.portal.key, MESSAGE_TYP)
    assert backbone.post(text, **{"Idempotency-Key": claims["txn"]}).status_code == 202
    return claims["sub"], {"message": claims["txn"], "message_sha256": sha256(text.encode()).hexdigest()}


def bring(backbone: Backbone, content: bytes) -> None:
    address = f"{backbone.address}/documents/{sha256(content).hexdigest()}"
    assert httpx.put(address, content=content, headers={"Content-Type": "application/pdf"}, timeout=60).status_code == 201


@pytest.mark.parametrize(("answer", "word"), [("validate", contract.VALIDATED), ("refuse", contract.REFUSED)])
def test_a_message_is_answered_once_all_its_documents_are_here(backbone: Backbone, answer: str, word: str) -> None:
    backbone.behave(answer_messages=answer)
    first, second = uuid4().bytes, uuid4().bytes
    number, about = a_complete_one(backbone, first, second)
    backbone.behave()
    bring(backbone, first)
    time.sleep(0.6)
    assert events_about(backbone, number) == []
    # A kill loses no answer.
    backbone.restart()
    bring(backbone, second)
    (event,) = wait_for(1, lambda: events_about(backbone, number))
    reasons = {"reasons": event["evidence"].get("reasons")} if answer == "refuse" else {}
    assert (event["action"], event["authority"], event["seq"], event["evidence"]) == (word, "flanders", 1, {**about, **reasons})
    time.sleep(0.6)
    assert len(events_about(backbone, number)) == 1


def test_an_answer_that_a_kill_interrupted_is_given_after_it(backbone: Backbone) -> None:
    backbone.behave(answer_messages="validate")
    content = uuid4().bytes
    number, _about = a_complete_one(backbone, content)
    backbone.process.kill()
    backbone.process.wait()
    (backbone.folder / "documents" / sha256(content).hexdigest()).write_bytes(content)
    backbone.restart()
    assert [one["action"] for one in wait_for(1, lambda: events_about(backbone, number))] == [contract.VALIDATED]


def test_whoever_is_silent_answers_nothing_then_or_later(backbone: Backbone) -> None:
    number, _about = a_complete_one(backbone)
    backbone.behave(answer_messages="validate")
    time.sleep(0.6)
    assert events_about(backbone, number) == []


def test_without_a_word_it_validates() -> None:
    assert Behaviour().answer_messages == "validate"


def test_a_lost_event_is_never_posted(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.behave(lose_events=True)
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "lost"
    backbone.behave()
    backbone.act(number, "immigration-office", "request-visa")
    assert backbone.act(number, "diplomatic-post", "request-visa").json()["state"] == "accepted"
    time.sleep(0.6)
    assert [one["seq"] for one in events_about(backbone, number)][0] == 2


def test_the_page_lets_one_answer_the_last_message(backbone: Backbone) -> None:
    number, about = a_complete_one(backbone)
    form = {"dossier": number, "action": contract.REFUSED, "authority": "flanders", "reasons": "Page 3.\r\n\r\nPage 4."}
    with httpx.Client(base_url=backbone.address, follow_redirects=True, timeout=60) as browser:
        assert "Act as flanders" in browser.get("/").text
        assert "Done: Refuse the last message." in browser.post("/desk/acts", data=form).text
        assert browser.post("/desk/acts", data={**form, "reasons": ""}).status_code == 400
        browser.post("/desk/acts", data={"dossier": number, "action": contract.VALIDATED, "authority": "flanders"}).raise_for_status()
        told = browser.post("/desk/behaviour", data={"answer_messages": "refuse", "lose_events": "on"})
        assert 'value="refuse" selected' in told.text and browser.get("/behaviour").json()["lose_events"]
    found = events_about(backbone, number)
    assert [(one["action"], one["evidence"]) for one in found] == [(contract.REFUSED, {**about, "reasons": ["Page 3.", "Page 4."]}), (contract.VALIDATED, about)]
