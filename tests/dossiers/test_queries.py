"""Reading: by number or UUID, lists page by page, and nothing but one's own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from frontoffice.dossiers import lists, queries
from frontoffice.dossiers.lists import PAGE_SIZE
from frontoffice.dossiers.openings import openings
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import stopped_at
from tests.dossiers.drafts import EVERY_DOCUMENT, EVERY_PAGE, THAT_DAY, Office, an_office
from tests.engines import Database, Engines


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


async def test_a_dossier_goes_by_its_uuid_and_its_number(office: Office) -> None:
    hat = await office.employer()
    draft = await office.ready(hat)
    assert (await office.see(hat, draft)).key == draft
    number = await office.file(hat, draft)
    for key in (number, number.lower(), draft, draft.upper(), draft.replace("-", ""), f"{{{draft}}}"):
        found = await office.see(hat, key)
        assert (found.key, str(found.id)) == (number, draft)
    assert set(found.answers) == set(EVERY_PAGE)
    assert {one.requirement for one in found.documents} == set(EVERY_DOCUMENT)
    async with transaction(office.portal.engine) as session:
        assert (await queries.any_dossier(session, number)).roles == frozenset()


@pytest.mark.parametrize("key", [
    "", " ", "x", "SP-2026-0000001-A", "\x00", "SP-2026\x00", "' OR 1=1 --", "%", "_" * 30, "9" * 31, "a" * 100_000, "../..", "０" * 10, "\ud800",
    "00000000-0000-0000-0000-000000000000", "None", "SP-2026-0000001-Ａ",
], ids=lambda key: ascii(key)[:20])
async def test_what_is_no_key_is_not_found(office: Office, key: str) -> None:
    hat = await office.employer()
    await office.file(hat)
    with pytest.raises(NotFound):
        await office.see(hat, key)
    async with transaction(office.portal.engine) as session:
        with pytest.raises(NotFound):
            await queries.any_dossier(session, key)


async def test_hostile_addresses_are_pages_like_any_other(office: Office) -> None:
    browser = await office.browser(await office.employer())
    for path in ("%00", "a%00b", "%FF", "%ED%A0%80", "SP-2026-0000001-A%00", "..%2F..", "%25", "a" * 2000):
        assert (await browser.client.get(f"/en/dossiers/{path}")).status_code in (400, 404), path
    for q in ("%00", "%25", "_", "%5C", "%27", "a" * 500, "%F0%9F%98%80"):
        assert (await browser.client.get(f"/en/dossiers?q={q}")).status_code in (200, 400), q
    for before in ("x", "~", "2026-11-21~x", "%00", f"9999-12-31T23:59:59%2B00:00~{uuid4()}", "2026-11-21T10:00:00~" + "0" * 32):
        assert (await browser.client.get(f"/en/dossiers?before={before}")).status_code in (200, 400), before


async def test_lists_hold_ones_own_latest_change_first(office: Office) -> None:
    hat, other = await office.employer(), await office.employer("0403019261", "Other")
    await office.start(other)
    keys = []
    for hour in range(PAGE_SIZE + 2):
        with stopped_at(THAT_DAY + timedelta(hours=hour)):
            keys.append(await office.start(hat))
    with stopped_at(THAT_DAY + timedelta(days=3)):
        await office.answer(hat, keys[0], {"worker-name": {"worker_surname": "O'Neil_100%"}})
        await office.take(hat, keys[1], "discard")
    expected = [keys[0], *reversed(keys[2:])]
    with stopped_at(THAT_DAY + timedelta(days=4)):
        async with office.acting(hat) as (session, actor):
            first = await lists.dossiers_of(session, actor)
            assert [one.key for one in first] == expected
            last = first[9]
            assert [one.key for one in await lists.dossiers_of(session, actor, before=(last.updated_at, last.id))] == expected[10:]
            for sought, hits in (("o'neil", 1), ("_100%", 1), ("%", 1), ("_", 1), ("\\", 0), ("Kumar", 0), (keys[0], 0)):
                assert len(await lists.dossiers_of(session, actor, sought=sought)) == hits, sought
    person = await office.portal.party("person", "Nobody")
    async with office.acting(type(hat)(person, person, "citizen")) as (session, actor):
        assert await lists.dossiers_of(session, actor) == []


async def test_a_number_finds_its_dossier_in_the_list(office: Office) -> None:
    hat = await office.employer()
    number = await office.file(hat)
    await office.start(hat)
    async with office.acting(hat) as (session, actor):
        assert [one.key for one in await lists.dossiers_of(session, actor, sought=number.lower())] == [number]


async def test_a_dossier_with_everything_in_it_costs_one_statement_and_its_lock_another(office: Office) -> None:
    hat = await office.employer()
    key = await office.file(hat)
    said: list[str] = []
    async with office.acting(hat) as (session, actor):
        connection = await session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", lambda _c, _cursor, statement, *_more: said.append(statement))
        found = await queries.dossier(session, actor, key)
        await queries.history(session, found.id)
        assert len(said) == 2
        await queries.dossier(session, actor, key, lock=True)
    assert len(said) == 4 and "FOR UPDATE" in said[2] and "document" not in said[2]


async def test_whoever_waited_for_the_lock_sees_what_was_written_meanwhile(office: Office) -> None:
    """The dossier's own row need not have changed: documents are rows of their own."""
    hat = await office.employer()
    key = await office.start(hat)
    async with office.acting(hat) as (first, actor):
        await queries.dossier(first, actor, key, lock=True)

        async def waiting() -> int:
            async with office.acting(hat) as (second, other):
                return len((await queries.dossier(second, other, key, lock=True)).documents)

        task = asyncio.create_task(waiting())
        await asyncio.sleep(0.3)
        assert not task.done()
        await first.execute(text(
            "INSERT INTO document (id, dossier_id, requirement, file_name, media_type, size, state, given_by, given_role, given_at) "
            "VALUES (:id, :dossier, 'contract', 'a.pdf', 'application/pdf', 1, 'received', :party, 'employer', now())"),
            {"id": uuid4(), "dossier": UUID(key), "party": hat.party})
    assert await task == 1


async def test_openings_are_named_by_document_and_newest_first(office: Office) -> None:
    hat, region = await office.employer(), await office.official("flanders")
    key = await office.file(hat)
    found = await office.see(hat, key)
    diploma = found.of_requirement("diploma")[0].id
    browser = await office.browser(region)
    with stopped_at(THAT_DAY + timedelta(minutes=1)):
        await browser.get(f"/en/dossiers/{key}")
    with stopped_at(THAT_DAY + timedelta(minutes=2)):
        await browser.get(f"/en/dossiers/{key}/documents/diploma/{diploma}/view")
    with stopped_at(THAT_DAY + timedelta(days=1)):
        await (await office.browser(region)).get(f"/en/dossiers/{key}")
    await (await office.browser(hat)).get(f"/en/dossiers/{key}")
    async with office.acting(hat) as (session, _actor):
        opened = await openings(session, UUID(str(found.id)))
    assert [(one.party_name, one.last_at, list(one.documents)) for one in opened] == [
        ("flanders", THAT_DAY + timedelta(days=1), []), ("flanders", THAT_DAY + timedelta(minutes=2), ["diploma"])]
