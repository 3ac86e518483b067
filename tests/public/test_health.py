"""Health as a load balancer asks for it: real database and storage, present and absent."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest

from frontoffice.kernel.database import make_engine
from frontoffice.kernel.health import Checkup
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from tests.documents.scanners import scripted
from tests.engines import Database, Engines
from tests.storages import storage_as
from tests.web import ORIGIN, Portal, running_portal

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers at all may take the time that a busy machine needs; that a silent one is given up is seen where each is tested."""
    for name in ("storage.HEALTH_SECONDS", "health._PATIENCE", "scanner.CONNECT_SECONDS"):
        monkeypatch.setattr(f"frontoffice.kernel.{name}", 60.0)


@pytest.fixture
async def portal(fresh_database: Database, engines: Engines) -> AsyncIterator[Portal]:
    async with running_portal(fresh_database, engines) as running, storage_as(engines, "web"):
        yield running


async def test_up_says_nothing_more(portal: Portal) -> None:
    answer = await portal.visitor().client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "UP"})
    assert "set-cookie" not in answer.headers


async def test_without_storage_degraded(fresh_database: Database, engines: Engines) -> None:
    async with running_portal(fresh_database, engines, s3_endpoint="http://127.0.0.1:9") as portal:
        answer = await portal.visitor().client.get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "DEGRADED"})


async def test_without_the_scanner_that_is_configured_degraded(fresh_database: Database, engines: Engines) -> None:
    async with storage_as(engines, "web"), running_portal(fresh_database, engines, clamav="tcp://127.0.0.1:9") as portal:
        answer = await portal.visitor().client.get("/health")
        assert (answer.status_code, answer.json()) == (200, {"status": "DEGRADED"})
        transport = httpx.ASGITransport(app=portal.app, client=("127.0.0.1", 1234))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as asking:
            assert (await asking.get("/health/ready")).json() == {"status": "DEGRADED", "database": "UP", "storage": "UP", "scanner": "DOWN"}


@pytest.mark.parametrize(("answer", "status"), [(b"PONG\0", "UP"), (b"PONK\0", "DEGRADED"), (b"", "DEGRADED")])
async def test_a_scanner_is_asked_for_a_sign_of_life(answer: bytes, status: str, fresh_database: Database, engines: Engines) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zPING\0"
        writer.write(answer)
        await writer.drain()
        await asyncio.sleep(0.05)

    async with scripted(behave) as address, storage_as(engines, "web"), running_portal(fresh_database, engines, clamav=address) as portal:
        assert (await portal.visitor().client.get("/health")).json() == {"status": status}


async def test_without_database_down(fresh_database: Database, engines: Engines) -> None:
    async with running_portal(fresh_database, engines, database_url="postgresql+psycopg://nobody:@127.0.0.1:9/none") as portal:
        answer = await portal.visitor().client.get("/health")
        assert (answer.status_code, answer.json()) == (503, {"status": "DOWN"})


@pytest.mark.parametrize(("client", "headers", "status"), [
    ("127.0.0.1", {}, 200), ("::1", {}, 200), ("192.0.2.1", {}, 404), ("127.0.0.1", {"x-forwarded-for": "192.0.2.1"}, 404),
    ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, 404), ("unix", {}, 404),
])
async def test_details_are_for_this_machine(portal: Portal, client: str, headers: dict[str, str], status: int) -> None:
    transport = httpx.ASGITransport(app=portal.app, client=(client, 1234))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as asking:
        answer = await asking.get("/health/ready", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert answer.json() == {"status": "UP", "database": "UP", "storage": "UP"}


async def test_an_answer_is_kept_for_five_seconds(shared_database: Database) -> None:
    asked: list[int] = []

    async def check() -> None:
        asked.append(1)

    engine = make_engine(shared_database.web)
    checkup = Checkup(engine, SimpleNamespace(check=check))  # type: ignore[arg-type]
    for seconds, times in ((0, 1), (4.9, 1), (5, 2), (9, 2), (11, 3)):
        with stopped_at(NOON + timedelta(seconds=seconds)):
            await asyncio.gather(*(checkup.health() for _one in range(10)))
        assert len(asked) == times
    await engine.dispose()
