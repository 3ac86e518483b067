"""Storage against a real S3: what goes in comes out, and nothing half-written stays."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.multipart import PART_BYTES, Stored
from frontoffice.kernel.storage import Altered, Storage
from tests.engines import Engines
from tests.storages import storage_as


@pytest.fixture
async def s3(engines: Engines) -> AsyncIterator[Storage]:
    """Storage as the job worker reaches it, which may do everything."""
    async with storage_as(engines, "worker") as storage:
        yield storage


@pytest.fixture
async def web(engines: Engines) -> AsyncIterator[Storage]:
    """Storage as the web server reaches it: puts in quarantine, reads clean."""
    async with storage_as(engines, "web") as storage:
        yield storage


async def pieces(data: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(storage: Storage, bucket: str, key: str, sha256: str) -> bytes:
    return b"".join([piece async for piece in storage.open(bucket, key, expected_sha256=sha256)])


async def is_there(storage: Storage, bucket: str, key: str) -> bool:
    return key in [one.key async for one in storage.keys(bucket)]


def new_key() -> str:
    return str(uuid.uuid4())


SIZES = [0, 1, 65536, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 7]


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_put_comes_out_with_its_hash(s3: Storage, size: int) -> None:
    data = os.urandom(size)
    key = new_key()
    stored = await s3.put_stream(key, pieces(data))
    assert stored == Stored(size, hashlib.sha256(data).hexdigest())
    assert await read(s3, s3.quarantine, key, stored.sha256) == data


@pytest.mark.parametrize("size", [10, 2 * PART_BYTES])
async def test_a_key_is_never_overwritten(s3: Storage, size: int) -> None:
    key = new_key()
    first = await s3.put_stream(key, pieces(b"first"))
    with pytest.raises(Unavailable):
        await s3.put_stream(key, pieces(os.urandom(size)))
    assert await read(s3, s3.quarantine, key, first.sha256) == b"first"


@pytest.mark.parametrize("arrived", [10, PART_BYTES + 10, 4 * PART_BYTES])
async def test_a_source_that_breaks_leaves_nothing(s3: Storage, arrived: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(os.urandom(arrived)):
            yield piece
        raise ConnectionResetError

    key = new_key()
    with pytest.raises(ConnectionResetError):
        await s3.put_stream(key, broken())
    assert not await is_there(s3, s3.quarantine, key)
    assert key not in await unfinished(s3)


async def test_a_cancelled_upload_leaves_nothing(s3: Storage) -> None:
    sending = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        async for piece in pieces(os.urandom(2 * PART_BYTES + 5)):
            yield piece
        sending.set()
        await asyncio.sleep(60)

    key = new_key()
    upload = asyncio.create_task(s3.put_stream(key, slow()))
    await sending.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert not await is_there(s3, s3.quarantine, key)
    assert key not in await unfinished(s3)


async def unfinished(storage: Storage) -> list[str]:
    answer = await storage.call(lambda: storage._client.list_multipart_uploads(Bucket=storage.quarantine))
    return [one["Key"] for one in answer.get("Uploads", ())]


@pytest.mark.parametrize("size", [5, 700_000])
async def test_altered_bytes_never_arrive_whole(s3: Storage, size: int) -> None:
    data = os.urandom(size)
    key = new_key()
    await s3.put_stream(key, pieces(data))
    got = b""
    with pytest.raises(Altered):
        async for piece in s3.open(s3.quarantine, key, expected_sha256="0" * 64):
            got += piece
    assert len(got) < size


async def test_absent_and_deleted_are_not_found(s3: Storage) -> None:
    key = new_key()
    stored = await s3.put_stream(key, pieces(b"abc"))
    await s3.delete(s3.quarantine, key)
    await s3.delete(s3.quarantine, key)
    with pytest.raises(NotFound):
        await read(s3, s3.quarantine, key, stored.sha256)


async def test_clean_gets_a_proven_copy_and_twice_is_harmless(s3: Storage, tmp_path: Path) -> None:
    data, key, path = os.urandom(PART_BYTES + 3), new_key(), tmp_path / "document"
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    for _ in range(2):
        assert await s3.keep_clean(key, path, expected_sha256=digest) == Stored(len(data), digest)
    assert await read(s3, s3.clean, key, digest) == data
    with pytest.raises(Altered):
        await s3.keep_clean(key, path, expected_sha256="0" * 64)


@pytest.mark.parametrize("size", [5, PART_BYTES + 3])
async def test_altered_bytes_do_not_reach_clean(s3: Storage, tmp_path: Path, size: int) -> None:
    key, path = new_key(), tmp_path / "document"
    path.write_bytes(os.urandom(size))
    with pytest.raises(Altered):
        await s3.keep_clean(key, path, expected_sha256="0" * 64)
    assert not await is_there(s3, s3.clean, key)


async def test_keys_lists_what_is_there(s3: Storage) -> None:
    put = {new_key() for _ in range(3)}
    for key in put:
        await s3.put_stream(key, pieces(b"x"))
    found = {one.key: one.modified async for one in s3.keys(s3.quarantine)}
    assert put <= set(found)
    assert all(found[key].tzinfo is not None for key in put)


async def test_health(engines: Engines, s3: Storage, web: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    # That it gives up in time is seen below: where all is well, a busy machine may take longer.
    monkeypatch.setattr("frontoffice.kernel.storage.HEALTH_SECONDS", 60.0)
    for name in ("worker", "web"):
        storage = Storage(engines.s3(name))
        await storage.check()
        storage.close()


@pytest.mark.parametrize("size", [5, PART_BYTES + 3])
async def test_the_web_server_puts_in_quarantine_and_reads_clean_and_no_more(
    s3: Storage, web: Storage, tmp_path: Path, size: int
) -> None:
    data, key, path = os.urandom(size), new_key(), tmp_path / "document"
    path.write_bytes(data)
    stored = await web.put_stream(key, pieces(data))
    with pytest.raises(Unavailable):
        await read(web, web.quarantine, key, stored.sha256)
    with pytest.raises(Unavailable):
        await web.put_stream(key, pieces(data), bucket=web.clean)
    await s3.keep_clean(key, path, expected_sha256=stored.sha256)
    assert await read(web, web.clean, key, stored.sha256) == data


@pytest.mark.parametrize("change", ["nobody listens", "wrong key", "no bucket"])
async def test_an_s3_that_is_away_or_refuses_is_unavailable(engines: Engines, change: str) -> None:
    broken = {
        "nobody listens": replace(engines.s3(), s3_endpoint="http://127.0.0.1:1"),
        "wrong key": replace(engines.s3(), s3_secret_key="wrong"),
        "no bucket": replace(engines.s3(), s3_clean="absent-bucket"),
    }[change]
    storage = Storage(broken)
    with pytest.raises(Unavailable):
        await storage.check()
    if change != "no bucket":
        with pytest.raises(Unavailable):
            await storage.put_stream(new_key(), pieces(b"abc"))
    storage.close()


async def test_health_gives_up_on_a_silent_s3_within_two_seconds(engines: Engines) -> None:
    calls = set[asyncio.Task[None] | None]()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.add(asyncio.current_task())
        while await reader.read(1000):
            continue
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    storage = Storage(replace(engines.s3(), s3_endpoint=f"http://127.0.0.1:{port}"))
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable):
            await storage.check()
    storage.close()
    server.close()
    await server.wait_closed()
    # The request's own time-out ends its connection, and with it the silent server's.
    async with asyncio.timeout(60):
        while [one for one in calls if one and not one.done()]:
            await asyncio.sleep(0.05)
