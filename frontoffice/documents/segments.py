"""Brings the bytes of a file into quarantine, stretch by stretch, each an object of its own; and puts them together again."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from frontoffice.kernel.storage import Storage

SEGMENT_BYTES: Final = 5 * 1024 * 1024
# With memory short, a stretch goes out as soon as it is worth a request.
LEAST_BYTES: Final = 512 * 1024
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


MEMORY: Final = Memory(64 * 1024 * 1024)


async def store(storage: Storage, chunks: AsyncIterator[bytes], *, starts_at: int = 0) -> AsyncGenerator[StoredSegment]:
    """Put what comes into quarantine and give each stretch, in order, once it is safe there.

    When the source fails, what came before is still stored and given; then its failure is raised. Raises Unavailable when storage
    is away: what was not given by then is not safe."""
    filling, begins, on_the_way = bytearray(), starts_at, deque[asyncio.Task[StoredSegment]]()
    failure: BaseException | None = None
    try:
        try:
            async for chunk in chunks:
                filling += chunk
                MEMORY.held += len(chunk)
                if len(filling) >= (LEAST_BYTES if MEMORY.is_short else SEGMENT_BYTES):
                    while len(on_the_way) >= ON_THE_WAY:
                        yield await on_the_way.popleft()
                    on_the_way.append(asyncio.create_task(_put(storage, begins, filling)))
                    begins, filling = begins + len(filling), bytearray()
        except Exception as error:
            failure = error
        if filling:
            on_the_way.append(asyncio.create_task(_put(storage, begins, filling)))
            filling = bytearray()
        while on_the_way:
            yield await on_the_way.popleft()
    finally:
        MEMORY.held -= len(filling)
        # What was begun ends by itself: a put that is cut would leave its bytes counted.
        await asyncio.gather(*on_the_way, return_exceptions=True)
    if failure:
        raise failure


async def _put(storage: Storage, starts_at: int, body: bytearray) -> StoredSegment:
    key = uuid4()
    try:
        stored = await storage.put(str(key), body)
    finally:
        MEMORY.held -= len(body)
    return StoredSegment(key, starts_at, stored.size, stored.sha256)


async def joined(storage: Storage, segments: Sequence[StoredSegment]) -> AsyncIterator[bytes]:
    """The whole file out of its stretches, in their order; raises Altered or NotFound when one is not as it was, or missing."""
    for one in segments:
        async for piece in storage.open(storage.quarantine, str(one.key), expected_sha256=one.sha256):
            yield piece
