"""Whoever gave a document is told two weeks before it will be too old: once, and only while it is still the one that counts."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from frontoffice.documents import reminders
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.routes import ROUTES
from frontoffice.worker import learn_addresses
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.storages import storage_as

# Six months from 1 August end on 1 February.
ISSUED = date(2026, 8, 1)
LAST = datetime(2027, 2, 1, 8, tzinfo=BRUSSELS)


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def a_record(scene: Scene, *, issued: date | None = ISSUED, dossier: UUID | None = None) -> tuple[UUID, UUID]:
    """A draft with a criminal record of that day."""
    employer = await scene.employer("katrien@havenlogistiek.example")
    draft = dossier or await scene.draft(employer)
    key = await scene.document(draft, employer, "criminal-record", stored=False)
    await scene.sql("UPDATE document SET issued_on = :day WHERE id = :key", day=issued, key=key)
    return draft, key


async def reminded(scene: Scene, instant: datetime) -> list[str]:
    """The documents that somebody is to be told of on that day."""
    with stopped_at(instant):
        await scene.drop_queue()
        await reminders.look_ahead(scene.resources)
        await scene.run(reminders.REMIND)
        return [one.args["document_id"] for one in await scene.queued("notices:document") if one.args["state"] == "expiring"]


@pytest.mark.parametrize(("days_before", "told"), [(15, False), (14, True), (1, True), (0, True), (-1, False), (-40, False)])
async def test_it_is_told_within_two_weeks_before(scene: Scene, days_before: int, told: bool) -> None:
    _draft, key = await a_record(scene)
    assert await reminded(scene, LAST - timedelta(days=days_before)) == ([str(key)] if told else [])


async def test_nobody_is_told_of_what_no_longer_counts(scene: Scene) -> None:
    soon = LAST - timedelta(days=7)
    draft, old = await a_record(scene)
    _same, young = await a_record(scene, issued=date(2026, 12, 20), dossier=draft)
    assert await reminded(scene, soon) == []
    await scene.sql("UPDATE document SET state = 'replaced' WHERE id = :key", key=young)
    assert await reminded(scene, soon) == [str(old)]
    _same, undated = await a_record(scene, issued=None, dossier=draft)
    assert await reminded(scene, soon) == []
    await scene.sql("UPDATE document SET state = 'refused' WHERE id = :key", key=undated)
    assert await reminded(scene, soon) == [str(old)]
    await scene.sql("UPDATE dossier SET position = '{discarded}' WHERE id = :key", key=draft)
    assert await reminded(scene, soon) == []


def test_the_search_looks_for_few_days_of_few_documents() -> None:
    found = reminders.windows(LAST.date())
    assert {code for code, _first, _last in found} >= {"criminal-record", "medical-certificate", "payslips"}
    assert all(timedelta(days=13) <= last - first <= timedelta(days=18) for _code, first, last in found)


async def test_the_mail_goes_to_the_giver_once(scene: Scene) -> None:
    learn_addresses(ROUTES)
    _draft, _key = await a_record(scene)
    for days in (10, 9):
        assert len(await reminded(scene, LAST - timedelta(days=days))) == 1
        await scene.run("notices:document")
    [notice] = await scene.sql("SELECT address, template, facts FROM notice")
    assert (notice.address, notice.template, notice.facts["state"]) == ("katrien@havenlogistiek.example", "document", "expiring")
