"""Brings the bytes of a file into quarantine, stretch by stretch, each an object of its own; and puts them together again."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from frontoffice.kernel.storage import Storage

SEGMENT_BYTES: Final = 5 * 1024 * 1024
# With memory short, or over a slow link, a stretch goes out as soon as it is worth a request.
LEAST_BYTES: Final = 512 * 1024
SECONDS: Final = 5.0
ON_THE_WAY: Final = 2


@dataclass(frozen=True)
class StoredSegment:
    """A stretch that is safely in quarantine: `starts_at` and `size` in bytes, `sha256` in hexadecimal."""

    key: UUID
    starts_at: int
    size: int
    sha256: str


class Memory:
    """How many bytes of uploads this process holds at the moment, and how many it should hold at most."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    @property
    def is_short(self) -> bool:
        """Whether uploads should give up what they hold as soon as it is worth it."""
        return self.held > self.most


MEMORY: Final = Memory(32 * 1024 * 1024)


async def store(storage: Storage, chunks: AsyncIterator[bytes], *, starts_at: int = 0) -> AsyncGenerator[StoredSegment]:
    """Put what comes into quarantine and give each stretch, in order, as soon as it is safe there.

    When the source fails, what came before is still stored and given; then its failure is raised. Raises Unavailable when storage
    is away: what was not given by then is not safe."""
    way = _Way(storage)
    # Beside the caller, who writes down what is safe while more comes in.
    cutting = asyncio.create_task(_cut(chunks, way, starts_at))
    try:
        while (put := await way.begun.get()) is not None:
            # Whoever is cut off while waiting for it must not cut it off.
            yield await asyncio.shield(put)
        await cutting
    finally:
        cutting.cancel()
        # What was begun ends by itself: a put that is cut would leave its bytes counted.
        await asyncio.gather(cutting, *way.puts, return_exceptions=True)


class _Way:
    """The stretches of one file on their way to storage: a few at a time, given in the order in which they were cut."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.begun = asyncio.Queue[asyncio.Task[StoredSegment] | None]()
        self.puts: list[asyncio.Task[StoredSegment]] = []
        self._room = asyncio.Semaphore(ON_THE_WAY)

    async def send(self, starts_at: int, body: bytearray) -> None:
        """Begin to put a stretch, once there is room for it."""
        try:
            if MEMORY.is_short and self.puts:
                # Then one at a time: what waits here is not read from its sender.
                await asyncio.wait(self.puts[-1:])
            await self._room.acquire()
        except asyncio.CancelledError:
            MEMORY.held -= len(body)
            raise
        put = asyncio.create_task(self._put(starts_at, body))
        self.puts.append(put)
        self.begun.put_nowait(put)

    async def _put(self, starts_at: int, body: bytearray) -> StoredSegment:
        key = uuid4()
        try:
            stored = await self.storage.put(str(key), body)
        finally:
            MEMORY.held -= len(body)
            self._room.release()
        return StoredSegment(key, starts_at, stored.size, stored.sha256)


async def _cut(chunks: AsyncIterator[bytes], way: _Way, begins: int) -> None:
    """Cut what comes into stretches and send each on its way; the last one too when the source fails, before its failure is raised."""
    filling, begun, failure = bytearray(), time.monotonic(), None
    try:
        try:
            async for chunk in chunks:
                filling += chunk
                MEMORY.held += len(chunk)
                if _is_due(len(filling), begun):
                    body, filling = filling, bytearray()
                    await way.send(begins, body)
                    begins, begun = begins + len(body), time.monotonic()
        except Exception as error:
            failure = error
        if filling:
            body, filling = filling, bytearray()
            await way.send(begins, body)
    finally:
        MEMORY.held -= len(filling)
        way.begun.put_nowait(None)
    if failure:
        raise failure


def _is_due(size: int, begun: float) -> bool:
    """Whether a stretch goes out: it is full, or memory is short, or over a slow link it would be a pity to lose it."""
    return size >= SEGMENT_BYTES or (size >= LEAST_BYTES and (MEMORY.is_short or time.monotonic() - begun > SECONDS))


async def joined(storage: Storage, segments: Sequence[StoredSegment]) -> AsyncIterator[bytes]:
    """The whole file out of its stretches, in their order; raises Altered or NotFound when one is not as it was, or missing."""
    for one in segments:
        async for piece in storage.open(storage.quarantine, str(one.key), expected_sha256=one.sha256):
            yield piece
