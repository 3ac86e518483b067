"""A closed dossier leaves when its time is over: written down first, held back when somebody says so, and gone from every place."""

import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from frontoffice.documents import retention
from frontoffice.kernel.errors import Conflict, NotFound, Unavailable
from frontoffice.kernel.time import now
from frontoffice.procedures.figures import Figure, Figures
from tests.canaries import CANARIES
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene
from tests.storages import storage_as

FIVE_YEARS = Figure(code="retention", value=60, unit="months", source="A law", confidence="O", category="single-permit")


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


@pytest.fixture
def confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A law that says how long single permits are kept."""
    the_period(monkeypatch, FIVE_YEARS)


def the_period(monkeypatch: pytest.MonkeyPatch, figure: Figure) -> None:
    real = Figures.find

    def find(self: Figures, code: str, **about: str | None) -> Figure | None:
        if code == "retention":
            return figure if about.get("category") == figure.category else None
        return real(self, code, **about)  # type: ignore[arg-type]

    monkeypatch.setattr(Figures, "find", find)


async def closed(scene: Scene, *, years: float = 6) -> Filed:
    """A withdrawn dossier whose last event lies so many years back."""
    employer = await scene.employer()
    filed = await scene.filed(employer)
    await scene.take(filed.id, "withdraw", employer, reasons="")
    await scene.sql("UPDATE dossier SET updated_at = :then WHERE id = :key", then=now() - timedelta(days=365.25 * years), key=filed.id)
    return filed


async def objects(scene: Scene) -> set[str]:
    return {one.key async for one in scene.storage.keys(scene.storage.clean)} | {one.key async for one in scene.storage.keys(scene.storage.quarantine)}


async def rows_with(scene: Scene, word: str) -> list[str]:
    """Every table of which a row holds this word."""
    tables = [row[0] for row in await scene.sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")]
    found = []
    for table in tables:
        if await scene.value(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE :word', word=f"%{word}%"):
            found.append(table)
    return found


async def test_what_is_over_leaves_every_place_and_the_rest_stays(scene: Scene, confirmed: None) -> None:
    old, young = await closed(scene), await closed(scene, years=4)
    still_open = await scene.filed()
    await scene.sql("UPDATE dossier SET updated_at = :then WHERE id = :key", then=now() - timedelta(days=4000), key=still_open.id)
    keys = {str(row[0]) for row in await scene.sql("SELECT id FROM document WHERE dossier_id = :key", key=old.id)}
    others = {str(row[0]) for row in await scene.sql("SELECT id FROM document WHERE dossier_id <> :key", key=old.id)}
    assert keys | others <= await objects(scene)
    await retention.retain(scene.resources)
    left = await objects(scene)
    assert not keys & left and others <= left
    for table in ("document", "document_change", "event", "answer", "participation", "notice", "message", "opening", "invitation", "mandate"):
        assert await scene.value(f"SELECT count(*) FROM {table} WHERE dossier_id = :key", key=old.id) == 0, table
        assert table in ("notice", "message", "opening", "invitation", "mandate") or await scene.value(f"SELECT count(*) FROM {table} WHERE dossier_id = :key", key=young.id), table
    [row] = await scene.sql("SELECT number, kind, reason, ordered_by, documents, finished_at FROM deletion")
    assert tuple(row)[:5] == (old.number, "single-permit", "60 months after the last event: A law", retention.CLERK, len(keys))
    assert row.finished_at is not None
    [kept] = await scene.sql("SELECT number, worker_name, employer_name, region FROM dossier WHERE id = :key", key=old.id)
    assert tuple(kept) == (old.number, "", "", "flanders")


async def test_nothing_of_the_person_can_be_found_afterwards(scene: Scene, confirmed: None) -> None:
    old = await closed(scene)
    await scene.run("identities:match")
    passport = await scene.value("SELECT content->>'passport_number' FROM answer WHERE dossier_id = :key AND content ? 'passport_number'", key=old.id)
    assert await rows_with(scene, passport)
    await scene.drop_queue()
    await retention.retain(scene.resources)
    assert await rows_with(scene, passport) == []
    assert [table for table in await rows_with(scene, "Kumar") if table != "party"] == []


async def test_a_period_that_nobody_confirmed_deletes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    the_period(monkeypatch, replace(FIVE_YEARS, confidence="U"))
    old = await closed(scene)
    await retention.retain(scene.resources)
    assert await scene.value("SELECT count(*) FROM deletion") == 0
    async with scene.session() as session:
        assert [one.number for one in await retention.due(session)] == [old.number]
        await retention.order(session, old.number, reason="Decision of the controller", by="ticket 12")
    await retention.retain(scene.resources)
    assert await scene.value("SELECT reason FROM deletion WHERE finished_at IS NOT NULL") == "Decision of the controller"


async def test_a_hold_wins_until_it_is_released(scene: Scene, confirmed: None) -> None:
    old = await closed(scene)
    async with scene.session() as session:
        await retention.hold(session, old.number, reason="Appeal at the Council", by="legal service")
    async with scene.session() as session:
        assert await retention.due(session) == []
        with pytest.raises(Conflict):
            await retention.order(session, old.number, reason="x", by="y")
    await retention.retain(scene.resources)
    assert await scene.value("SELECT count(*) FROM deletion") == 0
    async with scene.session() as session:
        await retention.release(session, old.number)
    await retention.retain(scene.resources)
    assert await scene.value("SELECT count(*) FROM deletion WHERE finished_at IS NOT NULL") == 1


async def test_open_and_unknown_dossiers_cannot_be_ordered_away(scene: Scene) -> None:
    filed = await scene.filed()
    async with scene.session() as session:
        with pytest.raises(Conflict):
            await retention.order(session, filed.number, reason="x", by="y")
        for act in (retention.order(session, "SP-2026-0000000-0", reason="x", by="y"), retention.hold(session, "SP-2026-0000000-0", reason="x", by="y"),
                    retention.release(session, filed.number)):
            with pytest.raises(NotFound):
                await act


async def test_a_deletion_that_was_cut_is_finished_the_next_time(scene: Scene, confirmed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    old = await closed(scene)

    async def away(*_args: object) -> None:
        raise Unavailable("storage")

    with monkeypatch.context() as broken:
        broken.setattr(type(scene.storage), "delete", away)
        with pytest.raises(Unavailable):
            await retention.retain(scene.resources)
    assert await scene.value("SELECT count(*) FROM deletion WHERE finished_at IS NULL") == 1
    assert await scene.value("SELECT count(*) FROM event WHERE dossier_id = :key", key=old.id) > 0
    await retention.retain(scene.resources)
    assert await scene.value("SELECT count(*) FROM deletion WHERE finished_at IS NULL") == 0
    assert await scene.value("SELECT count(*) FROM event WHERE dossier_id = :key", key=old.id) == 0


async def test_without_an_order_no_row_of_a_filed_dossier_can_go(scene: Scene) -> None:
    await closed(scene)
    for table in ("event", "document_change"):
        with pytest.raises(DBAPIError, match="only ever added"):
            await scene.sql(f"DELETE FROM {table}")
    with pytest.raises(DBAPIError):
        await scene.sql("DELETE FROM deletion")


async def test_operators_do_it_from_a_shell(scene: Scene) -> None:
    old = await closed(scene)
    environment = {"PATH": "/usr/bin:/bin", **{one.metadata["variable"]: str(getattr(scene.settings, one.name)) for one in fields(scene.settings)}}

    def frontoffice(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "frontoffice.cli", "retention", *arguments], env=environment, capture_output=True, text=True, timeout=180, check=False)

    assert frontoffice("due").returncode == 0
    assert frontoffice("delete", old.number, "--reason", "Decision of the controller", "--by", "ticket 12").returncode == 0
    assert await scene.value("SELECT ordered_by FROM deletion") == "ticket 12"
    unknown = frontoffice("delete", "SP-2026-0000000-0", "--reason", "x", "--by", "y")
    assert unknown.returncode == 1 and "no such dossier" in unknown.stderr
    assert CANARIES and not any(word in unknown.stderr for word in ("Traceback", "postgres"))
