"""ClamAV for the tests: the real daemon where it is installed, and one that misbehaves as it is told."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from frontoffice.local.processes import Supervisor
from frontoffice.local.scanner import clamd, scanner_programs
from tests.ports import own_port

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def running_clamd() -> Iterator[str]:
    """The address of the real scanner; the test is skipped where ClamAV is not installed."""
    if clamd() is None:
        pytest.skip("ClamAV is not installed (apt-get install clamav-daemon)")
    folder, port = Path(tempfile.mkdtemp(prefix="scanner-")), own_port()
    supervisor = Supervisor(folder / "logs")
    try:
        supervisor.start(*scanner_programs(folder / "scanner", port))
        yield f"tcp://127.0.0.1:{port}"
    finally:
        supervisor.stop()
        shutil.rmtree(folder)


@asynccontextmanager
async def scripted(behaviour: Behaviour) -> AsyncIterator[str]:
    """The address of a scanner that does this with every caller."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behaviour(reader, writer)
        except (ConnectionError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def taken(reader: asyncio.StreamReader) -> bytes:
    """The file that a caller sends."""
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    content = b""
    while size := int.from_bytes(await reader.readexactly(4)):
        content += await reader.readexactly(size)
    return content


def saying(answer: bytes) -> Behaviour:
    """Takes the whole file and says this."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await taken(reader)
        writer.write(answer)
        await writer.drain()
        await asyncio.sleep(0.05)  # what was said arrives before the end

    return behave
