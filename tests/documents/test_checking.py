"""Documents move from quarantine to clean or are refused, whatever happens on the way; objects that belong to nothing go."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pikepdf
import pytest

from frontoffice.documents import checking, housekeeping
from frontoffice.documents.inspection import Verdict, refusal
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.multipart import PART_BYTES, MultipartUpload
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now, stopped_at
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.storages import sparing, storage_as


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


def a_pdf(pages: int = 2) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


async def a_document(scene: Scene, content: bytes, *, stored: bool = True) -> UUID:
    employer = await scene.employer()
    return await scene.document(await scene.draft(employer), employer, "contract", state="received", content=content, stored=stored)


async def is_there(scene: Scene, bucket: str, key: object) -> bool:
    return str(key) in [one.key async for one in scene.storage.keys(bucket)]


async def test_a_good_document_becomes_clean(scene: Scene) -> None:
    key = await a_document(scene, a_pdf())
    await checking.check(scene.resources, str(key))
    (row,) = await scene.sql("SELECT state, media_type, pages, reason FROM document")
    assert tuple(row) == ("checked", "application/pdf", 2, "")
    assert await is_there(scene, scene.storage.clean, key) and not await is_there(scene, scene.storage.quarantine, key)
    await checking.check(scene.resources, str(key))


async def test_a_bad_document_is_refused_with_a_reason(scene: Scene) -> None:
    key = await a_document(scene, b"MZ this is a program")
    await checking.check(scene.resources, str(key))
    (row,) = await scene.sql("SELECT state, reason FROM document")
    assert row.state == "refused" and "PDF" in row.reason
    assert not await is_there(scene, scene.storage.clean, key)


async def test_bytes_that_did_not_arrive_are_asked_again(scene: Scene) -> None:
    key = await a_document(scene, a_pdf(), stored=False)
    await checking.check(scene.resources, str(key))
    assert (await scene.value("SELECT reason FROM document")).startswith("This file did not arrive")


@pytest.mark.parametrize("state", ["replaced", "refused", "checked"])
async def test_what_is_over_stays_so_and_leaves_quarantine(scene: Scene, state: str) -> None:
    """Taken back meanwhile; or judged by a check that was cut off before it had cleared up."""
    key = await a_document(scene, a_pdf())
    await scene.sql("UPDATE document SET state = :state", state=state)
    await checking.check(scene.resources, str(key))
    assert await scene.value("SELECT state FROM document") == state
    assert await scene.value("SELECT count(*) FROM segment") == 0 and not await is_there(scene, scene.storage.quarantine, key)


async def test_an_upload_under_way_is_left_alone(scene: Scene) -> None:
    key = await a_document(scene, a_pdf())
    await scene.sql("UPDATE document SET state = 'uploading'")
    await checking.check(scene.resources, str(key))
    assert await scene.value("SELECT count(*) FROM segment") == 1 and await is_there(scene, scene.storage.quarantine, key)


async def test_a_storage_that_is_away_leaves_it_for_the_next_try(fresh_database: Database, engines: Engines, tmp_path: Path, scene: Scene) -> None:
    key = await a_document(scene, a_pdf())
    async with a_scene_without_storage(fresh_database, engines, tmp_path) as lost:
        with pytest.raises(Unavailable):
            await checking.check(lost.resources, str(key))
    assert await scene.value("SELECT state FROM document") == "checking"
    await checking.check(scene.resources, str(key))
    assert await scene.value("SELECT state FROM document") == "checked"


def a_scene_without_storage(database: Database, engines: Engines, folder: Path):  # type: ignore[no-untyped-def]
    return a_scene(database, engines, folder, s3_endpoint="http://127.0.0.1:9")


async def test_objects_that_belong_to_nothing_leave_after_a_day(scene: Scene) -> None:
    async def bytes_of(content: bytes) -> AsyncIterator[bytes]:
        yield content

    orphan, odd = str(uuid4()), "odd-name"
    for key in (orphan, odd):
        await scene.storage.put_stream(key, bytes_of(b"x"))
    waiting = await a_document(scene, a_pdf())
    await housekeeping.clear(scene.resources)
    assert await is_there(scene, scene.storage.quarantine, orphan)
    with stopped_at(now() + timedelta(hours=25)), sparing(checking.storage_of(scene.resources), orphan, odd, waiting):
        await housekeeping.clear(scene.resources)
    assert not await is_there(scene, scene.storage.quarantine, orphan) and not await is_there(scene, scene.storage.quarantine, odd)
    assert await is_there(scene, scene.storage.quarantine, waiting)


@pytest.mark.parametrize("again", ["the next check says no", "and is cut before it has cleared up", "it was taken back"])
async def test_what_a_cut_check_kept_leaves_when_the_next_one_knows_better(scene: Scene, monkeypatch: pytest.MonkeyPatch, again: str) -> None:
    """Killed after the file was clean, before its row said so; by then the scanner knows the virus."""
    key = await a_document(scene, content := a_pdf())
    await scene.sql("UPDATE document SET sha256 = '', state = 'checking'")
    await scene.storage.put(str(key), bytearray(content), bucket=scene.storage.clean)

    async def infected(*_given: object) -> Verdict:
        return refusal("polyglot")

    if again == "it was taken back":
        await scene.sql("UPDATE document SET state = 'replaced'")
    monkeypatch.setattr(checking, "harmful", infected)
    if again == "and is cut before it has cleared up":
        with monkeypatch.context() as cut, pytest.raises(Unavailable):
            cut.setattr(checking, "_clear_up", away)
            await checking.check(scene.resources, str(key))
        assert await is_there(scene, scene.storage.clean, key)
    await checking.check(scene.resources, str(key))
    assert await scene.value("SELECT state FROM document") == ("replaced" if again == "it was taken back" else "refused")
    assert not await is_there(scene, scene.storage.clean, key) and not await is_there(scene, scene.storage.quarantine, key)


async def away(*_given: object) -> None:
    raise Unavailable("storage")


async def test_uploads_that_a_killed_process_left_are_given_back_after_a_day(scene: Scene) -> None:
    storage = scene.storage
    begun = [(bucket, str(uuid4())) for bucket in (storage.quarantine, storage.clean)]
    for bucket, key in begun:
        upload = MultipartUpload(storage, storage._client, bucket, key)
        await upload.add(bytes(PART_BYTES))
        await asyncio.gather(*upload._parts)
    assert await half_put(storage) >= set(begun)
    await housekeeping.clear(scene.resources)
    assert await half_put(storage) >= set(begun)
    with stopped_at(now() + timedelta(hours=25)), sparing(checking.storage_of(scene.resources), *(key for _bucket, key in begun)):
        await housekeeping.clear(scene.resources)
    assert not await half_put(storage) & set(begun)


async def half_put(storage: Storage) -> set[tuple[str, str]]:
    found = set()
    for bucket in (storage.quarantine, storage.clean):
        listed = await storage.call(partial(storage._client.list_multipart_uploads, Bucket=bucket))
        found |= {(bucket, one["Key"]) for one in listed.get("Uploads", ())}
    return found
