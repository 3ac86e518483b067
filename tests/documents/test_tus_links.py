"""Uploads on bad days: cut links, a server that is killed, storage and database that go away; every file arrives as it was sent."""

import asyncio
import io
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tusclient.client import TusClient

from frontoffice.settings import Settings
from tests.documents.sending import BYTES, Desk, a_desk, a_pdf, said, slowly
from tests.engines import Database, Engines
from tests.ports import own_port
from tests.story.plug import Plug, plugged_into, plugged_into_socket

_ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """The portal in a process of its own, that may be killed and started again at the same address."""

    settings: Settings
    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    async def start(self) -> None:
        environment = {one.metadata["variable"]: getattr(self.settings, one.name) for one in fields(self.settings)}
        command = [sys.executable, "-m", "frontoffice.cli", "serve", "--port", str(self.port), "--download-port", str(own_port())]
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=_ROOT, stderr=subprocess.DEVNULL)
        host = urlsplit(self.settings.public_url).netloc
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            for _try in range(1200):
                try:
                    await client.get(f"http://127.0.0.1:{self.port}/health", headers={"host": host})
                    return
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        raise AssertionError("the server did not start")

    async def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(self.process.wait)


@dataclass
class Line:
    """A desk whose owner reaches a real server over a line that can be cut."""

    desk: Desk
    server: Server
    plug: Plug
    client: httpx.AsyncClient

    @property
    def address(self) -> str:
        return self.server.settings.public_url

    def headers(self) -> dict[str, str]:
        return {"tus-resumable": "1.0.0", "authorization": f"Bearer {self.desk.token()}"}

    async def ask(self, method: str, where: str, headers: dict[str, str], content: Any = None) -> httpx.Response | None:
        """One request; nothing when the link was cut."""
        try:
            return await self.client.request(method, where, headers={**self.headers(), **headers}, content=content)
        except httpx.HTTPError:
            return None

    async def bring(self, content: bytes, name: str = "contract.pdf", *, piece: int = 30_000, pause: float = 0.0) -> str:
        """A file, however often the link is cut; its address."""
        where, tries = "", 0
        while True:
            tries += 1
            # While the server is away each try takes no time; how long all of it may take is for whoever waits to say.
            assert tries < 10_000, "it never ended"
            if not where:
                made = await self.ask("POST", "/uploads", {"upload-length": str(len(content)), **said(filename=name, key=name)})
                where = made.headers["location"] if made is not None and made.status_code == 201 else ""
            head = await self.ask("HEAD", where, {}) if where else None
            if head is None or head.status_code != 200:
                await asyncio.sleep(0.05)
                continue
            offset = int(head.headers["upload-offset"])
            if offset == len(content):
                return where
            await self.ask("PATCH", where, {**BYTES, "upload-offset": str(offset)}, _with_pauses(content[offset:], piece, pause))


async def _with_pauses(content: bytes, piece: int, pause: float) -> AsyncIterator[bytes]:
    async for one in slowly(content, piece):
        yield one
        if pause:
            await asyncio.sleep(pause)


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(fresh_database, engines, tmp_path) as desk:
        yield desk


@pytest.fixture
async def line(desk: Desk) -> AsyncIterator[Line]:
    port = own_port()
    async with plugged_into(f"http://127.0.0.1:{port}") as plug:
        address = f"http://127.0.0.1:{plug.port}"
        server = Server(replace(desk.portal.settings, public_url=address, cookie_suffix=f"-{port}"), port)
        await server.start()
        try:
            async with httpx.AsyncClient(base_url=address, timeout=httpx.Timeout(30, connect=2), trust_env=False) as client:
                yield Line(desk, server, plug, client)
        finally:
            await server.kill()


def by_tuspy(line: Line, content: bytes, *, stop_at: int | None = None, url: str | None = None, checksum: bool = False) -> str:
    """A file, or the rest of it, as the tus client of the Python world brings it; its address."""
    client = TusClient(f"{line.address}/uploads", headers={"Authorization": line.headers()["authorization"]})
    metadata = {"filename": "by tuspy.pdf", "filetype": "application/pdf"}
    uploader = client.uploader(file_stream=io.BytesIO(content), chunk_size=1_000_000, url=url, metadata=metadata, retries=20, retry_delay=0, upload_checksum=checksum)
    uploader.upload(stop_at=stop_at)
    return str(uploader.url)


async def test_tuspy_uploads_and_resumes(line: Line) -> None:
    content = a_pdf(3_500_000)
    where = await asyncio.to_thread(by_tuspy, line, content, stop_at=1_500_000)
    shown = await line.ask("HEAD", where, {})
    assert shown and shown.headers["upload-offset"] == "1500000" and (await line.desk.document(where)).state == "uploading"
    assert await asyncio.to_thread(by_tuspy, line, content, url=where) == where
    await line.desk.checked(where, content)
    with_sums = await asyncio.to_thread(by_tuspy, line, content, checksum=True)
    await line.desk.checked(with_sums, content)


@pytest.mark.parametrize("seed", range(3))
async def test_a_link_that_is_cut_at_any_moment_only_delays(line: Line, seed: int) -> None:
    content, chance = a_pdf(6_000_000 + seed), random.Random(seed)
    bringing = asyncio.create_task(line.bring(content, pause=0.004))
    for _cut in range(5):
        await asyncio.sleep(chance.uniform(0.02, 0.6))
        await line.plug.pull()
        await asyncio.sleep(chance.uniform(0, 0.2))
        await line.plug.put_in()
    where = await asyncio.wait_for(bringing, 240)
    await line.desk.checked(where, content)
    assert await line.desk.left() == (0, 0)
    assert await line.desk.scene.value("SELECT count(*) FROM document") == 1


