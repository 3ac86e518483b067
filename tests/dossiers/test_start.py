"""Beginning a dossier: what is offered under which hat, what is taken over from the finder, and what is not."""

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from frontoffice.kernel.time import today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.vocabulary import FILERS
from frontoffice.signin.returning import place_at
from tests.engines import Database, Engines
from tests.web import Browser, Portal, running_portal

SAID = ("goal=hire&nationality=IND&residence_status=abroad&work_form=employee&work_duration=long&place=2030&job_kind=qualified"
        "&learned=diploma&contract_length=long&pay_year=50000&under_30=no")


@pytest.fixture
async def portal(shared_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(shared_database, engines) as one:
        yield one


async def citizen(portal: Portal) -> Browser:
    person = await portal.party("person", "Amina Diallo")
    return portal.visitor(await portal.session_of(person, person, kind="citizen"))


async def answers_of(portal: Portal, key: str) -> dict[str, str]:
    rows = await portal.sql("SELECT content FROM answer WHERE dossier_id = :key", key=UUID(key))
    return {name: text for (content,) in rows for name, text in content.items()}


async def test_the_answers_of_the_finder_are_shown_and_taken_over(portal: Portal) -> None:
    employer, path = await portal.employer(), f"/en/dossiers/new?procedure=single-permit&{SAID}"
    page = (await employer.get(path)).text
    assert "India" in page and "Highly qualified worker" in page and "2026-11" in page and ">Begin<" in page
    answer = await employer.post("/en/dossiers", page=path)
    key = answer.url.path.rsplit("/", 1)[-1]
    kept = await answers_of(portal, key)
    assert {"nationality": "IND", "category": "highly-qualified", "workplace_municipality": "11002", "pay_year": "50000.00", "posted": "no"}.items() <= kept.items()
    assert kept["employer_name"] == "Havenlogistiek Antwerpen NV"
    assert not {"goal", "job_kind", "under_30"} & set(kept)


async def test_a_page_that_nobody_sent_is_not_blamed_for_what_is_empty(portal: Portal) -> None:
    employer = await portal.employer()
    answer = await employer.post("/en/dossiers", page=f"/en/dossiers/new?procedure=single-permit&{SAID}")
    path = f"{answer.url.path}/pages/workplace"
    first = (await employer.get(path)).text
    assert 'value="2030"' in first and "govuk-error-summary" not in first
    assert (await employer.post(path, page=path)).status_code == 422
    assert "govuk-error-summary" in (await employer.get(path)).text


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
async def test_whoever_files_it_may_begin_and_the_others_are_led_to_another_hat(portal: Portal, procedure: object) -> None:
    code, by_enterprise = procedure.code, bool(procedure.filed_by & FILERS)  # type: ignore[attr-defined]
    employer, person = await portal.employer(), await citizen(portal)
    right, wrong = (employer, person) if by_enterprise else (person, employer)
    answer = await right.post("/en/dossiers", page=f"/en/dossiers/new?procedure={code}")
    assert answer.status_code == 200 and re.fullmatch(r"/en/dossiers/[0-9a-f-]{36}", answer.url.path)
    page = (await wrong.get(f"/en/dossiers/new?procedure={code}&goal=work")).text
    assert ">Begin<" not in page and "/en/acting-for?return=%2Fdossiers%2Fnew%3F" in page
    token, key = await wrong.token(), str(uuid4())
    assert (await wrong.client.post("/en/dossiers", data={"csrf": token, "form_key": key, "procedure": code})).status_code == 403


async def test_the_list_holds_what_this_hat_may_begin(portal: Portal) -> None:
    employer, person = (await (await portal.employer()).get("/en/dossiers/new")).text, (await (await citizen(portal)).get("/en/dossiers/new")).text
    assert "procedure=single-permit" in employer and "procedure=visa-c" not in employer
    assert "procedure=visa-c" in person and "procedure=single-permit" not in person
    assert "Nobody files applications for this party." in (await (await portal.official("flanders")).get("/en/dossiers/new")).text


async def test_signing_in_comes_back_with_the_answers(portal: Portal) -> None:
    answer = await portal.visitor().client.get(f"/en/dossiers/new?procedure=single-permit&{SAID}")
    assert answer.status_code == 303
    wanted = parse_qs(urlsplit(answer.headers["location"]).query)["return"][0]
    found = place_at(portal.app.app, wanted)
    assert found and found.address == f"/dossiers/new?procedure=single-permit&{SAID}"


@pytest.mark.parametrize("query", ["procedure=", "procedure=nothing", "procedure=%F0%9F%92%A9", "procedure=" + "x" * 3000])
async def test_an_unknown_procedure_is_not_found(portal: Portal, query: str) -> None:
    assert (await (await portal.employer()).get(f"/en/dossiers/new?{query}")).status_code == 404


@pytest.mark.parametrize("query", ["goal=zz", "goal=work&nationality=" + "9" * 3000, "category=%3Cb%3E", "surname=Evil&employer_name=Evil", "goal=hire&goal=work", "=&=&="])
async def test_odd_answers_are_passed_over(portal: Portal, query: str) -> None:
    employer, path = await portal.employer(), f"/en/dossiers/new?procedure=single-permit&{query}"
    assert (await employer.get(path)).status_code == 200
    answer = await employer.post("/en/dossiers", page=path)
    kept = await answers_of(portal, answer.url.path.rsplit("/", 1)[-1])
    assert answer.status_code == 200 and kept["employer_name"] == "Havenlogistiek Antwerpen NV" and "surname" not in kept and "category" not in kept
