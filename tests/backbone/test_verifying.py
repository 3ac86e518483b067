"""Both sides are compared: what is equal is dated, what the backbone lost is sent again, what we lack is asked for."""

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from frontoffice.backbone import pulling, verifying
from frontoffice.backbone.envelope import HEADS_TYP
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import new_key, sign
from tests.backbone.test_inbound import ACTS, Door, door, position
from tests.backbone.test_pulling import answering
from tests.peers import Backbone
from tests.scene import Filed, Scene

__all__ = ["door"]
HAND_OVER, APPLY = "backbone:hand_over", "backbone:apply"
VERIFIED = "SELECT verified_at IS NOT NULL FROM dossier"


async def handed_over(scene: Scene) -> Filed:
    filed = await scene.filed()
    await scene.run(HAND_OVER)
    return filed


async def test_a_dossier_that_both_sides_know_alike_is_verified(scene: Scene) -> None:
    await handed_over(scene)
    assert not await scene.value(VERIFIED)
    await verifying.verify(scene.resources)
    assert await scene.value("SELECT verified_at > now() - interval '1 minute' AND asked_at >= confirmed_at FROM dossier")
    first = await scene.value("SELECT verified_at FROM dossier")
    await verifying.verify(scene.resources)
    assert await scene.value("SELECT verified_at FROM dossier") > first


async def test_what_has_not_been_handed_over_is_not_asked_about(scene: Scene, stand_in: Backbone) -> None:
    await scene.filed()
    await scene.draft(await scene.employer())
    asked: list[str] = []
    with answering(scene, lambda request: asked.append(request.url.path) or httpx.Response(503)):  # type: ignore[func-returns-value]
        await verifying.verify(scene.resources)
    assert asked == []


async def test_what_we_have_not_sent_yet_is_not_called_equal(scene: Scene, stand_in: Backbone) -> None:
    filed = await handed_over(scene)
    await scene.take(filed.id, "take-up", await scene.official("flanders"))
    await scene.take(filed.id, "ask-documents", await scene.official("flanders"), document="other", request="?")
    await verifying.verify(scene.resources)
    assert not await scene.value(VERIFIED)
    await scene.run(HAND_OVER)
    await verifying.verify(scene.resources)
    assert await scene.value(VERIFIED)


