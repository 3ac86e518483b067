"""The work list of a Region and of a municipality: who sees which rows, in which order, and at what price."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy import event

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from tests.counter.many import fill
from tests.engines import Database, Engines
from tests.web import Browser, Portal, running_portal

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)
ROW = re.compile(r'href="/en/dossiers/(SP-2026-\d{7}-X)"')


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    with stopped_at(NOON):
        async with running_portal(fresh_database, engines) as running:
            yield running


async def add(portal: Portal, serial: int, *, headline: str = "filed", position: str = "", region: str = "flanders", town: str | None = None,
              worker: str = "Rajesh Kumar", employer: str = "Havenlogistiek Antwerpen NV", due: str | None = None, day: int = 17) -> str:
    """One dossier at a Region's (and a municipality's) counter."""
    key, number = uuid4(), f"SP-2026-{serial:07}-X"
    filed = datetime(2026, 11, day, 10, serial % 60, tzinfo=BRUSSELS)
    await portal.sql(
        "INSERT INTO dossier (id, number, procedure, edition, position, language, form_key, created_at, filed_at, updated_at, headline, worker_name, "
        "employer_name, category, region, municipality, due_on) VALUES (:id, :number, 'single-permit', '2026-11', string_to_array(:position, ' '), 'nl', "
        ":key, :filed, :filed, :filed, :headline, :worker, :employer, 'highly-qualified', :region, :town, CAST(:due AS date))",
        id=key, number=number, position=position or headline, key=uuid4(), filed=filed, headline=headline, worker=worker, employer=employer,
        region=region, town=town, due=due)
    enterprise = await portal.party("enterprise", "Havenlogistiek Antwerpen NV", number="1999999943")
    parties = [(enterprise, "employer"), (await portal.party("authority", region, authority=region), "region")]
    if town:
        parties.append((await portal.party("authority", town, authority=town), "municipality"))
    for party, role in parties:
        await portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :party, :role, :filed)",
                         id=uuid4(), dossier=key, party=party, role=role, filed=filed)
    return number


async def numbers(browser: Browser, query: str = "") -> list[str]:
    answer = await browser.get(f"/en/counter{query}")
    assert answer.status_code == 200, answer.text
    return ROW.findall(answer.text)


@contextmanager
def statements(portal: Portal) -> Iterator[list[str]]:
    """What the web process asks the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    engine = portal.app.app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_a_region_sees_its_own_dossiers_only(portal: Portal) -> None:
    mine, other = await add(portal, 1), await add(portal, 2, region="brussels")
    els, an = await portal.official("flanders"), await portal.official("brussels", "An Claes")
    assert await numbers(els) == [mine] and await numbers(an) == [other]
    assert await numbers(els, f"?q={other}") == [] and await numbers(els, "?q=rajesh") == [mine]


async def test_a_dossier_that_moved_to_another_region_is_gone(portal: Portal) -> None:
    await add(portal, 1)
    els = await portal.official("flanders")
    await portal.sql("UPDATE participation SET ends_at = :now WHERE role = 'region'", now=NOON)
    assert await numbers(els) == [] and await numbers(els, "?state=all") == []


async def test_only_officials_of_regions_and_municipalities_have_a_counter(portal: Portal) -> None:
    for browser in (await portal.employer(), await portal.official("immigration-office"), await portal.official("diplomatic-post")):
        assert (await browser.get("/en/counter")).status_code == 404
    assert "/sign-in" in str((await portal.visitor().client.get("/en/counter")).headers["location"])


@pytest.mark.parametrize(("headline", "position", "tab"), [
    ("filed", "filed", "to-take-up"), ("checking", "checking", "checking"), ("complement", "complement", "documents-asked"),
    ("work-exam", "work-exam stay-exam", "to-decide"), ("stay-complement", "work-exam stay-complement", "to-decide"),
    ("stay-complement", "work-granted stay-complement", "waiting"), ("stay-exam", "work-granted stay-exam", "waiting"), ("granted", "granted", "waiting"),
    ("card-issued", "card-issued", "closed"), ("inadmissible", "inadmissible", "closed"), ("withdrawn", "withdrawn", "closed"),
])
async def test_each_dossier_is_in_one_part_and_in_all(portal: Portal, headline: str, position: str, tab: str) -> None:
    number = await add(portal, 7, headline=headline, position=position)
    els = await portal.official("flanders")
    found = Counter({one: len(await numbers(els, f"?state={one}")) for one in (
        "to-take-up", "checking", "documents-asked", "to-decide", "waiting", "closed")})
    assert +found == Counter({tab: 1})
    assert await numbers(els, "?state=all") == [number]


async def test_a_row_tells_what_matters(portal: Portal) -> None:
    number = await add(portal, 1, headline="complement", due="2026-11-24")
    late = await add(portal, 2, headline="complement", due="2026-11-19", worker="<b>Bobby</b>")
    await portal.sql("INSERT INTO answer (dossier_id, page, content, raw, complete, version, saved_at, saved_by) SELECT d.id, 'identity', "
                     "'{\"nationality\": \"IND\"}', '{}', true, 1, d.filed_at, p.id FROM dossier d, party p LIMIT 1")
    els = await portal.official("flanders")
    text = (await els.get("/en/counter?state=documents-asked&sort=due")).text
    for words in ("filed 17 November 2026", "Rajesh Kumar", "India", "Havenlogistiek Antwerpen NV", "1999.999.943", "Highly qualified worker",
                  "Document asked", "3 days left", "last day 24 November 2026", "2 days late", "&lt;b&gt;Bobby"):
        assert words in text
    assert text.index(late) < text.index(number)
    assert "<b>Bobby" not in text


