"""What a job costs when thousands wait that the database has not counted yet: it plans for the short queue of before."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from frontoffice.backbone import outbox
from frontoffice.backbone.composition import HAND_OVER
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.jobs import TRACEPARENT
from frontoffice.kernel.time import now
from tests.scene import Scene

MANY = 3000
# Some hundred are read where the queue's indexes are used, and millions where each job is compared with each.
MOST_BLOCKS = 1000
_QUEUE = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, args)"
    " SELECT 'default', name, -1, name || '/' || gen_random_uuid(), jsonb_build_object('event_id', gen_random_uuid())"
    " FROM CAST(:name AS text) AS name, generate_series(1, :count)"
)
_FETCH = text("SELECT procrastinate_fetch_job_v2(NULL, NULL)")


async def blocks(session: AsyncSession | AsyncConnection, statement: str, **values: Any) -> int:
    """How many blocks a statement reads, what its functions and triggers read too."""
    plan = (await session.execute(text(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}"), values)).scalar_one()[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def count_empty(scene: Scene) -> None:
    """Let the queue be counted at a moment when it is empty: until it is counted again, the database expects one job in it."""
    await scene.sql(_QUEUE, name=HAND_OVER, count=100)
    await scene.sql("DELETE FROM procrastinate_jobs")
    owner = make_engine(scene.database.owner)
    async with transaction(owner) as session:
        await session.execute(text("ANALYZE procrastinate_jobs"))
    await owner.dispose()


async def crowd(scene: Scene) -> None:
    """Many jobs, all at once."""
    await scene.sql(_QUEUE, name=HAND_OVER, count=MANY)


async def test_a_worker_takes_its_next_job(scene: Scene) -> None:
    await count_empty(scene)
    async with scene.resources.engine.connect() as worker, scene.session() as another:
        # It plans once, while nothing waits, and keeps to its plan. Another worker is at the first jobs of the queue.
        for _time in range(10):
            await worker.execute(_FETCH)
        await worker.commit()
        await crowd(scene)
        await another.execute(text("SELECT id FROM procrastinate_jobs ORDER BY id LIMIT 10 FOR UPDATE"))
        assert 0 < await blocks(worker, _FETCH.text) < MOST_BLOCKS


async def test_a_hand_over_takes_others_along(scene: Scene) -> None:
    await count_empty(scene)
    await crowd(scene)
    async with scene.session() as session:
        assert 0 < await blocks(session, outbox._TAKE_ALONG.text, name=HAND_OVER, trace=TRACEPARENT, instant=now(), most=20) < MOST_BLOCKS


async def test_the_sweep_looks_for_what_no_job_moves(scene: Scene) -> None:
    await count_empty(scene)
    await crowd(scene)
    events = "(SELECT gen_random_uuid() AS dossier_id FROM generate_series(1, 500)) AS event"
    async with scene.session() as session:
        assert 0 < await blocks(session, f"SELECT dossier_id FROM {events} WHERE {outbox._WITHOUT_JOB.text}", name=f"{HAND_OVER}/") < MOST_BLOCKS
