"""The pages that anyone may read, in four languages, signed in or not."""

import re
from datetime import datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.finder.questions import STEPS
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
    async with running_portal(shared_database, engines) as portal:
        text = (await portal.visitor().get("/en/")).text
    assert re.search(r'href="/en/finder"[^>]*>Find the right application', text) and 'href="/en/sign-in"' in text and 'href="/en/return"' in text
    for goal, _label, _hint in STEPS[0].form.fields[0].options:
        assert f'href="/en/finder?goal={goal}"' in text, goal
    for words in ("professional card", "Asking for protection as a refugee", "The Region decides on the work", 'href="/en/procedures"', 'href="/en/information/other-doors"'):
        assert words in text, words


async def test_whoever_is_signed_in_goes_on(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        assert 'href="/en/dossiers"' in (await (await portal.employer()).get("/en/")).text
        official = (await (await portal.official("flanders")).get("/en/")).text
        assert 'href="/en/counter"' in official and "Sign in to your dossiers" not in official
        assert 'href="/en/counter"' not in (await (await portal.official("diplomatic-post")).get("/en/")).text


async def test_figures_by_region(shared_database: Database, engines: Engines) -> None:
    with stopped_at(datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)):
        async with running_portal(shared_database, engines) as portal:
            every, brussels = [(await portal.visitor().get(f"/en/figures{query}")).text for query in ("", "?region=brussels")]
            sought, nothing = [(await portal.visitor().get(f"/en/figures?q={words}")).text.partition("</form>")[2] for words in ("litigation", "xyzzy")]
            assert (await portal.visitor().get("/en/figures?region=atlantis")).status_code == 404
    for words in ("€48,912.00", "€3,703.44", "under 30 years old", "€25.00 to €35.00", "From a professional publication", "Until 30 June 2026"):
        assert words in every, words
    assert "Shortage occupations" in every and "Tokyo" in every and "The amount changes every 1 January." in every
    assert "€48,912.00" not in brussels and "€3,703.44" in brussels and "Flemish Region" not in brussels.partition("</form>")[2].partition('id="shortage"')[0]
    assert "Council for Alien Law Litigation" in sought and "Visa D" not in sought and "No figure holds these words" in nothing


async def test_other_addresses_do_not_exist(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        for path in ("layout", "home", "..%2flayout"):
            assert (await portal.visitor().get(f"/en/{path}")).status_code == 404
