"""A small world to try doors in: two dossiers of one employer, one of another, and everybody who may or may not look."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from litestar.routes import HTTPRoute

from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of, mac
from tests.engines import Database, Engines
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES, begin, fill
from tests.security.inspection import inspect
from tests.web import ORIGIN, Browser, Portal, running_portal

EMPLOYER, OTHER = "1999999943", "0999000228"
NAMES: Mapping[str, str] = {
    "employer": "Katrien Canarysmet", "enterprise": "Canarylogistiek NV", "other-employer": "Luc Canarylambert", "other-enterprise": "Ateliers Canary SRL",
    "mandatary": "Thomas Canarymaes", "office": "Canarymaes Advocaten BV", "ended-mandatary": "Nora Canaryidrissi", "ended-office": "Canaryidrissi SRL",
    "worker": "Rajesh Canarykumar", "other-worker": "Sofia Canarymarques", "official": "Ilse Canaryclaes",
}
PROVIDERS = """
[enterprises]
title = "Enterprises"
kind = "enterprise"
issuer = "http://127.0.0.1:9"
client_id = "window"
client_secret = "only-for-tests"
auth_method = "client_secret_post"
"""
ROLES = (
    "visitor", "employer", "other-employer", "mandatary", "ended-mandatary", "worker", "other-worker", "region", "other-region", "town", "other-town",
)
SEALED = ("opening", "rate", "session")
DOUBLE = str(UUID(int=11))


@dataclass(frozen=True)
class Stage:
    """The world as it was built once; each test gets a copy of its database."""

    database: Database
    settings: Mapping[str, str]
    tokens: Mapping[str, str]
    dossiers: Mapping[str, str]
    documents: Mapping[str, UUID]
    mandate: UUID
    invitation: str


@dataclass
class Visitor:
    """Somebody with a browser; every answer to him or her is inspected."""

    client: httpx.AsyncClient
    token: str

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, redirects not followed."""
        answer = await self.client.request(method, path, **more)
        inspect(answer)
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Open one page."""
        return await self.ask("GET", path, **more)

    async def post(self, path: str, data: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """Send a form with the token of this browser."""
        return await self.ask("POST", path, data={"csrf": self.token, **(data or {})}, **more)

    async def upload(self, path: str, name: str, content: bytes, *, token: str | None = None) -> httpx.Response:
        """Send a form with one file; the name goes out as it is."""
        boundary = "x" * 30
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{self.token if token is None else token}\r\n'.encode()]
        if content:
            parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'.encode()
                         + content + b"\r\n")
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return await self.ask("POST", path, content=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"})


@dataclass
class Play:
    """A copy of the stage with a portal that runs on it."""

    stage: Stage
    portal: Portal
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def visitor(self, role: str = "visitor", *, secret: str = "") -> Visitor:
        """Somebody in this role."""
        secret = secret or self.stage.tokens.get(role, "")
        transport = httpx.ASGITransport(app=self.portal.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"sec-fetch-site": "same-origin"}, timeout=30)
        self.clients.append(client)
        name, value = ("__Host-session", secret) if secret else ("__Host-visitor", secrets.token_urlsafe(32))
        client.cookies.set(name, value, domain="portal.example", path="/")
        return Visitor(client, mac(self.portal.settings, "form", value))

    def address(self, name: str, on: str = "draft", **params: str) -> str:
        """The English address of a named route, about one of the dossiers."""
        return address(self, name, key=self.stage.dossiers.get(on, on), document=str(self.stage.documents.get(on, uuid4())), **params)

    async def sums(self, *, without: tuple[str, ...] = SEALED) -> dict[str, str]:
        """A checksum of every table, those apart that a look may change."""
        tables = [row[0] for row in await self.portal.sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(:without) ORDER BY 1", without=list(without))]
        found = {one: (await self.portal.sql(f'SELECT coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), \'\') FROM "{one}" t'))[0][0]
                 for one in tables}
        if "session" in without:
            found["session"] = (await self.portal.sql(
                "SELECT md5(string_agg((to_jsonb(t) - 'seen_at')::text, chr(10) ORDER BY t.token_hash)) FROM session t"))[0][0]
        return found


def address(play: Play, name: str, **params: str) -> str:
    """The path of a route of the running router, with its language."""
    route = routes(play)[name]
    path = route[1]
    known = {"mandate": str(play.stage.mandate), "number": play.stage.dossiers["number"], "token": play.stage.invitation}
    for key, value in {**known, **params}.items():
        path = path.replace("{" + key + "}", value)
    return path if path.startswith(("/static", "/contract/v3", "/contract/authorities", "/health", "/backbone", "/.well-known", "/csp", "/favicon", "/robots", "/sign-in/callback", "/uploads", "/api/")) else "/en" + path


def routes(play: Play) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    """Method, path and options of every route by name, from the running router."""
    found: dict[str, tuple[str, str, Mapping[str, Any]]] = {}
    for route in play.portal.app.app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if handler.name:
                methods = handler.http_methods - {"OPTIONS", "HEAD"} or handler.http_methods
                found[handler.name] = (str(next(iter(methods))), route.path_format, handler.opt)
    return found


async def build(database: Database, engines: Engines, folder: Path, names: Mapping[str, str]) -> Stage:
    """Fill a database with people and dossiers, through the portal where it has a page for it."""
    (folder / "providers.toml").write_text(PROVIDERS)
    (folder / "keys.json").write_text('{"keys": []}')
    settings = {"providers_file": str(folder / "providers.toml"), "public_jwks_file": str(folder / "keys.json")}
    async with running_portal(database, engines, **settings) as portal:
        parties = await _parties(portal, names)
        sessions = {role: await portal.session_of(person, party, kind=kind) for role, (person, party, kind) in parties.items()}
        browsers = {role: portal.visitor(token) for role, token in sessions.items()}
        dossiers, documents = {}, {}
        for key, employer, worker in (("draft", "employer", "worker"), ("filed", "employer", "worker"), ("stranger", "other-employer", "other-worker")):
            dossiers[key], documents[key] = await _prepare(portal, browsers, parties, employer, worker, names)
        for key, employer, worker in (("filed", "employer", "worker"), ("stranger", "other-employer", "other-worker")):
            await _file(browsers, dossiers[key], employer, worker)
        mandate = await _open_doors(portal, parties, dossiers)
        answer = await browsers["region"].post(f"/en/dossiers/{dossiers['filed']}/steps/take-up", follow=False)
        assert answer.status_code == 303, answer.text
        dossiers["number"] = (await portal.sql("SELECT number FROM dossier WHERE id = :id", id=UUID(dossiers["filed"])))[0][0]
        invitation = await _invitation(portal, dossiers["draft"], parties["employer"][1])
        for browser in browsers.values():
            await browser.client.aclose()
    return Stage(database, settings, sessions, dossiers, documents, mandate, invitation)


async def _parties(portal: Portal, names: Mapping[str, str]) -> dict[str, tuple[UUID, UUID, str]]:
    found: dict[str, tuple[UUID, UUID, str]] = {}
    enterprises = (("employer", "enterprise", EMPLOYER), ("other-employer", "other-enterprise", OTHER), ("mandatary", "office", "0999000624"),
                   ("ended-mandatary", "ended-office", "0999000525"))
    for role, name, number in enterprises:
        person = await portal.party("person", names[role], email=f"{role}@canary.example")
        found[role] = (person, await portal.party("enterprise", names[name], number=number), "enterprise")
    for role in ("worker", "other-worker"):
        person = await portal.party("person", names[role], email=f"{role}@canary.example")
        found[role] = (person, person, "invited")
    for role, code in (("region", "flanders"), ("other-region", "brussels"), ("town", "municipality-11002"), ("other-town", "municipality-44021"),
                       ("clerk", "immigration-office"), ("operator", "operators")):
        person = await portal.party("person", names["official"])
        found[role] = (person, await portal.party("authority", names.get("authority", code), authority=code), "official")
    return found


async def _prepare(portal: Portal, browsers: Mapping[str, Browser], parties: Mapping[str, tuple[UUID, UUID, str]], employer: str, worker: str,
                   names: Mapping[str, str]) -> tuple[str, UUID]:
    """A draft in which every page is answered and every document is checked."""
    key = await begin(browsers[employer])
    await fill(browsers[employer], key, EMPLOYER_PAGES, worker_name={"worker_surname": "Canarykumar"})
    await join(portal, key, parties[worker][0], "worker")
    await fill(browsers[worker], key, WORKER_PAGES)
    first = uuid4()
    for code in (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS):
        giver = worker if code in WORKER_DOCUMENTS else employer
        await portal.sql(
            "INSERT INTO document (id, dossier_id, requirement, file_name, media_type, size, sha256, state, given_by, given_role, given_at) VALUES "
            "(:id, :dossier, :code, :name, 'application/pdf', 7, :hash, 'checked', :giver, :role, :now)",
            id=first if code == "contract" else uuid4(), dossier=UUID(key), code=code, name=names.get("file", f"canary {code}.pdf"), hash="0" * 64,
            giver=parties[giver][1], role=giver.removeprefix("other-"), now=now())
    return key, first


async def join(portal: Portal, dossier: str, party: UUID, role: str, *, ended: bool = False) -> None:
    """Relate a party to a dossier, now or until a moment ago."""
    instant = now()
    await portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at, ends_at) VALUES (:id, :dossier, :party, :role, :start, :end)",
                     id=uuid4(), dossier=UUID(dossier), party=party, role=role, start=instant - timedelta(hours=1), end=instant if ended else None)


async def _file(browsers: Mapping[str, Browser], key: str, employer: str, worker: str) -> None:
    answer = await browsers[worker].post(f"/en/dossiers/{key}/steps/confirm-worker-part", {"truth": "yes", "consent": "yes"}, follow=False)
    assert answer.status_code == 303, answer.text
    answer = await browsers[employer].post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check", follow=False)
    assert answer.status_code == 303, answer.text


async def _two_persons(portal: Portal, dossiers: Mapping[str, str]) -> None:
    """Two identities that officials of the Immigration Office have to compare."""
    pair = {"filed": UUID(int=12), "stranger": UUID(int=13)}
    for key, identity in pair.items():
        await portal.sql("INSERT INTO identity (id, created_at) VALUES (:id, :now)", id=identity, now=now())
        await portal.sql(
            "INSERT INTO identity_of_dossier (dossier_id, identity_id, provenance, particulars, at) VALUES (:dossier, :id, 'new', "
            "CAST(:particulars AS jsonb), :now)", dossier=UUID(dossiers[key]), id=identity, now=now(),
            particulars=json.dumps({"names": [{"kind": "legal", "surname": "Canarykumar", "given_names": "Rajesh"}], "born": {"year": 1990}, "documents": []}))
    await portal.sql(
        "INSERT INTO identity_double (id, identity_id, other_id, dossier_id, score, reasons, opened_at) VALUES (:id, :one, :other, :dossier, 90, '{}', :now)",
        id=UUID(DOUBLE), one=pair["filed"], other=pair["stranger"], dossier=UUID(dossiers["filed"]), now=now())


async def _open_doors(portal: Portal, parties: Mapping[str, tuple[UUID, UUID, str]], dossiers: Mapping[str, str]) -> UUID:
    """Mandates, one of them ended, the towns, and the stranger's own Region."""
    mandate, instant = uuid4(), now()
    for key in ("draft", "filed"):
        await join(portal, dossiers[key], parties["mandatary"][1], "mandatary")
        await join(portal, dossiers[key], parties["ended-mandatary"][1], "mandatary", ended=True)
    await portal.sql(
        "INSERT INTO mandate (id, dossier_id, mandator_id, mandatary_id, offered_by, starts_at, ends_at, offered_at, accepted_at, accepted_by) VALUES "
        "(:id, :dossier, :mandator, :office, :person, :start, :end, :start, :start, :lawyer)", id=mandate, dossier=UUID(dossiers["draft"]),
        mandator=parties["employer"][1], office=parties["mandatary"][1], person=parties["employer"][0], lawyer=parties["mandatary"][0],
        start=instant - timedelta(hours=1), end=instant + timedelta(days=30))
    await _two_persons(portal, dossiers)
    await join(portal, dossiers["filed"], parties["town"][1], "municipality")
    await join(portal, dossiers["stranger"], parties["other-town"][1], "municipality")
    await portal.sql("UPDATE participation SET party_id = :brussels WHERE dossier_id = :dossier AND role = 'region'",
                     brussels=parties["other-region"][1], dossier=UUID(dossiers["stranger"]))
    await portal.sql("UPDATE dossier SET region = 'brussels', municipality = 'municipality-44021' WHERE id = :dossier", dossier=UUID(dossiers["stranger"]))
    await portal.sql("UPDATE dossier SET municipality = 'municipality-11002' WHERE id = :dossier", dossier=UUID(dossiers["filed"]))
    return mandate


