"""Documents on their way to the authority and back: each handed over on its own receipt, each judged by a signed word, once and in order."""

import base64
import json
from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from frontoffice.backbone import contract, inbound, jobs
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.kernel.tokens import sign
from frontoffice.procedures import EDITIONS
from tests.peers import Backbone, a_token, told_with
from tests.scene import PDF, Filed, Scene

HAND_OVER, APPLY = "backbone:hand_over", "backbone:apply"
TAKE, TURN_DOWN = contract.TAKEN_OVER, contract.NOT_TAKEN
REASON = "Seite 3 fehlt.\nBitte alle Seiten."


async def stands(scene: Scene) -> dict[str, tuple[bool, bool, bool, str]]:
    """By requirement: handed over, taken over, not taken, and why."""
    rows = await scene.sql("SELECT requirement, handed_over_at IS NOT NULL, taken_over_at IS NOT NULL, not_taken_at IS NOT NULL, not_taken_reason FROM document")
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


async def named(scene: Scene, code: str) -> dict[str, str]:
    (row,) = await scene.sql("SELECT id, sha256 FROM document WHERE requirement = :code", code=code)
    return {"id": str(row.id), "sha256": row.sha256}


def event(backbone: Backbone, filed: Filed, action: str, evidence: Mapping[str, Any], seq: int = 1, authority: str = "immigration-office") -> dict[str, Any]:
    claims = a_token(backbone, filed.number, authority, action, evidence, seq)
    assert contract.event_violations(claims) == []
    return claims


async def send(scene: Scene, backbone: Backbone, *events: dict[str, Any]) -> None:
    """As the door keeps them; carried out in the order in which they come."""
    key = json.loads((backbone.folder / "key.json").read_text())
    for claims in events:
        async with scene.session() as session:
            await inbound.keep(session, claims, sign(claims, key, EVENT_TYP))
        await scene.run(APPLY)


async def remarks(scene: Scene) -> list[tuple[str, str]]:
    return [tuple(row) for row in await scene.sql("SELECT outcome, remark FROM inbound_message ORDER BY seq, received_at")]


async def test_each_document_is_handed_over_with_its_own_receipt(scene: Scene) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer)
    for code in ("contract", "function-description", "signatory-identity", "health-insurance", "contribution", "passport", "diploma", "criminal-record"):
        await scene.document(key, employer, code)
    lost = await scene.document(key, employer, "medical-certificate", content=PDF + b"lost", stored=False)
    await scene.take(key, "declare-consent", employer)
    await scene.take(key, "submit", employer)
    await scene.run(HAND_OVER)
    found = await stands(scene)
    assert [code for code, (handed_over, *_rest) in found.items() if not handed_over] == ["medical-certificate"]
    # The hand-over as a whole is not done, and says so.
    assert await scene.value("SELECT last_error FROM message") == "storage-notfound"
    assert not await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    before = await scene.sql("SELECT id, handed_over_at FROM document WHERE id <> :lost ORDER BY id", lost=lost)

    async def bytes_found() -> Any:
        yield PDF + b"lost"

    await scene.storage.put_stream(str(lost), bytes_found(), bucket=scene.storage.clean)
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert all(handed_over for handed_over, *_rest in (await stands(scene)).values())
    assert await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    assert await scene.sql("SELECT id, handed_over_at FROM document WHERE id <> :lost ORDER BY id", lost=lost) == before
    assert await scene.value("SELECT count(*) FROM document_change WHERE state = 'handed-over'") == 9


async def test_the_same_bytes_twice_are_handed_over_both(scene: Scene) -> None:
    employer = await scene.employer()
    key = await scene.draft(employer)
    for code in ("contract", "function-description", "signatory-identity", "health-insurance", "contribution", "passport", "diploma", "criminal-record",
                 "medical-certificate"):
        await scene.document(key, employer, code, content=PDF + b"the very same")
    await scene.take(key, "declare-consent", employer)
    await scene.take(key, "submit", employer)
    await scene.run(HAND_OVER)
    assert all(handed_over for handed_over, *_rest in (await stands(scene)).values())


async def claims_sent(scene: Scene) -> dict[str, list[str]]:
    """The requirements of the documents of each message, by its action."""
    rows = await scene.sql("SELECT m.content, e.action FROM message m JOIN event e ON e.id = m.event_id ORDER BY e.seq")
    contents = {row.action: json.loads(_decoded(bytes(row.content).split(b".")[1])) for row in rows}
    return {action: [one["code"] for one in claims["body"]["documents"]] for action, claims in contents.items()}


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


async def test_what_was_added_and_not_sent_does_not_leave_with_the_step_of_somebody_else(scene: Scene) -> None:
    employer, region = await scene.employer(), await scene.official("flanders")
    filed = await scene.filed(employer)
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "ask-documents", region, document="other", request="?")
    await scene.document(filed.id, employer, "other")
    # Nor does one that is only being checked hold back what the Region tells.
    await scene.document(filed.id, employer, "other", state="received", stored=False)
    await scene.run(HAND_OVER)
    sent = await claims_sent(scene)
    assert "other" not in sent["ask-documents"] and len(sent["ask-documents"]) == 9
    await scene.sql("UPDATE document SET state = 'refused' WHERE state = 'received'")
    await scene.take(filed.id, "complete", employer)
    await scene.run(HAND_OVER)
    assert (await claims_sent(scene))["complete"].count("other") == 1
    assert [row[0] for row in await scene.sql("SELECT state FROM document WHERE handed_over_at IS NULL")] == ["refused"]


