"""Stretches on their way to quarantine: in order, whole or not at all, and never more in memory than there should be."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from frontoffice.documents import segments
from frontoffice.documents.segments import MEMORY, StoredSegment, store
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.multipart import Stored
from frontoffice.kernel.storage import Storage

KB = 1024


class Shelf:
    """A storage in memory that can be slow, or away for some of the puts."""

    def __init__(self, *, seconds: float = 0.0, away: frozenset[int] = frozenset()) -> None:
        self.kept: dict[str, bytes] = {}
        self.seconds, self.away, self.puts = seconds, away, 0
        self.at_once = self.most_at_once = self.most_held = 0

    async def put(self, key: str, body: bytearray) -> Stored:
        nth, self.puts = self.puts, self.puts + 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.most_held = max(self.most_held, MEMORY.held)
        await asyncio.sleep(self.seconds)
        self.at_once -= 1
        if nth in self.away:
            raise Unavailable("storage")
        self.kept[key] = bytes(body)
        return Stored(len(body), hashlib.sha256(body).hexdigest())

    @property
    def storage(self) -> Storage:
        return cast(Storage, self)


@pytest.fixture(autouse=True)
def nothing_is_left_in_memory() -> Any:
    assert MEMORY.held == 0
    yield
    assert MEMORY.held == 0


async def source(size: int, *, piece: int = 64 * KB, fails: bool = False, pause: float = 0.0) -> AsyncIterator[bytes]:
    for start in range(0, size, piece):
        yield bytes([start // piece % 251]) * min(piece, size - start)
        if pause:
            await asyncio.sleep(pause)
    if fails:
        raise ValueError("the sender went away")


def whole(shelf: Shelf, found: list[StoredSegment]) -> bytes:
    """What the given stretches hold together; each begins where the one before ends."""
    place = found[0].starts_at if found else 0
    for one in found:
        assert one.starts_at == place and one.size == len(shelf.kept[str(one.key)])
        assert one.sha256 == hashlib.sha256(shelf.kept[str(one.key)]).hexdigest()
        place += one.size
    return b"".join(shelf.kept[str(one.key)] for one in found)


async def bytes_of(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([one async for one in chunks])


@pytest.mark.parametrize("size", [0, 1, segments.LEAST_BYTES, segments.SEGMENT_BYTES - 1, segments.SEGMENT_BYTES, 17_000_000])
@pytest.mark.parametrize("piece", [1000 * KB, 63 * KB])
async def test_stretches_make_the_file_again(size: int, piece: int) -> None:
    shelf = Shelf()
    found = [one async for one in store(shelf.storage, source(size, piece=piece), starts_at=7)]
    assert whole(shelf, found) == await bytes_of(source(size, piece=piece))
    assert not found or found[0].starts_at == 7
    assert all(one.size <= segments.SEGMENT_BYTES + piece for one in found)


async def test_no_more_than_a_few_are_on_the_way() -> None:
    shelf = Shelf(seconds=0.02)
    found = [one async for one in store(shelf.storage, source(40_000_000))]
    assert len(whole(shelf, found)) == 40_000_000 and shelf.most_at_once == segments.ON_THE_WAY
    assert shelf.most_held <= (segments.ON_THE_WAY + 2) * (segments.SEGMENT_BYTES + 64 * KB)


async def test_what_came_before_a_failure_of_the_sender_is_kept() -> None:
    shelf, found = Shelf(seconds=0.01), list[StoredSegment]()
    with pytest.raises(ValueError, match="went away"):
        async for one in store(shelf.storage, source(12_345_678, fails=True)):
            found.append(one)
    assert len(whole(shelf, found)) == 12_345_678


@pytest.mark.parametrize("nth", range(4))
async def test_nothing_after_a_put_that_failed_is_given(nth: int) -> None:
    shelf, found = Shelf(seconds=0.01, away=frozenset({nth})), list[StoredSegment]()
    with pytest.raises(Unavailable):
        async for one in store(shelf.storage, source(20_000_000)):
            found.append(one)
    assert len(found) == nth and len(whole(shelf, found)) == sum(one.size for one in found)


async def test_a_caller_who_leaves_lets_what_was_begun_end() -> None:
    shelf = Shelf(seconds=0.02)
    async with aclosing(store(shelf.storage, source(40_000_000))) as given:
        async for _one in given:
            break
    assert shelf.at_once == 0 and len(shelf.kept) == shelf.puts < 8


async def test_a_cancelled_caller_leaves_nothing_in_memory() -> None:
    shelf = Shelf(seconds=0.05)

    async def run() -> list[StoredSegment]:
        return [one async for one in store(shelf.storage, source(400_000_000, pause=0.0001))]

    running = asyncio.create_task(run())
    await asyncio.sleep(0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert shelf.at_once == 0


async def test_a_stretch_counts_before_the_next_bytes_come() -> None:
    shelf, more = Shelf(), asyncio.Event()

    async def halting() -> AsyncIterator[bytes]:
        yield bytes(segments.SEGMENT_BYTES)
        await more.wait()
        yield b"x"

    async with aclosing(store(shelf.storage, halting())) as given:
        first = await asyncio.wait_for(anext(given), 30)
        assert first.size == segments.SEGMENT_BYTES
        more.set()
        assert (await anext(given)).size == 1


async def test_over_a_slow_link_a_stretch_goes_out_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "SECONDS", 0.05)
    shelf = Shelf()
    found = [one async for one in store(shelf.storage, source(3_000_000, pause=0.01))]
    assert len(whole(shelf, found)) == 3_000_000
    assert len(found) >= 3 and all(one.size >= segments.LEAST_BYTES for one in found[:-1])


async def test_fifty_at_once_share_the_memory_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MEMORY, "most", 20_000_000)
    shelf = Shelf(seconds=0.03)

    async def bring(nth: int) -> int:
        found = [one async for one in store(shelf.storage, source(4_000_000 + nth))]
        return len(whole(shelf, found))

    assert await asyncio.gather(*(bring(nth) for nth in range(50))) == [4_000_000 + nth for nth in range(50)]
    assert shelf.most_held <= MEMORY.most + 50 * 2 * (segments.LEAST_BYTES + 64 * KB)
