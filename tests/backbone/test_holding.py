"""The stop switch, holds, retries and reviews: what each does, that it is written down, and that nothing is lost or doubled by them."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from frontoffice.backbone import holding, jobs, stuck
from frontoffice.backbone.holding import Said
from frontoffice.documents import retention
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.time import now, stopped_at
from tests.peers import Backbone
from tests.scene import Filed, Scene

HAND_OVER, SWEEP = "backbone:hand_over", "backbone:sweep"
WHY = Said(reason="The backbone is being moved", by="ticket 7")


def came(backbone: Backbone, filed: Filed) -> list[tuple[str, int]]:
    """What the stand-in has of a dossier: each action, and how often its bytes came."""
    try:
        return [(one["action"], one["received"]) for one in backbone.dossier(filed.number)["messages"]]
    except StopIteration:
        return []


async def acts(scene: Scene) -> list[Any]:
    return [tuple(row) for row in await scene.sql("SELECT kind, reason, by FROM hand_over_act ORDER BY acted_at, kind")]


async def act(scene: Scene, what: Any, *arguments: Any, said: Said = WHY) -> None:
    async with scene.session() as session:
        await what(session, *arguments, said)


async def wait_for_sweep(scene: Scene) -> None:
    """As if the minutes had passed after which the sweep looks at what was noted."""
    await scene.sql("UPDATE message SET created_at = created_at - interval '3 minutes', tried_at = tried_at - interval '3 minutes'")


async def test_while_sending_is_stopped_nothing_goes_and_everything_waits(scene: Scene, stand_in: Backbone) -> None:
    await act(scene, holding.stop)
    filed = await scene.filed()
    await scene.run(HAND_OVER)
    await jobs.sweep(scene.resources)
    await scene.run(HAND_OVER)
    assert came(stand_in, filed) == [] and await scene.queued(HAND_OVER) == []
    assert await scene.value("SELECT filed_at IS NOT NULL FROM dossier")  # filing went on
    await act(scene, holding.start)
    await wait_for_sweep(scene)
    await scene.run(SWEEP, HAND_OVER)
    assert came(stand_in, filed) == [("submit", 1)]
    assert await acts(scene) == [("stop", WHY.reason, WHY.by), ("start", WHY.reason, WHY.by)]


async def test_stopping_in_the_middle_of_a_rush_loses_and_doubles_nothing(scene: Scene, stand_in: Backbone) -> None:
    filed = [await scene.filed() for _place in range(6)]

    async def stop_and_start() -> None:
        for _turn in range(3):
            await act(scene, holding.stop)
            await asyncio.sleep(secrets.randbelow(150) / 1000)
            await act(scene, holding.start)
            await asyncio.sleep(secrets.randbelow(300) / 1000)

    await asyncio.gather(scene.run(HAND_OVER), stop_and_start())
    for _turn in range(3):
        await wait_for_sweep(scene)
        await scene.make_due()
        await scene.run(SWEEP, HAND_OVER)
    assert [came(stand_in, one) for one in filed] == [[("submit", 1)]] * 6
    assert await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NULL") == 0


async def test_the_switch_is_thrown_once_and_says_so(scene: Scene) -> None:
    with pytest.raises(Conflict, match="not stopped"):
        await act(scene, holding.start)
    await act(scene, holding.stop)
    with pytest.raises(Conflict, match="already"):
        await act(scene, holding.stop)
    assert [one[0] for one in await acts(scene)] == ["stop"]
    async with scene.session() as session:
        seen = await stuck.overview(session)
    assert seen.stop and (seen.stop.reason, seen.stop.by) == (WHY.reason, WHY.by)


async def test_a_held_dossier_waits_alone_and_goes_when_it_is_released(scene: Scene, stand_in: Backbone) -> None:
    held, other = await scene.filed(), await scene.filed()
    await act(scene, holding.hold, held.number)
    await scene.run(HAND_OVER)
    await wait_for_sweep(scene)
    await jobs.sweep(scene.resources)
    await scene.run(HAND_OVER)
    assert came(stand_in, held) == [] and came(stand_in, other) == [("submit", 1)]
    await act(scene, holding.release, held.number)
    await scene.run(HAND_OVER)
    assert came(stand_in, held) == [("submit", 1)]
    assert [one[0] for one in await acts(scene)] == ["hold", "release"]


async def test_a_retry_is_made_now_and_the_tries_stay_counted(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    stand_in.behave(fail="503", fail_times=1)
    await scene.run(HAND_OVER)
    await scene.sql("UPDATE message SET next_try_at = now() + interval '1 hour', tries = 7")
    await scene.sql("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE scheduled_at IS NOT NULL")
    assert await scene.run(HAND_OVER) == 0
    await act(scene, holding.retry, filed.number)
    await scene.run(HAND_OVER)
    assert came(stand_in, filed) == [("submit", 1)] and await scene.value("SELECT tries FROM message") == 8
    await scene.make_due()
    await scene.run(HAND_OVER)  # the wake-up from before finds nothing to do
    assert came(stand_in, filed) == [("submit", 1)]


@pytest.mark.parametrize("before, what, says", [
    ("", "release", "not held"), ("hold", "hold", "held already"), ("hold", "retry", "Release it first"), ("stop", "retry", "Start it first"),
    ("sent", "retry", "Nothing waits"),
])
async def test_what_makes_no_sense_is_refused_and_not_written_down(scene: Scene, before: str, what: str, says: str) -> None:
    filed = await scene.filed()
    if before == "sent":
        await scene.run(HAND_OVER)
    elif before == "stop":
        await act(scene, holding.stop)
    elif before:
        await act(scene, holding.hold, filed.number)
    seen = await acts(scene)
    with pytest.raises(Conflict, match=says):
        await act(scene, getattr(holding, what), filed.number)
    assert await acts(scene) == seen


@pytest.mark.parametrize("number", ["SP-2026-0000000-0", "", "x' OR true --", "𝟙", "-" * 300])
@pytest.mark.parametrize("what", ["hold", "release", "retry"])
async def test_an_unknown_number_is_not_found(scene: Scene, what: str, number: str) -> None:
    with pytest.raises(NotFound):
        await act(scene, getattr(holding, what), number)


async def test_a_refusal_stays_until_somebody_looked_and_changes_nothing_in_the_dossier(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    await scene.run(HAND_OVER)
    event = await scene.value("SELECT event_id::text FROM message")
    await scene.sql("UPDATE message SET refused_at = now(), refusal = '[\"a\", \"b\"]', answered_by = 'flanders'")
    before = await scene.sql("SELECT * FROM dossier")
    async with scene.session() as session:
        (seen,) = await stuck.stuck(session, "refused")
        assert seen.number == filed.number and "cannot work with" in seen.why.text  # type: ignore[union-attr]
    await act(scene, holding.review, filed.number, event)
    async with scene.session() as session:
        assert await stuck.stuck(session, "refused") == []
        shown = await stuck.hand_over(session, filed.number)
    assert (shown.sendings[0].reasons, shown.sendings[0].needs_review, shown.acts[0].kind) == (2, False, "reviewed")
    assert await scene.sql("SELECT * FROM dossier") == before
    with pytest.raises(Conflict):
        await act(scene, holding.review, filed.number, event)


async def test_a_message_put_aside_is_reviewed_also_without_a_dossier(scene: Scene) -> None:
    jti = str(uuid4())
    await scene.sql(
        "INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at, outcome, remark, concluded_at) "
        "VALUES ('https://backbone.example', :jti, 'SP-2026-0000404-X', 1, 'x', now(), 'review', 'no such dossier', now())", jti=jti)
    async with scene.session() as session:
        (one,) = await stuck.stuck(session, "review")
        assert one.number == "SP-2026-0000404-X" and one.why.text == "There is no dossier of this number."  # type: ignore[union-attr]
        shown = await stuck.hand_over(session, one.number)
    assert shown.dossier_id is None and shown.comings[0].needs_review
    for wrong in ("", str(uuid4()), "' OR true --"):
        with pytest.raises(Conflict):
            await act(scene, holding.review, one.number, wrong)
    await act(scene, holding.review, one.number, jti)
    async with scene.session() as session:
        assert await stuck.stuck(session, "review") == []
        assert [done.reason for done in (await stuck.hand_over(session, one.number)).acts] == [WHY.reason]
    assert await scene.value("SELECT outcome FROM inbound_message") == "review"


async def test_what_was_done_can_never_be_changed(scene: Scene) -> None:
    await act(scene, holding.stop)
    for statement in ("UPDATE hand_over_act SET reason = ''", "DELETE FROM hand_over_act"):
        with pytest.raises(DBAPIError, match="only ever added"):
            await scene.sql(statement)


async def test_the_list_tells_what_waits_how_long_and_why(scene: Scene, stand_in: Backbone) -> None:
    filed = await scene.filed()
    stand_in.behave(fail="500", fail_times=1)
    await scene.run(HAND_OVER)
    async with scene.session() as session:
        assert await stuck.stuck(session, "late") == []  # ten minutes are not over
    with stopped_at(now() + timedelta(minutes=11)):
        async with scene.session() as session:
            (one,) = await stuck.stuck(session, "late")
            seen = await stuck.overview(session)
    assert (one.number, one.what, one.tries, one.is_held) == (filed.number, "Filed", 1, False)
    assert "fault of its own" in one.why.text and one.next_try_at  # type: ignore[union-attr]
    assert (seen.late, seen.unheld, seen.needs_a_person) == (1, 1, 1)


async def test_an_event_that_no_worker_ever_saw_is_late_too(scene: Scene) -> None:
    filed = await scene.filed()
    await scene.drop_queue()
    with stopped_at(now() + timedelta(minutes=11)):
        async with scene.session() as session:
            (one,) = await stuck.stuck(session, "late")
            assert (one.number, one.tries) == (filed.number, 0)
            assert (await stuck.hand_over(session, filed.number)).waiting[0].is_signed is False


async def test_a_long_list_goes_on_where_it_stopped(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stuck, "PAGE_SIZE", 2)
    numbers = {(await scene.filed()).number for _place in range(5)}
    await scene.run(HAND_OVER)
    await scene.sql("UPDATE message SET refused_at = '2026-11-20T12:00:00Z'")
    seen: list[str] = []
    after = None
    async with scene.session() as session:
        while rows := await stuck.stuck(session, "refused", after=after):
            seen += [one.number for one in rows[:2]]
            if len(rows) <= 2:
                break
            after = (rows[1].noted_at, rows[1].key)
    assert len(seen) == 5 and set(seen) == numbers


async def test_holding_at_once_from_two_sides_is_written_once(scene: Scene) -> None:
    filed = await scene.filed()
    outcomes = await asyncio.gather(*(act(scene, holding.hold, filed.number) for _place in range(4)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict"] * 3 + ["NoneType"]
    assert [one[0] for one in await acts(scene)] == ["hold"]


async def test_a_deleted_dossier_takes_what_operators_did_with_it(scene: Scene) -> None:
    filed = await scene.filed()
    await act(scene, holding.hold, filed.number)
    await scene.sql("INSERT INTO deletion (dossier_id, number, kind, reason, ordered_by, ordered_at) VALUES (:key, :number, 'single-permit', 'r', 'b', now())",
                    key=filed.id, number=filed.number)
    await retention.carry_out(scene.resources)
    assert await scene.value("SELECT count(*) FROM hand_over_act") == 0 == await scene.value("SELECT count(*) FROM hand_over_hold")
