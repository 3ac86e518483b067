"""A slow line between one browser and the portal, which breaks when so many bytes have passed, and comes back by itself."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PIECE = 65536


@dataclass
class Link:
    """The browser takes it for its proxy. `cuts` are the numbers of bytes sent at which every line breaks, for `gone` seconds.

    Once `holds_at` bytes were sent nothing more passes until it is 0 again: what is done in the middle then happens in the middle."""

    portal: str
    rate: int = 6_000_000
    cuts: list[int] = field(default_factory=list)
    gone: float = 1.5
    holds_at: int = 0
    sent: int = 0
    broken: int = 0
    port: int = 0
    _dead_until: float = 0.0
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, ready: Callable[[asyncio.AbstractEventLoop, asyncio.Event], None]) -> None:
        """Pass on what comes, until the event is set that `ready` is given."""
        over = asyncio.Event()
        async with await asyncio.start_server(self._line, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            ready(asyncio.get_running_loop(), over)
            await over.wait()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        try:
            if time.monotonic() >= self._dead_until:
                parts = urlsplit(self.portal)
                far_reader, far = await asyncio.open_connection(parts.hostname, parts.port)
                ends.add(far)
                self._lines |= ends
                await asyncio.gather(self._pass(reader, far, slow=True), self._pass(far_reader, writer))
        except OSError:
            pass
        finally:
            self._lines -= ends
            for one in ends:
                one.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, slow: bool = False) -> None:
        while piece := await source.read(_PIECE):
            if slow:
                while 0 < self.holds_at <= self.sent:  # noqa: ASYNC110 - it is let go by another thread
                    await asyncio.sleep(0.02)
                self.sent += len(piece)
                await asyncio.sleep(len(piece) / self.rate)
                if self.cuts and self.sent >= self.cuts[0]:
                    self._break()
            target.write(piece)
            await target.drain()
        with suppress(OSError):
            target.write_eof()

    def _break(self) -> None:
        self.cuts.pop(0)
        self.broken += 1
        self._dead_until = time.monotonic() + self.gone
        for one in self._lines:
            one.transport.abort()


@contextmanager
def a_link(portal: str, *cuts: int) -> Iterator[Link]:
    """A line to the portal, kept by a thread of its own."""
    link, begun = Link(portal, cuts=list(cuts)), queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]]()
    thread = threading.Thread(target=lambda: asyncio.run(link.serve(lambda *both: begun.put(both))), daemon=True)
    thread.start()
    loop, over = begun.get(timeout=60)
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
