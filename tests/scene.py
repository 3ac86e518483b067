"""A portal's jobs at work: a database of their own, filed dossiers, the real stand-in for the backbone, and a queue run by hand."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice import worker
from frontoffice.backbone import alarms as backbone_alarms
from frontoffice.backbone import jobs as backbone_jobs
from frontoffice.documents import jobs as document_jobs
from frontoffice.documents.model import Segment
from frontoffice.dossiers import actions, commitment_jobs, queries, relieving
from frontoffice.dossiers import jobs as dossier_jobs
from frontoffice.dossiers.language import official
from frontoffice.dossiers.model import Answer, Document
from frontoffice.dossiers.participating import take_part
from frontoffice.forms.form import Form
from frontoffice.identities import jobs as identity_jobs
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.jobs import Job, Resources, make_queue_for_deferring, work
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now, today
from frontoffice.kernel.tokens import new_key
from frontoffice.local.seal import CERTIFICATE, KEY, make_seal
from frontoffice.notices import jobs as notice_jobs
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_party, greet
from frontoffice.procedures import in_force
from frontoffice.procedures.vocabulary import Role
from frontoffice.routes import QUEUED
from frontoffice.settings import Settings
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES
from tests.peers import Backbone
from tests.web import settings_for

JOBS: tuple[Job, ...] = (*identity_jobs.JOBS, *dossier_jobs.JOBS, *relieving.JOBS, *document_jobs.JOBS, *commitment_jobs.JOBS, *backbone_jobs.JOBS, *backbone_alarms.JOBS,
                         *notice_jobs.JOBS)
_series = count(1)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"


@dataclass(frozen=True)
class Filed:
    """A dossier of this scene."""

    id: UUID
    number: str


@dataclass
class Scene:
    """What the tests of jobs act on; `run` executes queued jobs whose time has come, oldest first, until none is left."""

    database: Database
    resources: Resources
    storage: Storage

    @property
    def settings(self) -> Settings:
        return self.resources.settings

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with transaction(self.resources.engine) as session:
            yield session

    async def sql(self, statement: str, **params: object) -> list[Any]:
        async with self.session() as session:
            result = await session.execute(text(statement), params)
            return list(result.all()) if result.returns_rows else []  # type: ignore[attr-defined]

    async def value(self, statement: str, **params: object) -> Any:
        return (await self.sql(statement, **params))[0][0]

    async def queued(self, name: str) -> list[Any]:
        return await self.sql("SELECT args - 'traceparent' AS args, scheduled_at, lock FROM procrastinate_jobs WHERE task_name = :name AND status = 'todo' ORDER BY id", name=name)

    async def run(self, *names: str) -> int:
        """How many jobs ran; those of other names stay, and so do those that are put off meanwhile, be it for a moment."""
        begun = datetime.now(UTC)
        known, done = {one.name: one for one in JOBS if not names or one.name in names}, 0
        while rows := await self.sql(
            "DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs WHERE status = 'todo'"
            " AND task_name = ANY(:names) AND coalesce(scheduled_at, :begun) <= :begun) RETURNING task_name, args", names=list(known), begun=begun,
        ):
            await work(known[rows[0].task_name], self.resources, rows[0].args)
            done += 1
        return done

    async def drop_queue(self) -> None:
        """What a careless hand might do."""
        await self.sql("DELETE FROM procrastinate_jobs")

    async def make_due(self) -> None:
        """Let every pause be over."""
        await self.sql("UPDATE message SET next_try_at = now() - interval '2 minutes' WHERE concluded_at IS NULL")
        await self.sql("UPDATE notice SET next_try_at = now() - interval '2 minutes' WHERE sent_at IS NULL")
        await self.sql("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")

    async def person(self, name: str, email: str | None, locale: str = "nl") -> UUID:
        async with self.session() as session:
            return await greet(session, kind="person", name=name, email=email, locale=locale)

    async def employer(self, email: str | None = None, name: str = "Katrien De Smet", enterprise: str = "Havenlogistiek Antwerpen NV") -> Actor:
        person = await self.person(name, email)
        async with self.session() as session:
            party = await greet(session, kind="enterprise", name=enterprise, number="1999999943")
        return Actor(person_id=person, party_id=party, name=name, party_name=enterprise, party_kind="enterprise", kind="enterprise",
                     enterprise_number="1999999943")

    async def official(self, code: str) -> Actor:
        person = await self.person("Els Peeters", None)
        async with self.session() as session:
            party = await authority_party(session, code)
        return Actor(person_id=person, party_id=party, name="Els Peeters", party_name=code, party_kind="authority", kind="official", authority_code=code)

    async def draft(self, actor: Actor, *, language: Locale = "nl", answers: Mapping[str, Mapping[str, str]] | None = None, worker: UUID | None = None) -> UUID:
        """A draft with every page answered, of somebody whose account is in this language; the documents are brought separately."""
        await self.sql("UPDATE party SET locale = :language WHERE id = :person", language=language, person=actor.person_id)
        async with self.session() as session:
            key = UUID(await actions.start(session, actor, in_force("single-permit", today()), form_key=uuid4(), language=official(language)))
            if worker:
                await take_part(session, key, worker, Role.WORKER)
            for page in in_force("single-permit", today()).pages:
                typed = {**(EMPLOYER_PAGES.get(page.code) or WORKER_PAGES.get(page.code) or {}), **((answers or {}).get(page.code, {}))}
                if typed and page.code != "employer":
                    content = _read(page.form, typed)
                    # The employer's next dossier begins with what the last one answered.
                    values = {"content": content, "raw": typed, "complete": True, "version": 1, "saved_at": now(), "saved_by": actor.person_id}
                    statement = upsert(Answer).values(dossier_id=key, page=page.code, **values)
                    await session.execute(statement.on_conflict_do_update(index_elements=["dossier_id", "page"], set_=values))
        return key

    async def document(self, dossier: UUID, actor: Actor, code: str, *, state: str = "checked", content: bytes = b"", stored: bool = True) -> UUID:
        """A document of a dossier, with its bytes where they belong."""
        key, content = uuid4(), content or PDF + code.encode() + uuid4().bytes
        role = Role.WORKER if code in WORKER_DOCUMENTS else Role.EMPLOYER
        if stored:
            bucket = self.storage.clean if state == "checked" else self.storage.quarantine
            await self.storage.put_stream(str(key), _once(content), bucket=bucket)
        async with self.session() as session:
            await session.execute(insert(Document).values(
                id=key, dossier_id=dossier, requirement=code, file_name=f"{code}.pdf", media_type="application/pdf", size=len(content),
                sha256=sha256(content).hexdigest(), state=state, given_by=actor.party_id, given_role=role, given_at=now(),
            ))
            if state == "received":
                await session.execute(insert(Segment).values(document_id=key, starts_at=0, key=key, size=len(content), sha256=sha256(content).hexdigest()))
        return key

    async def take(self, dossier: UUID, action: str, actor: Actor, **evidence: Any) -> UUID:
        """A step in the dossier's life, as its page would take it."""
        async with self.session() as session:
            found = await queries.dossier(session, actor, str(dossier), lock=True)
            return await actions.perform(session, found, action, actor, evidence=evidence)

    async def filed(self, actor: Actor | None = None, *, documents: Sequence[str] = (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS), **draft: Any) -> Filed:
        """A dossier just filed."""
        actor = actor or await self.employer()
        key = await self.draft(actor, **draft)
        for code in documents:
            await self.document(key, actor, code)
        await self.take(key, "declare-consent", actor)
        await self.take(key, "submit", actor)
        return Filed(key, await self.value("SELECT number FROM dossier WHERE id = :key", key=key))

    async def stay_examined(self) -> Filed:
        """A dossier whose work is granted and whose stay is being examined."""
        filed, region = await self.filed(), await self.official("flanders")
        for action, evidence in (("take-up", {}), ("admit", {}), ("grant-work", {"valid_from": "2027-03-01", "valid_until": "2030-02-28"})):
            await self.take(filed.id, action, region, **evidence)
        return filed


