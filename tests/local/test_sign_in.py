"""The local provider signs its people in by the code flow, each issuer under its own name, and no stranger."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwk, jwt

from frontoffice.local.people import ENTERPRISES, OFFICIALS
from frontoffice.local.processes import Supervisor, answers, python
from tests.ports import own_port

_BACK = "http://127.0.0.1:8000/sign-in/done"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Supervisor, str]]:
    folder, port = tmp_path_factory.mktemp("sign-in"), own_port()
    address = f"http://127.0.0.1:{port}"
    supervisor = Supervisor(folder / "logs")
    supervisor.start(python("frontoffice.local.sign_in", "--port", port, "--folder", folder, name="sign-in",
                            ready=answers(address)))
    yield supervisor, address
    supervisor.stop()


def _discover(address: str, realm: str) -> dict[str, str]:
    found: dict[str, str] = httpx.get(f"{address}/{realm}/.well-known/openid-configuration", timeout=60).json()
    return found


def _authorize(discovered: dict[str, str], login: str) -> httpx.Response:
    asked = {"response_type": "code", "client_id": "permit-window", "redirect_uri": _BACK, "state": "s", "nonce": "n",
             "scope": "openid profile email", "code_challenge": "c" * 43, "code_challenge_method": "S256"}
    page = httpx.get(discovered["authorization_endpoint"], params=asked, timeout=60)
    assert "Who are you?" in page.text
    return httpx.post(discovered["authorization_endpoint"], params=asked, data={"sub": login}, timeout=60)


@pytest.mark.parametrize(("realm", "login", "claim"), [
    (ENTERPRISES, "katrien.desmet", "enterprises"), (OFFICIALS, "clerk.gent", "authority"),
])
def test_a_person_gets_an_id_token_of_the_own_issuer(
    provider: tuple[Supervisor, str], realm: str, login: str, claim: str
) -> None:
    discovered = _discover(provider[1], realm)
    assert discovered["issuer"] == f"{provider[1]}/{realm}"
    location = urlsplit(_authorize(discovered, login).headers["Location"])
    answer = parse_qs(location.query)
    assert answer["state"] == ["s"]
    tokens = httpx.post(discovered["token_endpoint"], auth=("permit-window", "secret"), data={
        "grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": _BACK,
    }, timeout=60).json()
    keys = jwk.KeySet.import_key_set(httpx.get(discovered["jwks_uri"], timeout=60).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["sub"], claims["nonce"]) == (discovered["issuer"], login, "n")
    assert claims["aud"] in ("permit-window", ["permit-window"])
    assert claims["acr"] and claims["locale"] == "nl" and claims[claim]
    assert "Traceback" not in provider[0].children[0].tail()


@pytest.mark.parametrize("login", ["nobody", "clerk.gent", " ", "<script>"])
def test_a_stranger_is_told_so_and_gets_no_code(provider: tuple[Supervisor, str], login: str) -> None:
    answer = _authorize(_discover(provider[1], ENTERPRISES), login)
    assert answer.status_code == 422
    assert "Nobody here has the login" in answer.text
    assert "<script>" not in answer.text
    assert "Location" not in answer.headers


def test_keys_survive_a_restart_and_the_debugger_is_off(provider: tuple[Supervisor, str]) -> None:
    supervisor, address = provider
    before = httpx.get(_discover(address, OFFICIALS)["jwks_uri"], timeout=60).json()
    program = supervisor.children[0].program
    supervisor.stop()
    supervisor.start(program)
    assert httpx.get(_discover(address, OFFICIALS)["jwks_uri"], timeout=60).json() == before
    script = httpx.get(f"{address}/{OFFICIALS}/?__debugger__=yes&cmd=resource&f=debugger.js", timeout=60).text
    assert "debugger" not in script.lower()


def test_the_front_page_lists_who_may_sign_in(provider: tuple[Supervisor, str]) -> None:
    page = httpx.get(provider[1], timeout=60).text
    assert all(name in page for name in ("Katrien De Smet", "clerk.eupen", "Sofia Marques"))
