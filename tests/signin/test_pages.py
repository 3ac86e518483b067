"""Sessions as people meet them: new secrets, hats, browsers, ends, and the way back to the page that was wanted."""

import base64
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.kernel.web import hash_of
from frontoffice.local.processes import Supervisor, answers, python
from tests.engines import Database, Engines
from tests.ports import own_port
from tests.signin.evil import Provider, a_provider, begun, came_back, holds_session, providers_file, signed_in, somebody, table
from tests.web import ORIGIN, Browser, Portal, running_portal

TWO = [{"number": "0999000129", "name": "Havenlogistiek Antwerpen NV", "capacity": "access-manager"},
       {"number": "0999000228", "name": "Zorggroep Schelde VZW", "capacity": "legal-representative"}]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider(claims={"sub": secrets.token_hex(6)}) as one:
        yield one


@pytest.fixture
async def portal(shared_database: Database, engines: Engines, provider: Provider, tmp_path: Path) -> AsyncIterator[Portal]:
    kinds = {"citizens": "citizen", "enterprises": "enterprise", "officials": "official"}
    file = providers_file(tmp_path, **{code: table(provider.address, kind, title=code) for code, kind in kinds.items()})
    async with running_portal(shared_database, engines, providers_file=file) as one:
        yield one


def secret_of(browser: Browser) -> str:
    return str(browser.client.cookies["__Host-session"])


async def is_let_in(portal: Portal, secret: str) -> bool:
    answer = await portal.visitor(secret).client.get("/en/sessions")
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/en/sign-in?")
    return answer.status_code == 200


