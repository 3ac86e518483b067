"""Rule 3: what keeps a session awake and what does not, and how long an expired one can still park a form."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from frontoffice.kernel import time
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from tests.engines import Database, Engines
from tests.filing import begin
from tests.web import Browser, Portal, running_portal

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=BRUSSELS)
POLL = {"hx-request": "true", "hx-target": "given"}
PDF = b"%PDF-1.4\n" + b"x" * 3000


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as one:
        yield one


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def _is_let_in(browser: Browser) -> bool:
    return (await browser.client.get("/en/sessions")).status_code == 200


async def _begun(portal: Portal) -> tuple[Browser, str]:
    browser = await portal.employer()
    return browser, await begin(browser)


async def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(portal: Portal) -> None:
    with stopped_at(NOON):
        browser, key = await _begun(portal)
        path = f"/en/dossiers/{key}/documents/contract"
    for minutes in range(2, 60, 2):
        with stopped_at(at(minutes)):
            assert (await browser.client.get(path, headers=POLL)).status_code == 200
    with stopped_at(at(61)):
        assert (await browser.client.get(path, headers=POLL)).status_code == 303
        assert not await _is_let_in(browser)


async def test_whoever_looks_at_a_page_is_there(portal: Portal) -> None:
    with stopped_at(NOON):
        browser, key = await _begun(portal)
    for minutes in (59, 118, 177):
        with stopped_at(at(minutes)):
            assert (await browser.client.get(f"/en/dossiers/{key}/documents/contract")).status_code == 200


async def test_a_form_sent_by_script_counts_too(portal: Portal) -> None:
    with stopped_at(NOON):
        browser, key = await _begun(portal)
        token = await browser.token(f"/en/dossiers/{key}/pages/contact")
    with stopped_at(at(59)):
        await browser.client.post(f"/en/dossiers/{key}/pages/contact", data={"csrf": token, "version": "0", "contact_name": "K"}, headers={"hx-request": "true"})
    with stopped_at(at(118)):
        assert await _is_let_in(browser)


async def test_the_parts_of_a_long_upload_count(portal: Portal) -> None:
    """A slow line: two hours for one file, of which something arrives every ten minutes."""
    with stopped_at(NOON):
        browser, key = await _begun(portal)
        path = f"/en/dossiers/{key}/documents/contract"
        token = await browser.token(path)
    head = (f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n'
            '--b\r\nContent-Disposition: form-data; name="file"; filename="contract.pdf"\r\nContent-Type: application/pdf\r\n\r\n').encode()
    minutes = 0

    async def slowly() -> AsyncIterator[bytes]:
        nonlocal minutes
        yield head
        for part in range(12):
            minutes += 10
            time._stopped.set(at(minutes))  # type: ignore[attr-defined]
            yield PDF[part * 250:(part + 1) * 250]
        yield b"\r\n--b--\r\n"

    with stopped_at(NOON):
        answer = await browser.client.post(path, content=slowly(), headers={"content-type": "multipart/form-data; boundary=b"})
    assert minutes == 120 and answer.status_code == 303, answer.text
    assert (await portal.sql("SELECT size FROM document"))[0].size == len(PDF[:3000])
    with stopped_at(at(120 + 59)):
        assert await _is_let_in(browser)


@pytest.mark.parametrize(("minutes", "parked"), [(61, True), (60 + 12 * 60 - 1, True), (60 + 12 * 60 + 1, False)])
async def test_an_expired_session_parks_for_twelve_hours(portal: Portal, minutes: int, parked: bool) -> None:
    with stopped_at(NOON):
        browser, key = await _begun(portal)
        path = f"/en/dossiers/{key}/pages/contact"
        token = await browser.token(path)
    with stopped_at(at(minutes)):
        answer = await browser.client.post(path, data={"csrf": token, "version": "0", "contact_name": "Kept"})
    assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]
    rows = await portal.sql("SELECT answers FROM parked_form")
    assert [json.loads(json.dumps(row.answers)) for row in rows] == ([{"contact_name": "Kept"}] if parked else [])


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_stranger_parks_nothing_with_an_old_cookie_alone(portal: Portal, token: str) -> None:
    with stopped_at(NOON):
        browser, key = await _begun(portal)
    with stopped_at(at(90)):
        answer = await browser.client.post(f"/en/dossiers/{key}/pages/contact", data={"csrf": token, "contact_name": "planted"})
    assert answer.status_code == 403 and not await portal.sql("SELECT FROM parked_form")


async def test_a_link_to_come_back_lasts_a_quarter_of_an_hour(portal: Portal) -> None:
    browser, key = await _begun(portal)
    worker = await portal.worker(key)
    with stopped_at(NOON):
        visitor = portal.visitor()
        assert (await visitor.post("/en/return", {"email": "rajesh.kumar@worker.example"}, follow=False)).status_code == 303
    rows = await portal.sql("SELECT expires_at - created_at AS valid, purpose FROM invitation")
    assert [(row.valid, row.purpose) for row in rows] == [(timedelta(minutes=15), "return")]
    for one in (browser, worker, visitor):
        await one.client.aclose()
