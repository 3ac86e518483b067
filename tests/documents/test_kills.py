"""A worker killed at any point of a check, a join or the drawing: the document ends as it should, with the right bytes and every picture."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from frontoffice.documents import checking, previews, unfinished
from frontoffice.settings import Settings
from frontoffice.worker import make_worker_queue, retry_stalled
from tests.documents.killed import CHECKING, DRAWING, JOINING
from tests.documents.photos import a_joined, content_of, encoded, marked, phone_photo, scan
from tests.engines import Database, Engines
from tests.scene import JOBS, Scene, a_scene
from tests.storages import storage_as

PHOTOS = [(phone_photo(6), "image/jpeg"), (encoded(marked(), "PNG"), "image/png")]


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def killed(settings: Settings, point: str, folder: Path) -> None:
    """A worker that works until it is killed there; what it leaves on the disk lies in the folder."""
    environment = {one.metadata["variable"]: getattr(settings, one.name) for one in fields(settings)}
    process = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "tests.documents.killed", point], env={**os.environ, **environment, "TMPDIR": str(folder)}, cwd=Path(__file__).parents[2],
        capture_output=True, text=True, timeout=400, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr[-2000:]


async def rescued(scene: Scene) -> None:
    """What the next worker does within its first minute."""
    await scene.sql("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    queue = make_worker_queue(scene.settings, JOBS, scene.resources)
    async with queue.open_async():
        assert await retry_stalled(queue) >= 1


async def forgotten(scene: Scene) -> None:
    """The queue is lost too, and only the sweeps are left."""
    await scene.drop_queue()
    await scene.sql("UPDATE document SET changed_at = changed_at - interval '2 minutes'")
    await checking.wake(scene.resources)
    await previews.wake(scene.resources)


async def uploaded(scene: Scene, pages: int) -> tuple[UUID, bytes]:
    employer, content = await scene.employer(), scan(pages)
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", content=content)
    return key, content


POINTS = [(point, False) for point in (*CHECKING, *DRAWING)] + [(point, True) for point in JOINING]


@pytest.mark.parametrize("number", range(len(POINTS)), ids=[point for point, _joins in POINTS])
async def test_a_worker_killed_at_any_point_leaves_no_half_document(scene: Scene, tmp_path: Path, number: int) -> None:
    point, joins = POINTS[number]
    content, parts, pages = b"", [], 2 if joins else 12 if point in DRAWING else 1
    if joins:
        key, parts = await a_joined(scene, PHOTOS)
        await scene.sql("UPDATE document SET previewed_at = now() WHERE state = 'checked'")
    else:
        key, content = await uploaded(scene, pages)
    async with scene.session() as session:
        await checking.queue_check(session, key)
    await killed(scene.settings, point, tmp_path)
    # Half of the points leave the row of the queue behind, the other half lose it as well.
    await (rescued if number % 2 == 0 else forgotten)(scene)
    await scene.run(checking.CHECK, checking.PREVIEW)
    await unfinished.lapse(scene.resources)
    (row,) = await scene.sql("SELECT state, sha256, size, pages, previews, previewed_at FROM document WHERE id = :key", key=key)
    assert (row.state, row.pages, row.previews, row.previewed_at is not None) == ("checked", pages, pages, True)
    kept = await content_of(scene, str(key), row.sha256)
    assert len(kept) == row.size and content in (b"", kept)
    await right_pictures(scene, key, pages)
    assert [await content_of(scene, str(part), sha256(photo).hexdigest()) for part, (photo, _type) in zip(parts, PHOTOS, strict=False)] == \
        [photo for photo, _type in PHOTOS[: len(parts)]]


async def right_pictures(scene: Scene, key: UUID, pages: int) -> None:
    """Each row has its object, and the buckets hold nothing else of this document."""
    rows = await scene.sql("SELECT number, sha256 FROM preview WHERE document_id = :key ORDER BY number", key=key)
    assert [one.number for one in rows] == list(range(pages + 1))
    for one in rows:
        await content_of(scene, previews.preview_key(key, one.number), one.sha256)
    clean = {one.key async for one in scene.storage.keys(scene.storage.clean)}
    assert {one for one in clean if str(key) in one} == {str(key), *(previews.preview_key(key, one.number) for one in rows)}
    quarantined = {one.key async for one in scene.storage.keys(scene.storage.quarantine)}
    assert str(key) not in quarantined and await scene.value("SELECT count(*) FROM segment") == 0


async def test_two_workers_at_one_document_leave_one_right_end(scene: Scene) -> None:
    """A worker that was thought to be dead goes on beside the one that took its place."""
    key, content = await uploaded(scene, 2)
    found = await asyncio.gather(*(checking.check(scene.resources, str(key)) for _ in range(3)), return_exceptions=True)
    await checking.check(scene.resources, str(key))
    assert None in found
    (row,) = await scene.sql("SELECT state, sha256 FROM document")
    assert (row.state, row.sha256) == ("checked", sha256(content).hexdigest())
    assert await content_of(scene, str(key), row.sha256) == content
    await asyncio.gather(*(previews._preview(scene.resources, key) for _ in range(3)), return_exceptions=True)
    await previews.preview(scene.resources, str(key))
    (row,) = await scene.sql("SELECT previews, previewed_at FROM document")
    assert row.previews == 2 and row.previewed_at
    for one in await scene.sql("SELECT number, sha256 FROM preview"):
        await content_of(scene, previews.preview_key(key, one.number), one.sha256)
