"""Idle drafts go with all that hangs on them, after a warning; whatever somebody works on stays, and so do filed dossiers."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from frontoffice.documents import housekeeping
from frontoffice.documents.checking import storage_of
from frontoffice.dossiers import jobs
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import now, stopped_at
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.storages import sparing, storage_as


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def is_there(scene: Scene, bucket: str, key: object) -> bool:
    return str(key) in [one.key async for one in scene.storage.keys(bucket)]


async def drafts(scene: Scene) -> set[UUID]:
    return {row[0] for row in await scene.sql("SELECT id FROM dossier")}


async def leave_alone(scene: Scene, draft: UUID, days: int, *, warned: int | None = None) -> None:
    """Let everything that was done to a draft lie so many days back, and its warning so many."""
    instant = now()
    done = {"key": draft, "then": instant - timedelta(days=days)}
    await scene.sql("UPDATE dossier SET updated_at = :then, warned_at = :warned WHERE id = :key", **done,
                    warned=instant - timedelta(days=warned) if warned is not None else None)
    await scene.sql("UPDATE participation SET starts_at = :then WHERE dossier_id = :key", **done)
    await scene.sql("UPDATE document SET given_at = :then, changed_at = :then WHERE dossier_id = :key", **done)


async def test_idle_and_discarded_drafts_leave_with_all_their_rows(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    employer = await scene.employer()
    idle, discarded, fresh = [await scene.draft(employer) for _ in range(3)]
    await scene.take(idle, "declare-consent", employer)
    await scene.take(discarded, "discard", employer)
    document = await scene.document(idle, employer, "contract")
    filed = await scene.filed(employer, documents=("contract", "function-description", "signatory-identity", "health-insurance", "contribution", "passport",
                                                   "diploma", "criminal-record", "medical-certificate"))
    await leave_alone(scene, idle, 91, warned=15)
    await scene.sql("UPDATE dossier SET updated_at = updated_at - interval '91 days', warned_at = updated_at - interval '15 days' WHERE id = :id", id=filed.id)
    mine = [row[0] for row in await scene.sql("SELECT id FROM document")]
    with stopped_at(now() + timedelta(hours=25)), caplog.at_level(logging.INFO, "frontoffice.dossiers"), sparing(storage_of(scene.resources), *mine):
        await jobs.clear(scene.resources)
        await housekeeping.clear(scene.resources)
    assert await drafts(scene) == {fresh, filed.id}
    for table in ("answer", "participation", "event", "document"):
        assert await scene.value(f"SELECT count(*) FROM {table} WHERE dossier_id NOT IN (SELECT id FROM dossier)") == 0
    assert not await is_there(scene, scene.storage.clean, document)
    kept = [str(row[0]) for row in await scene.sql("SELECT id FROM document")]
    assert len(kept) == 9 and all([await is_there(scene, scene.storage.clean, key) for key in kept])
    # Why each of them went, in identifiers only.
    told = [one.getMessage() for one in caplog.records if one.name == "frontoffice.dossiers"]
    assert [one for one in told if str(idle) in one and "nobody worked on it since" in one and "1 documents" in one]
    assert [one for one in told if str(discarded) in one and "discarded" in one]
    assert not [one for one in told for word in ("Kumar", "Havenlogistiek", "contract") if word in one]


@pytest.mark.parametrize("state", ["uploading", "received", "checking", "checked", "refused", "replaced"])
async def test_a_document_is_a_sign_of_life_however_it_stands(scene: Scene, state: str) -> None:
    employer = await scene.employer()
    draft = await scene.draft(employer)
    await leave_alone(scene, draft, 91, warned=15)
    document = await scene.document(draft, employer, "contract", state=state)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == {draft}
    assert await scene.value("SELECT id FROM document") == document


async def test_whoever_joins_a_draft_keeps_it(scene: Scene) -> None:
    draft, worker = await scene.draft(await scene.employer()), await scene.person("Rajesh Kumar", "rajesh.kumar@worker.example")
    await leave_alone(scene, draft, 91, warned=15)
    await scene.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :draft, :worker, 'worker', now())",
                    id=uuid4(), draft=draft, worker=worker)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == {draft}


@pytest.mark.parametrize(("days", "warned", "goes"), [
    (400, None, False), (91, 14, False), (91, 15, True), (90, 15, False), (91, 91, False), (91, 100, False), (400, 15, True),
])
async def test_none_goes_before_its_day_and_none_without_a_warning(scene: Scene, days: int, warned: int | None, goes: bool) -> None:
    draft = await scene.draft(await scene.employer())
    await leave_alone(scene, draft, days, warned=warned)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == (set() if goes else {draft})


async def test_a_document_that_was_used_again_elsewhere_stays_there(scene: Scene) -> None:
    employer = await scene.employer()
    idle, other, living = [await scene.draft(employer) for _ in range(3)]
    first = await scene.document(idle, employer, "contract")
    second = await scene.document(living, employer, "contract")
    await scene.sql("UPDATE document SET reused_from = :first WHERE id = :second", first=first, second=second)
    for one in (idle, other):
        await leave_alone(scene, one, 91, warned=15)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == {living}
    assert await scene.sql("SELECT id, reused_from, state FROM document") == [(second, None, "checked")]


@pytest.mark.parametrize("how", ["idle", "discarded"])
async def test_a_draft_stays_while_the_bytes_of_its_document_are_being_copied(scene: Scene, how: str) -> None:
    employer = await scene.employer()
    draft, living = [await scene.draft(employer) for _ in range(2)]
    first = await scene.document(draft, employer, "contract")
    second = await scene.document(living, employer, "contract", state="received", stored=False)
    await scene.sql("UPDATE document SET reused_from = :first WHERE id = :second", first=first, second=second)
    if how == "discarded":
        await scene.take(draft, "discard", employer)
    await leave_alone(scene, draft, 91, warned=15)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == {draft, living}
    await scene.sql("UPDATE document SET state = 'checked' WHERE id = :second", second=second)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == {living}


async def test_joined_pages_and_replaced_documents_leave_with_their_draft(scene: Scene) -> None:
    employer = await scene.employer()
    draft = await scene.draft(employer)
    page, joined, newer = [await scene.document(draft, employer, "contract", stored=False) for _ in range(3)]
    await scene.sql("UPDATE document SET joined_into = :joined WHERE id = :page", joined=joined, page=page)
    await scene.sql("UPDATE document SET replaces = :joined WHERE id = :newer", joined=joined, newer=newer)
    await scene.take(draft, "discard", employer)
    await jobs.clear(scene.resources)
    assert await drafts(scene) == set() and await scene.value("SELECT count(*) FROM document") == 0


async def test_one_draft_that_cannot_go_keeps_no_other(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    employer = await scene.employer()
    keys = [await scene.draft(employer) for _ in range(3)]
    for nth, key in enumerate(keys):
        await leave_alone(scene, key, 100 - nth, warned=15)
    # A row that nobody expects at a draft.
    await scene.sql("INSERT INTO hold (dossier_id, reason, held_by, held_at) VALUES (:key, 'x', 'x', now())", key=keys[1])
    with pytest.raises(RuntimeError, match="1 drafts"):
        await jobs.clear(scene.resources)
    assert await drafts(scene) == {keys[1]}
    assert [one for one in caplog.records if str(keys[1]) in one.getMessage() and "fk_hold_dossier_id" in one.getMessage()]
    # It is as it was before.
    assert await scene.value("SELECT count(*) FROM answer WHERE dossier_id = :key", key=keys[1]) > 0


async def test_more_drafts_than_a_batch_are_cleared_in_one_night(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_BATCH", 2)
    employer = await scene.employer()
    keys = [await scene.draft(employer) for _ in range(5)]
    # All of the same instant: where a batch ends must not matter.
    instant = now()
    await scene.sql("UPDATE dossier SET updated_at = :then, warned_at = :warned", then=instant - timedelta(days=91), warned=instant - timedelta(days=15))
    await scene.sql("UPDATE participation SET starts_at = :then", then=instant - timedelta(days=91))
    await scene.sql("INSERT INTO hold (dossier_id, reason, held_by, held_at) VALUES (:key, 'x', 'x', now())", key=keys[0])
    with pytest.raises(RuntimeError):
        await jobs.clear(scene.resources)
    assert await drafts(scene) == {keys[0]}


async def test_whatever_names_a_dossier_or_a_document_is_found_by_an_index(scene: Scene) -> None:
    """Deleting one asks each of these tables; without an index the database would read all of it every time."""
    rows = await scene.sql(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.confrelid IN ('dossier'::regclass, 'document'::regclass, 'second_address'::regclass)"
        " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum)"
    )
    assert rows == []


async def test_nothing_of_a_filed_dossier_can_be_deleted(scene: Scene) -> None:
    await scene.filed()
    with pytest.raises(Exception, match="only ever added"):
        await scene.sql("DELETE FROM event")
    with pytest.raises(NotFound):
        async for _piece in scene.storage.open(scene.storage.clean, str(uuid4()), expected_sha256=""):
            pass
