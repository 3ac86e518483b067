"""Row-level security, the second net: what the web role reaches when the first net, `is_visible_to`, has a hole."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.counter import queries as counter_queries
from frontoffice.dossiers import access, lists, queries
from frontoffice.dossiers.openings import openings
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.web import hash_of
from tests.dossiers.drafts import THAT_DAY, Hat, Office, an_office
from tests.engines import Database, Engines

BY_DOSSIER = ("answer", "certificate", "commitment", "document", "document_change", "event", "filing", "invitation", "mandate", "manifest", "message", "notice", "opening",
              "participation", "relief", "sealed_receipt", "second_address")
BY_DOCUMENT = ("preview", "segment", "upload")
# Officials of the Immigration Office and operators reach these through functions; the web role has no right to any of them.
SEALED = ("api_client", "deletion", "hand_over_act", "hand_over_alarm", "hand_over_hold", "hand_over_pace", "hand_over_stop", "hold", "identity", "identity_act", "identity_double",
          "identity_key", "identity_move", "identity_name", "identity_of_dossier", "identity_search", "receipt_check")
# Authorities and their systems see their own rows, nobody else any.
BY_AUTHORITY = ("api_answer", "authority_change")
HIDDEN = ("inbound_message", "account", "rate")


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


async def count(session: AsyncSession, table: str, where: str = "true", **params: object) -> int:
    return int((await session.execute(text(f"SELECT count(*) FROM {table} WHERE {where}"), params)).scalar_one())


async def filled(office: Office) -> tuple[Hat, UUID, str]:
    """A filed dossier with a row in every table that hangs on a dossier."""
    hat, region = await office.employer(), await office.official("flanders")
    draft = await office.ready(hat)
    worker = await office.worker(draft)
    number = await office.file(hat, draft)
    await (await office.browser(region)).get(f"/en/dossiers/{number}")
    params = {"id": uuid4(), "dossier": UUID(draft), "party": hat.party, "person": hat.person, "now": now(), "later": now() + timedelta(days=5)}
    for statement in (
        "INSERT INTO commitment (dossier_id, kind, number, guarantor_key, address_key, passport, passport_country, state, covers, filed_on, declared_income) "
        "VALUES (:dossier, 'study', 'n', 'g', 'a', 'p', 'IND', 'pending', true, :now, 1)",
        "INSERT INTO invitation (id, token_hash, dossier_id, purpose, email, locale, created_at, expires_at) "
        "VALUES (:id, 'secret', :dossier, 'join', 'a@b.example', 'en', :now, :later)",
        "INSERT INTO mandate (id, dossier_id, mandator_id, mandatary_id, offered_by, starts_at, ends_at, offered_at) "
        "VALUES (:id, :dossier, :party, :party, :person, :now, :later, :now)",
        "INSERT INTO message (event_id, dossier_id, created_at) SELECT id, dossier_id, :now FROM event WHERE action = 'submit'",
        "INSERT INTO notice (id, cause, dossier_id, address, locale, template, created_at) VALUES (:id, :id, :dossier, 'a@b.example', 'en', 'filed', :now)",
        "INSERT INTO second_address (id, token_hash, dossier_id, party_id, email, locale, asked_by, asked_at, expires_at) "
        "VALUES (:id, 'secret', :dossier, :party, 'a@b.example', 'en', :person, :now, :later)",
        "INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at) VALUES ('i', 'j', 'n', 1, 'c', :now)",
        "INSERT INTO account (issuer, subject, person_id) VALUES ('i', 's', :person)",
        "INSERT INTO parked_form (person_id, path, answers, parked_at) VALUES (:person, '/x', '{}', :now)",
        "INSERT INTO upload (document_id, length, person_id, created_at, expires_at) SELECT id, 1, :person, :now, :later FROM document LIMIT 1",
        "INSERT INTO segment (document_id, starts_at, key, size, sha256) SELECT id, 0, id, 1, 'x' FROM document LIMIT 1",
        "INSERT INTO preview (document_id, number, size, sha256, width, height) SELECT id, 1, 1, 'x', 1, 1 FROM document LIMIT 1",
        "INSERT INTO manifest (event_id, dossier_id, content) SELECT event_id, dossier_id, 'x' FROM filing",
        "INSERT INTO sealed_receipt (id, event_id, dossier_id, hidden, locale, sha256, size, sealed_at)"
        " SELECT event_id, event_id, dossier_id, '{}', 'en', 'x', 1, :now FROM filing",
        "INSERT INTO relief (id, dossier_id, clock, started_on, was_on, last_day, outages, granted_at)"
        " VALUES (:id, :dossier, 'complement', :now, :now, :later, '[]', :now)",
        "INSERT INTO certificate (id, relief_id, dossier_id, locale, sha256, size, sealed_at) VALUES (:id, :id, :dossier, 'en', 'x', 1, :now)",
        "INSERT INTO rate (key, window_start, hits) VALUES ('k', :now, 1)",
    ):
        used = {name: value for name, value in params.items() if f":{name}" in statement}
        await office.portal.sql(statement, **used)
    assert worker.person
    return hat, UUID(draft), number


async def test_every_table_with_a_policy_is_looked_at_here(office: Office) -> None:
    rows = await office.portal.sql("SELECT relname, relforcerowsecurity FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
    assert {name for name, _forced in rows} == {*BY_DOSSIER, *BY_DOCUMENT, *BY_AUTHORITY, "dossier", "party", "session", "parked_form", "inbound_message", *SEALED}
    assert all(forced for _name, forced in rows)
    tied = await office.portal.sql("SELECT table_name FROM information_schema.columns WHERE column_name = 'dossier_id' AND table_schema = 'public'")
    assert {row[0] for row in tied} - set(SEALED) == {*BY_DOSSIER, *BY_AUTHORITY}


async def test_the_web_role_owns_nothing_and_passes_no_policy(office: Office) -> None:
    [row] = await office.portal.sql("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'frontoffice_web'")
    assert not any(row)
    assert not await office.portal.sql("SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'frontoffice_web'")
    [gate] = await office.portal.sql("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'frontoffice_gate'")
    assert not any(gate)


@pytest.fixture
def everything_is_called_visible(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The first net taken away, in every statement of the program."""
    with monkeypatch.context() as patched:
        patched.setattr(queries, "IS_VISIBLE", true())
        for module in (access, lists, counter_queries):
            patched.setattr(module, "is_visible_to", lambda _actor: true())
        queries._statement.cache_clear()
        yield
    queries._statement.cache_clear()