async def test_an_authority_says_that_it_has_documents(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.sql("UPDATE document SET taken_over_at = NULL")
    word = event(stand_in, filed, TAKE, {"documents": [await named(scene, "passport"), await named(scene, "diploma")]})
    version = await scene.sql("SELECT position, version FROM dossier")
    await send(scene, stand_in, word, word)
    await jobs.apply(scene.resources, word["iss"], word["jti"])
    taken = [code for code, (_handed, taken_over, *_rest) in (await stands(scene)).items() if taken_over]
    assert sorted(taken) == ["diploma", "passport"] and await remarks(scene) == [("applied", "")]
    assert await scene.sql("SELECT position, version FROM dossier") == version
    rows = await scene.sql("SELECT p.authority_code, c.person_id FROM document_change c JOIN party p ON p.id = c.party_id JOIN document d ON d.id = c.document_id"
                           " WHERE c.state = 'taken-over' AND d.requirement = 'passport' ORDER BY c.id DESC LIMIT 1")
    assert [tuple(row) for row in rows] == [("immigration-office", None)]


async def test_an_authority_says_that_it_cannot_use_one(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await send(scene, stand_in, event(stand_in, filed, TURN_DOWN, {"document": await named(scene, "diploma"), "reason": f"  {REASON}\n"}))
    found = await stands(scene)
    assert found["diploma"][1:] == (False, True, REASON)
    assert all(taken_over for code, (_handed, taken_over, *_rest) in found.items() if code != "diploma")
    (queued,) = await scene.queued("notices:document")
    assert queued.args == {"document_id": (await named(scene, "diploma"))["id"], "state": "not-taken"}


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
async def test_the_later_word_counts_whatever_order_they_come_in(scene: Scene, stand_in: Backbone, order: tuple[int, ...]) -> None:
    filed = await scene.stay_examined()
    diploma = await named(scene, "diploma")
    words = {
        1: event(stand_in, filed, TURN_DOWN, {"document": diploma, "reason": "First."}, 1),
        2: event(stand_in, filed, TAKE, {"documents": [diploma]}, 2),
        3: event(stand_in, filed, TURN_DOWN, {"document": diploma, "reason": "Third."}, 3),
    }
    await send(scene, stand_in, *(words[seq] for seq in order))
    assert (await stands(scene))["diploma"][1:] == (False, True, "Third.")
    assert await remarks(scene) == [("applied", "")] * 3
    told = await scene.sql("SELECT state, reason FROM document_change WHERE document_id = :id ORDER BY id", id=UUID(diploma["id"]))
    assert [tuple(row) for row in told][-3:] == [("not-taken", "First."), ("taken-over", ""), ("not-taken", "Third.")]


Spoil = Callable[[dict[str, str], dict[str, str]], tuple[str, Mapping[str, Any], str]]


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (lambda mine, _foreign: (TURN_DOWN, {"document": {**mine, "id": str(uuid4())}, "reason": "x"}, ""), "a document that was not handed over to this authority"),
        (lambda mine, _foreign: (TURN_DOWN, {"document": {**mine, "sha256": "0" * 64}, "reason": "x"}, ""), "a document that was not handed over to this authority"),
        (lambda _mine, foreign: (TURN_DOWN, {"document": foreign, "reason": "x"}, ""), "a document that was not handed over to this authority"),
        (lambda mine, foreign: (TAKE, {"documents": [mine, foreign]}, ""), "a document that was not handed over to this authority"),
        (lambda mine, _foreign: (TURN_DOWN, {"document": mine, "reason": " \n "}, ""), "no reason given"),
        (lambda mine, _foreign: (TURN_DOWN, {"document": mine, "reason": "x"}, "brussels"), "this authority takes no part in the dossier"),
        (lambda mine, _foreign: (TAKE, {"documents": [mine]}, "diplomatic-post"), "this authority takes no part in the dossier"),
    ],
    ids=["unknown", "other bytes", "of another dossier", "one of them foreign", "blank reason", "another Region", "not let in yet"],
)
async def test_a_word_that_does_not_fit_goes_to_a_person_and_changes_nothing(scene: Scene, stand_in: Backbone, spoil: Spoil, remark: str) -> None:
    filed = await scene.stay_examined()
    await scene.sql("UPDATE document SET taken_over_at = NULL")
    mine = await named(scene, "diploma")
    other = await scene.draft(await scene.employer())
    foreign_id = await scene.document(other, await scene.employer(), "other")
    foreign = {"id": str(foreign_id), "sha256": await scene.value("SELECT sha256 FROM document WHERE id = :id", id=foreign_id)}
    action, evidence, authority = spoil(mine, foreign)
    before = await stands(scene)
    await send(scene, stand_in, event(stand_in, filed, action, evidence, 1, authority or "immigration-office"))
    assert await remarks(scene) == [("review", remark)] and await stands(scene) == before
    assert await scene.queued("notices:document") == []
    # The next word is carried out all the same.
    await send(scene, stand_in, event(stand_in, filed, TAKE, {"documents": [mine]}, 2))
    assert (await stands(scene))["diploma"][1]


