"""What a system sees: exactly what an official of its authority sees, in its territory, by both nets; and nothing before it has shown a token."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, true

from frontoffice.authorities import answers, changes
from frontoffice.dossiers import access, lists, queries
from frontoffice.kernel.database import transaction
from frontoffice.kernel.time import now, stopped_at
from frontoffice.procedures import EDITIONS
from tests.authorities.systems import DOSSIERS, System, Town
from tests.dossiers.drafts import THAT_DAY
from tests.engines import Engines
from tests.scene import PDF
from tests.storages import storage_as


def requests(number: str, document: str) -> list[tuple[str, str, dict[str, Any]]]:
    """One of every kind about a dossier."""
    at = f"{DOSSIERS}/{number}"
    return [
        ("GET", at, {}), ("GET", f"{at}/documents/{document}", {}), ("POST", f"{at}/acknowledgements", {"json": {"version": 2}}),
        ("POST", f"{at}/steps", {"json": {"action": "take-up", "version": 2}, "headers": {"idempotency-key": "a-key-of-ours"}}),
        ("PUT", f"{at}/documents/{document}/refusal", {"json": {"reason": "One page is missing."}}),
        ("DELETE", f"{at}/documents/{document}/refusal", {"params": {"notTakenAt": "2026-11-23T14:00:00Z"}}),
    ]


async def outside(system: System, number: str, document: str) -> list[tuple[int, str]]:
    """What can be seen of each answer, without what is new each time."""
    found = []
    for method, path, more in requests(number, document):
        answer = await system.ask(method, path, **more)
        content = answer.text.replace(number, "NUMBER").replace(document, "DOCUMENT")
        found.append((answer.status_code, content.replace(answer.json()["instance"], "TRACE")))
    return found


async def test_what_is_not_ones_own_looks_like_what_does_not_exist(town: Town) -> None:
    _hat, number = await town.filed()
    [[document]] = await town.office.portal.sql("SELECT id FROM document WHERE requirement = 'contract'")
    before = await town.office.portal.sql("SELECT md5(string_agg(d::text, '')) FROM dossier d")
    for authority in ("brussels", "wallonia", "municipality-11002", "municipality-44021", "immigration-office"):
        system = await town.system(authority)
        seen = await outside(system, number, str(document))
        assert seen == await outside(system, "SP-2026-9999999-0", str(uuid4())), authority
        assert {status for status, _content in seen} == {404}
        assert (await system.get(DOSSIERS)).json()["items"] == []
    assert await town.office.portal.sql("SELECT md5(string_agg(d::text, '')) FROM dossier d") == before
    assert not await town.office.portal.sql("SELECT FROM opening") and not await town.office.portal.sql("SELECT FROM api_answer")


@pytest.mark.parametrize("number", ["x", "sp-2026-0000001-m", "SP-2026-0000001-M%00", "SP-2026-0000001-M%0A", "%F0%9F%98%80", "..", "a" * 300, str(UUID(int=7))])
async def test_numbers_that_no_dossier_has(town: Town, number: str) -> None:
    system = await town.system("flanders")
    for method, path, more in requests(number, str(uuid4())):
        assert (await system.ask(method, path, **more)).status_code in (400, 404), (method, number)


async def test_a_draft_and_its_uuid_are_not_there(town: Town) -> None:
    hat = await town.office.employer()
    key = await town.office.ready(hat)
    system = await town.system("flanders")
    assert (await system.get(f"{DOSSIERS}/{key}")).status_code == 404
    await town.office.file(hat, key)
    assert (await system.get(f"{DOSSIERS}/{key}")).status_code == 404


async def test_without_a_token_every_resource_asks_for_one(town: Town) -> None:
    _hat, number = await town.filed()
    system = await town.system("flanders", come_in=False)
    for token, kind in (("", "noAccessToken"), ("x", "invalidAccessToken"), ("x" * 300, "invalidAccessToken"), ("é".encode().decode("latin-1"), "invalidAccessToken")):
        system.token = token
        for method, path, more in (*requests(number, str(uuid4())), ("GET", DOSSIERS, {})):
            answer = await system.ask(method, path, **more)
            assert answer.status_code == 401 and answer.json()["type"].endswith(kind), (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer ")
    system.token = ""
    basic = await system.get(DOSSIERS, headers={"authorization": "Basic eDp5"})
    assert basic.status_code == 401


async def test_each_resource_asks_for_its_scope(town: Town) -> None:
    _hat, number = await town.filed()
    needed = ("dossiers:read", "documents:read", "dossiers:step", "dossiers:step", "documents:write", "documents:write")
    for scope in sorted(set(needed)):
        system = await town.system("flanders", scopes=(scope,))
        for (method, path, more), wanted in zip(requests(number, str(uuid4())), needed, strict=True):
            answer = await system.ask(method, path, **more)
            assert (answer.status_code == 403) == (wanted != scope), (scope, method, path, answer.status_code)


async def test_a_narrower_territory_is_obeyed(town: Town) -> None:
    _hat, number = await town.filed()
    office = town.office
    [[dossier]] = await office.portal.sql("SELECT id FROM dossier")
    party = await office.portal.party("authority", "Immigration Office", authority="immigration-office")
    await office.portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, 'immigration-office', :now)",
                            id=uuid4(), dossier=dossier, party=party, now=now() - timedelta(minutes=1))
    [[document]] = await office.portal.sql("SELECT id FROM document WHERE requirement = 'contract'")
    for territory, sees in (("", True), ("flanders", True), ("brussels", False), ("municipality-44021", False)):
        system = await town.system("immigration-office", territory=territory)
        rows = (await system.follow())[0] if sees else (await system.get(DOSSIERS)).json()["items"]
        assert [one["number"] for one in rows] == [number] * sees, territory
        assert (await system.get(f"{DOSSIERS}/{number}")).status_code == (200 if sees else 404)
        assert sees or {status for status, _content in await outside(system, number, str(document))} == {404}


async def test_a_system_reads_what_its_official_reads(town: Town) -> None:
    """Pages and documents by the same rule: the town may not read what is said about pay."""
    _hat, number = await town.filed()
    [[dossier]] = await town.office.portal.sql("SELECT id FROM dossier")
    party = await town.office.portal.party("authority", "Gent", authority="municipality-44021")
    await town.office.portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, 'municipality', :now)",
                                 id=uuid4(), dossier=dossier, party=party, now=now() - timedelta(minutes=1))
    procedure = next(one for one in EDITIONS if one.code == "single-permit")
    for authority, role in (("flanders", "region"), ("municipality-44021", "municipality")):
        told = await (await town.system(authority)).collect(number)
        hidden = {page.code for page in procedure.pages if not access.may_see([role], page)}
        assert told["answers"] and not hidden & set(told["answers"])
        seen = {one.code for one in procedure.documents if access.may_see([role], one)}
        assert told["documents"] and {one["code"] for one in told["documents"]} <= seen


async def test_a_participation_that_ended_ended(town: Town) -> None:
    _hat, number = await town.filed()
    system = await town.system("flanders")
    assert (await system.get(f"{DOSSIERS}/{number}")).status_code == 200
    await town.office.portal.sql("UPDATE participation SET ends_at = :now WHERE role = 'region'", now=now())
    assert (await system.get(f"{DOSSIERS}/{number}")).status_code == 404
    [row], _later = await system.follow()
    assert row["left"] is True


async def test_what_is_not_sent_yet_is_nobody_elses(town: Town) -> None:
    hat, number = await town.filed()
    system = await town.system("flanders")
    with stopped_at(THAT_DAY + timedelta(minutes=5)):
        [added] = await town.office.bring(hat, number, ["contract"])
        assert str(added) not in [one["id"] for one in (await system.collect(number))["documents"]]
        assert (await system.get(f"{DOSSIERS}/{number}/documents/{added}")).status_code == 404


async def test_with_the_first_net_away_the_database_still_shows_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _hat, number = await town.filed()
    [[document, dossier]] = await town.office.portal.sql("SELECT id, dossier_id FROM document WHERE requirement = 'contract'")
    party = await town.office.portal.party("authority", "Immigration Office", authority="immigration-office")
    await town.office.portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, 'immigration-office', :now)",
                                 id=uuid4(), dossier=dossier, party=party, now=now() - timedelta(minutes=1))
    own = await town.system("flanders")
    others = [await town.system("brussels"), await town.system("municipality-11002"), await town.system("immigration-office", territory="brussels")]
    monkeypatch.setattr(queries, "IS_VISIBLE", true())
    for module in (access, lists, answers, changes):
        monkeypatch.setattr(module, "is_visible_to", lambda _actor: true())
    monkeypatch.setattr("frontoffice.authorities.pages.READERS", frozenset({"region", "municipality", "immigration-office"}))
    queries._statement.cache_clear()
    try:
        assert (await own.get(f"{DOSSIERS}/{number}")).status_code == 200
        for system in others:
            assert {status for status, _content in await outside(system, number, str(document))} == {404}
            assert (await system.get(DOSSIERS)).json()["items"] == []
    finally:
        queries._statement.cache_clear()


async def test_the_web_role_reaches_none_of_it_in_another_way(town: Town) -> None:
    _hat, number = await town.filed()
    system = await town.system("flanders")
    await system.step(number, "take-up", (await system.collect(number))["version"])
    engine = town.office.portal.app.app.state.engine
    official = await town.office.official("brussels")
    async with town.office.acting(official) as (session, _actor):
        for table in ("authority_change", "api_answer"):
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
    async with transaction(engine, b"") as session:
        for statement in ("SELECT count(*) FROM api_client", "UPDATE authority_change SET change = 1", "DELETE FROM api_answer", "INSERT INTO authority_change (party_id) VALUES (NULL)"):
            with pytest.raises(Exception, match="permission denied"):
                async with session.begin_nested():
                    await session.execute(text(statement))


async def test_a_document_comes_with_its_bytes_and_their_hash(town: Town, engines: Engines) -> None:
    _hat, number = await town.filed()
    content = PDF + uuid4().bytes * 1000
    sha256 = hashlib.sha256(content).hexdigest()
    [[document]] = await town.office.portal.sql("SELECT id FROM document WHERE requirement = 'contract'")
    async with storage_as(engines, "worker") as storage:
        await storage.put(str(document), bytearray(content), bucket=storage.clean)
    await town.office.portal.sql("UPDATE document SET sha256 = :sha256, size = :size, file_name = :name WHERE id = :id", sha256=sha256, size=len(content),
                                 name='été "x"\r\nx: y.pdf', id=document)
    system = await town.system("flanders")
    path = f"{DOSSIERS}/{number}/documents/{document}"
    answer = await system.get(path, headers={"accept": "application/pdf"})
    assert answer.status_code == 200 and answer.content == content and answer.headers["etag"] == f'"{sha256}"'
    assert answer.headers["content-type"] == "application/pdf" and answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["repr-digest"].startswith("sha-256=:") and "x" not in answer.headers
    [[kept, person]] = await town.office.portal.sql("SELECT document_id, person_id FROM opening")
    assert kept == document and person == system.id
    # Bytes that are not those of the receipt never arrive whole.
    await town.office.portal.sql("UPDATE document SET sha256 = :other WHERE id = :id", other="0" * 64, id=document)
    broken = await system.get(path)
    assert broken.status_code == 503


async def test_systems_that_work_side_by_side_see_their_own(town: Town) -> None:
    numbers = [(await town.filed())[1] for _ in range(2)]
    [[brussels]] = await town.office.portal.sql("SELECT greet_party(:id, 'authority', 'Brussels', NULL, 'brussels', NULL, 'en')", id=uuid4())
    await town.office.portal.sql("UPDATE participation SET party_id = :party WHERE role = 'region' AND dossier_id = (SELECT id FROM dossier WHERE number = :number)",
                                 party=brussels, number=numbers[1])
    systems = [await town.system("flanders"), await town.system("brussels")]

    async def look(mine: int, other: int) -> None:
        assert (await systems[mine].get(f"{DOSSIERS}/{numbers[mine]}")).status_code == 200
        assert (await systems[mine].get(f"{DOSSIERS}/{numbers[other]}")).status_code == 404

    await asyncio.gather(*(look(one % 2, 1 - one % 2) for one in range(30)))
