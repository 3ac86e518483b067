"""The list of changes: nothing is missed whatever commits when, and a page costs the same for a hundred dossiers or many."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text

from frontoffice.documents import retention
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.time import now
from tests.authorities.systems import DOSSIERS, System, Town, inside
from tests.counter import many
from tests.engines import Database

MANY = 20_000


async def fill(town: Town, database: Database, count: int) -> None:
    """So many dossiers, each with a step taken; the planner knows of them, as it does when they came one by one."""
    await many.fill(town.office.portal, count)
    async with transaction(town.office.portal.engine) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(text("UPDATE dossier SET version = 1"))
    owner = make_engine(database.owner)
    async with transaction(owner) as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(text("ANALYZE dossier, participation, party, authority_change"))
    await owner.dispose()


async def numbers(system: System, path: str = DOSSIERS, *, least: int = 1) -> list[str]:
    return [one["number"] for one in (await system.follow(path, least=least))[0]]


async def test_pages_follow_each_other_without_a_gap(town: Town, fresh_database: Database) -> None:
    await fill(town, fresh_database, 400)
    region = await town.system("flanders")
    # What others write on this machine meanwhile may hold some back: the pages are turned when all are there.
    await region.follow(f"{DOSSIERS}?pageSize=100", least=200)
    rows, path = [], f"{DOSSIERS}?pageSize=7"
    while True:
        answer = (await region.get(path)).json()
        assert len(answer["items"]) <= 7 and answer["pageSize"] == 7 and answer["self"].endswith(path)
        rows += answer["items"]
        if "next" not in answer:
            break
        assert answer["next"] == answer["follow"] and len(answer["items"]) == 7
        path = inside(answer["next"])
    mine = {row[0] for row in await town.office.portal.sql("SELECT number FROM dossier WHERE region = 'flanders'")}
    assert {one["number"] for one in rows} == mine and len(rows) == len(mine) == 200
    assert (await region.get(inside(answer["follow"]))).json()["items"] == []


async def test_filters_leave_out_the_rest(town: Town, fresh_database: Database) -> None:
    await fill(town, fresh_database, 1000)
    region = await town.system("flanders")
    await region.follow(least=500)
    for headline in ("filed", "checking", "work-exam", "card-issued", "nothing-such"):
        mine = {row[0] for row in await town.office.portal.sql("SELECT number FROM dossier WHERE region = 'flanders' AND headline = :one", one=headline)}
        assert set(await numbers(region, f"{DOSSIERS}?headline={headline}&pageSize=100", least=0)) == mine
    [[instant]] = await town.office.portal.sql("SELECT min(changed_at) FROM authority_change")
    since = (instant + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    await town.office.portal.sql("UPDATE authority_change SET changed_at = changed_at + interval '2 days' WHERE number LIKE '%7-X'")
    found = await numbers(region, f"{DOSSIERS}?changedSince={since}&pageSize=100", least=1)
    assert found and all(one.endswith("7-X") for one in found)
    assert await numbers(region, f"{DOSSIERS}?changedSince=9999-12-31T23:59:59Z", least=0) == []
    assert len(await numbers(region, f"{DOSSIERS}?changedSince=0001-01-01T00:00:00%2B14:00&pageSize=100")) == 500


async def test_a_change_that_commits_late_is_not_overtaken(town: Town) -> None:
    """One transaction begins first and commits last: whoever follows meanwhile must not step over it."""
    hat = await town.office.employer()
    slow, quick = await town.office.file(hat), await town.office.file(hat)
    region = await town.system("flanders")
    _rows, place = await region.follow(least=2)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def dawdle() -> None:
        async with transaction(town.office.portal.engine) as session:
            await session.execute(text("UPDATE dossier SET version = version + 1 WHERE number = :number"), {"number": slow})
            begun.set()
            await go_on.wait()

    waiting = asyncio.create_task(dawdle())
    await begun.wait()
    await town.office.portal.sql("UPDATE dossier SET version = version + 1 WHERE number = :number", number=quick)
    first = (await region.get(place)).json()
    assert first["items"] == []
    place = inside(first["follow"])
    go_on.set()
    await waiting
    assert set(await numbers(region, place, least=2)) == {slow, quick}


async def test_every_step_is_seen_by_whoever_follows(town: Town) -> None:
    hat = await town.office.employer()
    region, official = await town.system("flanders"), await town.office.official("flanders")
    _rows, place = await region.follow(least=0)
    number = await town.office.file(hat)
    seen = []
    for action in ("take-up", "admit"):
        rows, place = await region.follow(place)
        seen += [(one["number"], one["headline"]) for one in rows]
        await town.office.take(official, number, action)
    rows, place = await region.follow(place)
    seen += [(one["number"], one["headline"]) for one in rows]
    assert [one for _number, one in seen] == ["filed", "checking", "work-exam"] and {one for one, _headline in seen} == {number}


async def test_steps_of_a_draft_and_of_strangers_are_nobodys_news(town: Town) -> None:
    hat = await town.office.employer()
    await town.office.ready(hat)
    assert await town.office.count("authority_change") == 0
    await town.office.file(hat)
    rows = await town.office.portal.sql("SELECT q.authority_code FROM authority_change c JOIN party q ON q.id = c.party_id")
    assert [row[0] for row in rows] == ["flanders"]


async def test_retention_forgets_it_too(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    await region.step(number, "take-up", (await region.collect(number))["version"])
    [[key]] = await town.office.portal.sql("SELECT id FROM dossier")
    for statement in (one for one in retention._ROWS if "api_answer" in one or "authority_change" in one):
        await town.office.portal.sql(statement, key=UUID(str(key)))
    assert await town.office.count("api_answer") == await town.office.count("authority_change") == 0


@pytest.mark.parametrize("query", [
    "after=x", "after=1-x", "after=99999999999999999999-00000000-0000-0000-0000-000000000000", "after=", "pageSize=0", "pageSize=101", "pageSize=-1", "pageSize=x", "pageSize=",
    "changedSince=yesterday", "changedSince=2026-11-22", "changedSince=2026-13-01T00:00:00Z", "changedSince=2026-11-22T00:00:00", "headline=FILED", "headline=a%00",
    "headline=a%0A", "headline=", "authority=brussels", "pageSize=1&pageSize=2", "headline=filed'--", "headline=%27%20OR%201=1"])
async def test_filters_that_cannot_be_read_are_refused(town: Town, query: str) -> None:
    region = await town.system("flanders")
    assert (await region.get(f"{DOSSIERS}?{query}")).status_code == 400


async def test_a_page_is_read_from_an_index_at_any_length(town: Town, fresh_database: Database) -> None:
    """What the database touches for a page, counted in rows of the tables, does not grow with the number of dossiers."""
    await fill(town, fresh_database, MANY)
    region = await town.system("flanders")
    await region.follow(f"{DOSSIERS}?after={2**50}-{uuid4()}", least=0)
    [[middle]] = await town.office.portal.sql("SELECT change || '-' || dossier_id FROM authority_change c JOIN party q ON q.id = c.party_id"
                                              " WHERE q.authority_code = 'flanders' ORDER BY change, dossier_id OFFSET :half LIMIT 1", half=MANY // 4)
    [[session]] = await town.office.portal.sql("SELECT encode(token_hash, 'hex') FROM session WHERE kind = 'system'")
    since = (now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for query in ("", f"after={middle}", "headline=work-exam", f"headline=work-exam&after={middle}", f"changedSince={since}"):
        said: list[tuple[str, object]] = []
        engine = town.office.portal.app.app.state.engine.sync_engine

        def note(_connection: object, _cursor: object, statement: str, params: object, *_more: object, said: list[tuple[str, object]] = said) -> None:
            said.append((statement, params))

        event.listen(engine, "before_cursor_execute", note)
        answer = await region.get(f"{DOSSIERS}?{query}")
        event.remove(engine, "before_cursor_execute", note)
        assert answer.status_code == 200 and len(said) == 3, [one[0][:60] for one in said]
        statement, params = said[-1]
        async with transaction(town.office.portal.app.app.state.engine, bytes.fromhex(session), by_person=False) as looking:
            connection = await looking.connection()
            plan = (await connection.exec_driver_sql("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + statement, params)).scalar_one()[0]["Plan"]
        assert touched(plan) < 1500, (query, touched(plan))


def touched(plan: dict[str, object]) -> float:
    """Rows that were read from tables, also those that were thrown away."""
    mine = 0.0
    if "Relation Name" in plan:
        mine = float(plan["Actual Loops"]) * (float(plan["Actual Rows"]) + float(plan.get("Rows Removed by Filter", 0)))  # type: ignore[arg-type]
    return mine + sum(touched(one) for one in plan.get("Plans", []))  # type: ignore[attr-defined]
