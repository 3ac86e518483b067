"""Someone with a draft and the token of one of its slots: what tests of uploads begin with, and a plain tus client."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from frontoffice.documents.grants import upload_grant
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of
from frontoffice.parties.actor import Actor
from frontoffice.routes import QUEUED
from tests.engines import Database, Engines
from tests.scene import JOBS, Scene, a_scene
from tests.web import ORIGIN, Portal, running_portal

TUS = {"tus-resumable": "1.0.0"}
BYTES = {"content-type": "application/offset+octet-stream"}


def b64(text: str | bytes) -> str:
    """As tus writes names and sums."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def said(**pairs: str) -> dict[str, str]:
    """The header that describes a file."""
    return {"upload-metadata": ",".join(f"{key} {b64(value)}" for key, value in pairs.items())}


@dataclass
class Desk:
    """A portal, its jobs, and an employer with a draft."""

    portal: Portal
    scene: Scene
    actor: Actor
    dossier: UUID
    secret: str
    client: httpx.AsyncClient

    def token(self, *, requirement: str = "contract", secret: str = "", hours: float = 1, dossier: UUID | None = None) -> str:
        """The bearer token of a slot."""
        expires = now() + timedelta(hours=hours)
        return upload_grant(self.portal.settings, dossier or self.dossier, requirement, hash_of(secret or self.secret), expires)

    def headers(self, token: str = "") -> dict[str, str]:
        """What every request of a tus client carries."""
        return {**TUS, "authorization": f"Bearer {token or self.token()}"}

    async def ask(self, method: str, path: str = "/uploads", headers: Mapping[str, Any] | None = None, *, token: str = "", content: Any = None) -> httpx.Response:
        """One request of the protocol."""
        return await self.client.request(method, path, headers={**self.headers(token), **(headers or {})}, content=content)

    async def create(self, size: int, name: str = "contract.pdf", *, token: str = "", **more: str) -> str:
        """An upload that begins: its address."""
        answer = await self.ask("POST", headers={"upload-length": str(size), **said(filename=name, filetype="application/pdf", **more)}, token=token)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    async def patiently(self, method: str, path: str, headers: Mapping[str, Any], content: Any = None) -> httpx.Response:
        """The same as often as it takes while something is away or overloaded."""
        for _try in range(600):
            answer = await self.ask(method, path, headers, content=content)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.1)
        raise AssertionError("it stayed away")

    async def send(self, where: str, offset: int, content: Any, **headers: str) -> httpx.Response:
        """A stretch of bytes."""
        return await self.ask("PATCH", where, {**BYTES, "upload-offset": str(offset), **headers}, content=content)

    async def offset(self, where: str) -> int:
        """How far the server says that it is."""
        return int((await self.ask("HEAD", where)).headers["upload-offset"])

    async def document(self, where: str) -> Any:
        """The row behind an upload."""
        rows = await self.scene.sql("SELECT * FROM document WHERE id = :id", id=UUID(where.rsplit("/", 1)[1]))
        return rows[0]

    async def checked(self, where: str, content: bytes) -> None:
        """Run the check, and see that the authority would get these very bytes."""
        await self.scene.run("documents:check")
        row = await self.document(where)
        assert (row.state, row.sha256, row.size) == ("checked", hashlib.sha256(content).hexdigest(), len(content)), row.reason
        clean = b"".join([one async for one in self.scene.storage.open(self.scene.storage.clean, str(row.id), expected_sha256=row.sha256)])
        assert clean == content

    async def left(self) -> tuple[int, int]:
        """Unfinished uploads and stretches in the tables."""
        return await self.scene.value("SELECT count(*) FROM upload"), await self.scene.value("SELECT count(*) FROM segment")


@asynccontextmanager
async def a_desk(database: Database, engines: Engines, folder: Path, **changes: str) -> AsyncIterator[Desk]:
    """A desk on this database; `changes` are settings of the portal."""
    async with a_scene(database, engines, folder) as scene, running_portal(database, engines, **changes) as portal:
        # The portal may queue what its pages ask for; jobs that run here queue others.
        make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
        actor = await scene.employer()
        dossier = await scene.draft(actor)
        secret = await portal.session_of(actor.person_id, actor.party_id)
        transport = httpx.ASGITransport(app=portal.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=portal.settings.public_url or ORIGIN, timeout=60) as client:
            yield Desk(portal, scene, actor, dossier, secret, client)


def pieces(content: bytes, size: int = 65536) -> Iterator[bytes]:
    """The same bytes, bit by bit."""
    for start in range(0, len(content), size):
        yield content[start:start + size]


async def slowly(content: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    """The same for a body that is sent while it is made."""
    for piece in pieces(content, size):
        yield piece


def a_pdf(size: int = 0) -> bytes:
    """A good PDF of about so many bytes that nobody could make smaller."""
    import io
    import random

    import pikepdf

    file, noise = io.BytesIO(), random.Random(size).randbytes(max(0, size - 1000))
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        if noise:
            pdf.Root.Noise = pdf.make_indirect(pikepdf.Stream(pdf, noise))
        pdf.save(file, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return file.getvalue()
