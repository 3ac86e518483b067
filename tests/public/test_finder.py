"""The finder and the pages about each procedure: for anyone, without script, with the answers in the address."""

import re
from collections.abc import AsyncIterator

import pytest

from frontoffice.kernel.i18n import LOCALES, Locale, translator
from frontoffice.kernel.time import today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.finder.questions import STEPS
from tests.engines import Database, Engines
from tests.web import Browser, Portal, running_portal

QUALIFIED = ("goal=hire&nationality=IND&residence_status=abroad&work_form=employee&work_duration=long&place=2030&job_kind=qualified"
             "&learned=diploma&contract_length=long&pay_year=50.000&under_30=no")


@pytest.fixture
async def portal(shared_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(shared_database, engines) as one:
        yield one


async def send(browser: Browser, page: str, **answers: str) -> str:
    """Send the form of a page of the finder as a browser without script does."""
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return (await browser.get("/en/finder", params={**{name: text for name, text in fields.items() if name not in ("csrf", "form_key")}, **answers})).text


async def test_question_by_question_to_a_procedure(portal: Portal) -> None:
    browser = portal.visitor()
    page = (await browser.get("/en/finder")).text
    for number, answers in enumerate((
        {"goal": "hire"}, {"nationality": "IND", "residence_status": "abroad"}, {"work_form": "employee"}, {"work_duration": "long"}, {"place": "Antwerpen"},
        {"job_kind": "qualified"}, {"learned": "diploma", "contract_length": "long"}, {"pay_year": "50 000", "under_30": "no"},
    ), start=1):
        assert f"Question {number} of at most 8" in page
        page = await send(browser, page, **answers)
    assert "Category: Highly qualified worker" in page and "€50,000.00 is below the minimum of €63,586.00" in page
    assert re.search(r'href="/en/procedures/single-permit\?[^"]*category=blue-card', page)
    assert page.count(">Change<") >= 10
    assert "India" in page and "Antwerp" in page


async def test_an_answer_is_changed_and_the_others_stay(portal: Portal) -> None:
    page = (await portal.visitor().get(f"/en/finder?{QUALIFIED}&change=place")).text
    assert 'name="place"' in page and 'value="2030"' in page and 'name="job_kind" value="qualified"' in page
    page = await send(portal.visitor(), page, place="4000")
    assert "€50,000.00 is below the minimum of €53,220.00" in page


async def test_no_answer_is_asked_for_again(portal: Portal) -> None:
    for query in ("goal=study&nationality=IND&residence_status=", "asked=goal", "goal=marriage&nationality=IND&residence_status=abroad&asked=union"):
        answer = await portal.visitor().get(f"/en/finder?{query}")
        assert answer.status_code == 422 and "Answer this question" in answer.text
    for odd in ("goal=" + "x" * 3000, "goal=work&residence_status=%F0%9F%92%A9", "goal=work&nationality=%E2%80%AE", "nothing=1"):
        assert (await portal.visitor().get(f"/en/finder?{odd}")).status_code in (200, 422)


async def test_what_nobody_knows_is_an_answer(portal: Portal) -> None:
    page = (await portal.visitor().get("/en/finder?goal=work&nationality=-&residence_status=unknown&work_form=unknown&work_duration=unknown&place=-&job_kind=unknown"
                                       "&learned=unknown&contract_length=unknown")).text
    assert "Single permit" in page and "Find out where the work is done, or ask a Region" in page and "Work authorisation without residence" in page


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_page_of_the_finder_in_every_language(portal: Portal, locale: str) -> None:
    for goal in [value for value, _label, _hint in STEPS[0].form.fields[0].options]:
        page = (await portal.visitor().get(f"/{locale}/finder?goal={goal}")).text
        assert page.count("<h1") == 1 and "%(" not in page


@pytest.mark.parametrize("locale", LOCALES)
async def test_each_procedure_has_its_page(portal: Portal, locale: Locale) -> None:
    browser, say = portal.visitor(), translator(locale)
    every = (await browser.get(f"/{locale}/procedures")).text
    for one in every_in_force(today()):
        assert f'/procedures/{one.code}"' in every
        answer = await browser.get(f"/{locale}/procedures/{one.code}")
        assert answer.status_code == 200 and answer.text.count("<h1") == 1
        assert "%(" not in answer.text and "style=" not in answer.text
        assert re.search(rf'href="/{locale}/dossiers/new\?procedure={one.code}"[^>]*>{re.escape(say("Start this application"))}', answer.text)
    assert (await browser.get(f"/{locale}/procedures/nothing")).status_code == 404


async def test_the_answers_decide_what_the_page_shows(portal: Portal) -> None:
    page = (await portal.visitor().get(f"/en/procedures/single-permit?{QUALIFIED}")).text
    assert "Fee of the Flemish Region" in page.partition("Fees in some cases")[0] and "€48,912.00 a year gross" in page
    assert "The pay is at least" in page and ">Met<" in page
    blue = (await portal.visitor().get(f"/en/procedures/single-permit?{QUALIFIED}&category=blue-card")).text
    assert "€63,586.00 a year gross" in blue and ">Not met<" in blue and "category=blue-card" in blue
    assert (await portal.visitor().get("/en/procedures/single-permit?category=%3Cb%3E&with=xx&goal=zz")).status_code == 200


async def test_two_languages_side_by_side(portal: Portal) -> None:
    browser = portal.visitor()
    page = (await browser.get(f"/nl/procedures/single-permit?{QUALIFIED}&with=fr")).text
    half = page.partition('lang="fr">')[2] if '<div class="halves__one" lang="fr">' in page else ""
    assert translator("fr")("Federal contribution") in half and page.count('class="halves__one"') == 2
    assert page.count('id="') == len(set(re.findall(r'id="([^"]+)"', page)))
    assert 'class="halves"' not in (await browser.get("/nl/procedures/single-permit?with=nl")).text


async def test_looking_stores_nothing(portal: Portal) -> None:
    before = await portal.sql("SELECT (SELECT count(*) FROM dossier), (SELECT count(*) FROM session)")
    for path in ("finder", f"finder?{QUALIFIED}", "procedures", f"procedures/single-permit?{QUALIFIED}"):
        answer = await portal.visitor().get(f"/en/{path}")
        assert answer.status_code == 200
    assert await portal.sql("SELECT (SELECT count(*) FROM dossier), (SELECT count(*) FROM session)") == before
