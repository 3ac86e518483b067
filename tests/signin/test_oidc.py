"""Rule 5: whatever a provider or a stranger sends back, there is a session only for whom it was proved."""

import base64
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.kernel.tokens import Use, new_key, public_jwks, verify_strict
from frontoffice.signin import providers
from tests.engines import Database, Engines
from tests.signin.evil import Provider, a_provider, begun, came_back, holds_session, providers_file, signed_in, somebody, table
from tests.web import ORIGIN, Portal, running_portal


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as one:
        yield one


@pytest.fixture
async def portal(shared_database: Database, engines: Engines, provider: Provider, tmp_path: Path) -> AsyncIterator[Portal]:
    file = providers_file(tmp_path, citizens=table(provider.address), announcing=table(provider.address, announces_iss=True))
    async with running_portal(shared_database, engines, providers_file=file) as one:
        yield one


async def test_an_honest_provider_signs_a_person_in(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    asked = await begun(browser, provider)
    answer = await came_back(browser, code="c-1", state=asked["state"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/dossiers")
    sent = provider.asked[0]
    digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert asked["code_challenge_method"] == "S256" and asked["redirect_uri"] == f"{ORIGIN}/sign-in/callback" == sent["redirect_uri"]
    cookies = answer.headers.get_list("set-cookie")
    assert all("; Path=/; Secure; HttpOnly; SameSite=Lax" in one and "Domain" not in one for one in cookies)
    assert any(one.startswith("__Host-session=") and "Max-Age" not in one for one in cookies)
    page = await browser.get("/en/sessions")
    assert "Ada Peeters" in page.text
    rows = await portal.sql("SELECT p.locale, s.acr, length(s.token_hash) FROM session s JOIN party p ON p.id = s.person_id WHERE s.issuer = :issuer",
                            issuer=provider.address)
    assert [tuple(row) for row in rows] == [("fr", "high", 32)]


LIES: dict[str, dict[str, Any]] = {
    "wrong nonce": {"claims": {"nonce": "n"}},
    "no nonce": {"claims": {"nonce": None}},
    "wrong audience": {"claims": {"aud": "another"}},
    "several audiences": {"claims": {"aud": ["window", "another"]}},
    "other issuer": {"claims": {"iss": "https://other.example"}},
    "meant for another party": {"claims": {"azp": "another"}},
    "expired": {"claims": {"exp": 1_700_000_000}},
    "from the future": {"claims": {"iat": 4_000_000_000}},
    "no subject": {"claims": {"sub": None}},
    "endless subject": {"claims": {"sub": "x" * 300}},
    "another key under our name": {"signing_key": "swapped"},
    "unknown key": {"signing_key": new_key()},
    "other kind of token": {"typ": "at+jwt"},
    "no token": {"token_answer": b'{"access_token": "x"}'},
    "not JSON": {"token_answer": b"<html>"},
    "a list": {"token_answer": b"[]"},
    "code refused": {"token_status": 400, "token_answer": b'{"error": "invalid_grant"}'},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_provider_gives_nobody_a_session(portal: Portal, provider: Provider, lie: str) -> None:
    for name, value in LIES[lie].items():
        setattr(provider, name, {**new_key(), "kid": provider.key["kid"]} if value == "swapped" else value)
    browser = somebody(portal)
    answer = await signed_in(browser, provider)
    assert answer.status_code == 400
    assert "Sign in again" in answer.text and not holds_session(browser)


STRANGE = {
    "foreign state": {"code": "c-1", "state": "f" * 64}, "no state": {"code": "c-1"}, "no code": {"state": "own"}, "empty code": {"state": "own", "code": ""},
    "endless code": {"state": "own", "code": "x" * 3000}, "refused": {"state": "own", "error": "access_denied"},
    "broken": {"state": "own", "error": "<script>"}, "other issuer": {"state": "own", "code": "c-1", "iss": "https://other.example"}, "nothing": {},
}


@pytest.mark.parametrize("how", STRANGE)
async def test_a_strange_answer_gives_nobody_a_session(portal: Portal, provider: Provider, how: str) -> None:
    browser = somebody(portal)
    asked = await begun(browser, provider)
    query = {name: asked["state"] if value == "own" else value for name, value in STRANGE[how].items()}
    answer = await came_back(browser, **query)
    assert answer.status_code == 400 and "Sign in again" in answer.text
    assert not holds_session(browser) and provider.asked == [] and "<script>" not in answer.text


async def test_a_provider_that_announces_its_name_must_give_it(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    asked = await begun(browser, provider, "announcing")
    assert (await came_back(browser, code="c-1", state=asked["state"])).status_code == 400
    asked = await begun(browser, provider, "announcing")
    assert (await came_back(browser, code="c-1", state=asked["state"], iss=provider.address)).status_code == 303


async def test_an_answer_counts_once_even_if_the_provider_repeats_itself(portal: Portal, provider: Provider) -> None:
    browser = somebody(portal)
    asked = await begun(browser, provider)
    kept = browser.client.cookies["__Host-signin"]
    assert (await came_back(browser, code="c-1", state=asked["state"])).status_code == 303
    assert (await came_back(browser, code="c-1", state=asked["state"])).status_code == 400
    thief = somebody(portal)
    assert (await came_back(thief, code="c-1", state=asked["state"])).status_code == 400
    thief.client.cookies.set("__Host-signin", kept, domain="portal.example", path="/")
    assert (await came_back(thief, code="c-1", state=asked["state"])).status_code == 400
    assert not holds_session(thief) and len(provider.asked) == 1


@pytest.mark.parametrize("cookie", ["", "x", "e30.0", ".", "a.b.c", "é"])
async def test_a_made_up_cookie_starts_nothing(portal: Portal, provider: Provider, cookie: str) -> None:
    browser = somebody(portal)
    asked = await begun(browser, provider)
    browser.client.cookies.clear()
    answer = await browser.client.get("/sign-in/callback", params={"code": "c", "state": asked["state"]},
                                      headers={b"cookie": f"__Host-signin={cookie}".encode()})
    assert answer.status_code == 400


@pytest.mark.parametrize("behaviour", [
    {"token_status": 500, "token_answer": b"oops"}, {"token_answer": b" " * 70_000}, {"jwks": b'{"keys":[' + b" " * 70_000 + b"]}"}, {"jwks": b"nothing"},
], ids=["failing", "huge answer", "huge keys", "no keys"])
async def test_a_provider_that_does_not_work_is_said_to_be_away(portal: Portal, provider: Provider, behaviour: dict[str, Any]) -> None:
    browser = somebody(portal)
    asked = await begun(browser, provider)
    for name, value in behaviour.items():
        setattr(provider, name, value)
    answer = await came_back(browser, code="c-1", state=asked["state"])
    assert answer.status_code == 503 and "What you saved before is kept" in answer.text
    assert not holds_session(browser)


@pytest.mark.parametrize("behaviour", [
    {"delay": 1.0}, {"metadata": {"issuer": "https://other.example"}}, {"metadata": {"token_endpoint": "https://other.example/token"}},
    {"metadata": {"jwks_uri": "http://169.254.169.254/keys"}}, {"metadata": {"authorization_endpoint": "javascript:alert(1)"}},
], ids=["slow", "other issuer", "tokens elsewhere", "keys elsewhere", "script"])
async def test_metadata_counts_only_in_time_and_at_its_place(
    portal: Portal, provider: Provider, behaviour: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(providers, "_TIME_OUT", 0.3)
    for name, value in behaviour.items():
        setattr(provider, name, value)
    answer = await somebody(portal).client.get("/de/sign-in/citizens")
    assert answer.status_code == 503 and 'lang="de"' in answer.text and "location" not in answer.headers


async def test_keys_that_change_are_fetched_again(portal: Portal, provider: Provider) -> None:
    assert (await signed_in(somebody(portal), provider)).status_code == 303
    provider.key = new_key()
    portal.app.app.state.sign_in_peers["citizens"].keys._pause = 0.0
    assert (await signed_in(somebody(portal), provider)).status_code == 303


async def test_a_private_key_proves_who_asks(shared_database: Database, engines: Engines, provider: Provider, tmp_path: Path) -> None:
    ours = {"keys": [new_key()]}
    (tmp_path / "key.json").write_text(json.dumps(ours))
    settings = table(provider.address, auth_method="private_key_jwt", client_key_file=str(tmp_path / "key.json"))
    async with running_portal(shared_database, engines, providers_file=providers_file(tmp_path, citizens=settings)) as portal:
        assert (await signed_in(somebody(portal), provider)).status_code == 303
    use = Use.message("JWT", issuer="window", audience=f"{provider.address}/token")
    claims = verify_strict(provider.asked[0]["client_assertion"], public_jwks(ours), use)
    assert claims["sub"] == "window" and claims["exp"] - claims["iat"] == 60
    assert "client_secret" not in provider.asked[0]


async def test_basic_authentication_is_escaped(shared_database: Database, engines: Engines, provider: Provider, tmp_path: Path) -> None:
    settings = table(provider.address, auth_method="client_secret_basic", client_secret="a:b/ç")
    async with running_portal(shared_database, engines, providers_file=providers_file(tmp_path, citizens=settings)) as portal:
        assert (await signed_in(somebody(portal), provider)).status_code == 303
    sent = base64.b64decode(provider.headers[0]["authorization" if "authorization" in provider.headers[0] else "Authorization"].removeprefix("Basic "))
    assert sent == b"window:a%3Ab%2F%C3%A7"


async def test_nothing_of_the_person_or_the_code_is_logged(portal: Portal, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="frontoffice"):
        provider.claims = {"nonce": "canary-nonce", "family_name": "Canary"}
        browser = somebody(portal)
        asked = await begun(browser, provider)
        await came_back(browser, code="canary-code", state=asked["state"])
    assert "sign-in refused: nonce" in caplog.text and "canary" not in caplog.text.lower()


async def test_starting_is_limited_per_address(portal: Portal, provider: Provider) -> None:
    browser, other = somebody(portal), somebody(portal)
    with stopped_at(datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)):
        answers = [await browser.client.get("/en/sign-in/citizens") for _ in range(21)]
    assert [one.status_code for one in answers] == [303] * 20 + [429]
    assert answers[-1].headers["retry-after"] == "300"
    assert (await other.client.get("/en/sign-in/citizens")).status_code == 303
    assert (await browser.client.get("/en/sign-in/unknown")).status_code == 404
