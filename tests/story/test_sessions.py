"""A session that ends in the middle of a page: sign in again, at the real sign-in provider, and the page is as it was."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES, Locale
from frontoffice.kernel.time import stopped_at
from frontoffice.kernel.web import hash_of
from frontoffice.local.people import PEOPLE
from frontoffice.local.processes import Supervisor, answers, python
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_PAGES, begin
from tests.ports import own_port
from tests.signin.evil import providers_file, somebody, table
from tests.story.stage import World, main_words, say
from tests.web import Browser, running_portal

LOGIN = next(one.login for one in PEOPLE if one.name == "Luc Lambert")


@pytest.fixture(scope="module")
def sign_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The local service's own provider."""
    folder, address = tmp_path_factory.mktemp("sign-in"), f"http://127.0.0.1:{own_port()}"
    supervisor = Supervisor(folder / "logs")
    port = address.rpartition(":")[2]
    supervisor.start(python("frontoffice.local.sign_in", "--port", port, "--folder", folder, name="sign-in", ready=answers(address)))
    yield address
    supervisor.stop()


async def signed_in(browser: Browser, where: str) -> httpx.Response:
    """From the page that offers to sign in, over the provider, back to the page that was wanted."""
    begun = await browser.client.get(where)
    async with httpx.AsyncClient(timeout=60) as outside:
        answer = await outside.post(begun.headers["location"], data={"sub": LOGIN})
    back = urlsplit(answer.headers["location"])
    return await browser.get(f"{back.path}?{back.query}", headers={"sec-fetch-site": "cross-site"})


@pytest.mark.parametrize("locale", LOCALES)
async def test_after_signing_in_again_the_page_is_as_it_was(fresh_database: Database, engines: Engines, tmp_path: Path, sign_in: str, locale: Locale) -> None:
    settings = table(f"{sign_in}/enterprises", "enterprise", auth_method="client_secret_basic", algorithms=["RS256"])
    async with running_portal(fresh_database, engines, providers_file=providers_file(tmp_path, enterprises=settings)) as portal:
        browser = somebody(portal)
        await signed_in(browser, f"/{locale}/sign-in/enterprises")
        key = await begin(browser)
        path = f"/{locale}/dossiers/{key}/pages/contact"
        token = await browser.token(path)
        typed = {**EMPLOYER_PAGES["contact"], "contact_name": "Half a <name> & “more”"}
        with stopped_at(datetime.now(BRUSSELS) + timedelta(minutes=61)):
            answer = await browser.client.post(path, data={"csrf": token, "version": "0", **typed})
            assert answer.status_code == 303
            # To the sign-in page, in the same language, which knows where to go on.
            wanted = urlsplit(answer.headers["location"])
            assert wanted.path == f"/{locale}/sign-in" and parse_qs(wanted.query)["return"] == [f"/dossiers/{key}/pages/contact"]
        choice = await browser.get(answer.headers["location"])
        assert choice.status_code == 200 and f'lang="{locale}"' in choice.text
        shown = await signed_in(browser, f"/{locale}/sign-in/enterprises?return=/dossiers/{key}/pages/contact")
        assert shown.url.path == path
        assert say(locale, "You had been signed out. What you typed is still here: check it and save.") in main_words(shown)
        assert "Half a &lt;name&gt; &amp; “more”" in shown.text and typed["contact_email"] in shown.text
        assert (await browser.post(path, typed, follow=False)).status_code == 303
        again = await browser.get(path)
        assert say(locale, "You had been signed out. What you typed is still here: check it and save.") not in main_words(again)
        assert "Half a &lt;name&gt;" in again.text


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_a_form_of_before_a_new_sign_in_is_given_back_with_what_was_typed(world: World, locale: Locale) -> None:
    path = f"/{locale}/dossiers/{world.key}/pages/contact"
    old = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', (await world.who("employer").get(path)).text))
    person, party = (await world.portal.sql("SELECT person_id, party_id FROM session WHERE token_hash = :hash", hash=hash_of(world.stage.tokens["employer"])))[0]
    browser = world.portal.visitor(await world.portal.session_of(person, party))
    typed = {**EMPLOYER_PAGES["contact"], "contact_name": "Typed in the old window"}
    answer = await browser.client.post(path, data={**old, **typed})
    assert answer.status_code == 403 and f'lang="{locale}"' in answer.text
    assert say(locale, "What you typed is still on this page: send it again from here.") in main_words(answer)
    main = answer.text.partition("<main")[2]
    again = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main))
    assert again["contact_name"] == typed["contact_name"] and again["csrf"] != old["csrf"]
    assert (await browser.client.post(path, data=again)).status_code == 303
    # From anywhere else nothing is given back.
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": ""}):
        answer = await browser.client.post(path, data={**old, **typed}, headers=headers)
        assert answer.status_code == 403 and typed["contact_name"] not in answer.text
    await browser.client.aclose()
