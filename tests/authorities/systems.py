"""A system of an authority as its makers would write it: a key, assertions, an access token, and requests; every answer is held against the contract."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx

from frontoffice.authorities import administration, contract
from frontoffice.authorities.administration import NewClient
from frontoffice.kernel.database import transaction
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import new_key, public_jwks, sign
from tests.dossiers.drafts import Hat, Office, an_office
from tests.engines import Database, Engines
from tests.security.inspection import inspect
from tests.web import ORIGIN

TOKEN = "/api/oauth2/token"
DOSSIERS = "/api/v1/dossiers"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def key_set(*keys: Mapping[str, Any]) -> bytes:
    """The public halves of these keys, as a system sends them in."""
    return json.dumps(public_jwks({"keys": [{**one, "alg": "ES256"} for one in keys]})).encode()


@dataclass
class System:
    """One system; `token` is the access token that it uses."""

    office: Office
    id: UUID
    key: Mapping[str, Any]
    client: httpx.AsyncClient
    token: str = ""

    def assertion(self, key: Mapping[str, Any] | None = None, typ: str = "JWT", **changes: Any) -> str:
        """A good assertion, apart from what is changed; None takes a claim away."""
        instant = int(now().timestamp())
        claims = {"iss": str(self.id), "sub": str(self.id), "aud": ORIGIN + TOKEN, "iat": instant, "exp": instant + 300, "jti": uuid4().hex, **changes}
        return sign({name: value for name, value in claims.items() if value is not None}, key or self.key, typ)

    async def ask_token(self, assertion: str | None = None, **changes: str | None) -> httpx.Response:
        """Ask for a token as RFC 6749 says, apart from what is changed."""
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion or self.assertion(), **changes}
        return await self.ask("POST", TOKEN, data={name: value for name, value in form.items() if value is not None})

    async def come_in(self, **changes: str | None) -> None:
        """Get a token and use it from now on."""
        answer = await self.ask_token(**changes)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request with the token; no cookie, no page, and an answer as the contract says."""
        headers = {**({"authorization": f"Bearer {self.token}".encode("latin-1")} if self.token else {}), **more.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **more)
        inspect(answer)
        assert "set-cookie" not in answer.headers and answer.headers["cache-control"] == "no-store"
        hold(method, path, answer)
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Read."""
        return await self.ask("GET", path, **more)

    async def collect(self, number: str) -> dict[str, Any]:
        """A dossier."""
        answer = await self.get(f"{DOSSIERS}/{number}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def step(self, number: str, action: str, version: int, *, key: str = "", **evidence: Any) -> httpx.Response:
        """Take a step under a key."""
        body = {"action": action, "version": version, "evidence": evidence}
        return await self.ask("POST", f"{DOSSIERS}/{number}/steps", json=body, headers={"idempotency-key": key or uuid4().hex})

    async def follow(self, path: str = DOSSIERS, *, least: int = 1) -> tuple[list[dict[str, Any]], str]:
        """Every row from there to the end, so many at least, and where to go on later: what is written anywhere on the machine holds changes back."""
        rows: list[dict[str, Any]] = []
        deadline = time.monotonic() + 300
        while True:
            answer = await self.get(path)
            assert answer.status_code == 200, answer.text
            content = answer.json()
            rows += content["items"]
            path = inside(content["follow"])
            if "next" not in content:
                if len(rows) >= least or time.monotonic() > deadline:
                    return rows, path
                await asyncio.sleep(0.05)


def inside(address: str) -> str:
    """An address of ours without its origin."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == ORIGIN
    return parts.path + (f"?{parts.query}" if parts.query else "")


def hold(method: str, path: str, answer: httpx.Response) -> None:
    """Fail when an answer is of a status or shape that the contract does not have."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert "html" not in kind
    if answer.status_code >= 400 and not (path.startswith(TOKEN) and kind == "application/json"):
        assert kind == "application/problem+json" and not contract.violations("Problem", answer.json()), answer.text
        assert answer.json()["status"] == answer.status_code
    operation = _operation(method, path.partition("?")[0])
    if operation is None:
        assert answer.status_code in (404, 405)
        return
    assert str(answer.status_code) in operation["responses"], (method, path, answer.status_code, answer.text)
    told = operation["responses"][str(answer.status_code)].get("content", {}).get("application/json")
    if told:
        schema = told["schema"]["$ref"].rsplit("/", 1)[-1]
        assert not contract.violations(schema, answer.json()), (contract.violations(schema, answer.json()), answer.text)


def _operation(method: str, path: str) -> Mapping[str, Any] | None:
    for pattern, item in contract.openapi()["paths"].items():
        parts, wanted = path.split("/"), pattern.split("/")
        if len(parts) == len(wanted) and all(mine == its or its.startswith("{") for mine, its in zip(parts, wanted, strict=True)):
            found: Mapping[str, Any] | None = item.get(method.lower())
            return found
    return None


@dataclass
class Town:
    """An office with systems."""

    office: Office
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def system(self, authority: str, *, territory: str = "", scopes: tuple[str, ...] = (), come_in: bool = True) -> System:
        """A system of that authority, come in already."""
        key = {**new_key(), "alg": "ES256"}
        async with transaction(self.office.portal.engine) as session:
            client_id = await administration.add(session, NewClient(
                name=f"System of {authority}", authority=authority, territory=territory, scopes=scopes, keys=key_set(key), by="TICKET-1"))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.office.portal.app, raise_app_exceptions=False), base_url=ORIGIN, timeout=30)
        self.clients.append(client)
        system = System(self.office, client_id, key, client)
        if come_in:
            await system.come_in()
        return system

    async def filed(self) -> tuple[Hat, str]:
        """Somebody who filed a single permit in Flanders, and its number."""
        hat = await self.office.employer()
        return hat, await self.office.file(hat)


@asynccontextmanager
async def a_town(database: Database, engines: Engines) -> AsyncIterator[Town]:
    """An office whose authorities have systems."""
    async with an_office(database, engines) as office:
        town = Town(office)
        yield town
        for client in town.clients:
            await client.aclose()
