"""Commitments made through the engine itself by guarantors, counters, and the authorities that decide; no browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from frontoffice.dossiers import actions, commitments, completeness, queries
from frontoffice.dossiers.commitments import RegisterView
from frontoffice.kernel.database import transaction
from frontoffice.kernel.time import now, today
from frontoffice.procedures import in_force
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.drafts import Hat, Office
from tests.procedures.samples import guarantee_short_stay, guarantee_study

SAMPLES = {"guarantee-short-stay": guarantee_short_stay, "guarantee-study": guarantee_study}
LEGALISED = {"identity_seen": "yes", "proofs_seen": "yes", "means_seen": "reached", "officer": "4417", "seal": "dry-seal"}


def flat(answers: Mapping[str, Mapping[str, str]], **changes: str) -> dict[str, str]:
    """The answers of every page together, some of them changed."""
    return {**{name: text for page in answers.values() for name, text in page.items()}, **changes}


@dataclass
class Counter:
    """The people around commitments, in one office."""

    office: Office

    async def guarantor(self, name: str = "Arjun Nair") -> Hat:
        person = await self.office.portal.party("person", name, email="arjun.nair@permit-window.example")
        return Hat(person, person, "citizen")

    async def draft(self, hat: Hat, code: str = "guarantee-short-stay", *, abroad: bool = False, **changes: str) -> str:
        """A draft that can be filed, with other answers where `changes` say so."""
        procedure = in_force(code, today())
        values = flat(guarantee_study.ABROAD if abroad else SAMPLES[code].ANSWERS, **changes)
        async with self.office.acting(hat) as (session, actor):
            key = await actions.start(session, actor, procedure, form_key=uuid4(), language="nl")
            for page in procedure.pages:
                dossier = await queries.dossier(session, actor, key)
                reading = page.form.read(page.form.raw_of(values), {**values, **completeness.facts(dossier)})
                assert reading.problems == (), (page.code, reading.problems)
                given = dossier.answers.get(page.code)
                await actions.answer(session, dossier, page, reading, actor, version=given.version if given else 0)
            known = completeness.facts(await queries.dossier(session, actor, key))
        needed = [one.code for one in procedure.documents if one.required and (one.when is None or one.when.holds(known))]
        await self.office.bring(hat, key, needed, role=Role.GUARANTOR)
        return key

    async def file(self, hat: Hat, code: str = "guarantee-short-stay", *, abroad: bool = False, **changes: str) -> str:
        """A filed commitment; its number."""
        key = await self.draft(hat, code, abroad=abroad, **changes)
        await self.office.take(hat, key, "submit")
        number = (await self.office.see(hat, key)).number
        assert number
        return number

    async def legalise(self, number: str, action: str = "legalise", *, nis: str = "44021", **evidence: str) -> None:
        """At the counter, today unless said otherwise."""
        clerk = await self.office.official(f"municipality-{nis}")
        await self.office.take(clerk, number, action, **{"legalised_on": today().isoformat(), **LEGALISED, **evidence})

    async def decide(self, number: str, action: str, role: str, **evidence: Any) -> None:
        """What an authority tells through the backbone."""
        async with transaction(self.office.portal.engine) as session:
            dossier = await queries.any_dossier(session, number, lock=True)
            await actions.perform(session, dossier, action, None, evidence=evidence, role=role, message_id=str(uuid4()))

    async def row(self, number: str) -> Any:
        """What the register holds."""
        [row] = await self.office.portal.sql("SELECT * FROM commitment WHERE number = :number", number=number)
        return row

    async def register(self, hat: Hat, number: str) -> RegisterView:
        async with self.office.acting(hat) as (session, actor):
            view = await commitments.register_view(session, await queries.dossier(session, actor, number))
        assert view
        return view

    async def visa_dossier(self, hat: Hat, code: str, number: str, *, passport: str = "Z4815162", country: str = "IND") -> UUID:
        """A draft that refers to a commitment: only the answers that the register looks at."""
        async with self.office.acting(hat) as (session, actor):
            key = await actions.start(session, actor, in_force(code, today()), form_key=uuid4(), language="en")
        content = json.dumps({"commitment_number": number, "passport_number": passport, "passport_country": country})
        await self.office.portal.sql(
            "INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by) "
            "VALUES (:key, 'passport', cast(:content as jsonb), '{}', true, 1, now(), :who)", key=UUID(key), content=content, who=hat.person)
        return UUID(key)

    async def declared_arrival(self, values: Mapping[str, str]) -> UUID:
        """A filed declaration of arrival in Antwerp: only the answers that the register looks at."""
        person = await self.guarantor("Meera Nair")
        async with self.office.acting(person) as (session, actor):
            key = UUID(await actions.start(session, actor, in_force("declaration-of-arrival", today()), form_key=uuid4(), language="en"))
        await self.office.portal.sql(
            "INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by) "
            "VALUES (:key, 'entry', cast(:content as jsonb), '{}', true, 1, now(), :who)", key=key, content=json.dumps(dict(values)), who=person.person)
        town = await self.office.official("municipality-11002")
        await self.office.portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :key, :town, 'municipality', :now)",
                                     id=uuid4(), key=key, town=town.party, now=now())
        await self.office.portal.sql("UPDATE dossier SET position = '{declared}', headline = 'declared', number = 'DA-2026-0000001-X', filed_at = :now "
                                     "WHERE id = :key", key=key, now=now())
        return key

    async def refer(self, hat: Hat, key: UUID, *, link: bool = True) -> None:
        async with self.office.acting(hat) as (session, actor):
            await commitments.check_reference(session, await queries.dossier(session, actor, str(key)), link=link)