async def test_a_planted_secret_dies_at_sign_in(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    browser.client.cookies.set("__Host-session", "planted", domain="portal.example", path="/")
    await signed_in(browser, provider)
    assert secret_of(browser) != "planted" and not await is_let_in(portal, "planted")
    assert len(base64.urlsafe_b64decode(secret_of(browser) + "=")) == 32


async def test_every_change_gives_a_new_secret_and_ends_the_old(portal: Portal, provider: Provider) -> None:
    provider.claims["enterprises"] = TWO
    browser = somebody(portal)
    answer = await signed_in(browser, provider, "enterprises", **{"return": "/dossiers/new"})
    assert answer.headers["location"] == "/en/acting-for?return=%2Fdossiers%2Fnew"
    first = secret_of(browser)
    page = await browser.get(answer.headers["location"])
    assert "0999.000.129, as access manager" in page.text and "Zorggroep Schelde VZW" in page.text
    chosen = re.findall(r'name="hat" type="radio" value="([^"]+)"', page.text)[1]
    answer = await browser.post("/en/acting-for", {"hat": chosen}, page="/en/acting-for?return=/dossiers/new", follow=False)
    assert answer.headers["location"] == "/en/dossiers/new"
    second = secret_of(browser)
    assert "Zorggroep Schelde VZW" in (await browser.get("/en/sessions")).text
    await signed_in(browser, provider, "citizens")
    third = secret_of(browser)
    answer = await browser.post("/en/sign-out", page="/en/sessions")
    assert "You are signed out" in answer.text and f"{provider.address}/leave" in answer.text and not holds_session(browser)
    assert len({first, second, third}) == 3
    assert [await is_let_in(portal, one) for one in (first, second, third)] == [False] * 3


async def test_a_change_of_hat_does_not_lengthen_the_session(portal: Portal, provider: Provider) -> None:
    provider.claims["enterprises"] = TWO
    browser = somebody(portal)
    await signed_in(browser, provider, "enterprises")
    page = await browser.get("/en/acting-for")
    chosen = re.findall(r'name="hat" type="radio" value="([^"]+)"', page.text)[0]
    await browser.post("/en/acting-for", {"hat": chosen}, follow=False)
    ends = await portal.sql("SELECT DISTINCT ends_at FROM session WHERE subject = :subject", subject=provider.claims["sub"])
    assert len(ends) == 1


@pytest.mark.parametrize("hat", ["", "x", "00000000-0000-0000-0000-000000000000"])
async def test_nobody_takes_a_hat_of_another(portal: Portal, provider: Provider, hat: str) -> None:
    provider.claims["enterprises"] = TWO
    browser = somebody(portal)
    await signed_in(browser, provider, "enterprises")
    answer = await browser.post("/en/acting-for", {"hat": hat}, follow=False)
    assert answer.status_code == 422 and "Choose for whom you act" in answer.text


@pytest.mark.parametrize(("code", "claims", "shown"), [
    ("officials", {"authority": "flanders", "territory": "flanders"}, "Flanders, Economic Migration"),
    ("officials", {"authority": "municipality", "territory": "11002"}, "Antwerpen"),
    ("officials", {"authority": "municipality-44021", "territory": "44021"}, "Gent"),
    ("enterprises", {"enterprises": TWO[:1]}, "Havenlogistiek Antwerpen NV"),
])
async def test_one_hat_is_taken_at_once(portal: Portal, provider: Provider, code: str, claims: dict[str, Any], shown: str) -> None:
    provider.claims |= claims
    browser = somebody(portal)
    assert (await signed_in(browser, provider, code)).headers["location"] == "/en/dossiers"
    assert shown in (await browser.get("/en/sessions")).text


@pytest.mark.parametrize(("code", "claims"), [
    ("enterprises", {}), ("enterprises", {"enterprises": "all"}), ("enterprises", {"enterprises": [{"number": "0999000128", "name": "Wrong digits"}]}),
    ("officials", {}), ("officials", {"authority": "atlantis"}), ("officials", {"authority": "municipality", "territory": "99999"}),
    ("officials", {"authority": "municipality-11002", "territory": "44021"}), ("officials", {"authority": ["flanders"]}),
])
async def test_who_acts_for_nobody_gets_no_session(portal: Portal, provider: Provider, code: str, claims: dict[str, Any]) -> None:
    provider.claims |= claims
    browser = somebody(portal)
    answer = await signed_in(browser, provider, code)
    assert answer.status_code == 400 and "You cannot act for anybody here" in answer.text and not holds_session(browser)


async def test_the_same_account_is_the_same_person_and_the_address_is_not(portal: Portal, provider: Provider) -> None:
    provider.claims |= {"email": "ada@example.org", "email_verified": True}
    await signed_in(somebody(portal), provider)
    provider.claims["family_name"] = "Peeters-Claes"
    await signed_in(somebody(portal), provider)
    mine = await portal.sql("SELECT DISTINCT p.id, p.name FROM party p JOIN session s ON s.person_id = p.id WHERE s.subject = :sub", sub=provider.claims["sub"])
    assert [one.name for one in mine] == ["Ada Peeters-Claes"]
    provider.claims["sub"] = other = secrets.token_hex(6)
    await signed_in(somebody(portal), provider)
    theirs = await portal.sql("SELECT person_id FROM session WHERE subject = :sub", sub=other)
    assert theirs[0].person_id != mine[0].id


async def test_a_closed_account_dies_at_the_next_request(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    await signed_in(browser, provider)
    assert await is_let_in(portal, secret_of(browser))
    await portal.sql("UPDATE account SET closed_at = now() WHERE subject = :sub", sub=provider.claims["sub"])
    assert not await is_let_in(portal, secret_of(browser))
    answer = await signed_in(somebody(portal), provider)
    assert answer.status_code == 400 and "This account was closed" in answer.text


@pytest.mark.parametrize(("code", "minutes"), [("citizens", 60), ("officials", 15)])
async def test_a_session_rests_so_long_and_no_longer(portal: Portal, provider: Provider, code: str, minutes: int) -> None:
    provider.claims |= {"authority": "wallonia"}
    browser = somebody(portal)
    await signed_in(browser, provider, code)
    seen = (await portal.sql("SELECT seen_at FROM session WHERE token_hash = :hash", hash=hash_of(secret_of(browser))))[0].seen_at
    for seconds, let_in in ((1, False), (-1, True)):
        with stopped_at(seen + timedelta(minutes=minutes, seconds=seconds)):
            assert await is_let_in(portal, secret_of(browser)) is let_in


async def test_no_session_outlives_twelve_hours(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    await signed_in(browser, provider)
    begun_at = datetime.now(BRUSSELS)
    for minutes in range(50, 12 * 60, 50):
        with stopped_at(begun_at + timedelta(minutes=minutes)):
            assert await is_let_in(portal, secret_of(browser))
    with stopped_at(begun_at + timedelta(hours=12, seconds=1)):
        assert not await is_let_in(portal, secret_of(browser))


async def test_two_browsers_see_and_end_each_other(portal: Portal, provider: Provider) -> None:
    phone, desk = somebody(portal), somebody(portal)
    phone.client.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    desk.client.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    await signed_in(phone, provider)
    await signed_in(desk, provider)
    page = await desk.get("/en/sessions")
    assert "Firefox, Windows – this one" in page.text and "Chrome, Android" in page.text
    keys = re.findall(r"/en/sessions/([0-9a-f]{16})/end", page.text)
    foreign = somebody(portal)
    provider.claims["sub"] = secrets.token_hex(6)
    await signed_in(foreign, provider)
    assert (await foreign.post(f"/en/sessions/{keys[1]}/end", page="/en/sessions")).status_code == 404
    assert await is_let_in(portal, secret_of(phone))
    await desk.post(f"/en/sessions/{keys[1]}/end", page="/en/sessions")
    assert not await is_let_in(portal, secret_of(phone)) and await is_let_in(portal, secret_of(desk))
    answer = await desk.post(f"/en/sessions/{keys[0]}/end", page="/en/sessions")
    assert "You are signed out" in answer.text and not holds_session(desk)


async def test_all_others_are_ended_together(portal: Portal, provider: Provider) -> None:
    browsers = [somebody(portal) for _ in range(3)]
    for one in browsers:
        await signed_in(one, provider)
    await browsers[0].post("/en/sessions/others/end", page="/en/sessions")
    assert [await is_let_in(portal, secret_of(one)) for one in browsers] == [True, False, False]


async def test_staying_keeps_the_session(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    await signed_in(browser, provider)
    begun_at = datetime.now(BRUSSELS)
    with stopped_at(begun_at + timedelta(minutes=59)):
        assert (await browser.post("/en/stay-signed-in", page="/en/sessions")).status_code == 204
    with stopped_at(begun_at + timedelta(minutes=100)):
        assert await is_let_in(portal, secret_of(browser))


HOSTS = ("evil.example", "portal.example.evil.example", "portal.example@evil.example", "127.0.0.1", "[::1]", "0x7f000001")
SHAPES = ("//{h}", "///{h}", "////{h}/x", "/\\{h}", "\\\\{h}", "/\t/{h}", "/\n/{h}", "/%2f/{h}", "/%5c{h}", "http://{h}", "https://{h}/", "https:{h}", "HTTPS://{h}",
          "/http://{h}", "/dossiers/http://{h}", "/dossiers//{h}", "/../{h}", "/./{h}", "/dossiers/..//{h}", "http:\\\\{h}", "/;//{h}", "/dossiers?next=//{h}",
          "/dossiers#//{h}", "//{h}/%2e%2e", "/%09/{h}", "/%00//{h}", "?//{h}", "/nl//{h}", "/en/\\{h}", "ftp://{h}", "//{h}:443", "/ /{h}",
          "/dossiers/{h}\r\nLocation: //{h}",
          "．／／{h}")
OTHERS = ("javascript:alert(1)", "data:text/html,x", "/sign-in", "/sign-in/citizens", "/sign-in/callback", "/acting-for", "/sign-out", "/static/x", "/health",
          "/backbone/messages", "", "x" * 5000, "/dossiers/" + "a" * 400, "/dossiers/<script>", "/nowhere", "/dossiers/a b")
HOSTILE = [shape.replace("{h}", host) for shape in SHAPES for host in HOSTS] + list(OTHERS)


async def test_nobody_is_sent_to_an_address_that_somebody_wrote(portal: Portal, provider: Provider) -> None:
    assert len(HOSTILE) >= 200
    allowed = re.compile(r"/en/(|dossiers|dossiers/[A-Za-z0-9._~-]+(/[a-z0-9/-]+)?)")
    for text in HOSTILE:
        answer = await somebody(portal).client.get("/en/sign-in", params={"return": text})
        for target in re.findall(r'href="(/en/sign-in/citizens[^"]*)"', answer.text):
            browser = somebody(portal)
            started = await browser.client.get(target.replace("&amp;", "&"))
            provider.nonce = re.search("nonce=([0-9a-f]+)", started.headers["location"])[1]  # type: ignore[index]
            back = await came_back(browser, code="c", state=re.search("state=([0-9a-f]+)", started.headers["location"])[1])  # type: ignore[index]
            location = back.headers["location"]
            assert allowed.fullmatch(location), (text, location)
            assert urlsplit(location).netloc == "" and not location.startswith("//")


@pytest.mark.parametrize(("wanted", "reached"), [
    ("/dossiers/new", "/nl/dossiers/new"), ("/sessions", "/nl/sessions"), ("/dossiers/SP-2026-0000123-C", "/nl/dossiers/SP-2026-0000123-C"),
    ("/dossiers/SP-2026-0000123-C/submit", "/nl/dossiers/SP-2026-0000123-C"), ("/", "/nl/"), ("/nowhere/at/all", "/nl/dossiers"),
])
async def test_the_page_that_was_wanted_is_reached(portal: Portal, provider: Provider, wanted: str, reached: str) -> None:
    browser = somebody(portal)
    answer = await browser.client.get("/nl/sign-in/citizens", params={"return": wanted})
    asked = dict(one.split("=") for one in urlsplit(answer.headers["location"]).query.split("&"))
    provider.nonce = asked["nonce"]
    assert asked["ui_locales"] == "nl"
    assert (await came_back(browser, code="c", state=asked["state"])).headers["location"] == reached


async def test_what_was_typed_after_the_end_comes_back_to_the_same_person(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    provider.claims["enterprises"] = TWO[:1]
    await signed_in(browser, provider, "enterprises")
    form = await browser.get("/en/dossiers/new?procedure=single-permit")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
    started = await browser.client.post("/en/dossiers", data=fields)
    key = started.headers["location"].rsplit("/", 1)[-1]
    path = f"/dossiers/{key}/pages/employer"
    token = re.search(r'name="csrf" value="([^"]+)"', (await browser.get(f"/en{path}")).text)[1]  # type: ignore[index]
    typed = {"csrf": token, "version": "0", "enterprise_number": "0999.000.129", "employer_name": "Half a na"}
    with stopped_at(datetime.now(BRUSSELS) + timedelta(minutes=61)):
        answer = await browser.client.post(f"/en{path}", data=typed)
        assert answer.status_code == 303
        assert "What you saved is kept" in (await browser.get(answer.headers["location"])).text
        assert (await browser.client.post(f"/en{path}", data={**typed, "csrf": "f" * 64})).status_code == 403
        rows = await portal.sql("SELECT answers FROM parked_form WHERE path = :path", path=path)
        assert [row.answers for row in rows] == [{"enterprise_number": "0999.000.129", "employer_name": "Half a na"}]
        # A cookie that names no session, and one whose session was ended on purpose, park nothing.
        assert (await portal.visitor("made up").client.get(f"/en{path}")).status_code == 303
    provider_now = await begun(browser, provider, "enterprises", **{"return": path})
    answer = await came_back(browser, code="c", state=provider_now["state"])
    assert answer.headers["location"] == f"/en{path}"
    for _ in range(2):
        assert "Half a na" in (await browser.get(f"/en{path}")).text
    await browser.post(f"/en{path}", {"enterprise_number": "0999.000.129", "employer_name": "Havenlogistiek Antwerpen NV"})
    assert await portal.sql("SELECT FROM parked_form WHERE path = :path", path=path) == []


async def test_an_ended_session_parks_nothing(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    provider.claims["enterprises"] = TWO[:1]
    await signed_in(browser, provider, "enterprises")
    secret, path = secret_of(browser), "/en/dossiers/x/pages/employer"
    token = await browser.token("/en/sessions")
    await browser.post("/en/sign-out", page="/en/sessions")
    assert (await portal.visitor(secret).client.post(path, data={"csrf": token, "employer_name": "canary"})).status_code == 303
    assert await portal.sql("SELECT FROM parked_form WHERE answers::text LIKE '%canary%'") == []


async def test_signing_out_works_without_a_session_and_shows_the_way_back(portal: Portal) -> None:
    browser = somebody(portal)
    assert (await browser.get("/fr/sign-out")).status_code == 200
    token = await browser.token("/en/return")
    assert (await browser.client.post("/en/sign-out", data={"csrf": token})).status_code == 303


async def test_the_real_provider_of_the_local_service(shared_database: Database, engines: Engines, tmp_path: Path) -> None:
    port = own_port()
    address = f"http://127.0.0.1:{port}"
    supervisor = Supervisor(tmp_path / "logs")
    supervisor.start(python("frontoffice.local.sign_in", "--port", port, "--folder", tmp_path, name="sign-in", ready=answers(address)))
    try:
        settings = table(f"{address}/enterprises", "enterprise", auth_method="client_secret_basic", algorithms=["RS256"])
        async with running_portal(shared_database, engines, providers_file=providers_file(tmp_path, enterprises=settings)) as portal:
            browser = somebody(portal)
            started = await browser.client.get("/nl/sign-in/enterprises", params={"return": "/dossiers/new"})
            async with httpx.AsyncClient(timeout=60) as outside:
                answer = await outside.post(started.headers["location"], data={"sub": "katrien.desmet"})
            back = urlsplit(answer.headers["location"])
            assert f"{back.scheme}://{back.netloc}" == ORIGIN
            page = await browser.get(f"{back.path}?{back.query}", headers={"sec-fetch-site": "cross-site"})
            assert page.url.path == "/nl/acting-for" and "Zorggroep Schelde VZW" in page.text and "Katrien De Smet" in page.text
    finally:
        supervisor.stop()
    rows = await _rows(shared_database, engines)
    assert any(one.locale == "nl" and one.hats[0]["number"] == "0999000129" for one in rows)


async def _rows(database: Database, engines: Engines) -> list[Any]:
    async with running_portal(database, engines) as portal:
        rows = await portal.sql("SELECT p.locale, s.hats, s.person_id FROM session s JOIN party p ON p.id = s.person_id WHERE p.name = 'Katrien De Smet'")
    assert all(isinstance(one.person_id, UUID) and json.dumps(one.hats) for one in rows)
    return rows
