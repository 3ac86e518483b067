"""A receiver that was written from the contract alone takes over dossiers, tells what authorities did and answers questions."""

import ast
import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from frontoffice.backbone import pulling, verifying
from frontoffice.backbone.courier import courier_of
from frontoffice.backbone.envelope import EVENT_TYP, MESSAGE_TYP, REQUEST_TYP
from frontoffice.backbone.jobs import hand_over
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Use, sign, verify_strict
from frontoffice.kernel.tokens import new_key as our_new_key
from tests.backbone import stranger as stranger_module
from tests.backbone import stranger_seals
from tests.backbone.meeting import APPLY, HAND_OVER, PORTAL, STRANGER, Meeting, meeting, our_key, payload
from tests.backbone.stranger_seals import fits, new_key, published, schema, signed

__all__ = ["meeting"]


@pytest.mark.parametrize("module", [stranger_module, stranger_seals], ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_stranger_knows_nothing_of_the_product(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    names = [one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    names += [alias.name for one in ast.walk(tree) if isinstance(one, ast.Import) for alias in one.names]
    assert [one for one in names if one.startswith(("frontoffice", "jose.", "tests.peers"))] == []


async def test_a_filing_arrives_byte_for_byte_and_its_receipts_are_read(meeting: Meeting) -> None:
    filed = await meeting.handed_over()
    ((dossier, seq, digest, content),) = meeting.stranger.rows("SELECT dossier, seq, sha256, content FROM message")
    (ours,) = await meeting.scene.sql("SELECT content, sha256, receipt, concluded_at, last_error FROM message")
    assert (dossier, seq, digest, content) == (filed.number, 1, ours.sha256, bytes(ours.content))
    assert ours.concluded_at and not ours.last_error and await meeting.scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    documents = {row.sha256: row.id for row in await meeting.scene.sql("SELECT id, sha256 FROM document")}
    there = dict(meeting.stranger.rows("SELECT sha256, content FROM document"))
    assert there.keys() == documents.keys() and len(there) == 9
    for digest, key in documents.items():
        stored = b"".join([chunk async for chunk in meeting.scene.storage.open(meeting.scene.storage.clean, str(key), expected_sha256=digest)])
        assert there[digest] == stored and sha256(stored).hexdigest() == digest
    receipt = verify_strict(ours.receipt, published(*meeting.stranger.keys), Use.message(stranger_module.RECEIPT, issuer=STRANGER, audience=PORTAL))
    fits(schema("receipt.schema.json"), receipt)
    assert receipt["message_sha256"] == ours.sha256 and set(receipt["missing"]) == set(documents)


async def test_the_same_bytes_again_change_nothing_and_other_bytes_are_refused(meeting: Meeting) -> None:
    await meeting.handed_over()
    await meeting.scene.sql("UPDATE message SET concluded_at = NULL, receipt = NULL, tried_at = now() - interval '5 minutes', created_at = now() - interval '5 minutes'")
    key = await meeting.scene.value("SELECT event_id FROM message")
    await asyncio.gather(*(hand_over(meeting.scene.resources, str(key)) for _ in range(2)))
    assert len(meeting.stranger.rows("SELECT * FROM message")) == 1
    assert await meeting.scene.value("SELECT concluded_at IS NOT NULL FROM message")
    content = bytes(await meeting.scene.value("SELECT content FROM message"))
    headers = {"Content-Type": "application/jose", "Idempotency-Key": str(key)}
    again = await meeting.ask("POST", "/messages", content, **headers)
    assert again.status_code == 200 and payload(again.text)["outcome"] == "already-known" and payload(again.text)["missing"] == []
    other = await meeting.ask("POST", "/messages", sign(payload(content.decode()), our_key(meeting.scene), MESSAGE_TYP), **headers)
    assert other.status_code == 409


async def test_later_messages_follow_with_their_new_documents_only(meeting: Meeting) -> None:
    scene = meeting.scene
    employer, region = await scene.employer(), await scene.official("flanders")
    filed = await scene.filed(employer)
    await scene.run(HAND_OVER)
    await scene.take(filed.id, "take-up", region)
    await scene.take(filed.id, "ask-documents", region, document="other", request="?")
    await scene.document(filed.id, employer, "other")
    await scene.take(filed.id, "complete", employer)
    await scene.run(HAND_OVER)
    texts = [content.decode() for (content,) in meeting.stranger.rows("SELECT content FROM message ORDER BY seq")]
    assert [(one["seq"], one["body"]["action"], len(one["documents"])) for one in map(payload, texts)] == [(1, "submit", 9), (2, "ask-documents", 9), (3, "complete", 10)]
    assert len(meeting.stranger.rows("SELECT * FROM document")) == 10
    assert await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NULL") == 0


async def test_what_the_stranger_tells_is_taken_and_carried_out(meeting: Meeting) -> None:
    filed = await meeting.handed_over()
    ((txn, digest, content),) = meeting.stranger.rows("SELECT txn, sha256, content FROM message")
    message = payload(content.decode())
    by, about = message["body"]["authority"]["code"], {"message": txn, "message_sha256": digest}
    passport, diploma = ({"id": one["id"], "sha256": one["sha256"]} for one in message["body"]["documents"] if one["code"] in ("passport", "diploma"))
    tokens = [
        meeting.stranger.note(filed.number, "message-received", authority=by, **about),
        meeting.stranger.note(filed.number, "message-refused", authority=by, **about, reasons=["Van het paspoort ontbreken pagina's."]),
        meeting.stranger.note(filed.number, "message-validated", authority=by, **about),
        meeting.stranger.note(filed.number, "documents-taken-over", authority=by, documents=[passport, diploma]),
        meeting.stranger.note(filed.number, "document-not-taken", authority=by, document=diploma, reason="Het diploma is niet gelegaliseerd."),
        meeting.stranger.note(filed.number, "step", authority=by, action="take-up", evidence={}),
    ]
    for token in tokens:
        fits(schema("event.schema.json"), payload(token))
    # The last one first, and one of them twice.
    for token in (*tokens[::-1], tokens[2]):
        answer = await meeting.answer(token)
        assert (answer.status_code, answer.content) == (202, b"")
    await meeting.scene.run(APPLY)
    assert await meeting.outcomes() == [(seq, "applied", "") for seq in range(1, 7)]
    (dossier,) = await meeting.scene.sql("SELECT validated_at, refused_at, position FROM dossier")
    assert dossier.validated_at and not dossier.refused_at and set(dossier.position) == {"checking"}


async def test_what_the_stranger_gets_wrong_is_answered_as_the_contract_says(meeting: Meeting) -> None:
    filed = await meeting.handed_over()
    token = meeting.stranger.note(filed.number, "step", authority="flanders", action="take-up", evidence={})
    claims = payload(token)
    assert await meeting.post(token) == 202
    thief = new_key()
    wrong = {
        "keyReused": signed(claims, meeting.stranger.keys[-1], EVENT_TYP),
        "badSignature": signed({**claims, "jti": "1"}, thief, EVENT_TYP),
        "badRequest": signed({**claims, "jti": "2", "more": 1}, meeting.stranger.keys[-1], EVENT_TYP),
        "payloadTooLarge": token + "A" * 64 * 1024,
    }
    for kind, text in wrong.items():
        answer = await meeting.answer(text)
        fits(schema("problem.schema.json"), answer.json())
        assert answer.headers["content-type"] == "application/problem+json" and answer.json()["type"].endswith(f":{kind}"), kind


async def test_what_was_never_posted_is_pulled(meeting: Meeting) -> None:
    filed = await meeting.handed_over()
    lost = [meeting.stranger.note(filed.number, "step", authority="flanders", action=action, evidence={}) for action in ("take-up", "admit")]
    for _ in range(60):
        last = meeting.stranger.note(filed.number, "documents-taken-over", authority="flanders", documents=documents_of(meeting))
    assert await meeting.post(last) == 202
    await meeting.scene.run(APPLY)
    assert [outcome for _seq, outcome, _remark in await meeting.outcomes()] == ["waiting"] and len(lost) == 2
    await pulling.pull(meeting.scene.resources, filed.number)
    await meeting.scene.run(APPLY)
    assert await meeting.outcomes() == [(seq, "applied", "") for seq in range(1, 63)]
    assert set(await meeting.scene.value("SELECT position FROM dossier")) == {"work-exam", "stay-exam"}


def documents_of(meeting: Meeting) -> list[dict[str, str]]:
    ((content,),) = meeting.stranger.rows("SELECT content FROM message")
    return [{name: one[name] for name in ("id", "sha256")} for one in payload(content.decode())["documents"]]


async def test_both_sides_compare_what_they_know_and_mend_it(meeting: Meeting) -> None:
    filed = await meeting.handed_over()
    await verifying.verify(meeting.scene.resources)
    assert await meeting.scene.value("SELECT verified_at IS NOT NULL FROM dossier")
    # It tells something that gets lost, and loses a document and a message itself.
    meeting.stranger.note(filed.number, "step", authority="flanders", action="take-up", evidence={})
    before = meeting.stranger.rows("SELECT content FROM message")
    ((gone,),) = meeting.stranger.rows("DELETE FROM document WHERE rowid = 1 RETURNING sha256")
    meeting.stranger.rows("DELETE FROM message")
    meeting.stranger.rows("DELETE FROM announced")
    await verifying.verify(meeting.scene.resources)
    assert await meeting.scene.value("SELECT count(*) FROM message WHERE concluded_at IS NULL") == 1
    await meeting.scene.run(HAND_OVER, pulling.PULL, APPLY)
    assert meeting.stranger.rows("SELECT content FROM message") == before
    assert meeting.stranger.rows("SELECT count(*) FROM document WHERE sha256 = ?", gone) == [(1,)]
    assert await meeting.outcomes() == [(1, "applied", "")]
    await meeting.scene.sql("UPDATE dossier SET verified_at = NULL")
    await verifying.verify(meeting.scene.resources)
    assert await meeting.scene.value("SELECT verified_at IS NOT NULL FROM dossier")


@pytest.mark.parametrize(
    ("path", "changes", "by_whom", "kind"),
    [
        ("/heads", {}, "portal", ""),
        ("/events/pull", {}, "portal", ""),
        ("/events/pull", {"iat": -301}, "portal", "badRequest"),
        ("/heads", {"iat": 90}, "portal", "badSignature"),
        ("/heads", {"aud": "urn:example:other"}, "portal", "badSignature"),
        ("/events/pull", {"after": -1}, "portal", "badRequest"),
        ("/heads", {}, "thief", "badSignature"),
    ],
    ids=["heads", "pull", "old", "of tomorrow", "for another", "against the schema", "of another"],
)
async def test_a_question_is_answered_for_the_portal_alone(meeting: Meeting, path: str, changes: dict[str, Any], by_whom: str, kind: str) -> None:
    about: dict[str, Any] = {"dossiers": ["SP-2026-0000123-C"]} if path == "/heads" else {"sub": "SP-2026-0000123-C", "after": 0}
    instant = int(now().timestamp())
    told = {**changes, "iat": instant + changes.get("iat", 0)}
    claims = {"iss": PORTAL, "aud": STRANGER, "jti": str(uuid4()), **about, **told}
    key = our_key(meeting.scene) if by_whom == "portal" else our_new_key()
    answer = await meeting.ask("POST", path, sign(claims, key, REQUEST_TYP), **{"Content-Type": "application/jose"})
    if kind:
        assert answer.status_code == 400 and answer.json()["type"].endswith(f":{kind}")
    elif path == "/heads":
        assert payload(answer.text)["heads"] == {"SP-2026-0000123-C": {"known": False, "received": 0, "sent": 0}}
        fits(schema("heads.schema.json"), payload(answer.text))
    else:
        fits(schema("pulled.schema.json"), answer.json())
        assert answer.json() == {"sets": {}, "moreAvailable": False}


async def test_documents_that_nobody_announced_and_other_bytes_are_not_taken(meeting: Meeting) -> None:
    await meeting.handed_over()
    ((digest, content),) = meeting.stranger.rows("DELETE FROM document WHERE rowid = 1 RETURNING sha256, content")
    pdf = {"Content-Type": "application/pdf"}
    assert (await meeting.ask("PUT", f"/documents/{'0' * 64}", content, **pdf)).status_code == 404
    assert (await meeting.ask("PUT", f"/documents/{digest}", content[:-1], **pdf)).status_code == 400
    assert (await meeting.ask("PUT", f"/documents/{digest}", content, **{"Content-Type": "text/html"})).status_code == 415
    assert [(await meeting.ask("PUT", f"/documents/{digest}", content, **pdf)).status_code for _ in range(2)] == [201, 200]


async def test_the_stranger_changes_its_key_as_agreed_and_nothing_is_refused(meeting: Meeting) -> None:
    filed, stranger = await meeting.handed_over(), meeting.stranger
    old, new = stranger.keys[-1], new_key()
    assert await meeting.post(stranger.note(filed.number, "step", authority="flanders", action="take-up", evidence={})) == 202
    stranger.keys = [new, old]
    # Ten minutes go by, so that everybody has read the next key.
    meeting.portal_keys._asked -= 601
    courier_of(meeting.scene.resources).peer.keys._asked -= 601
    stranger.keys = [old, new]
    assert await meeting.post(stranger.note(filed.number, "step", authority="flanders", action="admit", evidence={})) == 202
    later = await meeting.handed_over()
    stranger.keys = [new]
    assert await meeting.post(stranger.note(later.number, "step", authority="flanders", action="take-up", evidence={})) == 202
    await meeting.scene.run(APPLY)
    assert {outcome for _seq, outcome, _remark in await meeting.outcomes()} == {"applied"}
    assert await meeting.scene.value("SELECT count(*) FROM message WHERE concluded_at IS NOT NULL AND tries = 1") == 2
