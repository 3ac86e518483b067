"""Idle drafts go with all that hangs on them; filed dossiers stay."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from frontoffice.documents import housekeeping
from frontoffice.dossiers import jobs
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import now, stopped_at
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.storages import storage_as


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def is_there(scene: Scene, bucket: str, key: object) -> bool:
    return str(key) in [one.key async for one in scene.storage.keys(bucket)]


async def test_idle_and_discarded_drafts_leave_with_all_their_rows(scene: Scene) -> None:
    employer = await scene.employer()
    idle, discarded, fresh = [await scene.draft(employer) for _ in range(3)]
    await scene.take(idle, "declare-consent", employer)
    await scene.take(discarded, "discard", employer)
    document = await scene.document(idle, employer, "contract")
    filed = await scene.filed(employer, documents=("contract", "function-description", "signatory-identity", "health-insurance", "contribution", "passport",
                                                   "diploma", "criminal-record", "medical-certificate"))
    await scene.sql("UPDATE dossier SET updated_at = updated_at - interval '91 days' WHERE id IN (:idle, :filed)", idle=idle, filed=filed.id)
    with stopped_at(now() + timedelta(hours=25)):
        await jobs.clear(scene.resources)
        await housekeeping.clear(scene.resources)
    left = {row[0] for row in await scene.sql("SELECT id FROM dossier")}
    assert left == {fresh, filed.id}
    for table in ("answer", "participation", "event", "document"):
        assert await scene.value(f"SELECT count(*) FROM {table} WHERE dossier_id NOT IN (SELECT id FROM dossier)") == 0
    assert not await is_there(scene, scene.storage.clean, document)
    kept = [str(row[0]) for row in await scene.sql("SELECT id FROM document")]
    assert len(kept) == 9 and all([await is_there(scene, scene.storage.clean, key) for key in kept])


async def test_nothing_of_a_filed_dossier_can_be_deleted(scene: Scene) -> None:
    await scene.filed()
    with pytest.raises(Exception, match="only ever added"):
        await scene.sql("DELETE FROM event")
    with pytest.raises(NotFound):
        async for _piece in scene.storage.open(scene.storage.clean, str(uuid4()), expected_sha256=""):
            pass
