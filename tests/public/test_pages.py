"""The pages that anyone may read, in four languages, signed in or not."""

import re
from datetime import datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES
from frontoffice.kernel.time import stopped_at
from tests.engines import Database, Engines
from tests.web import running_portal

PAGES = ("", "help", "accessibility", "privacy", "figures")


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_page_is_public_in_every_language(shared_database: Database, engines: Engines, locale: str) -> None:
    async with running_portal(shared_database, engines) as portal:
        for path in PAGES:
            answer = await portal.visitor().get(f"/{locale}/{path}")
            assert answer.status_code == 200, path
            assert f'<html lang="{locale}"' in answer.text and answer.text.count("<h1") == 1
            assert "%(" not in answer.text and "style=" not in answer.text


async def test_the_start_page_leads_in(shared_database: Database, engines: Engines) -> None:
    with stopped_at(datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)):
        async with running_portal(shared_database, engines) as portal:
            text = (await portal.visitor().get("/en/")).text
    assert re.search(r'href="/en/sign-in"[^>]*>Sign in and start', text) and 'href="/en/return"' in text
    for words in ("you have 15 days", "within 4 months", "within 8 working days", "The law sets no last day", "annex 47", "Criminal record extract",
                  "professional card", "Highly qualified worker"):
        assert words in text, words


async def test_whoever_is_signed_in_goes_on(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        assert 'href="/en/dossiers"' in (await (await portal.employer()).get("/en/")).text
        official = (await (await portal.official("flanders")).get("/en/")).text
        assert 'href="/en/counter"' in official and "Sign in and start" not in official
        assert 'href="/en/counter"' not in (await (await portal.official("diplomatic-post")).get("/en/")).text


async def test_figures_by_region(shared_database: Database, engines: Engines) -> None:
    with stopped_at(datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)):
        async with running_portal(shared_database, engines) as portal:
            every, brussels = [(await portal.visitor().get(f"/en/figures{query}")).text for query in ("", "?region=brussels")]
            assert (await portal.visitor().get("/en/figures?region=atlantis")).status_code == 404
    for words in ("€48,912.00", "€3,703.44", "under 30 years old", "€25.00 to €35.00", "From a professional publication", "Until 30 June 2026"):
        assert (words in every) != (words == "Until 30 June 2026"), words
    assert "€48,912.00" not in brussels and "€3,703.44" in brussels and "Flemish Region" not in brussels.partition("</form>")[2]


async def test_other_addresses_do_not_exist(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        for path in ("layout", "home", "..%2flayout"):
            assert (await portal.visitor().get(f"/en/{path}")).status_code == 404
