"""The portal in this process, real PostgreSQL and S3 behind it, and people who are signed in."""

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from frontoffice.app import create_app
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of
from frontoffice.settings import Settings
from tests.engines import Database, Engines

ORIGIN = "https://portal.example"


def settings_for(database: Database, engines: Engines, **changes: str) -> Settings:
    """Settings of a portal under test; what it must not reach points at closed ports."""
    s3 = engines.s3("web")
    values = {
        "database_url": database.web, "public_url": ORIGIN, "download_url": "https://download.example", "secret_key": "s" * 40, "cookie_suffix": "",
        "s3_endpoint": s3.s3_endpoint, "s3_region": s3.s3_region, "s3_quarantine": s3.s3_quarantine, "s3_clean": s3.s3_clean,
        "s3_access_key": s3.s3_access_key, "s3_secret_key": s3.s3_secret_key, "smtp_url": "smtp://127.0.0.1:9", "mail_from": "window@portal.example",
        "providers_file": "", "backbone_url": "http://127.0.0.1:9", "backbone_jwks_url": "http://127.0.0.1:9/jwks", "backbone_issuer": "https://backbone.example",
        "issuer": ORIGIN, "public_jwks_file": "", "signing_key_file": "", "seal_key_file": "", "seal_certificate_file": "", "clamav": "", **changes,
    }
    return Settings(**values)


@dataclass
class Portal:
    """A running portal: make clients for people, and look behind it with the owner's engine."""

    settings: Settings
    app: Any
    engine: AsyncEngine

    async def sql(self, statement: str, **params: object) -> list[Any]:
        """Run a statement as a role that the policies do not bind."""
        async with transaction(self.engine) as session:
            result = await session.execute(text(statement), params)
            return list(result.all()) if result.returns_rows else []

    async def party(self, kind: str, name: str, *, number: str | None = None, authority: str | None = None, email: str | None = None) -> UUID:
        """A party of that number or code, made when it is new."""
        rows = await self.sql("SELECT greet_party(:id, :kind, :name, :number, :authority, :email, 'en')", id=uuid4(), kind=kind, name=name,
                              number=number, authority=authority, email=email)
        return UUID(str(rows[0][0]))

    async def session_of(self, person: UUID, party: UUID, *, kind: str = "enterprise", idle: int = 3600) -> str:
        """A live session; the secret that its cookie holds."""
        token = secrets.token_urlsafe(32)
        await self.sql(
            "INSERT INTO session (token_hash, person_id, party_id, kind, idle_seconds, created_at, seen_at, ends_at) "
            "VALUES (:hash, :person, :party, :kind, :idle, :now, :now, :end)",
            hash=hash_of(token), person=person, party=party, kind=kind, idle=idle, now=now(), end=now() + timedelta(hours=12),
        )
        return token

    def visitor(self, token: str = "") -> "Browser":
        """A browser, signed in when it holds the secret of a session."""
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False), base_url=ORIGIN,
                                   headers={"sec-fetch-site": "same-origin"}, timeout=30)
        if token:
            client.cookies.set("__Host-session", token, domain="portal.example", path="/")
        return Browser(client)

    async def employer(self, name: str = "Katrien De Smet", enterprise: str = "Havenlogistiek Antwerpen NV", number: str = "1999999943") -> "Browser":
        """Someone who acts for an enterprise."""
        person = await self.party("person", name)
        return self.visitor(await self.session_of(person, await self.party("enterprise", enterprise, number=number)))

    async def official(self, code: str, name: str = "Els Peeters") -> "Browser":
        """Someone who works for an authority."""
        person = await self.party("person", name)
        return self.visitor(await self.session_of(person, await self.party("authority", code, authority=code), kind="official", idle=900))

    async def worker(self, dossier: str, name: str = "Rajesh Kumar", email: str = "rajesh.kumar@worker.example") -> "Browser":
        """A worker who accepted the invitation to a dossier (its UUID)."""
        person = await self.party("person", name, email=email)
        await self.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) VALUES (:id, :dossier, :person, 'worker', :now)",
                       id=uuid4(), dossier=UUID(dossier), person=person, now=now())
        return self.visitor(await self.session_of(person, person, kind="invited"))


@dataclass
class Browser:
    """What a person does without script: reads pages, follows redirects, sends forms with the token of the page."""

    client: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page; redirects are followed."""
        return await self.client.get(path, follow_redirects=True, **more)

    async def token(self, path: str = "/en") -> str:
        """The form token of a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get(path)).text)
        assert found, f"no form on {path}"
        return found.group(1)

    async def post(self, path: str, data: Mapping[str, str] | None = None, *, page: str = "", follow: bool = True) -> httpx.Response:
        """Send a form as the page that shows it would; `page` when that is another address."""
        shown = (await self.get(page or path)).text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
        return await self.client.post(path, data={**fields, **(data or {})}, follow_redirects=follow)


@asynccontextmanager
async def running_portal(database: Database, engines: Engines, **changes: str) -> AsyncIterator[Portal]:
    """A portal on a database of its own."""
    settings = settings_for(database, engines, **changes)
    app = create_app(settings)
    engine = make_engine(database.jobs)
    try:
        yield Portal(settings, app, engine)
    finally:
        await engine.dispose()
        await app.app.state.engine.dispose()
        app.app.state.storage.close()
