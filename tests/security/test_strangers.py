"""A dossier of each procedure, and everybody who has no part in it: what exists for its own people does not exist for them."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.time import now, today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.vocabulary import Procedure, Role
from tests.engines import Database, Engines
from tests.walking import filed
from tests.web import Browser, Portal, running_portal

TOWN = "municipality-44021"
OFFICIALS = ("municipality-11002", "flanders", "brussels", "immigration-office", "diplomatic-post")
PATHS = ("", "/receipt", "/receipt.pdf", "/transfer", "/check", "/worker", "/mandate", "/pages/{page}", "/documents/{document}", "/documents/{document}/{key}", "/steps/withdraw",
         "/steps/legalise", "/steps/accept")
SENT = ("/edition", "/submit", "/pages/{page}", "/pages/{page}/check", "/steps/withdraw", "/steps/accept", "/worker", "/mandate", "/documents/{document}/{key}/remove")


@pytest.fixture
async def portal(shared_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(shared_database, engines) as one:
        yield one


async def a_dossier(portal: Portal, procedure: Procedure) -> tuple[str, str, Browser]:
    """A filed dossier of which one town knows; its key, its number and its filer."""
    key, number = uuid4(), dossier_number(now().year, uuid4().int % 8_000_000 + 1, procedure.prefix)
    person = await portal.party("person", "Amina Diallo")
    is_enterprise = procedure.first_role == Role.EMPLOYER
    party = await portal.party("enterprise", "Own", number="0999000228") if is_enterprise else person
    await portal.sql(
        "INSERT INTO dossier (id, number, procedure, edition, position, version, language, form_key, created_at, filed_at, updated_at, headline) "
        "VALUES (:id, :number, :code, :edition, :position, 1, 'nl', :id, :now, :now, :now, :headline)",
        id=key, number=number, code=procedure.code, edition=procedure.edition, position=sorted(filed(procedure)), now=now(),
        headline=procedure.life.headline(filed(procedure)).state)
    for one, role in ((party, procedure.first_role), (await portal.party("authority", TOWN, authority=TOWN), Role.MUNICIPALITY)):
        await portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, :role, :now)",
                         id=uuid4(), dossier=key, party=one, role=role, now=now())
    if procedure.code == "guarantee-study":
        await portal.sql("INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by) "
                         "VALUES (:key, 'studies', jsonb_build_object('academic_year', '2027-28'), '{}', true, 1, :now, :person)", key=key, now=now(), person=person)
    kind = "enterprise" if is_enterprise else "citizen"
    return str(key), number, portal.visitor(await portal.session_of(person, party, kind=kind))


async def strangers(portal: Portal) -> list[Browser]:
    person = await portal.party("person", "Somebody Else")
    return [portal.visitor(await portal.session_of(person, person, kind="citizen")), await portal.employer(), *[await portal.official(code) for code in OFFICIALS]]


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
async def test_a_dossier_does_not_exist_for_strangers(portal: Portal, procedure: Procedure) -> None:
    key, number, own = await a_dossier(portal, procedure)
    assert (await own.get(f"/en/dossiers/{number}")).status_code == 200
    assert (await (await portal.official(TOWN)).get(f"/en/dossiers/{number}")).status_code == 200
    names = {"page": procedure.pages[0].code, "document": procedure.documents[0].code, "key": str(UUID(int=1))}
    before = await portal.sql("SELECT * FROM dossier WHERE id = CAST(:key AS uuid)", key=key)
    absent = dossier_number(2019, 1, procedure.prefix)
    for browser in await strangers(portal):
        token = await browser.token()
        for path in PATHS:
            where = [await browser.client.get(f"/en/dossiers/{one}{path.format(**names)}") for one in (number, key, absent)]
            assert [one.status_code for one in where] == [404, 404, 404], (path, where)
            assert "Amina" not in where[0].text
            said = [one.text.replace(name, "") for one, name in zip(where, (number, key, absent), strict=True)]
            assert len(said[0]) == len(said[2]) == len(said[1]), path
        for path in SENT:
            answer = await browser.client.post(f"/en/dossiers/{number}{path.format(**names)}", data={"csrf": token, "email": "x@worker.example", "version": "1"})
            assert answer.status_code == 404, (path, answer.status_code)
        assert number not in (await browser.get("/en/dossiers")).text
    assert await portal.sql("SELECT * FROM dossier WHERE id = CAST(:key AS uuid)", key=key) == before
