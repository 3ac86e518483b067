"""The identity desk of the Immigration Office at work: dossiers filed by made-up people, the jobs run by hand, two officials."""

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.identities import jobs
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import stopped_at
from frontoffice.kernel.web import hash_of
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures import EDITIONS
from tests.engines import Database, Engines
from tests.web import Browser, Portal, running_portal

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)
ANA = {"surname": "Silva", "given_names": "Ana Beatriz", "birth_date": "1985-07-30", "sex": "F", "birth_place": "Recife", "birth_country": "BRA",
       "nationality": "BRA", "passport_number": "FX100200", "passport_country": "BRA", "worker_email": "ana@mail.example"}
# The same woman on her next passport, under the name of her husband.
ANA_AGAIN = {**ANA, "surname": "Souza", "birth_surname": "Silva", "passport_number": "GC300400", "worker_email": "ana.souza@mail.example"}
PETR = {"surname": "Ivanov", "given_names": "Petr", "birth_date": "1975-01-20", "sex": "M", "birth_place": "Odesa", "nationality": "UKR",
        "passport_number": "FE555777", "passport_country": "UKR"}


@dataclass
class Desk:
    """What the tests act on."""

    portal: Portal
    resources: Resources
    serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    ticks: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def sql(self, statement: str, **params: object) -> list[Any]:
        return await self.portal.sql(statement, **params)

    async def value(self, statement: str, **params: object) -> Any:
        return (await self.sql(statement, **params))[0][0]

    async def filed(self, answers: Mapping[str, str], *, match: bool = True, number: str = "") -> UUID:
        """A filed dossier with these answers, its applicant matched."""
        key = uuid4()
        procedure = EDITIONS[0]
        await self.sql(
            "INSERT INTO dossier (id, number, procedure, edition, position, language, form_key, created_at, filed_at, updated_at, headline) VALUES "
            "(:id, :number, :procedure, :edition, '{filed}', 'nl', :id, :now, :now, :now, 'filed')", id=key, now=NOON,
            number=number or f"SP-2026-{next(self.serial):07}-X", procedure=procedure.code, edition=procedure.edition)
        person = await self.portal.party("person", "Somebody")
        await self.sql("INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by) SELECT :id, 'identity', "
                       "jsonb_object(CAST(:names AS text[]), CAST(:values AS text[])), '{}', true, 1, :now, :person",
                       id=key, names=list(answers), values=list(answers.values()), now=NOON, person=person)
        if match:
            with stopped_at(self.later()):
                await jobs.match(self.resources, str(key))
        return key

    def later(self) -> datetime:
        """An instant after all that the jobs did before."""
        return NOON + timedelta(seconds=next(self.ticks))

    async def identity_of(self, dossier: UUID) -> UUID:
        found = await self.value("SELECT identity_id FROM identity_of_dossier WHERE dossier_id = :id", id=dossier)
        assert isinstance(found, UUID)
        return found

    async def doubles(self) -> list[Any]:
        return await self.sql("SELECT id, identity_id, other_id, dossier_id, score, reasons, state, version FROM identity_double ORDER BY opened_at, id")

    async def official(self, name: str = "Greet Janssens") -> tuple[UUID, str]:
        """A person of the Immigration Office and the secret of a session."""
        person = await self.portal.party("person", name)
        office = await self.portal.party("authority", "Immigration Office", authority="immigration-office")
        return person, await self.portal.session_of(person, office, kind="official", idle=900)

    async def browser(self, name: str = "Greet Janssens") -> Browser:
        return self.portal.visitor((await self.official(name))[1])

    @asynccontextmanager
    async def acting(self, name: str = "Greet Janssens") -> AsyncIterator[tuple[AsyncSession, Actor]]:
        """One transaction as the web server opens it for this official."""
        _person, token = await self.official(name)
        async with transaction(self.portal.app.app.state.engine, hash_of(token)) as session:
            yield session, signed_in(session)

    async def settle(self) -> int:
        """Carry out what officials decided; how many jobs were queued."""
        rows = await self.sql("DELETE FROM procrastinate_jobs WHERE task_name = 'identities:settle' RETURNING args - 'traceparent' AS args")
        for row in rows:
            with stopped_at(self.later()):
                await jobs.carry_out(self.resources, **row[0])
        return len(rows)


@asynccontextmanager
async def a_desk(database: Database, engines: Engines) -> AsyncIterator[Desk]:
    """A desk on a database of its own, at noon."""
    with stopped_at(NOON):
        async with running_portal(database, engines) as portal:
            yield Desk(portal, Resources(portal.engine, portal.settings))
