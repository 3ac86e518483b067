"""Registers as an oracle: what somebody who lies in a form, or asks again and again, may learn of other people."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Invalid, TooMany
from frontoffice.kernel.time import now
from tests.dossiers.drafts import Hat, an_office
from tests.dossiers.guarantors import Counter
from tests.engines import Database, Engines

MOST_REFUSED = 10


@pytest.fixture
async def counter(fresh_database: Database, engines: Engines) -> AsyncIterator[Counter]:
    async with an_office(fresh_database, engines) as office:
        yield Counter(office)


async def test_whoever_types_the_register_number_of_another_learns_nothing_of_that_person(counter: Counter) -> None:
    victim, liar = await counter.guarantor(), await counter.guarantor("Liar")
    theirs = [await counter.file(victim, beneficiary_passport=f"Z100000{nth}") for nth in range(3)]
    lie = await counter.file(liar, beneficiary_passport="Z2000000")
    told = await counter.register(liar, lie)
    assert (told.active, list(told.others), told.at_address) == (1, [], None)
    page = (await (await counter.office.browser(liar)).get(f"/en/dossiers/{lie}")).text
    assert "1 commitment is active now" in page and not [number for number in theirs if number in page]
    assert (await counter.row(lie)).required == Decimal("2131.28")
    # The counter, which compares the card with the form, is shown all of them; so is the victim's own page, without the liar's.
    seen = await counter.register(await counter.office.official("municipality-44021"), lie)
    assert (seen.active, {one.number for one in seen.others}) == (4, set(theirs))
    assert {one.number for one in (await counter.register(victim, theirs[0])).others} == set(theirs[1:])


async def test_the_function_itself_tells_a_guarantor_of_own_commitments_only(counter: Counter) -> None:
    victim, liar = await counter.guarantor(), await counter.guarantor("Liar")
    await counter.file(victim, beneficiary_passport="Z1000001")
    own = (await counter.row(await counter.file(liar, beneficiary_passport="Z2000000"))).dossier_id
    for hat, found in ((liar, 1), (victim, 0), (await counter.office.official("municipality-44021"), 2), (await counter.office.official("municipality-11002"), 0)):
        async with counter.office.acting(hat) as (session, _actor):
            rows = (await session.execute(text("SELECT 1 FROM commitments_beside(:id, '2026-11-23', '2024-11-23')"), {"id": own})).all()
        assert len(rows) == found, hat
    async with transaction(counter.office.portal.app.app.state.engine, b"") as session:
        assert not (await session.execute(text("SELECT 1 FROM commitments_beside(:id, '2026-11-23', '2024-11-23')"), {"id": own})).all()


async def test_passports_cannot_be_tried_one_after_the_other_on_a_commitment(counter: Counter) -> None:
    number = await counter.file(await counter.guarantor())
    guesser, honest = await counter.guarantor("Guesser"), await counter.guarantor("Meera Nair")
    for nth in range(MOST_REFUSED):
        with pytest.raises(Invalid):
            await counter.refer(guesser, await counter.visa_dossier(guesser, "visa-c", number, passport=f"Z000000{nth}"))
    with pytest.raises(TooMany):
        await counter.refer(guesser, await counter.visa_dossier(guesser, "visa-c", number, passport="Z4815162"))
    # Somebody else is not kept from it by that.
    await counter.legalise(number)
    await counter.refer(honest, await counter.visa_dossier(honest, "visa-c", number))


async def test_guests_cannot_be_tried_one_after_the_other_in_the_register(counter: Counter) -> None:
    await counter.file(await counter.guarantor())
    guesser = await counter.guarantor("Guesser")
    draft = await counter.draft(guesser)
    browser = await counter.office.browser(guesser)
    for _nth in range(MOST_REFUSED):
        answer = await browser.post(f"/en/dossiers/{draft}/submit", page=f"/en/dossiers/{draft}/check")
        assert answer.status_code == 422 and "Another commitment for this passport is active" in answer.text
    answer = await browser.post(f"/en/dossiers/{draft}/submit", page=f"/en/dossiers/{draft}/check")
    assert answer.status_code == 429 and "Another commitment" not in answer.text and answer.headers["retry-after"].isdigit()


JOIN = "INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, :role, :now)"
EMPTY = ("INSERT INTO dossier (id, procedure, edition, position, language, form_key, created_at, updated_at, headline, number) "
         "VALUES (:id, 'visa-c', '2026-11', '{draft}', 'nl', :id, :now, :now, 'draft', {number})")
WORDS = ("employer", "applicant", "guarantor", "worker", "mandatary", "region", "municipality", "immigration-office", "diplomatic-post", "", "APPLICANT")


@pytest.mark.parametrize(("kind", "may"), [("person", {"applicant", "guarantor"}), ("enterprise", {"employer"}), ("authority", set())])
async def test_who_may_be_the_first_in_a_dossier(counter: Counter, kind: str, may: set[str]) -> None:
    office = counter.office
    begins: Mapping[str, Callable[[], Awaitable[Hat]]] = {
        "person": counter.guarantor, "enterprise": office.employer, "authority": lambda: office.official("flanders")}
    me = await begins[kind]()
    joined = set()
    for role in WORDS:
        dossier = uuid4()
        await office.portal.sql(EMPTY.replace("{number}", "NULL"), id=dossier, now=now())
        async with office.acting(me) as (session, _actor):
            try:
                async with session.begin_nested():
                    await session.execute(text(JOIN), {"id": uuid4(), "dossier": dossier, "party": me.party, "role": role, "now": now()})
                joined.add(role)
            except DBAPIError as refused:
                assert "row-level security" in str(refused)
    assert joined == may


async def test_nobody_joins_a_dossier_that_stands_empty_or_was_filed_or_for_another(counter: Counter) -> None:
    office = counter.office
    me, other = await counter.guarantor(), await counter.guarantor("Another")
    old, filed, new = uuid4(), uuid4(), uuid4()
    await office.portal.sql(EMPTY.replace("{number}", "NULL").replace(":now, :now", "'2026-11-23 08:00+00', :now"), id=old, now=now())
    await office.portal.sql(EMPTY.replace("{number}", "'VC-2026-0000001-X'"), id=filed, now=now())
    await office.portal.sql(EMPTY.replace("{number}", "NULL"), id=new, now=now())
    for dossier, party in ((old, me.party), (filed, me.party), (new, other.party)):
        async with office.acting(me) as (session, _actor):
            with pytest.raises(DBAPIError, match="row-level security"):
                async with session.begin_nested():
                    await session.execute(text(JOIN), {"id": uuid4(), "dossier": dossier, "party": party, "role": "applicant", "now": now()})


@pytest.mark.parametrize("code", ["guarantee-short-stay", "visa-c"])
async def test_nobody_is_invited_into_a_dossier_without_a_worker(counter: Counter, code: str) -> None:
    me = await counter.guarantor()
    key = await counter.draft(me) if code.startswith("guarantee") else str(await counter.visa_dossier(me, code, ""))
    browser = await counter.office.browser(me)
    token = await browser.token(f"/en/dossiers/new?procedure={code}")
    assert (await browser.client.get(f"/en/dossiers/{key}/worker")).status_code == 404
    answer = await browser.client.post(f"/en/dossiers/{key}/worker", data={"csrf": token, "email": "x@worker.example", "language": "en"})
    assert answer.status_code == 404 and await counter.office.count("invitation") == 0
    assert (await browser.client.get(f"/en/dossiers/{key}/mandate")).status_code == 404


async def test_every_function_with_more_rights_is_shut_to_the_public_and_reads_our_tables_only(counter: Counter) -> None:
    rows = await counter.office.portal.sql(
        "SELECT p.proname, p.proconfig, has_function_privilege('public', p.oid, 'EXECUTE'), pg_get_userbyid(p.proowner) FROM pg_proc p "
        "WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef")
    assert {"commitment_hindrance", "commitments_beside", "refer_to_commitment", "may_join", "identity_doubles", "show_identity_double"} <= {row[0] for row in rows}
    for name, settings, by_all, owner in rows:
        assert settings == ["search_path=public, pg_temp"], name
        assert not by_all and owner == "frontoffice_gate", name


@pytest.mark.parametrize("who", ["nobody", "guarantor", "employer", "flanders", "municipality-44021", "own hat of an official"])
async def test_the_register_of_persons_answers_the_immigration_office_only(counter: Counter, who: str) -> None:
    office, key = counter.office, uuid4()
    asked: Mapping[str, object] = {
        "SELECT count(*) FROM identity_doubles('open', 50)": 0, "SELECT count(*) FROM identity_doubles('settled', 50)": 0,
        "SELECT show_identity_double(:key, :now)": None, "SELECT decide_identity_double(:key, 'same', 1, :now)": "absent",
        "SELECT undo_identity_double(:key, 1, :now)": "absent", "SELECT question_identity_link(:key, :key, :key, :now)": None,
    }
    hats: Mapping[str, Callable[[], Awaitable[Hat]]] = {"guarantor": counter.guarantor, "employer": office.employer}
    if who == "nobody":
        async with transaction(office.portal.app.app.state.engine, b"") as session:
            await _ask(session, asked, key)
        return
    if who == "own hat of an official":
        person = await office.portal.party("person", "Official of immigration-office")
        await office.official("immigration-office")
        hat = Hat(person, person, "official")
    else:
        hat = await hats[who]() if who in hats else await office.official(who)
    async with office.acting(hat) as (session, _actor):
        await _ask(session, asked, key)


async def _ask(session: AsyncSession, asked: Mapping[str, object], key: UUID) -> None:
    for statement, expected in asked.items():
        found = await session.scalar(text(statement), {"key": key, "now": now()} if ":key" in statement else {})
        assert found == expected, statement
