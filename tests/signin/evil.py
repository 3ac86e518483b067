"""A sign-in provider of the tests' own, which can lie, dawdle and repeat itself; and a browser that talks to it."""

import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx

from frontoffice.kernel.tokens import new_key, public_jwks, sign
from tests.web import ORIGIN, Browser, Portal


@dataclass
class Provider:
    """What it is and how it behaves; everything may be changed while it runs."""

    address: str = ""
    key: dict[str, str] = field(default_factory=new_key)
    signing_key: dict[str, str] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    typ: str = "JWT"
    jwks: bytes | None = None
    delay: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    token_answer: bytes | None = None
    nonce: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def get(self, path: str) -> tuple[int, bytes]:
        time.sleep(self.delay)
        if path.endswith("/jwks"):
            return 200, self.jwks or json.dumps(public_jwks({"keys": [self.key]})).encode()
        told = {"issuer": self.address, "authorization_endpoint": f"{self.address}/authorize", "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/jwks", "end_session_endpoint": f"{self.address}/leave", **self.metadata}
        return 200, json.dumps(told).encode()

    def post(self, form: dict[str, str], headers: dict[str, str]) -> tuple[int, bytes]:
        self.asked.append(form)
        self.headers.append(headers)
        instant = int(time.time())
        claims = {"iss": self.address, "aud": "window", "sub": "s-1", "iat": instant, "exp": instant + 300, "nonce": self.nonce,
                  "given_name": "Ada", "family_name": "Peeters", "locale": "fr", "acr": "high", **self.claims}
        token = sign({name: value for name, value in claims.items() if value is not None}, self.signing_key or self.key, self.typ)
        return self.token_status, self.token_answer or json.dumps({"id_token": token, "access_token": "x", "token_type": "Bearer"}).encode()


@contextmanager
def a_provider(**behaviour: Any) -> Iterator[Provider]:
    provider = Provider(**behaviour)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*provider.get(self.path))

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self._send(*provider.post(form, dict(self.headers.items())))

        def _send(self, status: int, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # whoever asked did not wait

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def providers_file(folder: Path, **tables: Mapping[str, object]) -> str:
    """A configuration with these providers, by code."""
    file = folder / f"providers-{secrets.token_hex(4)}.toml"
    lines = []
    for code, table in tables.items():
        lines += [f"[{code}]", f'code = "{code}"', *(f"{name} = {json.dumps(value)}" for name, value in table.items())]
    file.write_text("\n".join(lines))
    return str(file)


def table(issuer: str, kind: str = "citizen", **changes: object) -> dict[str, object]:
    """One provider as an operator would write it."""
    return {"title": "Citizens", "kind": kind, "issuer": issuer, "client_id": "window", "client_secret": "only-for-tests",
            "auth_method": "client_secret_post", "algorithms": ["ES256"], "announces_iss": False, **changes}


def somebody(portal: Portal) -> Browser:
    """A browser at an address of its own, so that no other test uses up its tries."""
    host = ".".join(["10", *(str(secrets.randbelow(250) + 1) for _ in range(3))])
    transport = httpx.ASGITransport(app=portal.app, raise_app_exceptions=False, client=(host, 4000))
    return Browser(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"sec-fetch-site": "same-origin"}, timeout=30))


async def begun(browser: Browser, provider: Provider, code: str = "citizens", **query: str) -> dict[str, str]:
    """Start signing in, and what the provider is asked."""
    answer = await browser.client.get(f"/en/sign-in/{code}", params=query)
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    provider.nonce = asked["nonce"]
    return asked


async def came_back(browser: Browser, **query: str) -> httpx.Response:
    """The provider sends the browser back."""
    return await browser.client.get(f"/sign-in/callback?{urlencode(query)}", headers={"sec-fetch-site": "cross-site"})


async def signed_in(browser: Browser, provider: Provider, code: str = "citizens", **query: str) -> httpx.Response:
    """A sign-in from start to end."""
    asked = await begun(browser, provider, code, **query)
    return await came_back(browser, code="c-1", state=asked["state"])


def holds_session(browser: Browser) -> bool:
    """Whether the browser was given a session."""
    return "__Host-session" in browser.client.cookies