def _read(form: Form, typed: Mapping[str, str]) -> dict[str, str]:
    reading = form.read(typed, {"today": today().isoformat(), "has_unit": "yes"})
    return {name: value for name, value in reading.values.items() if value}


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


@asynccontextmanager
async def a_scene(database: Database, engines: Engines, folder: Path, backbone: Backbone | None = None, **changes: str) -> AsyncIterator[Scene]:
    """A scene on this database; with a backbone, jobs reach it under our portal's name."""
    s3, keys = engines.s3("worker"), folder / "key.json"
    keys.write_text(json.dumps({"keys": [backbone.portal.key if backbone else new_key()]}))
    if not (folder / KEY).exists():
        # Also for those who stop the clock at a day of 2026, whenever they run.
        make_seal(folder, begins=datetime(2026, 1, 1, tzinfo=UTC), lasts=timedelta(days=36_500))
    changes = {"signing_key_file": str(keys), "public_jwks_file": str(keys), "seal_key_file": str(folder / KEY),
               "seal_certificate_file": str(folder / CERTIFICATE), **changes}
    if backbone:
        changes = {
            "backbone_url": backbone.address, "backbone_jwks_url": f"{backbone.address}/.well-known/jwks.json", "backbone_issuer": backbone.address,
            "issuer": backbone.portal.address, **changes,
        }
    settings = replace(settings_for(database, engines), database_url=database.jobs, s3_access_key=s3.s3_access_key, s3_secret_key=s3.s3_secret_key, **changes)
    make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
    # What a worker does is under the limits of a worker.
    engine, storage = make_engine(database.jobs, limits=worker._LIMITS), Storage(settings)
    scene = Scene(database, Resources(engine, settings), storage)
    try:
        # The stand-in outlives a test's database: no two dossiers may carry one number.
        await scene.sql("INSERT INTO serial (series, last) VALUES (:series, :last) ON CONFLICT DO NOTHING",
                        series=f"SP-{now().year}", last=next(_series) % 9_000 * 1_000)
        yield scene
    finally:
        await scene.resources.at_end.aclose()
        storage.close()
        await engine.dispose()

