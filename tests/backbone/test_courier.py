"""Restraint towards a backbone in trouble: so many messages a second, all processes together, and none for a while after ten failures."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from frontoffice.backbone import jobs
from frontoffice.backbone import pace as pacing
from frontoffice.backbone.courier import courier_of
from frontoffice.backbone.pace import CircuitOpen, Pace, most_now
from tests.peers import Backbone
from tests.scene import Scene

HAND_OVER = "backbone:hand_over"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.instant = datetime.fromisoformat("2026-11-22T10:00:00+00:00")

    def __call__(self) -> datetime:
        return self.instant

    def go(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pacing, "now", clock)
    return clock


async def noted(scene: Scene, pace: Pace, *, delivered: int = 0, failures: int = 0) -> bool:
    async with scene.session() as session:
        return await pace.note(session, delivered=delivered, failures=failures)


async def most(scene: Scene) -> int:
    async with scene.session() as session:
        return await most_now(session, 500)


async def test_ten_failures_in_a_row_open_the_circuit_for_every_process(scene: Scene, clock: Clock) -> None:
    one, other = Pace(5), Pace(5)
    await one.turn(scene.resources.engine)
    for _ in range(9):
        assert not await noted(scene, one, failures=1)
    assert not await noted(scene, one, delivered=1)
    assert not await noted(scene, one, failures=9)
    await other.turn(scene.resources.engine)
    assert await most(scene) == 500
    await noted(scene, one, failures=1)
    assert await most(scene) == 0
    clock.go(1)
    for each in (one, other):
        with pytest.raises(CircuitOpen):
            await each.turn(scene.resources.engine)


async def test_after_half_a_minute_one_try_decides(scene: Scene, clock: Clock) -> None:
    one, other, engine = Pace(5), Pace(5), scene.resources.engine
    await one.turn(engine)
    await noted(scene, one, failures=10)
    clock.go(30)
    assert await most(scene) == 1
    await one.turn(engine)
    for each in (one, other):
        with pytest.raises(CircuitOpen):
            clock.go(0.01)
            await each.turn(engine)
    await noted(scene, one, failures=1)
    clock.go(30.1)
    await other.turn(engine)
    assert await noted(scene, other, delivered=1)
    assert not await noted(scene, other, delivered=1)
    assert await most(scene) == 500
    clock.go(1)
    await one.turn(engine)


@pytest.mark.parametrize(("rate", "processes"), [(1, 2), (5, 1), (5, 3), (40, 3), (300, 2)])
async def test_all_processes_together_keep_to_the_rate(scene: Scene, clock: Clock, rate: int, processes: int) -> None:
    paces, gone = [Pace(rate) for _ in range(processes)], [0]

    async def go(pace: Pace) -> None:
        while True:
            await pace.turn(scene.resources.engine)
            gone[0] += 1

    everybody = [asyncio.create_task(go(one)) for one in paces for _ in range(3)]
    # The clock stands still: all turns of its second are given, however long that takes here, and then no more.
    async with asyncio.timeout(60):
        while gone[0] < rate:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)
    for one in everybody:
        one.cancel()
    await asyncio.gather(*everybody, return_exceptions=True)
    assert gone[0] == rate


async def test_a_clock_that_was_wrong_does_not_stop_the_others(scene: Scene, clock: Clock) -> None:
    await Pace(1).turn(scene.resources.engine)
    await scene.sql("UPDATE hand_over_pace SET second = second + interval '1 hour', taken = 9")
    clock.go(1)
    await asyncio.wait_for(Pace(1).turn(scene.resources.engine), 30)


async def opened(scene: Scene) -> None:
    await scene.sql("INSERT INTO hand_over_pace VALUES ('backbone', now(), 0, 10, now() + interval '30 minutes')"
                    " ON CONFLICT (peer) DO UPDATE SET failures = 10, open_until = excluded.open_until")


async def test_with_an_open_circuit_nothing_is_tried_and_no_job_waits(scene: Scene, stand_in: Backbone) -> None:
    filed = [await scene.filed() for _ in range(3)]
    await opened(scene)
    await scene.run(HAND_OVER, "backbone:sweep")
    rows = await scene.sql("SELECT tries, content, concluded_at FROM message")
    assert [(row.tries, row.content, row.concluded_at) for row in rows] == [(0, None, None)] * 3
    assert await scene.queued(HAND_OVER) == []
    await scene.sql("UPDATE message SET created_at = created_at - interval '2 minutes'")
    await swept(scene)
    assert await scene.queued(HAND_OVER) == []
    # Its half minute is over: one of them is the try that decides, and when it is taken the others follow.
    await scene.sql("UPDATE hand_over_pace SET open_until = now()")
    await swept(scene)
    assert len(await scene.queued(HAND_OVER)) == 1
    await scene.run(HAND_OVER, "backbone:sweep")
    assert [len(stand_in.dossier(one.number)["messages"]) for one in filed] == [1, 1, 1]
    assert await scene.value("SELECT failures FROM hand_over_pace") == 0


async def swept(scene: Scene) -> None:
    await jobs.sweep(scene.resources)


async def test_a_backbone_that_is_away_costs_no_more_than_its_retries(scene: Scene, stand_in: Backbone) -> None:
    """Of thirty that wait ten are tried; then a minute costs one try at most, and no job."""
    for _ in range(30):
        await scene.filed()
    stand_in.process.kill()
    stand_in.process.wait()
    try:
        await scene.run(HAND_OVER)
        assert await scene.value("SELECT sum(tries) FROM message") == 10
        await scene.sql("UPDATE message SET created_at = created_at - interval '2 minutes', tried_at = tried_at - interval '2 minutes'")
        await scene.sql("DELETE FROM procrastinate_jobs WHERE task_name = 'backbone:hand_over'")
        for _minute in range(3):
            await scene.sql("UPDATE hand_over_pace SET open_until = now()")
            await swept(scene)
            await scene.run(HAND_OVER)
        assert await scene.value("SELECT sum(tries) FROM message") <= 13
    finally:
        stand_in.restart()
    # On a busy machine one that has just come back may miss a try more.
    for _minute in range(10):
        await scene.make_due()
        await scene.sql("UPDATE hand_over_pace SET open_until = now()")
        await scene.sql("UPDATE message SET tried_at = tried_at - interval '2 minutes', created_at = created_at - interval '2 minutes'")
        await swept(scene)
        await scene.run(HAND_OVER, "backbone:sweep")
    assert await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NULL") == 0


async def test_what_waits_together_goes_together(scene: Scene, stand_in: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast peer is brought many at a time: one bad dossier among them fails alone."""
    filed = [await scene.filed() for _ in range(6)]
    await scene.sql("UPDATE answer SET content = content || '{\"sex\": \"?\"}' WHERE page = 'identity' AND dossier_id = :bad", bad=filed[2].id)
    courier_of(scene.resources).pace.most = 100
    [first, *_rest] = await scene.sql("DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs WHERE task_name = :name) RETURNING args",
                                      name=HAND_OVER)
    seen: list[Any] = []
    monkeypatch.setattr(jobs.dispatch, "write", _counted(jobs.dispatch.write, seen))
    await jobs.hand_over(scene.resources, first.args["event_id"])
    assert len(seen) == 1
    rows = await scene.sql("SELECT dossier_id, concluded_at, last_error FROM message")
    assert {row.dossier_id for row in rows if row.concluded_at} == {one.id for one in filed} - {filed[2].id}
    assert [row.last_error for row in rows if not row.concluded_at] == ["$.body.person.sex: enum"]
    assert len(await scene.queued(HAND_OVER)) == 1
    assert [one["received"] for one in stand_in.dossier(filed[5].number)["messages"]] == [1]


def _counted(function: Any, seen: list[Any]) -> Any:
    async def called(*given: Any) -> Any:
        seen.append(given)
        return await function(*given)

    return called