async def test_before_admissibility_no_last_day_is_named(portal: Portal) -> None:
    await add(portal, 1)
    els = await portal.official("flanders")
    row = (await els.get("/en/counter")).text.partition("<tbody")[2].partition("</tbody>")[0]
    assert "4 days in queue" in row and "left" not in row and "last day" not in row


async def test_pages_follow_each_other_without_gap_or_repeat(portal: Portal) -> None:
    await fill(portal, 12_000)
    els = await portal.official("flanders")
    for query in ("?state=to-take-up", "?state=to-decide&sort=due", "?state=waiting", "?state=all"):
        address, seen = f"/en/counter{query}", []
        for _page in range(4):
            text = (await els.get(address)).text
            seen += ROW.findall(text)
            more = re.search(r'href="([^"]+)" rel="next"', text)
            if not more:
                break
            address = more.group(1).replace("&amp;", "&")
        assert len(seen) == len(set(seen)) and (len(seen) == 100 or not more), query
        if query == "?state=to-take-up":
            assert seen == sorted(seen)
        if query == "?state=all":
            assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("query", ["?state=nonsense", "?after=x", "?after=2026-01-01T00:00:00_x", "?after=2026-11-17_" + "00000000-0000-4000-8000-000000000001",
                                   "?sort=due&after=2026-11-17T10:00:00%2B00:00_" + "00000000-0000-4000-8000-000000000002"])
async def test_an_address_that_we_never_made_is_not_found(portal: Portal, query: str) -> None:
    els = await portal.official("flanders")
    assert (await els.get(f"/en/counter{query}")).status_code == 404


@pytest.mark.parametrize(("sought", "found"), [
    ("rajesh", 1), ("KUMAR", 1), ("kumar raj", 1), ("rajesh kumar", 1), ("esh", 0), ("%", 0), ("_ajesh", 0), ("nguyen", 2), ("nguyễn", 2), ("mary jane", 3),
    ("o'n", 3), ("haven", 1), ("zorg", 2), ("SP-2026-0000002-X", 2), ("sp-2026-0000002-x", 2), ("SP-2026", 0), ("x" * 300, 0), ("'--", 0),
])
async def test_search_by_number_and_names(portal: Portal, sought: str, found: int) -> None:
    known = {
        1: await add(portal, 1), 2: await add(portal, 2, worker="Thị Ánh Nguyễn", employer="Zorggroep Leie VZW"),
        3: await add(portal, 3, worker="Mary-Jane O'Neill", employer="Barry Frites BV", headline="card-issued"),
    }
    els = await portal.official("flanders")
    answer = await els.client.get("/en/counter", params={"q": sought})
    assert answer.status_code == 200
    assert ROW.findall(answer.text) == ([known[found]] if found else [])


async def test_a_municipality_sees_who_lives_there(portal: Portal) -> None:
    arrived = await add(portal, 1, headline="arrived", town="municipality-11002", due="2026-11-27")
    await add(portal, 2, headline="arrived", town="municipality-44021")
    await add(portal, 3, headline="filed")
    checked = await add(portal, 4, headline="address-check", position="annex-49 address-check", town="municipality-11002")
    clerk = await portal.official("municipality-11002", "Jan Maes")
    assert await numbers(clerk) == [arrived]
    assert await numbers(clerk, "?state=address-check") == [checked]
    assert await numbers(clerk, "?state=all") == [checked, arrived]
    assert "6 days left" in (await clerk.get("/en/counter")).text
    assert (await clerk.get("/en/counter?state=to-take-up")).status_code == 404


@pytest.mark.parametrize("query", ["", "?state=waiting&sort=due", "?state=all", "?q=kumar"])
async def test_a_page_costs_at_most_four_statements(portal: Portal, query: str) -> None:
    await fill(portal, 2_000)
    els = await portal.official("flanders")
    with statements(portal) as seen:
        answer = await els.get(f"/en/counter{query}")
    assert answer.status_code == 200 and len(seen) <= 4, seen


async def test_no_list_reads_the_whole_table(portal: Portal) -> None:
    await fill(portal, 100_000)
    for code, parts in (("flanders", ("to-take-up", "checking", "documents-asked", "to-decide", "waiting", "closed", "all")),
                        ("municipality-11002", ("arrivals", "to-legalise", "papers", "address-check", "card-to-order", "card-to-deliver", "closed", "all"))):
        clerk = await portal.official(code)
        plans: list[str] = []
        engine = portal.app.app.state.engine.sync_engine

        def explain(_connection: object, cursor: object, statement: str, parameters: object, *_more: object) -> None:
            if "FROM dossier" in statement and not statement.startswith("EXPLAIN"):
                cursor.execute("EXPLAIN " + statement, parameters)  # type: ignore[attr-defined]
                plans.append("\n".join(row[0] for row in cursor.fetchall()))  # type: ignore[attr-defined]  # noqa: B023

        event.listen(engine, "before_cursor_execute", explain)
        try:
            for part in parts:
                assert (await clerk.get(f"/en/counter?state={part}")).status_code == 200
            if code in ("flanders",):
                assert (await clerk.get("/en/counter?state=to-decide&sort=due")).status_code == 200
            for sought in ("kumar", "a", "employer 12", "SP-2026-0000123-X"):
                assert (await clerk.get(f"/en/counter?q={sought}")).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", explain)
        assert len(plans) >= 2 * len(parts)
        assert not [plan for plan in plans if re.search(r"Seq Scan on (dossier|participation|answer)", plan)]
        text = (await clerk.get("/en/counter")).text
        assert "99+" in text or code != "flanders"
