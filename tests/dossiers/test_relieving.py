"""A recorded outage on a real database: last days in lists, what is granted and told, links and uploads; and that rows are only added."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from frontoffice.dossiers import outages, queries, relieving
from frontoffice.dossiers.deadlines import running
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import now, stopped_at, today
from frontoffice.parties.model import Invitation
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.engines import Database, Engines
from tests.scene import Filed, Scene, a_scene

LAST = date(2026, 12, 9)  # fifteen days after Tuesday 24 November
LATER = date(2026, 12, 11)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BRUSSELS)


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def asked(scene: Scene, moment: str = "11-24T11:00") -> Filed:
    """A dossier in which the Region asked for a document."""
    with stopped_at(at(moment)):
        filed, region = await scene.filed(), await scene.official("flanders")
        await scene.take(filed.id, "take-up", region)
        await scene.take(filed.id, "ask-documents", region, document="diploma", request="A translation.")
    await scene.drop_queue()
    return filed


async def record(scene: Scene, since: str, until: str = "", affects: str = "everything") -> UUID:
    async with scene.session() as session:
        return await outages.record(session, affects=affects, since=at(since), until=at(until) if until else None, reason="A disk was full.", by="operations")


async def due(scene: Scene, filed: Filed) -> date:
    return await scene.value("SELECT due_on FROM dossier WHERE id = :id", id=filed.id)  # type: ignore[no-any-return]


async def granted(scene: Scene) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await scene.sql("SELECT clock, started_on, was_on, last_day FROM relief ORDER BY last_day")]


async def relieve(scene: Scene) -> None:
    await scene.drop_queue()
    await relieving.relieve(scene.resources)


async def test_a_last_day_moves_in_the_list_and_is_granted_told_and_certified_once(scene: Scene) -> None:
    filed, other = await asked(scene), await asked(scene, "11-25T11:00")
    assert await due(scene, filed) == LAST
    with stopped_at(at("12-09T13:00")):
        key = await record(scene, "12-09T09:00", "12-09T12:00")
        assert len(await scene.queued(outages.RELIEVE)) == 1
        await relieve(scene)
        assert (await due(scene, filed), await due(scene, other)) == (LATER, date(2026, 12, 10))
        assert await granted(scene) == [("complement", date(2026, 11, 24), LAST, LATER)]
        [told] = await scene.queued("notices:relief")
        assert told.args == {"dossier_id": str(filed.id), "outage_id": str(key)}
        [certified] = await scene.queued("documents:certify")
        assert certified.args == {"relief_id": str(await scene.value("SELECT id FROM relief"))}
        await relieve(scene)
        assert len(await granted(scene)) == 1 and not await scene.queued("notices:relief") and not await scene.queued("documents:certify")


async def test_the_page_the_mail_and_the_list_name_the_same_day(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-09T09:00", "12-09T12:00")
        await relieve(scene)
        async with scene.session() as session:
            dossier = await queries.any_dossier(session, str(filed.id))
            events = await queries.history(session, filed.id)
        [clock] = running(SINGLE_PERMIT, events, today(), dossier.region, around=dossier.around)
        assert clock.last_day == dossier.due_on == dossier.around.granted[0].last_day == LATER
        assert [one.affects for one in clock.outages] == ["everything"]


async def test_an_outage_of_the_day_before_changes_nothing(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-08T09:00", "12-08T23:00")
        await relieve(scene)
    assert await due(scene, filed) == LAST and await granted(scene) == []


async def test_what_was_sent_in_time_needs_no_relief(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-01T09:00")):
        employer = await scene.employer()
        await scene.document(filed.id, employer, "other")
        await scene.take(filed.id, "complete", employer)
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-09T09:00", "12-09T12:00")
        await relieve(scene)
    assert await due(scene, filed) is None and await granted(scene) == []


async def test_an_outage_that_goes_on_moves_the_list_day_by_day_and_is_granted_at_its_end(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-09T10:00")):
        key = await record(scene, "12-09T09:00")
        await relieve(scene)
        assert await due(scene, filed) == LATER and await granted(scene) == []
    with stopped_at(at("12-11T10:00")):
        await relieve(scene)
        assert await due(scene, filed) == date(2026, 12, 14) and await granted(scene) == []
        async with scene.session() as session:
            await outages.correct(session, key, until=at("12-11T09:30"), by="operations")
        await relieve(scene)
    assert await granted(scene) == [("complement", date(2026, 11, 24), LAST, date(2026, 12, 14))]


async def test_a_withdrawn_outage_takes_nothing_back_that_was_told(scene: Scene) -> None:
    told, untold = await asked(scene), await asked(scene, "11-25T11:00")
    with stopped_at(at("12-09T13:00")):
        first = await record(scene, "12-09T09:00", "12-09T12:00")
        second = await record(scene, "12-10T09:00")
        await relieve(scene)
    with stopped_at(at("12-10T10:00")):
        await relieve(scene)
        assert await due(scene, untold) == date(2026, 12, 14)
        async with scene.session() as session:
            for one in (first, second):
                await outages.withdraw(session, one, by="operations", reason="A wrong alarm.")
        await relieve(scene)
    assert (await due(scene, told), await due(scene, untold)) == (LATER, date(2026, 12, 10))
    assert len(await granted(scene)) == 1


async def test_a_longer_outage_is_granted_anew(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-12T13:00")):
        key = await record(scene, "12-09T09:00", "12-09T12:00")
        await relieve(scene)
        async with scene.session() as session:
            await outages.correct(session, key, until=at("12-11T12:00"), by="operations", reason="It came back.")
        await relieve(scene)
    assert [one[3] for one in await granted(scene)] == [LATER, date(2026, 12, 14)] and await due(scene, filed) == date(2026, 12, 14)


async def test_the_hour_finds_what_a_lost_job_left(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-09T09:00", "12-09T12:00")
    with stopped_at(at("12-10T13:00")):
        await relieve(scene)
    assert await due(scene, filed) == LATER
    [job] = relieving.JOBS
    assert job.every == "7 * * * *"


async def test_old_outages_cost_nothing(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-09T09:00", "12-09T12:00")
        await relieve(scene)
    await scene.sql("UPDATE dossier SET due_on = '2026-11-23'")
    with stopped_at(at("12-28T13:00")):
        await relieve(scene)
    assert await due(scene, filed) == date(2026, 11, 23)


async def test_the_search_follows_an_index(scene: Scene) -> None:
    await scene.sql("INSERT INTO dossier (id, procedure, edition, position, language, form_key, created_at, updated_at, headline, due_on)"
                    " SELECT gen_random_uuid(), 'single-permit', '2026-11', '{work-exam}', 'nl', gen_random_uuid(), now(), now(), 'work-exam',"
                    " CASE WHEN n % 10 = 0 THEN date '2027-01-01' + n % 400 END FROM generate_series(1, 5000) n")
    await scene.sql("ANALYZE dossier")
    plan = "\n".join(row[0] for row in await scene.sql(
        "EXPLAIN SELECT due_on, id FROM dossier WHERE due_on <= '2026-12-11' AND (due_on, id) > ('0001-01-01', '00000000-0000-0000-0000-000000000000')"
        " AND position && ARRAY['complement']::varchar[] ORDER BY due_on, id LIMIT 200"))
    assert "ix_dossier_due_on" in plan, plan


async def test_rows_of_outages_are_only_added(scene: Scene) -> None:
    await record(scene, "12-09T09:00", "12-09T12:00")
    for statement in ("UPDATE outage SET reason = ''", "DELETE FROM outage"):
        with pytest.raises(DBAPIError):
            await scene.sql(statement)
    with pytest.raises(DBAPIError):
        await scene.sql("UPDATE relief SET last_day = last_day")


async def test_the_web_role_reads_outages_and_writes_none(scene: Scene) -> None:
    await record(scene, "12-09T09:00", "12-09T12:00")
    rights = await scene.sql("SELECT has_table_privilege('frontoffice_web', 'outage', 'SELECT'), has_table_privilege('frontoffice_web', 'outage', 'INSERT'),"
                             " has_table_privilege('frontoffice_web', 'relief', 'INSERT'), has_table_privilege('frontoffice_web', 'certificate', 'INSERT')")
    assert tuple(rights[0]) == (True, False, False, False)


@pytest.mark.parametrize(("since", "until", "affects"), [("12-09T12:00", "12-09T09:00", "filing"), ("12-09T12:00", "12-09T12:00", "filing"), ("12-09T09:00", "", "coffee")])
async def test_nonsense_is_refused(scene: Scene, since: str, until: str, affects: str) -> None:
    with pytest.raises(Conflict):
        await record(scene, since, until, affects)


async def test_of_two_corrections_at_once_one_holds(scene: Scene) -> None:
    key = await record(scene, "12-09T09:00")

    async def end(until: str) -> str:
        try:
            async with scene.session() as session:
                await outages.correct(session, key, until=at(until), by="operations")
        except (Conflict, NotFound) as refusal:
            return type(refusal).__name__
        return "done"

    assert sorted(await asyncio.gather(*(end(f"12-09T1{hour}:00") for hour in range(4)))).count("done") == 1
    with pytest.raises(NotFound):
        async with scene.session() as session:
            await outages.withdraw(session, key, by="operations", reason="No.")
    async with scene.session() as session:
        [stands] = await outages.recorded(session)
        assert stands.outage.until and stands.outage.id != key


@asynccontextmanager
async def an_invitation(scene: Scene, expires_at: datetime, *, used_at: datetime | None = None, purpose: str = "join", created_at: datetime | None = None,
                        dossier: UUID | None = None) -> AsyncIterator[UUID]:
    key = uuid4()
    async with scene.session() as session:
        session.add(Invitation(id=key, token_hash=uuid4().bytes, dossier_id=dossier or await scene.draft(await scene.employer()), purpose=purpose,
                               email="r@worker.example", locale="en", created_at=created_at or expires_at - timedelta(days=7), expires_at=expires_at, used_at=used_at))
    yield key


async def expiry(scene: Scene, key: UUID) -> datetime:
    return await scene.value("SELECT expires_at FROM invitation WHERE id = :id", id=key)  # type: ignore[no-any-return]


async def test_links_that_end_in_the_outage_end_later(scene: Scene) -> None:
    inside, before = at("12-09T10:30"), at("12-09T08:30")
    async with (an_invitation(scene, inside) as one, an_invitation(scene, before) as early, an_invitation(scene, inside, used_at=before) as used,
                an_invitation(scene, inside, purpose="return") as back):
        with stopped_at(at("12-09T13:00")):
            await record(scene, "12-09T09:00", "12-09T12:00", "sign-in")
            await relieve(scene)
            await relieve(scene)
        assert await expiry(scene, one) == at("12-11T10:30")
        assert (await expiry(scene, early), await expiry(scene, used), await expiry(scene, back)) == (before, inside, inside)


async def test_a_link_that_a_newer_one_replaced_does_not_come_back(scene: Scene) -> None:
    draft = await scene.draft(await scene.employer())
    async with an_invitation(scene, at("12-09T10:30"), dossier=draft) as old, an_invitation(scene, at("12-16T10:30"), created_at=at("12-09T10:30"), dossier=draft):
        with stopped_at(at("12-09T13:00")):
            await record(scene, "12-09T09:00", "12-09T12:00")
            await relieve(scene)
        assert await expiry(scene, old) == at("12-09T10:30")


@pytest.mark.parametrize(("affects", "moves"), [("everything", True), ("uploads", True), ("sign-in", True), ("filing", False)])
async def test_an_upload_that_would_have_ended_goes_on(scene: Scene, affects: str, moves: bool) -> None:
    employer = await scene.employer()
    document = await scene.document(await scene.draft(employer), employer, "contract", state="uploading", stored=False)
    await scene.sql("INSERT INTO upload (document_id, length, person_id, created_at, expires_at) VALUES (:id, 10, :person, :now, :ends)", id=document,
                    person=employer.person_id, now=now(), ends=at("12-09T10:30"))
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-09T09:00", "12-09T12:00", affects)
        await relieve(scene)
    assert (await scene.value("SELECT expires_at FROM upload") == at("12-11T10:30")) is moves


async def test_a_dossier_that_went_away_meanwhile_stops_nobody(scene: Scene) -> None:
    filed = await asked(scene)
    with stopped_at(at("12-09T13:00")):
        await record(scene, "12-09T09:00", "12-09T12:00")
        await relieving._relieve_one(replace(scene.resources), uuid4())
        await relieve(scene)
    assert await due(scene, filed) == LATER