async def test_a_word_about_a_document_that_the_authority_may_not_see_is_no_word(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.sql("UPDATE document SET taken_over_at = NULL")
    await scene.sql("UPDATE dossier SET procedure = 'visa-d-study', edition = '2026-11', position = '{arrived}'")
    await scene.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :key, :town, 'municipality', now())",
                    id=uuid4(), key=filed.id, town=(await scene.official("municipality-11002")).party_id)
    word = event(stand_in, filed, TAKE, {"documents": [await named(scene, "medical-certificate")]}, authority="municipality-11002")
    await send(scene, stand_in, word)
    assert await remarks(scene) == [("review", "a document that was not handed over to this authority")]


async def test_after_the_decision_a_word_still_counts(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    refusal = {"annex": "48", "decision_date": "2026-12-01", "reasons": ["x"]}
    await send(scene, stand_in, event(stand_in, filed, "refuse-stay", refusal, 1),
               event(stand_in, filed, TURN_DOWN, {"document": await named(scene, "diploma"), "reason": "x"}, 2))
    assert (await stands(scene))["diploma"][2] and await remarks(scene) == [("applied", "")] * 2


async def test_an_authority_that_acts_by_message_has_what_was_handed_over(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.sql("UPDATE document SET taken_over_at = NULL")
    await scene.sql("UPDATE document SET handed_over_at = now() WHERE requirement <> 'contract'")
    diploma = await named(scene, "diploma")
    await send(scene, stand_in, event(stand_in, filed, TURN_DOWN, {"document": diploma, "reason": REASON}, 1),
               event(stand_in, filed, "grant", {"annex": "46", "decision_date": "2026-12-01", "valid_until": "2029-12-01"}, 2))
    left = {code: one[1:] for code, one in (await stands(scene)).items() if not one[1]}
    assert left == {"contract": (False, False, ""), "diploma": (False, True, REASON)}


@pytest.mark.parametrize(
    ("action", "evidence", "violation"),
    [
        (TAKE, {}, "$.evidence: required"),
        (TAKE, {"documents": []}, "$.evidence.documents: minItems"),
        (TAKE, {"documents": ["0" * 64]}, "$.evidence.documents[0]: type"),
        (TAKE, {"documents": [{"id": str(UUID(int=1))}]}, "$.evidence.documents[0]: required"),
        (TAKE, {"documents": [{"id": "1", "sha256": "0" * 64}]}, "$.evidence.documents[0].id: pattern"),
        (TAKE, {"documents": [{"id": str(UUID(int=1)), "sha256": "A" * 64}]}, "$.evidence.documents[0].sha256: pattern"),
        (TAKE, {"documents": [{"id": str(UUID(int=1)), "sha256": "0" * 64}] * 2}, "$.evidence.documents: uniqueItems"),
        (TAKE, {"documents": [{"id": str(UUID(int=1)), "sha256": "0" * 64}], "reason": "x"}, "$.evidence: additionalProperties"),
        (TURN_DOWN, {"document": {"id": str(UUID(int=1)), "sha256": "0" * 64}}, "$.evidence: required"),
        (TURN_DOWN, {"document": {"id": str(UUID(int=1)), "sha256": "0" * 64}, "reason": ""}, "$.evidence.reason: minLength"),
        (TURN_DOWN, {"document": {"id": str(UUID(int=1)), "sha256": "0" * 64}, "reason": "x" * 2001}, "$.evidence.reason: maxLength"),
        (TURN_DOWN, {"document": {"id": str(UUID(int=1)), "sha256": "0" * 64}, "reason": "\0"}, "$.evidence.reason: pattern"),
        (TURN_DOWN, {"document": {"id": str(UUID(int=1)), "sha256": "0" * 64}, "reason": ["x"]}, "$.evidence.reason: type"),
    ],
)
def test_a_word_off_the_contract_is_named_by_place_and_rule(action: str, evidence: Mapping[str, Any], violation: str) -> None:
    claims = {"iss": "urn:backbone", "aud": "urn:portal", "iat": 1795253400, "jti": "1", "toe": 1795253400, "sub": "SP-2026-0000123-C", "seq": 1,
              "events": told_with("immigration-office", action, evidence)}
    assert violation.replace("$.evidence", f"$.events['{contract.EVENTS}{action}']") in contract.event_violations(claims)


def test_no_step_is_called_like_a_word() -> None:
    assert not {*contract.ABOUT_DOCUMENTS, *contract.ABOUT_MESSAGES} & {step.action for one in EDITIONS for step in one.life.steps}
