"""Rule 6: the strength of a key is asked for where a step needs it, never at the door; a stronger one is a new session."""

import re
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from frontoffice.kernel.time import now
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES, begin, fill
from tests.signin.evil import Provider, a_provider, came_back, providers_file, signed_in, somebody, table
from tests.web import Browser, Portal, running_portal

MINE = [{"number": "1999999943", "name": "Havenlogistiek Antwerpen NV", "capacity": "access-manager"}]
HEADING = "Sign in with a stronger key"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider(claims={"sub": secrets.token_hex(6), "enterprises": MINE, "acr": "low"}) as one:
        yield one


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines, provider: Provider, tmp_path: Path) -> AsyncIterator[Portal]:
    file = providers_file(tmp_path, enterprises=table(provider.address, "enterprise", binding_levels=["high", "higher"]),
                          anyhow=table(provider.address, "citizen"))
    async with running_portal(fresh_database, engines, providers_file=file) as one:
        yield one


async def ready(portal: Portal, browser: Browser) -> str:
    """A draft that lacks nothing."""
    key = await begin(browser)
    await fill(browser, key, EMPLOYER_PAGES)
    await fill(browser, key, WORKER_PAGES)
    party = (await portal.sql("SELECT party_id FROM participation WHERE role = 'employer'"))[0].party_id
    for code in (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS):
        await portal.sql(
            "INSERT INTO document (id, dossier_id, requirement, file_name, media_type, size, sha256, state, given_by, given_role, given_at) VALUES "
            "(:id, :dossier, :code, 'x.pdf', 'application/pdf', 7, :hash, 'checked', :party, 'employer', :now)",
            id=uuid4(), dossier=UUID(key), code=code, hash="0" * 64, party=party, now=now())
    answer = await browser.post(f"/en/dossiers/{key}/steps/declare-consent", {"consent": "yes"}, follow=False)
    assert answer.status_code == 303, answer.text
    return key


async def test_a_weak_key_opens_everything_but_the_step_that_binds(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    await signed_in(browser, provider, "enterprises")
    key = await ready(portal, browser)
    assert (await browser.get(f"/en/dossiers/{key}/check")).status_code == 200
    refused = await browser.post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check", follow=False)
    assert refused.status_code == 403 and HEADING in refused.text
    assert (await portal.sql("SELECT number FROM dossier"))[0].number is None
    # On with a stronger key: the provider is asked for one of those that count, and a new session begins where the person was.
    onward = re.search(r'href="(/en/sign-in/enterprises[^"]*)"', refused.text)[1].replace("&amp;", "&")  # type: ignore[index]
    started = await browser.client.get(onward)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(started.headers["location"]).query).items()}
    assert (asked["acr_values"], asked["prompt"]) == ("high higher", "login")
    weak = str(browser.client.cookies["__Host-session"])
    provider.nonce, provider.claims["acr"] = asked["nonce"], "high"
    back = await came_back(browser, code="c-2", state=asked["state"])
    assert back.headers["location"] == f"/en/dossiers/{key}"
    answer = await portal.visitor(weak).client.get("/en/dossiers")
    assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]
    filed = await browser.post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check", follow=False)
    assert filed.status_code == 303 and (await portal.sql("SELECT number FROM dossier"))[0].number
    # Another step that goes out is refused before anything is typed for it.
    await portal.sql("UPDATE session SET acr = 'low'")
    shown = await browser.get(f"/en/dossiers/{key}/steps/withdraw")
    assert shown.status_code == 403 and HEADING in shown.text


@pytest.mark.parametrize(("acr", "asked"), [("high", False), ("higher", False), ("", True), ("HIGH", True), ("high higher", True), (["high"], True), (None, True)])
async def test_only_a_level_that_was_configured_counts(portal: Portal, provider: Provider, acr: object, asked: bool) -> None:
    provider.claims["acr"] = acr
    browser = somebody(portal)
    await signed_in(browser, provider, "enterprises")
    key = await begin(browser)
    await portal.sql("UPDATE dossier SET position = '{filed}', number = 'SP-2026-0000001-X', filed_at = now(), headline = 'filed', region = 'flanders'")
    shown = await browser.get(f"/en/dossiers/{key}/steps/withdraw")
    assert (shown.status_code == 403 and HEADING in shown.text) is asked


async def test_a_plain_sign_in_asks_for_no_level(portal: Portal, provider: Provider) -> None:
    for path in ("/en/sign-in/enterprises", "/en/sign-in/anyhow?stronger=yes"):
        started = await somebody(portal).client.get(path)
        assert "acr_values" not in started.headers["location"] and "prompt" not in started.headers["location"]


async def test_the_invited_worker_needs_no_provider(portal: Portal) -> None:
    employer = await portal.employer()
    key = await begin(employer)
    worker = await portal.worker(key)
    await portal.sql("UPDATE dossier SET position = '{visa-issued}', number = 'SP-2026-0000001-X', filed_at = now(), headline = 'visa-issued', region = 'flanders'")
    shown = await worker.get(f"/en/dossiers/{key}/steps/announce-arrival")
    assert shown.status_code == 200 and HEADING not in shown.text