@pytest.mark.usefixtures("everything_is_called_visible")
async def test_foreign_rows_are_none_even_when_everything_is_called_visible(office: Office) -> None:
    hat, dossier, number = await filled(office)
    strangers = (await office.employer("0403019261", "Stranger"), await office.official("brussels"), await office.official("municipality-11002"))
    # A role that passes the policies shows that the first net is really gone.
    async with office.acting(strangers[0]) as (_session, actor), transaction(office.portal.engine) as without_policies:
        assert (await queries.dossier(without_policies, actor, number)).id == dossier
        assert len((await without_policies.execute(access.visible_to(actor))).all()) == 1
    for stranger in strangers:
        async with office.acting(stranger) as (session, actor):
            for table in (*BY_DOSSIER, *BY_DOCUMENT, *BY_AUTHORITY):
                assert await count(session, table) == 0, table
            assert await count(session, "dossier") == 0
            assert await count(session, "party", "id = :id", id=hat.person) == 0
            assert await count(session, "session", "person_id = :id", id=hat.person) == 0
            assert await count(session, "parked_form") == 0
            assert await lists.dossiers_of(session, actor) == []
            assert (await session.execute(access.visible_to(actor))).all() == []
            assert await queries.history(session, dossier) == []
            assert await openings(session, dossier) == []
            for key in (number, str(dossier)):
                with pytest.raises(NotFound):
                    await queries.dossier(session, actor, key)
        browser = await office.browser(stranger)
        assert (await browser.client.get(f"/en/dossiers/{number}")).status_code == 404
    # The same statements find something for its own people: the net has no hole and no lid.
    async with office.acting(hat) as (session, actor):
        for table in (*BY_DOSSIER, *BY_DOCUMENT, "dossier", "parked_form"):
            assert await count(session, table) > 0, table
        assert (await queries.dossier(session, actor, number)).id == dossier


@pytest.mark.parametrize("secret", [None, b"", b"\x00" * 32, b"guess"])
async def test_without_a_live_session_there_are_no_rows(office: Office, secret: bytes | None) -> None:
    await filled(office)
    async with transaction(office.portal.app.app.state.engine, secret) as session:
        for table in (*BY_DOSSIER, "dossier", "session", "parked_form"):
            assert await count(session, table) == 0, table
        assert await count(session, "party", "kind = 'person'") == 0


async def test_a_session_that_ended_or_fell_asleep_sees_nothing(office: Office) -> None:
    hat, dossier, _number = await filled(office)
    engine = office.portal.app.app.state.engine
    token = await office.portal.session_of(hat.person, hat.party)
    for minutes, seen in ((0, 1), (59, 1), (120, 0)):
        with stopped_at(THAT_DAY + timedelta(minutes=minutes)):
            async with transaction(engine, hash_of(token)) as session:
                assert await count(session, "dossier", "id = :id", id=dossier) == seen, minutes
    with stopped_at(THAT_DAY + timedelta(minutes=60)):
        await office.portal.sql("UPDATE session SET ended_at = :now WHERE token_hash = :hash", now=now(), hash=hash_of(token))
        async with transaction(engine, hash_of(token)) as session:
            assert await count(session, "dossier") == 0


