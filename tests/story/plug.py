"""A line between the portal and an engine that can be pulled out, put back, or held still; both ends stay as they are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.ports import own_port

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Plug:
    """Listens on a port of its own and passes on what comes, while it is in."""

    connect: Callable[[], Awaitable[Ends]]
    port: int = field(default_factory=own_port)
    still: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _lines: set[asyncio.Task[None]] = field(default_factory=set)

    async def put_in(self) -> None:
        """Pass on what comes; the port is the same each time."""
        self.still.set()
        self._server = await asyncio.start_server(self._line, "127.0.0.1", self.port)

    async def pull(self) -> None:
        """Cut every line; nobody answers on the port any more."""
        if self._server:
            self._server.close()
        for one in self._lines:
            one.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        self._server = None

    def hold(self) -> None:
        """Let nothing pass, and cut nothing."""
        self.still.clear()

    def let_go(self) -> None:
        """Pass on what waits."""
        self.still.set()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._lines.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await self.connect()
            await asyncio.gather(self._pass(reader, far), self._pass(far_reader, writer))
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            self._lines.discard(task)
            for one in (writer, far):
                if one:
                    one.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(65536):
            await self.still.wait()
            target.write(piece)
            await target.drain()
        with suppress(OSError):
            target.write_eof()


@asynccontextmanager
async def plugged_into_socket(path: Path) -> AsyncIterator[Plug]:
    """A line to a Unix socket."""
    async for plug in _plugged(lambda: asyncio.open_unix_connection(path)):
        yield plug


@asynccontextmanager
async def plugged_into(address: str) -> AsyncIterator[Plug]:
    """A line to an address such as http://127.0.0.1:8333."""
    parts = urlsplit(address)
    async for plug in _plugged(lambda: asyncio.open_connection(parts.hostname, parts.port)):
        yield plug


async def _plugged(connect: Callable[[], Awaitable[Ends]]) -> AsyncIterator[Plug]:
    plug = Plug(connect)
    await plug.put_in()
    try:
        yield plug
    finally:
        await plug.pull()
