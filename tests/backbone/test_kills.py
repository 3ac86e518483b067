"""Rules 30 to 32: a process killed at each marked point. Nothing is lost, nothing has two effects, the same bytes go again."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from frontoffice.backbone import jobs
from frontoffice.parties.actor import Actor
from frontoffice.settings import Settings
from frontoffice.worker import make_worker_queue, retry_stalled, run
from tests.backbone.killed import FILING, POINTS
from tests.backbone.test_jobs import age_events
from tests.filing import EMPLOYER_DOCUMENTS, WORKER_DOCUMENTS
from tests.peers import Backbone
from tests.scene import JOBS, Scene


async def killed(settings: Settings, point: str, *about: str) -> None:
    """A process that works until it is killed there."""
    environment = {one.metadata["variable"]: getattr(settings, one.name) for one in fields(settings)}
    process = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "tests.backbone.killed", point, *about], env={**os.environ, **environment}, cwd=Path(__file__).parents[2],
        capture_output=True, text=True, timeout=300, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr[-2000:]


async def rescued(scene: Scene) -> None:
    """What the next worker does within its first minute."""
    await scene.sql("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    queue = make_worker_queue(scene.settings, JOBS, scene.resources)
    async with queue.open_async():
        assert await retry_stalled(queue) >= 1
    await run(scene.settings, JOBS, wait=False)


async def forgotten(scene: Scene) -> None:
    """The queue is lost too, and only the sweep is left."""
    await scene.drop_queue()
    await age_events(scene)
    await scene.sql("UPDATE message SET created_at = created_at - interval '5 minutes', tried_at = tried_at - interval '5 minutes'")
    await jobs.sweep(scene.resources)
    await run(scene.settings, JOBS, wait=False)


async def until_concluded(scene: Scene) -> None:
    """On a machine that is busy with other tests a try may be cut for its time; the next one is not waited for."""
    for _try in range(5):
        if await scene.value("SELECT bool_and(concluded_at IS NOT NULL) FROM message"):
            return
        await scene.make_due()
        await run(scene.settings, JOBS, wait=False)


def told_once(stand_in: Backbone, number: str, content: bytes) -> bool:
    """The backbone's own books: one message of these very bytes, and every document once."""
    there: dict[str, Any] = stand_in.dossier(number)
    hashes = [one["sha256"] for one in there["documents"]]
    return [one["sha256"] for one in there["messages"]] == [sha256(content).hexdigest()] and len(hashes) == len(set(hashes)) \
        and all(one["complete"] for one in there["documents"])


@pytest.mark.parametrize("number", range(len(POINTS)), ids=list(POINTS))
async def test_a_worker_killed_at_any_point_hands_over_once(scene: Scene, stand_in: Backbone, number: int) -> None:
    filed = await scene.filed()
    await scene.sql("DELETE FROM procrastinate_jobs WHERE task_name <> 'backbone:hand_over'")
    await killed(scene.settings, list(POINTS)[number])
    stored = [bytes(row.content) for row in await scene.sql("SELECT content FROM message WHERE content IS NOT NULL")]
    # Half of the points leave the row of the queue behind, the other half lose it as well.
    await (rescued if number % 2 == 0 or number == len(POINTS) - 1 else forgotten)(scene)
    await until_concluded(scene)
    [message] = await scene.sql("SELECT content, concluded_at FROM message")
    assert message.concluded_at and stored in ([], [bytes(message.content)])
    assert told_once(stand_in, filed.number, bytes(message.content))
    assert await scene.value("SELECT count(*) FROM document WHERE handed_over_at IS NULL") == 0


async def _ready(scene: Scene) -> tuple[str, Actor]:
    actor = await scene.employer()
    key = await scene.draft(actor)
    for code in (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS):
        await scene.document(key, actor, code)
    await scene.take(key, "declare-consent", actor)
    await scene.drop_queue()
    return str(key), actor


@pytest.mark.parametrize("point", FILING)
async def test_a_server_killed_while_it_files_leaves_a_draft_that_can_be_filed(scene: Scene, point: str) -> None:
    key, actor = await _ready(scene)
    before = await scene.sql("SELECT series, last FROM serial")
    await killed(scene.settings, point, key, str(actor.person_id), str(actor.party_id))
    [row] = await scene.sql("SELECT number, filed_at, region, position FROM dossier")
    assert (row.number, row.filed_at, set(row.position)) == (None, None, {"draft", "worker-confirmed"})
    assert await scene.value("SELECT count(*) FROM event WHERE action = 'submit'") == 0
    assert await scene.value("SELECT count(*) FROM procrastinate_jobs") == 0
    assert await scene.sql("SELECT series, last FROM serial") == before
    await scene.take((await scene.sql("SELECT id FROM dossier"))[0].id, "submit", actor)
    assert int(str(await scene.value("SELECT number FROM dossier")).split("-")[2]) == (before[0].last if before else 0) + 1


async def test_two_workers_share_the_work_and_do_nothing_twice(scene: Scene, stand_in: Backbone) -> None:
    filed = [await scene.filed() for _ in range(3)]
    environment = {one.metadata["variable"]: getattr(scene.settings, one.name) for one in fields(scene.settings)}
    workers = [subprocess.Popen([sys.executable, "-m", "tests.eager", "worker"], env={**os.environ, **environment}, cwd=Path(__file__).parents[2],
                                stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        for _try in range(1200):
            if await scene.value("SELECT count(*) FROM message WHERE concluded_at IS NOT NULL") == len(filed):
                break
            await asyncio.sleep(0.1)
    finally:
        for one in workers:
            one.terminate()
        for one in workers:
            assert await asyncio.to_thread(one.wait, 60) == 0
    rows = {row.number: bytes(row.content) for row in await scene.sql("SELECT d.number, m.content FROM message m JOIN dossier d ON d.id = m.dossier_id")}
    assert all(told_once(stand_in, one.number, rows[one.number]) for one in filed)
    assert [stand_in.dossier(one.number)["messages"][0]["received"] for one in filed] == [1] * 3