async def test_an_event_that_was_lost_without_another_after_it_is_asked_for(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.run(HAND_OVER)
    stand_in.behave(lose_events=True)
    stand_in.act(filed.number, "immigration-office", "grant", evidence=ACTS["grant"])
    await verifying.verify(scene.resources)
    assert not await scene.value(VERIFIED) and len(await scene.queued(pulling.PULL)) == 1
    await scene.run(pulling.PULL, APPLY)
    assert await position(scene) == {"granted"}
    await verifying.verify(scene.resources)
    assert await scene.value(VERIFIED)


async def test_an_event_that_waits_for_a_person_is_not_called_equal_until_one_looked(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await handed_over(scene)
    stand_in.act(filed.number, "immigration-office", "grant", evidence=ACTS["grant"])
    await door.post(stand_in.portal.events[-1])
    await scene.run(APPLY)
    assert await scene.value("SELECT outcome FROM inbound_message") == "review"
    await verifying.verify(scene.resources)
    assert not await scene.value(VERIFIED)
    await scene.sql("UPDATE inbound_message SET reviewed_at = now()")
    await verifying.verify(scene.resources)
    assert await scene.value(VERIFIED)


async def test_what_the_backbone_lost_is_sent_again_with_the_same_bytes(scene: Scene, stand_in: Backbone, caplog: pytest.LogCaptureFixture) -> None:
    filed = await handed_over(scene)
    await scene.take(filed.id, "take-up", await scene.official("flanders"))
    await scene.take(filed.id, "ask-documents", await scene.official("flanders"), document="other", request="?")
    await scene.run(HAND_OVER)
    messages = await scene.value("SELECT count(*) FROM message")
    before = await scene.sql("SELECT event_id, content, sha256 FROM message ORDER BY event_id")
    stand_in.forget(filed.number)
    await verifying.verify(scene.resources)
    assert "no longer has" in caplog.text and str(filed.id) in caplog.text and filed.number not in caplog.text
    assert await scene.sql("SELECT DISTINCT concluded_at, last_error FROM message") == [(None, verifying.LOST)]
    # The page no longer says that the authority has it.
    assert await scene.sql("SELECT confirmed_at, told_until FROM dossier") == [(None, None)]
    await scene.run(HAND_OVER)
    assert await scene.sql("SELECT event_id, content, sha256 FROM message ORDER BY event_id") == before
    assert [one["seq"] for one in stand_in.dossier(filed.number)["messages"]] == list(range(1, messages + 1))
    assert all(one["complete"] for one in stand_in.dossier(filed.number)["documents"])
    assert await scene.value("SELECT confirmed_at IS NOT NULL AND told_until IS NOT NULL FROM dossier")
    await verifying.verify(scene.resources)
    assert await scene.value(VERIFIED)


async def test_only_the_messages_that_were_lost_are_sent_again(scene: Scene, stand_in: Backbone) -> None:
    filed = await handed_over(scene)
    await scene.take(filed.id, "take-up", await scene.official("flanders"))
    await scene.take(filed.id, "ask-documents", await scene.official("flanders"), document="other", request="?")
    await scene.run(HAND_OVER)
    last = stand_in.dossier(filed.number)["messages"][-1]
    stand_in.forget(filed.number, seq=last["seq"])
    await verifying.verify(scene.resources)
    lost = [str(row[0]) for row in await scene.sql("SELECT event_id FROM message WHERE concluded_at IS NULL")]
    assert lost == [last["txn"]]
    assert await scene.value("SELECT confirmed_at IS NOT NULL AND told_until < updated_at FROM dossier")
    await scene.run(HAND_OVER)
    await verifying.verify(scene.resources)
    assert await scene.value(VERIFIED)


async def test_after_the_end_it_is_compared_once_more_and_then_left(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.run(HAND_OVER)
    stand_in.act(filed.number, "immigration-office", "refuse-stay", evidence=ACTS["refuse-stay"])
    await door.post(stand_in.portal.events[-1])
    await scene.run(APPLY)
    assert await position(scene) == {"refused"} and await scene.value("SELECT asked_at IS NOT NULL FROM dossier")
    await verifying.verify(scene.resources)
    assert await scene.value("SELECT verified_at IS NOT NULL AND asked_at IS NULL FROM dossier")
    asked: list[str] = []
    with answering(scene, lambda request: asked.append(request.url.path) or httpx.Response(503)):  # type: ignore[func-returns-value]
        await verifying.verify(scene.resources)
    assert asked == []


Heads = dict[str, dict[str, Any]]


def signed(scene: Scene, stand_in: Backbone, door: Door, heads: Callable[[list[str]], Heads], **changes: Any) -> Callable[[httpx.Request], httpx.Response]:
    """An answer to the question that came, about the dossiers that it names."""

    def answer(request: httpx.Request) -> httpx.Response:
        question = verify_payload(request)
        claims = {"iss": stand_in.address, "aud": stand_in.portal.address, "iat": int(now().timestamp()), "jti": str(uuid4()), "request": question["jti"],
                  "heads": heads(question["dossiers"]), **changes}
        return httpx.Response(200, text=sign(claims, door.key, HEADS_TYP), headers={"content-type": "application/jose"})

    return answer


def verify_payload(request: httpx.Request) -> dict[str, Any]:
    part = request.content.split(b".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))))


def equal(numbers: list[str]) -> Heads:
    return {one: {"known": True, "received": 1, "sent": 0} for one in numbers}


async def test_an_old_answer_and_one_about_others_prove_nothing(scene: Scene, door: Door, stand_in: Backbone, caplog: pytest.LogCaptureFixture) -> None:
    await handed_over(scene)
    for answer in (
        signed(scene, stand_in, door, equal, request=str(uuid4())),
        signed(scene, stand_in, door, lambda _: {}),
        signed(scene, stand_in, door, lambda numbers: equal([*numbers, "SP-2026-0000001-X"])),
        signed(scene, stand_in, door, equal, aud="https://evil.example"),
        signed(scene, stand_in, door, lambda numbers: {one: {"known": True, "received": 1} for one in numbers}),
        lambda _: httpx.Response(200, text="a.b.c", headers={"content-type": "application/jose"}),
        lambda _: httpx.Response(503),
    ):
        with answering(scene, answer):
            await verifying.verify(scene.resources)
        assert not await scene.value(VERIFIED) and await scene.value("SELECT concluded_at IS NOT NULL FROM message")
    assert caplog.text.count("could not be asked") == 7
    stranger = Door(door.client, stand_in, new_key())
    with answering(scene, signed(scene, stand_in, stranger, equal)):
        await verifying.verify(scene.resources)
    assert not await scene.value(VERIFIED)
    with answering(scene, signed(scene, stand_in, door, equal)):
        await verifying.verify(scene.resources)
    assert await scene.value(VERIFIED)


@pytest.mark.parametrize(
    ("told", "remark"),
    [({"received": 2, "sent": 0}, "messages of ours that we do not know"), ({"received": 1, "sent": 0}, "no longer knows of events")],
    ids=["more messages than we have", "fewer events than we have"],
)
async def test_what_cannot_be_mended_is_told_to_people(
    scene: Scene, door: Door, stand_in: Backbone, told: dict[str, int], remark: str, caplog: pytest.LogCaptureFixture,
) -> None:
    filed = await handed_over(scene)
    if told["received"] == 1:
        await door.send(door.claims(filed, "grant", 1))
    with answering(scene, signed(scene, stand_in, door, lambda numbers: {one: {"known": True, **told} for one in numbers})):
        await verifying.verify(scene.resources)
    assert remark in caplog.text and not await scene.value(VERIFIED)


def test_what_happens_while_the_backbone_answers_is_no_difference() -> None:
    """It may know more when it answers than we knew when we asked, and we may know more when we compare."""
    ours = verifying._Ours(uuid4(), "", is_final=False, messages=[SimpleNamespace(concluded_at=now())], kept=1)
    equal = {(received, sent) for received in range(3) for sent in range(4) if ours.is_known(received, sent, kept=2)}
    assert equal == {(1, 1), (1, 2)}
    waiting = verifying._Ours(uuid4(), "", is_final=False, messages=[*ours.messages, SimpleNamespace(concluded_at=None), *ours.messages])
    # One that came over another path stands behind one that is still on its way: nothing of it is lost.
    assert (waiting.concluded, waiting.lost(1), len(waiting.lost(0))) == (1, [], 1) and not waiting.is_known(3, 0, kept=0)


async def test_many_dossiers_are_asked_about_in_turn(scene: Scene, door: Door, stand_in: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were asked about longest ago come first, and one that fails holds up no other."""
    monkeypatch.setattr(verifying, "MOST_AT_ONCE", 2)
    for _ in range(5):
        await handed_over(scene)
    numbers = [row[0] for row in await scene.sql("SELECT number FROM dossier ORDER BY asked_at")]
    asked: list[list[str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(sorted(verify_payload(request)["dossiers"]))
        return signed(scene, stand_in, door, equal)(request) if len(asked) > 1 else httpx.Response(500)

    with answering(scene, answer):
        await verifying.verify(scene.resources)
        assert asked == [sorted(numbers[:2])] and await scene.value("SELECT count(verified_at) FROM dossier") == 0
        await verifying.verify(scene.resources)
    assert asked[1] == sorted(numbers[2:4]) and numbers[4] in asked[2] and sorted(asked[2] + asked[3]) == sorted([*numbers[:2], numbers[4]])
    assert await scene.value("SELECT count(verified_at) FROM dossier") == 5


async def test_a_dossier_of_which_nothing_is_left_is_not_asked_about(scene: Scene) -> None:
    filed = await handed_over(scene)
    await scene.sql("UPDATE dossier SET number = 'SP-2026-0000001-X' WHERE id = :id", id=filed.id)
    other = await scene.draft(await scene.employer())
    await scene.sql("UPDATE dossier SET number = 'SP-2026-0000002-X', asked_at = now() WHERE id = :id", id=other)
    await verifying.verify(scene.resources)
    assert await scene.value("SELECT asked_at IS NULL FROM dossier WHERE id = :id", id=other)


async def test_nothing_is_asked_while_sending_is_stopped_or_the_backbone_is_in_trouble(scene: Scene) -> None:
    await handed_over(scene)
    await scene.sql("INSERT INTO hand_over_stop (peer, stopped_at, reason, by) VALUES ('backbone', now(), 'test', 'test')")
    await verifying.verify(scene.resources)
    assert not await scene.value(VERIFIED)
    await scene.sql("DELETE FROM hand_over_stop")
    await scene.sql("UPDATE hand_over_pace SET failures = 10, open_until = now() + interval '1 minute'")
    await verifying.verify(scene.resources)
    assert not await scene.value(VERIFIED)


async def test_the_turn_is_taken_by_an_index(scene: Scene) -> None:
    async with scene.session() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(row[0] for row in await session.execute(text(f"EXPLAIN {verifying._TURN.text}"), {"instant": now(), "before": now(), "most": 200}))
    assert "ix_dossier_asked_at" in plan
