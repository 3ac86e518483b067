"""The information pages as a visitor gets them, in four languages."""

from datetime import datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS, LOCALES, Locale
from frontoffice.kernel.time import stopped_at
from frontoffice.public.information import SLUGS
from frontoffice.public.texts import read
from tests.engines import Database, Engines
from tests.web import running_portal


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_index_leads_to_every_page(shared_database: Database, engines: Engines, locale: Locale) -> None:
    async with running_portal(shared_database, engines) as portal:
        visitor = portal.visitor()
        index = (await visitor.get(f"/{locale}/information")).text
        for slug in SLUGS:
            assert f'href="/{locale}/information/{slug}"' in index, slug
            answer = await visitor.get(f"/{locale}/information/{slug}")
            assert answer.status_code == 200 and answer.text.count("<h1") == 1, slug
            assert f"<h1>{read(slug, locale).title}</h1>" in answer.text and "{figure" not in answer.text and "style=" not in answer.text
            assert all(f'href="#{part.anchor}"' in answer.text and f'id="{part.anchor}"' in answer.text for part in read(slug, locale).parts)


async def test_a_page_shows_the_figures_of_the_day(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        for moment, words in ((datetime(2026, 6, 30, 12, tzinfo=BRUSSELS), "€180.00"), (datetime(2026, 7, 1, 12, tzinfo=BRUSSELS), "€250.00")):
            with stopped_at(moment):
                assert f"Visa D, if you live abroad: <strong>{words}" in (await portal.visitor().get("/en/information/single-permit")).text


async def test_other_addresses_do_not_exist(shared_database: Database, engines: Engines) -> None:
    async with running_portal(shared_database, engines) as portal:
        for path in ("nothing", "..%2flayout", "Study", "study.md"):
            assert (await portal.visitor().get(f"/en/information/{path}")).status_code == 404, path
        assert 'href="/fr/information"' in (await portal.visitor().get("/fr/")).text