async def _invitation(portal: Portal, dossier: str, employer: UUID) -> str:
    token = secrets.token_hex(32)
    await portal.sql("INSERT INTO invitation (id, token_hash, dossier_id, purpose, email, locale, invited_by, created_at, expires_at) VALUES "
                     "(:id, :hash, :dossier, 'join', 'worker@canary.example', 'en', :by, :now, :end)", id=uuid4(), hash=hash_of(token),
                     dossier=UUID(dossier), by=employer, now=now(), end=now() + timedelta(days=7))
    # The same secret opens both kinds of link: what is tried with it is told apart by the address of the page.
    await portal.sql("INSERT INTO second_address (id, token_hash, dossier_id, party_id, email, locale, asked_by, asked_at, expires_at) VALUES "
                     "(:id, :hash, :dossier, :by, 'second@canary.example', 'en', :by, :now, :end)", id=uuid4(), hash=hash_of(token),
                     dossier=UUID(dossier), by=employer, now=now(), end=now() + timedelta(days=7))
    return token


def stage_of(engines: Engines, folder: Path, names: Mapping[str, str] = NAMES) -> Iterator[Stage]:
    """Build a stage, and take it down at the end; for fixtures that live longer than one event loop."""
    database = engines.new_database()
    yield asyncio.run(build(database, engines, folder, names))
    engines.drop(database)


@asynccontextmanager
async def playing(stage: Stage, engines: Engines) -> AsyncIterator[Play]:
    """A copy of the stage for one test."""
    database = engines.new_database(stage.database.name)
    try:
        async with running_portal(database, engines, **stage.settings) as portal:
            # However long ago the stage was built, nobody has been idle.
            await portal.sql("UPDATE session SET seen_at = :now", now=now())
            play = Play(stage, portal)
            yield play
            for client in play.clients:
                await client.aclose()
    finally:
        engines.drop(database)
