"""However often and from wherever it is sent, an application is filed once and a step is taken once."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlencode
from uuid import UUID

import httpx
import uvicorn

from tests.ports import own_port
from tests.story.stage import World, main_words
from tests.web import running_portal


async def filed_once(world: World) -> str:
    """The number, once it is certain that there is one of everything."""
    number = await world.number()
    assert re.fullmatch(r"SP-\d{4}-\d{7}-[0-9A-Z]", number)
    assert await world.events() == ["confirm-worker-part", "submit"]
    jobs = [tuple(row) for row in await world.portal.sql("SELECT task_name, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1")]
    assert jobs == [("backbone:hand_over", 1), ("documents:seal", 1), ("identities:match", 1), ("notices:tell", 1)]
    assert len(await world.portal.sql("SELECT FROM participation WHERE dossier_id = :id AND role = 'region'", id=UUID(world.key))) == 1
    return number


async def fields_of(world: World, path: str) -> Mapping[str, str]:
    shown = (await world.who("employer").get(path)).text
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))


async def test_a_double_click_and_a_reload_lead_to_one_receipt(world: World) -> None:
    check, submit = f"/en/dossiers/{world.key}/check", f"/en/dossiers/{world.key}/submit"
    fields = await fields_of(world, check)
    clicks = await asyncio.gather(*(world.who("employer").client.post(submit, data=fields) for _ in range(2)))
    reload = await world.who("employer").client.post(submit, data=fields)
    assert [one.status_code for one in (*clicks, reload)] == [303] * 3
    number = await filed_once(world)
    shown = [await world.who("employer").get(one.headers["location"]) for one in (*clicks, reload)]
    receipts = {re.sub(r"\s+", " ", main_words(one)) for one in shown}
    assert len(receipts) == 1 and number in receipts.pop()
    assert await world.scene.run("documents:seal") == 1
    pdfs = [await world.who("employer").get(f"/en/dossiers/{number}/receipt.pdf") for _ in range(2)]
    assert pdfs[0].content.startswith(b"%PDF-") and pdfs[0].content == pdfs[1].content


async def test_a_second_tab_finds_the_receipt_of_the_first(world: World) -> None:
    check = f"/en/dossiers/{world.key}/check"
    tabs = [await fields_of(world, check) for _ in range(2)]
    for fields in tabs:
        answer = await world.who("employer").client.post(f"/en/dossiers/{world.key}/submit", data=fields, follow_redirects=True)
        assert answer.status_code == 200 and answer.url.path.endswith("/receipt")
    await filed_once(world)
    # The third tab still shows the check page of the draft: looking again leads to the dossier.
    assert (await world.who("employer").get(check)).url.path == f"/en/dossiers/{await world.number()}"


@asynccontextmanager
async def served(world: World, port: int) -> AsyncIterator[None]:
    """The portal behind a real server, on the same database; a client that goes away can be cut off there."""
    address = f"http://127.0.0.1:{port}"
    async with running_portal(world.scene.database, world.engines, public_url=address, cookie_suffix=f"-{port}") as portal:
        server = uvicorn.Server(uvicorn.Config(portal.app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        yield
        server.should_exit = True
        await running


async def test_an_answer_that_got_lost_is_found_by_sending_again(world: World) -> None:
    port = own_port()
    async with served(world, port):
        token = world.stage.tokens["employer"]
        headers = {"sec-fetch-site": "same-origin"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, follow_redirects=True, timeout=60) as client:
            client.cookies.set(f"__Host-session-{port}", token, domain="127.0.0.1")
            page = await client.get(f"/en/dossiers/{world.key}/check")
            csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
            assert csrf
            body = urlencode({"csrf": csrf.group(1)})
            # The form goes out whole, and the line is cut before any answer can come.
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            lines = [f"POST /en/dossiers/{world.key}/submit HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: __Host-session-{port}={token}",
                     "Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", body]
            writer.write("\r\n".join(lines).encode())
            await writer.drain()
            writer.transport.abort()
            for _try in range(1200):
                if await world.value("number"):
                    break
                await asyncio.sleep(0.05)
            number = await filed_once(world)
            again = await client.post(f"/en/dossiers/{world.key}/submit", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
            assert again.status_code == 200 and number in main_words(again)
    assert await filed_once(world) == number


async def test_a_step_that_is_clicked_twice_is_taken_once(world: World) -> None:
    await world.file()
    path = f"/en/dossiers/{world.key}/steps/take-up"
    region = world.who("region")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', (await region.get(path)).text))
    clicks = await asyncio.gather(*(world.who("region").client.post(path, data=fields) for _ in range(4)))
    assert {one.status_code for one in clicks} == {303} and len({one.headers["location"] for one in clicks}) == 1
    assert await world.events() == ["confirm-worker-part", "submit", "take-up"]
