"""Dossiers made through the engine itself, as the people concerned, under row-level security; no browser."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions, completeness, queries
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.web import hash_of
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES
from tests.web import Browser, Portal, running_portal

THAT_DAY = datetime(2026, 11, 23, 10, tzinfo=BRUSSELS)
EVERY_PAGE: Mapping[str, Mapping[str, str]] = {**EMPLOYER_PAGES, **WORKER_PAGES}
EVERY_DOCUMENT = (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS)


@dataclass(frozen=True)
class Hat:
    """A person and the party acted for."""

    person: UUID
    party: UUID
    kind: str = "enterprise"


@dataclass
class Office:
    """A portal on a stopped clock, and what its people do without pages."""

    portal: Portal

    async def employer(self, number: str = "1999999943", name: str = "Katrien De Smet") -> Hat:
        return Hat(await self.portal.party("person", name), await self.portal.party("enterprise", f"Enterprise {number}", number=number))

    async def official(self, code: str) -> Hat:
        return Hat(await self.portal.party("person", f"Official of {code}"), await self.portal.party("authority", code, authority=code), "official")

    async def worker(self, key: str) -> Hat:
        """The worker of a draft, who has joined."""
        person = await self.portal.party("person", "Rajesh Kumar", email="rajesh.kumar@worker.example")
        await self.portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :person, 'worker', :now)",
                              id=uuid4(), dossier=UUID(key), person=person, now=now())
        return Hat(person, person, "invited")

    @asynccontextmanager
    async def acting(self, hat: Hat) -> AsyncIterator[tuple[AsyncSession, Actor]]:
        """One transaction as the web server opens it for this person."""
        token = await self.portal.session_of(hat.person, hat.party, kind=hat.kind)
        async with transaction(self.portal.app.app.state.engine, hash_of(token)) as session:
            yield session, signed_in(session)

    async def browser(self, hat: Hat) -> Browser:
        """The same person before a screen."""
        return self.portal.visitor(await self.portal.session_of(hat.person, hat.party, kind=hat.kind))

    async def count(self, table: str) -> int:
        return int((await self.portal.sql(f"SELECT count(*) FROM {table}"))[0][0])

    async def jobs(self) -> list[str]:
        """What was queued, in order."""
        return [row[0] for row in await self.portal.sql("SELECT task_name FROM procrastinate_jobs ORDER BY id")]

    async def start(self, hat: Hat, form_key: UUID | None = None) -> str:
        async with self.acting(hat) as (session, actor):
            return await actions.start(session, actor, SINGLE_PERMIT, form_key=form_key or uuid4(), language="nl")

    async def see(self, hat: Hat, key: str) -> OpenDossier:
        async with self.acting(hat) as (session, actor):
            return await queries.dossier(session, actor, key)

    async def history(self, hat: Hat, key: str) -> list[HappenedEvent]:
        async with self.acting(hat) as (session, actor):
            return await queries.history(session, (await queries.dossier(session, actor, key)).id)

    async def answer(self, hat: Hat, key: str, pages: Mapping[str, Mapping[str, str]], *, version: int | None = None) -> None:
        """Answer pages one after the other, from the version that stands unless another is given."""
        async with self.acting(hat) as (session, actor):
            for code, raw in pages.items():
                dossier = await queries.dossier(session, actor, key)
                page = SINGLE_PERMIT.page(code)
                assert page is not None
                given = dossier.answers.get(code)
                reading = page.form.read(raw, completeness.facts(dossier))
                await actions.answer(session, dossier, page, reading, actor, version=version if version is not None else given.version if given else 0)

    async def bring(self, hat: Hat, key: str, codes: Iterable[str], *, role: str = "employer", state: str = "checked") -> list[UUID]:
        """Rows of documents as they are after the check."""
        given = []
        for code in codes:
            given.append(uuid4())
            await self.portal.sql(
                "INSERT INTO document (id, dossier_id, requirement, file_name, media_type, size, sha256, state, given_by, given_role, given_at) "
                "SELECT :id, d.id, :code, :name, 'application/pdf', 1000, :sha, :state, :party, :role, :now FROM dossier d "
                "WHERE d.number = :key OR d.id::text = :key",
                id=given[-1], code=code, name=f"{code}.pdf", sha="ab" * 32, state=state, party=hat.party, role=role, now=now(), key=key,
            )
        # The database dates a document by its own clock, which does not stand still.
        await self.portal.sql("UPDATE document SET changed_at = given_at WHERE id = ANY(:given)", given=given)
        return given

    async def take(self, hat: Hat, key: str, action: str, **evidence: Any) -> UUID:
        async with self.acting(hat) as (session, actor):
            dossier = await queries.dossier(session, actor, key, lock=True)
            return await actions.perform(session, dossier, action, actor, evidence=evidence)

    async def ready(self, hat: Hat, **changes: Mapping[str, str]) -> str:
        """A draft that can be filed; `changes` of pages, with underscores for hyphens."""
        key = await self.start(hat)
        await self.answer(hat, key, {code: {**raw, **changes.get(code.replace("-", "_"), {})} for code, raw in EVERY_PAGE.items()})
        await self.bring(hat, key, EVERY_DOCUMENT)
        await self.take(hat, key, "declare-consent", consent="yes")
        return key

    async def file(self, hat: Hat, key: str = "") -> str:
        """File a dossier; its number."""
        key = key or await self.ready(hat)
        await self.take(hat, key, "submit")
        number = (await self.see(hat, key)).number
        assert number
        return number


@asynccontextmanager
async def an_office(database: Database, engines: Engines) -> AsyncIterator[Office]:
    """An office with its own database, on a Monday morning."""
    with stopped_at(THAT_DAY):
        async with running_portal(database, engines) as portal:
            yield Office(portal)
