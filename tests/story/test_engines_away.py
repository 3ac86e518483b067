"""A part of the service does not answer: the page says so in the reader's language, nothing is half-written, and all goes on when it is back."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from frontoffice.app import create_download_app
from frontoffice.kernel.i18n import Locale
from frontoffice.local.ports import free_port
from tests.catching import Catcher
from tests.engines import Engines
from tests.peers import Backbone
from tests.signin.evil import providers_file, table
from tests.story.plug import Plug, plugged_into, plugged_into_socket
from tests.story.stage import Stage, World, a_world, main_words, say
from tests.web import Browser

AWAY = "We cannot answer for a moment"


@asynccontextmanager
async def on_a_line(stage: Stage, engines: Engines, folder: Path, backbone: Backbone, catcher: Catcher) -> AsyncIterator[tuple[World, Plug, Plug]]:
    """A world whose portal reaches PostgreSQL and S3 through lines that can be pulled out."""
    async with plugged_into_socket(next(engines.cluster.sockets.glob(".s.PGSQL.*[0-9]"))) as database, plugged_into(engines.s3_endpoint) as objects, \
            a_world(stage, engines, folder, backbone, catcher, s3_endpoint=f"http://127.0.0.1:{objects.port}", line=str(database.port)) as world:
        yield world, database, objects


@pytest.fixture
async def lines(stage: Stage, engines: Engines, tmp_path: Path, stand_in: Backbone, catcher: Catcher) -> AsyncIterator[tuple[World, Plug, Plug]]:
    async with on_a_line(stage, engines, tmp_path, stand_in, catcher) as found:
        yield found


async def reopened(world: World) -> None:
    """The worker opens the own part again, so that there is something to fill in."""
    answer = await world.take("reopen-worker-part", "employer")
    assert answer.status_code == 303


def hidden(page: str) -> dict[str, str]:
    form = re.search(r"<main.*</main>", page, re.S)
    assert form
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.group(0)))


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_without_postgresql_what_was_typed_is_kept_on_the_page_and_taken_later(lines: tuple[World, Plug, Plug], locale: Locale) -> None:
    world, database, _objects = lines
    employer, path = world.who("employer"), f"/{locale}/dossiers/{world.key}/pages/contact"
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', (await employer.get(path)).text))
    typed = {"contact_name": "Jan \"de\" <b>Wit</b>", "contact_email": "jan@havenlogistiek.example", "contact_phone": "+32 3 210 12 35"}
    before = await world.portal.sql("SELECT md5(string_agg(t::text, '' ORDER BY page)) FROM answer t")
    await database.pull()
    for answer in (await employer.get(path), await employer.get(f"/{locale}/dossiers"), await employer.client.post(path, data={**fields, **typed})):
        assert answer.status_code == 503 and answer.headers["retry-after"]
        assert f'lang="{locale}"' in answer.text and say(locale, AWAY) in main_words(answer)
    # The last of them holds the form; sent again once the engine is back, it is saved as if nothing had been.
    assert say(locale, "What you typed is still on this page: send it again from here.") in main_words(answer)
    assert "<b>Wit" not in answer.text
    kept = {name: text.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">") for name, text in hidden(answer.text).items()}
    assert {name: kept[name] for name in typed} == typed and kept["version"] == fields["version"]
    await database.put_in()
    assert await world.portal.sql("SELECT md5(string_agg(t::text, '' ORDER BY page)) FROM answer t") == before
    answer = await employer.client.post(path, data=kept)
    assert answer.status_code == 303
    rows = await world.portal.sql("SELECT raw FROM answer WHERE page = 'contact' AND dossier_id = :id", id=UUID(world.key))
    assert rows[0][0]["contact_name"] == typed["contact_name"]


async def test_filing_without_postgresql_files_nothing_and_then_once(lines: tuple[World, Plug, Plug]) -> None:
    world, database, _objects = lines
    employer = world.who("employer")
    fields = hidden((await employer.get(f"/en/dossiers/{world.key}/check")).text)
    await database.pull()
    answer = await employer.client.post(f"/en/dossiers/{world.key}/submit", data=fields)
    assert answer.status_code == 503 and "the last step was not done, or done completely" in main_words(answer)
    assert await world.value("number") is None and await world.events() == ["confirm-worker-part"]
    await database.put_in()
    assert (await employer.client.post(f"/en/dossiers/{world.key}/submit", data=hidden(answer.text))).status_code == 303
    assert await world.events() == ["confirm-worker-part", "submit"]


async def upload(browser: Browser, path: str, content: bytes = b"%PDF-1.4 x") -> httpx.Response:
    token = await browser.token(path)
    return await browser.client.post(path, data={"csrf": token}, files={"file": ("contract.pdf", content, "application/pdf")})


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_without_storage_no_document_is_taken_or_lost_and_the_rest_works(lines: tuple[World, Plug, Plug], locale: Locale) -> None:
    world, _database, objects = lines
    employer, path = world.who("employer"), f"/{locale}/dossiers/{world.key}/documents/contract"
    await objects.pull()
    answer = await upload(employer, path)
    assert answer.status_code == 503 and f'lang="{locale}"' in answer.text
    assert say(locale, "The place where we keep documents does not answer. All other pages work.") in main_words(answer)
    assert await world.portal.sql("SELECT count(*) FROM document WHERE requirement = 'contract' AND dossier_id = :id", id=UUID(world.key)) == [(1,)]
    assert (await employer.get(f"/{locale}/dossiers/{world.key}")).status_code == 200
    assert (await employer.get("/health")).status_code == 200
    await objects.put_in()
    assert (await upload(employer, path)).status_code == 303
    assert len(await world.portal.sql("SELECT FROM document WHERE state = 'received' AND dossier_id = :id", id=UUID(world.key))) == 1


async def test_without_storage_a_download_says_so_before_it_begins(lines: tuple[World, Plug, Plug]) -> None:
    world, _database, objects = lines
    employer = world.who("employer")
    key = (await world.portal.sql("SELECT id FROM document WHERE requirement = 'contract' AND dossier_id = :id", id=UUID(world.key)))[0][0]
    door = create_download_app(world.portal.settings)
    headers = {"accept-language": "fr"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door, raise_app_exceptions=False), base_url="https://download.example", headers=headers) as client:
        for is_away in (True, False):
            await (objects.pull() if is_away else objects.put_in())
            lead = await employer.client.get(f"/fr/dossiers/{world.key}/documents/contract/{key}")
            address = urlsplit(lead.headers["location"])
            answer = await client.get(f"{address.path}?{address.query}", follow_redirects=True)
            assert answer.status_code == (503 if is_away else 200), (is_away, answer.status_code)
            if is_away:
                assert say("fr", AWAY) in main_words(answer) and "attachment" not in answer.headers.get("content-disposition", "")
            else:
                assert answer.content.startswith(b"%PDF-") and answer.headers["content-disposition"].startswith("attachment")
    await door.app.state.engine.dispose()  # type: ignore[attr-defined]
    door.app.state.storage.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("locale", ["nl", "fr", "de"])
async def test_without_the_sign_in_provider_the_page_says_what_helps(stage: Stage, engines: Engines, tmp_path: Path, stand_in: Backbone, catcher: Catcher,
                                                                    locale: Locale) -> None:
    file = providers_file(tmp_path, enterprises=table(f"http://127.0.0.1:{free_port()}", "enterprise"))
    async with a_world(stage, engines, tmp_path, stand_in, catcher, providers_file=file) as world:
        visitor = world.who("visitor")
        assert (await visitor.get(f"/{locale}/sign-in")).status_code == 200
        answer = await visitor.get(f"/{locale}/sign-in/enterprises")
        assert answer.status_code == 503 and f'lang="{locale}"' in answer.text and answer.headers["retry-after"]
        assert say(locale, "The service where you prove who you are does not answer. Another way to sign in may work meanwhile.") in main_words(answer)
        # Whoever is signed in already notices nothing.
        assert (await world.who("employer").get(f"/{locale}/dossiers/{world.key}")).status_code == 200
