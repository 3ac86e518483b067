"""Rule 37: one message many times at once, one identifier on two workers, and a flood: one effect each."""

import asyncio

from sqlalchemy import text

from frontoffice import worker
from frontoffice.backbone import inbound, jobs, outbox
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.backbone.outbox import Delivered
from frontoffice.kernel.database import make_engine
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.tokens import sign
from tests.backbone.test_inbound import Door, door, outcomes, position, problem_type
from tests.scene import Scene

__all__ = ["door"]
FLOOD = 150


async def test_one_message_that_comes_twenty_times_at_once_is_kept_once(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    message = sign(door.claims(filed, "grant"), door.key, EVENT_TYP)
    answers = await asyncio.gather(*(door.post(message) for _ in range(20)))
    assert {one.status_code for one in answers} == {202} and await scene.value("SELECT count(*) FROM inbound_message") == 1
    assert len(await scene.queued(inbound.APPLY)) == 1
    await scene.run("backbone:apply")
    assert await outcomes(scene) == [(1, "applied", "")]


async def test_one_identifier_on_two_workers_has_one_effect(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant")
    await door.send(claims)
    workers = [Resources(make_engine(scene.database.jobs, limits=worker._LIMITS), scene.settings) for _ in range(2)]
    try:
        await asyncio.gather(*(jobs.apply(one, claims["iss"], claims["jti"]) for one in workers * 4))
    finally:
        for one in workers:
            await one.at_end.aclose()
            await one.engine.dispose()
    assert await position(scene) == {"granted"} and await outcomes(scene) == [(1, "applied", "")]
    assert await scene.value("SELECT count(*) FROM event WHERE action = 'grant'") == 1


async def test_a_receipt_and_an_answer_about_one_message_take_their_locks_in_one_order(scene: Scene) -> None:
    await scene.filed()
    await scene.run("backbone:hand_over")
    [event] = await scene.sql("UPDATE message SET concluded_at = NULL RETURNING event_id AS id")

    async def receipt() -> None:
        async with scene.session() as session:
            await outbox.conclude(session, [Delivered(event.id, "a.b.c", [])])

    async with scene.session() as answering:
        await answering.execute(text("SELECT id FROM dossier FOR UPDATE"))
        concluding = asyncio.create_task(receipt())
        while not concluding.done() and not await scene.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"):
            await asyncio.sleep(0.02)
        # With the locks the other way round the database would end one of the two here.
        await answering.execute(text("UPDATE message SET validated_at = now()"))
    await concluding
    assert await scene.value("SELECT validated_at IS NOT NULL AND concluded_at IS NOT NULL FROM message")


async def test_a_flood_of_old_new_and_forged_has_one_effect_each(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    grant = door.claims(filed, "grant")
    right = sign(grant, door.key, EVENT_TYP)
    header, payload, signature = right.split(".")
    elsewhere = [sign(door.claims(filed, "grant", number, sub=f"SP-2026-{number:07}-X"), door.key, EVENT_TYP) for number in range(2, 12)]
    flood = [right, f"{header}.{payload}.{signature[:-4]}AAAA", *elsewhere, sign(door.claims(filed, "grant", authority="flanders"), door.key, EVENT_TYP)]
    answers = await asyncio.gather(*(door.post(flood[number % len(flood)]) for number in range(FLOOD)))
    for number, answer in enumerate(answers):
        if flood[number % len(flood)] == flood[1]:
            assert (answer.status_code, problem_type(answer)) == (400, "badSignature")
        else:
            assert answer.status_code == 202
    assert await scene.value("SELECT count(*) FROM inbound_message") == len(flood) - 1
    await scene.run("backbone:apply")
    assert await position(scene) == {"granted"} and await scene.value("SELECT count(*) FROM event WHERE message_id IS NOT NULL") == 1
    assert {outcome for _seq, outcome, remark in await outcomes(scene) if remark} == {"review"}