async def test_connections_that_are_used_again_forget_who_used_them(office: Office) -> None:
    hat, _dossier, _number = await filled(office)
    stranger = await office.employer("0403019261", "Stranger")
    for _one in range(12):
        async with office.acting(hat) as (session, _actor):
            assert await count(session, "dossier") == 1
        async with office.acting(stranger) as (session, _actor):
            assert await count(session, "dossier") == 0
        async with transaction(office.portal.app.app.state.engine) as session:
            assert await count(session, "dossier") == 0


NEVER = (
    *(f"SELECT 1 FROM {table}" for table in SEALED), "UPDATE identity_of_dossier SET provenance = 'x'", "DELETE FROM identity_act", "SELECT surviving_identity(NULL)",
    "UPDATE event SET evidence = '{}'", "DELETE FROM event", "TRUNCATE event", "UPDATE opening SET opened_at = now()", "DELETE FROM opening",
    "DELETE FROM dossier", "DELETE FROM answer", "DELETE FROM document", "DELETE FROM participation", "DELETE FROM mandate", "DELETE FROM invitation",
    "UPDATE message SET content = 'x'", "DELETE FROM message", "UPDATE notice SET address = 'x'", "DELETE FROM notice", "SELECT 1 FROM inbound_message",
    "SELECT 1 FROM account", "UPDATE account SET person_id = NULL", "SELECT 1 FROM rate", "DELETE FROM session", "DELETE FROM party", "DELETE FROM serial",
    "ALTER TABLE event DISABLE TRIGGER ALL", "ALTER TABLE dossier DISABLE ROW LEVEL SECURITY", "DROP POLICY web_select ON dossier", "SET ROLE frontoffice_gate",
    "SET ROLE frontoffice_owner", "SET ROLE frontoffice_jobs", "CREATE TABLE mine (a int)", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "UPDATE mandate SET accepted_at = now()", "UPDATE mandate SET ends_at = now()", "UPDATE procrastinate_jobs SET status = 'succeeded'", "DELETE FROM procrastinate_jobs",
)


async def test_what_the_web_role_may_never_do(office: Office) -> None:
    hat, _dossier, _number = await filled(office)
    async with office.acting(hat) as (session, _actor):
        for statement in NEVER:
            with pytest.raises(DBAPIError, match="permission denied|must be owner"):
                async with session.begin_nested():
                    await session.execute(text(statement))


async def test_events_of_a_filed_dossier_cannot_be_changed_by_the_jobs_either(office: Office) -> None:
    await filled(office)
    for statement in ("UPDATE event SET role = 'x'", "DELETE FROM event", "UPDATE opening SET opened_at = now()", "DELETE FROM opening"):
        with pytest.raises(DBAPIError, match="only ever added"):
            await office.portal.sql(statement)


async def test_rows_cannot_be_hung_on_a_foreign_dossier(office: Office) -> None:
    hat, dossier, _number = await filled(office)
    stranger = await office.employer("0403019261", "Stranger")
    values = {"id": uuid4(), "dossier": dossier, "me": stranger.party, "person": stranger.person, "owner": hat.party, "now": now(), "later": now() + timedelta(1)}
    for statement in (
        "INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :me, 'employer', :now)",
        "INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :me, 'mandatary', :now)",
        "INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :me, 'region', :now)",
        "INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by) VALUES (:dossier, 'x', '{}', '{}', true, 1, :now, :me)",
        "INSERT INTO event (id, dossier_id, seq, action, past, takes, gives, role, happened_at) VALUES (:id, :dossier, 99, 'x', 'x', '{}', '{}', 'x', :now)",
        "INSERT INTO opening (id, dossier_id, party_id, person_id, opened_at) VALUES (:id, :dossier, :me, :person, :now)",
        "INSERT INTO mandate (id, dossier_id, mandator_id, mandatary_id, offered_by, starts_at, ends_at, offered_at) "
        "VALUES (:id, :dossier, :owner, :me, :person, :now, :later, :now)",
        "INSERT INTO document (id, dossier_id, requirement, file_name, media_type, size, sha256, state, given_by, given_role, given_at) "
        "VALUES (:id, :dossier, 'x', 'x', 'x', 1, 'x', 'checked', :me, 'x', :now)",
    ):
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        with pytest.raises(DBAPIError, match="row-level security"):
            async with office.acting(stranger) as (session, _actor):
                await session.execute(text(statement), used)
    async with office.acting(stranger) as (session, _actor):
        for statement in ("UPDATE dossier SET employer_name = 'mine'", "UPDATE answer SET content = '{}'", "UPDATE document SET state = 'refused'",
                          "UPDATE participation SET ends_at = now()", "UPDATE invitation SET tries = 0"):
            assert (await session.execute(text(f"{statement} RETURNING 1"))).all() == [], statement
