"""Documents of an earlier dossier that are used again: who is offered which, with consent, checked and dated anew."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pikepdf
import pytest
from sqlalchemy import text

from frontoffice.documents.reusing import Reusable, reusable
from frontoffice.dossiers import jobs as dossier_jobs
from frontoffice.dossiers import queries
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.kernel.time import now, today
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import Role
from frontoffice.routes import QUEUED
from tests.engines import Database, Engines
from tests.scene import JOBS, Scene, a_scene
from tests.story.stage import main_words
from tests.web import Browser, Portal, running_portal


@dataclass
class Desk:
    """An employer with an earlier dossier and a new draft, before a screen; jobs run by hand."""

    scene: Scene
    portal: Portal
    employer: Actor
    old: UUID
    new: UUID

    async def browser(self, actor: Actor) -> Browser:
        return self.portal.visitor(await self.portal.session_of(actor.person_id, actor.party_id, kind=actor.kind))

    async def offers(self, code: str = "contract", actor: Actor | None = None, dossier: UUID | None = None) -> list[Reusable]:
        """What the page of a slot offers to this person."""
        actor = actor or self.employer
        async with self.scene.session() as session:
            found = await queries.dossier(session, actor, str(dossier or self.new))
            slot = found.procedure.requirement(code)
            assert slot
            return list(await reusable(session, found, slot, actor))

    async def worker(self, *dossiers: UUID) -> Actor:
        """A worker who takes part in person in these dossiers."""
        person = await self.scene.person("Rajesh Kumar", "rajesh.kumar@worker.example")
        for one in dossiers:
            await self.scene.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :person, 'worker', now())",
                                 id=uuid4(), dossier=one, person=person)
        return Actor(person_id=person, party_id=person, name="Rajesh Kumar", party_name="Rajesh Kumar", party_kind="person", kind="invited")

    async def send(self, actor: Actor, code: str = "contract", **fields: str) -> httpx.Response:
        browser = await self.browser(actor)
        slot = f"/en/dossiers/{self.new}/documents/{code}"
        token = await browser.token(slot)
        return await browser.client.post(f"{slot}/reuse", data={"csrf": token, **fields})

    async def given(self, code: str = "contract") -> list[tuple[str, UUID | None]]:
        rows = await self.scene.sql("SELECT state, reused_from FROM document WHERE dossier_id = :new AND requirement = :code", new=self.new, code=code)
        return [(row[0], row[1]) for row in rows]


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_scene(fresh_database, engines, tmp_path) as scene, running_portal(fresh_database, engines) as portal:
        employer = await scene.employer()
        old, new = await scene.draft(employer), await scene.draft(employer)
        await scene.sql("UPDATE dossier SET worker_name = 'Rajesh Kumar'")
        # The portal may queue what its pages ask for; jobs that run here queue others.
        make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
        yield Desk(scene, portal, employer, old, new)


async def test_with_consent_it_is_given_again_checked_and_kept_as_a_document_of_its_own(desk: Desk) -> None:
    content = a_pdf()
    first = await desk.scene.document(desk.old, desk.employer, "contract", content=content)
    await desk.scene.sql("UPDATE document SET issued_on = :day WHERE id = :id", day=today() - timedelta(days=9), id=first)
    page = main_words(await (await desk.browser(desk.employer)).get(f"/en/dossiers/{desk.new}/documents/contract"))
    assert "Use again a document that you gave before" in page and "contract.pdf" in page and "Rajesh Kumar" in page
    before = now()
    assert (await desk.send(desk.employer, document=str(first), consent="yes")).status_code == 303
    assert await desk.given() == [("received", first)]
    # Who agreed, and when.
    (agreed,) = await desk.scene.sql("SELECT reuse_agreed_at, reuse_agreed_by FROM document WHERE reused_from = :first", first=first)
    assert before <= agreed.reuse_agreed_at <= now() and agreed.reuse_agreed_by == desk.employer.person_id
    await desk.scene.run("documents:check")
    (row,) = await desk.scene.sql("SELECT id, state, sha256, issued_on, given_role, file_name FROM document WHERE reused_from = :first", first=first)
    original = await desk.scene.value("SELECT sha256 FROM document WHERE id = :first", first=first)
    assert (row.state, row.sha256, row.issued_on, row.given_role, row.file_name) == ("checked", original, today() - timedelta(days=9), Role.EMPLOYER, "contract.pdf")
    # It has bytes of its own: the earlier dossier may go.
    await desk.scene.storage.delete(desk.scene.storage.clean, str(first))
    assert b"".join([piece async for piece in desk.scene.storage.open(desk.scene.storage.clean, str(row.id), expected_sha256=row.sha256)]) == content
    # What is there is not offered any more.
    assert await desk.offers() == []
    # What was agreed is kept, whatever becomes of the earlier dossier.
    await desk.scene.take(desk.old, "discard", desk.employer)
    await dossier_jobs.clear(desk.scene.resources)
    left = await desk.scene.sql("SELECT id, reused_from, reuse_agreed_at, reuse_agreed_by FROM document")
    assert left == [(row.id, None, agreed.reuse_agreed_at, desk.employer.person_id)]
    assert await desk.scene.value("SELECT count(*) FROM dossier WHERE id = :old", old=desk.old) == 0


def a_pdf() -> bytes:
    buffer = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("fields", "status", "said"), [
    ({"document": "first"}, 422, "Tick the box if you agree"), ({"document": "first", "consent": "no"}, 422, "Tick the box if you agree"),
    ({"consent": "yes"}, 422, "Choose the document"), ({}, 422, "Choose the document"),
    ({"document": "foreign", "consent": "yes"}, 409, "can no longer be used again"), ({"document": "absent", "consent": "yes"}, 409, "can no longer be used again"),
    ({"document": "' OR 1=1 --", "consent": "yes"}, 409, "can no longer be used again"),
])
async def test_hostile_and_incomplete_forms_give_nothing(desk: Desk, fields: dict[str, str], status: int, said: str) -> None:
    first = await desk.scene.document(desk.old, desk.employer, "contract", stored=False)
    person = await desk.scene.person("Luc Lambert", None)
    stranger = replace(desk.employer, person_id=person, party_id=await desk.portal.party("enterprise", "Ateliers Lambert SRL", number="0999000228"))
    foreign = await desk.scene.document(await desk.scene.draft(stranger), stranger, "contract", stored=False)
    known = {"first": str(first), "foreign": str(foreign), "absent": str(uuid4())}
    answer = await desk.send(desk.employer, **{name: known.get(value, value) for name, value in fields.items()})
    assert (answer.status_code, said in main_words(answer)) == (status, True), main_words(answer)
    assert await desk.given() == []


@pytest.mark.parametrize("change", [
    "state = 'refused'", "state = 'received'", "state = 'replaced'", "not_taken_at = now()", "given_at = now() - interval '1830 days'",
    "joined_into = (SELECT id FROM document WHERE requirement = 'other')", "requirement = 'diploma'",
])
async def test_what_did_not_stand_is_not_offered(desk: Desk, change: str) -> None:
    await desk.scene.document(desk.old, desk.employer, "other", stored=False)
    first = await desk.scene.document(desk.old, desk.employer, "contract", stored=False)
    assert [one.id for one in await desk.offers()] == [first]
    await desk.scene.sql(f"UPDATE document SET {change} WHERE id = :id", id=first)
    assert await desk.offers() == []


async def test_the_newest_three_are_offered_and_each_file_once(desk: Desk) -> None:
    ids = [await desk.scene.document(desk.old, desk.employer, "contract", content=f"%PDF {index}".encode(), stored=False) for index in (0, 1, 2, 3, 3)]
    assert [one.id for one in await desk.offers()] == [ids[4], ids[2], ids[1]]


@pytest.mark.parametrize("state", ["uploading", "received", "checking", "checked", "refused"])
async def test_a_slot_that_holds_something_offers_nothing(desk: Desk, state: str) -> None:
    await desk.scene.document(desk.old, desk.employer, "contract", stored=False)
    await desk.scene.document(desk.new, desk.employer, "contract", state=state, stored=False)
    # What was refused leaves the slot empty-handed.
    assert len(await desk.offers()) == (1 if state == "refused" else 0)


async def test_a_mandate_that_ended_hides_what_was_given_under_it(desk: Desk) -> None:
    await desk.scene.document(desk.old, desk.employer, "contract", stored=False)
    await desk.scene.sql("UPDATE participation SET ends_at = now() WHERE dossier_id = :old", old=desk.old)
    assert await desk.offers() == []


async def test_an_employer_is_offered_the_papers_of_this_very_worker_only(desk: Desk) -> None:
    first = await desk.scene.document(desk.old, desk.employer, "passport", stored=False)
    assert [one.id for one in await desk.offers("passport")] == [first]
    await desk.scene.sql("UPDATE dossier SET worker_name = 'Asha Rao' WHERE id = :old", old=desk.old)
    assert await desk.offers("passport") == []
    await desk.scene.sql("UPDATE dossier SET worker_name = ''")
    assert await desk.offers("passport") == []


async def test_what_is_private_to_the_worker_is_offered_to_the_worker(desk: Desk) -> None:
    worker = await desk.worker(desk.old, desk.new)
    first = await desk.scene.document(desk.old, worker, "criminal-record", stored=False)
    assert [one.id for one in await desk.offers("criminal-record", worker)] == [first]
    assert await desk.offers("criminal-record") == []
    answer = await desk.send(worker, "criminal-record", document=str(first), consent="yes")
    assert answer.status_code == 303
    assert await desk.given("criminal-record") == [("received", first)]
    # In a dossier in which the worker takes no part any more, nothing of it can be seen.
    await desk.scene.sql("DELETE FROM procrastinate_jobs")
    await desk.scene.sql("UPDATE document SET state = 'refused' WHERE dossier_id = :new", new=desk.new)
    await desk.scene.sql("UPDATE participation SET ends_at = now() WHERE dossier_id = :old AND role = 'worker'", old=desk.old)
    assert await desk.offers("criminal-record", worker) == []


@pytest.mark.parametrize(("issued", "too_old", "says"), [
    (date(2020, 1, 1), True, "too old"), (today() - timedelta(days=3), False, "young enough"), (None, False, "do not know"),
])
async def test_its_age_is_counted_for_this_dossier(desk: Desk, issued: date | None, too_old: bool, says: str) -> None:
    first = await desk.scene.document(desk.old, desk.employer, "criminal-record", stored=False)
    await desk.scene.sql("UPDATE document SET issued_on = :day WHERE id = :id", day=issued, id=first)
    (offer,) = await desk.offers("criminal-record")
    assert (offer.is_too_old, offer.verdict is not None and says in offer.verdict.text) == (too_old, True)
    answer = await desk.send(desk.employer, "criminal-record", document=str(first), consent="yes")
    assert answer.status_code == (409 if too_old else 303)


async def test_two_windows_use_it_once(desk: Desk) -> None:
    first = await desk.scene.document(desk.old, desk.employer, "contract", stored=False)
    answers = [await desk.send(desk.employer, document=str(first), consent="yes") for _window in range(2)]
    assert [one.status_code for one in answers] == [303, 409]
    assert await desk.given() == [("received", first)]


async def test_what_is_deleted_in_this_very_moment_cannot_be_used_again(desk: Desk) -> None:
    first = await desk.scene.document(desk.old, desk.employer, "contract", stored=False)
    async with desk.scene.session() as session:
        await session.execute(text("DELETE FROM document WHERE id = :first"), {"first": first})
        sent = asyncio.create_task(desk.send(desk.employer, document=str(first), consent="yes"))
        while not await desk.scene.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not sent.done()
            await asyncio.sleep(0.01)
    answer = await sent
    assert (answer.status_code, "can no longer be used again" in main_words(answer)) == (409, True)
    assert await desk.given() == []


async def test_a_filed_dossier_takes_it_too_and_it_waits_to_be_sent(desk: Desk) -> None:
    filed = await desk.scene.filed(desk.employer)
    await desk.scene.sql("UPDATE dossier SET worker_name = 'Rajesh Kumar' WHERE id = :filed", filed=filed.id)
    first = await desk.scene.document(desk.old, desk.employer, "other", stored=False)
    assert [one.id for one in await desk.offers("other", dossier=filed.id)] == [first]
    desk.new = filed.id
    assert (await desk.send(desk.employer, "other", document=str(first), consent="yes")).status_code == 303
    async with desk.scene.session() as session:
        assert [one.reused_from for one in (await queries.dossier(session, desk.employer, filed.number)).added] == [first]


async def test_the_search_goes_by_an_index(desk: Desk) -> None:
    async with desk.scene.session() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.execute(text("EXPLAIN SELECT id FROM document WHERE given_by = :party AND requirement = 'contract' AND given_at > now()"),
                                     {"party": desk.employer.party_id})
        assert any("ix_document_given_by" in line[0] for line in plan.all())
