"""Every file of the hostile table goes the whole way, on real PostgreSQL and S3, and ends as it should, in little time and memory."""

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from uuid import UUID

import pytest
import pytest_asyncio

from frontoffice.documents import checking, inspection, scanning
from frontoffice.documents.cage_child import CPU_SECONDS, MEMORY_BYTES
from frontoffice.kernel.jobs import Resources
from frontoffice.local.scanner import clamd
from frontoffice.parties.actor import Actor
from tests.documents.hostile_table import CASES, DISAGREES, HARMFUL, KEPT, OTHERWISE, Case
from tests.documents.scanners import running_clamd
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

REASONS = {**inspection._REASONS, DISAGREES: inspection._DISAGREES, OTHERWISE: inspection._DECLARED_OTHERWISE, HARMFUL: scanning._HARMFUL}
# The work of a child from its start to its end: a busy machine makes it no longer.
SECONDS = CPU_SECONDS + 1


@dataclass
class Table:
    """Where the files are laid, one after the other."""

    scene: Scene
    resources: Resources
    dossier: UUID
    actor: Actor

    async def brought(self, name: str, declared: str, content: bytes) -> UUID:
        """A document that has just arrived under this name."""
        key = await self.scene.document(self.dossier, self.actor, "contract", state="received", content=content or b"\n", stored=bool(content))
        await self.scene.sql("UPDATE document SET file_name = :name, media_type = :declared WHERE id = :key", name=name, declared=declared, key=key)
        if not content:
            await self.scene.sql("DELETE FROM segment WHERE document_id = :key", key=key)
        return key


@pytest.fixture(scope="module")
def module_database(engines: Engines) -> Iterator[Database]:
    database = engines.new_database()
    yield database
    engines.drop(database)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def table(module_database: Database, engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Table]:
    with ExitStack() as stack:
        address = stack.enter_context(running_clamd()) if clamd() else ""
        async with a_scene(module_database, engines, tmp_path_factory.mktemp("table")) as scene:
            employer = await scene.employer()
            resources = Resources(scene.resources.engine, replace(scene.settings, clamav=address))
            yield Table(scene, resources, await scene.draft(employer), employer)


async def test_the_table_is_large_and_every_name_stands_once_for_a_file() -> None:
    assert len(CASES) >= 120
    assert len({(case.name, case.declared, case.end, case.make) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name or 'nameless'}-{case.end}"[-60:])
async def test_a_hostile_file_ends_as_it_should(case: Case, table: Table) -> None:
    if case.end == HARMFUL and not table.resources.settings.clamav:
        pytest.skip("ClamAV is not installed (apt-get install clamav-daemon)")
    key = await table.brought(case.name, case.declared, case.make())
    before = _children()
    await checking.check(table.resources, str(key))
    after = _children()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SECONDS
    # Of all children so far the largest is known, and each counts as large as this process until it has become another program.
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after.ru_maxrss <= max(before.ru_maxrss, ours) or after.ru_maxrss * 1024 < MEMORY_BYTES
    (row,) = await table.scene.sql("SELECT state, reason, reason_params, file_name, media_type FROM document WHERE id = :key", key=key)
    kept = case.end == KEPT
    assert (row.state, row.reason) == ("checked" if kept else "refused", "" if kept else REASONS[case.end])
    assert kept or row.reason % row.reason_params
    assert await _is_there(table.scene, table.scene.storage.clean, key) == kept
    assert await table.scene.value("SELECT count(*) FROM segment WHERE document_id = :key", key=key) == 0
    if kept:
        assert row.file_name.lower().endswith(inspection._EXTENSIONS[row.media_type])


def _children() -> resource.struct_rusage:
    """What the children of this process have used so far; the memory is that of the largest."""
    return resource.getrusage(resource.RUSAGE_CHILDREN)


async def _is_there(scene: Scene, bucket: str, key: UUID) -> bool:
    return str(key) in [one.key async for one in scene.storage.keys(bucket)]