async def test_a_server_that_is_killed_goes_on_where_it_stopped(line: Line) -> None:
    content = a_pdf(16_000_000)
    bringing = asyncio.create_task(line.bring(content, pause=0.01))
    await until(lambda: _stored(line.desk), 0)
    await line.server.kill()
    kept = await _stored(line.desk)
    assert 0 < kept < len(content) and kept == await line.desk.scene.value("SELECT sum(size) FROM segment")
    await line.server.start()
    where = await asyncio.wait_for(bringing, 240)
    await line.desk.checked(where, content)
    rows = await line.desk.scene.sql("SELECT state FROM document_change ORDER BY id")
    assert [one.state for one in rows] == ["uploading", "received", "checking", "checked"]


async def _stored(desk: Desk) -> int:
    return int(await desk.scene.value("SELECT coalesce(max(stored), 0) FROM upload"))


async def until(measure: Any, more_than: int) -> None:
    for _try in range(600):
        if await measure() > more_than:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to that")


@asynccontextmanager
async def _over_plugs(database: Database, engines: Engines, folder: Path) -> AsyncIterator[tuple[Desk, Plug, Plug]]:
    """A desk whose portal reaches PostgreSQL and S3 through lines that can be pulled out."""
    async with plugged_into_socket(next(engines.cluster.sockets.glob(".s.PGSQL.*[0-9]"))) as tables, plugged_into(engines.s3_endpoint) as objects:
        changes = {"database_url": f"postgresql+psycopg://frontoffice_web@127.0.0.1:{tables.port}/{database.name}", "s3_endpoint": f"http://127.0.0.1:{objects.port}"}
        async with a_desk(database, engines, folder, **changes) as desk:
            yield desk, tables, objects


@pytest.fixture
async def plugs(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[tuple[Desk, Plug, Plug]]:
    async with _over_plugs(fresh_database, engines, tmp_path) as found:
        yield found


async def test_storage_that_is_away_before_during_and_after_loses_nothing(plugs: tuple[Desk, Plug, Plug]) -> None:
    desk, _tables, objects = plugs
    content = a_pdf(12_000_000)
    await objects.pull()
    where = await desk.create(len(content))
    before = await desk.send(where, 0, content[:1_000_000])
    assert before.status_code == 503 and before.headers["retry-after"] and await desk.offset(where) == 0
    assert await desk.scene.value("SELECT count(*) FROM segment") == 0
    await objects.put_in()

    async def body() -> AsyncIterator[bytes]:
        yield content[:6_000_000]
        await until(lambda: _stored(desk), 0)
        await objects.pull()
        yield content[6_000_000:]

    assert (await desk.send(where, 0, body())).status_code == 503
    offset = await desk.offset(where)
    assert offset == await desk.scene.value("SELECT sum(size) FROM segment") and 0 < offset < len(content)
    await objects.put_in()
    assert (await desk.send(where, offset, content[offset:])).status_code == 204
    # Away after it: nobody notices, the check has a line of its own.
    await objects.pull()
    assert await desk.offset(where) == len(content)
    await desk.checked(where, content)


async def test_a_database_that_is_restarted_loses_nothing(plugs: tuple[Desk, Plug, Plug]) -> None:
    desk, tables, _objects = plugs
    content, halfway = a_pdf(16_000_000), asyncio.Event()
    where = await desk.create(len(content))

    async def body() -> AsyncIterator[bytes]:
        yield content[:6_000_000]
        await until(lambda: _stored(desk), 0)
        await tables.pull()
        halfway.set()
        yield content[6_000_000:]

    sending = asyncio.create_task(desk.send(where, 0, body()))
    await halfway.wait()
    assert (await desk.ask("HEAD", where)).status_code == 503
    assert (await desk.ask("POST", headers={"upload-length": "5"})).status_code == 503
    assert (await sending).status_code == 503
    await tables.put_in()
    offset = await desk.offset(where)
    assert offset == await desk.scene.value("SELECT sum(size) FROM segment") and 0 < offset < len(content)
    assert (await desk.send(where, offset, content[offset:])).status_code == 204
    await desk.checked(where, content)


@asynccontextmanager
async def _a_full_storage(status: str) -> AsyncIterator[str]:
    """An S3 whose disk is full: it takes every byte and keeps none."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower():
                length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
                if "100-continue" in head:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await reader.readexactly(length)
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=2**20)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize("status", ["507 Insufficient Storage", "500 Internal Server Error"])
async def test_a_storage_that_is_full_keeps_nothing_by_half(fresh_database: Database, engines: Engines, tmp_path: Path, status: str) -> None:
    async with _a_full_storage(status) as address, a_desk(fresh_database, engines, tmp_path, s3_endpoint=address) as desk:
        where = await desk.create(7_000_000)
        answer = await desk.send(where, 0, bytes(7_000_000))
        assert answer.status_code == 503 and answer.headers["retry-after"]
        assert await desk.offset(where) == 0 and await desk.left() == (1, 0)
        browser = desk.portal.visitor(desk.secret)
        path = f"/en/dossiers/{desk.dossier}/documents/contract"
        form = await browser.client.post(path, data={"csrf": await browser.token(path)}, files={"file": ("a.pdf", bytes(7_000_000), "application/pdf")})
        assert form.status_code == 503 and await desk.scene.value("SELECT count(*) FROM document") == 1
        await browser.client.aclose()
