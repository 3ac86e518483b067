"""Speaks with ClamAV's daemon: hands it a file as a stream and takes its one line of answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from frontoffice.kernel.errors import Unavailable
from frontoffice.settings import parse_scanner

CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 60.0
_CHUNK_BYTES: Final = 256 * 1024
_MOST_ANSWER_BYTES: Final = 4096
_FAILURES: Final = (OSError, EOFError, asyncio.LimitOverrunError)  # a time that is over is an OSError as well


async def scan(address: str, path: Path) -> str:
    """What the scanner at this address, as the settings give it, says of a file; raises Unavailable("scanner") when it does not answer."""
    try:
        async with _connected(address) as (reader, writer), asyncio.timeout(ANSWER_SECONDS):
            return await _asked(reader, writer, path)
    except _FAILURES as error:
        raise Unavailable("scanner") from error


async def answers(address: str) -> bool:
    """Whether the scanner at this address is there and ready."""
    try:
        async with _connected(address) as (reader, writer), asyncio.timeout(CONNECT_SECONDS):
            writer.write(b"zPING\0")
            return await _line(reader) == "PONG"
    except _FAILURES:
        return False


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: Path) -> str:
    """The answer is listened for while we send: a scanner that has read enough says why and hangs up, and its reason is what counts."""
    answer = asyncio.ensure_future(_line(reader))
    try:
        with suppress(ConnectionError):
            await _send(writer, path)
        return await answer
    finally:
        answer.cancel()


async def _send(writer: asyncio.StreamWriter, path: Path) -> None:
    """The file in chunks that each begin with their length; an empty one ends it."""
    writer.write(b"zINSTREAM\0")
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            writer.write(len(chunk).to_bytes(4) + chunk)
            await writer.drain()
    writer.write(bytes(4))
    await writer.drain()


async def _line(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\0"))[:-1].decode("utf-8", "replace").strip()


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    place = parse_scanner(address)
    async with asyncio.timeout(CONNECT_SECONDS):
        if isinstance(place, str):
            reader, writer = await asyncio.open_unix_connection(place, limit=_MOST_ANSWER_BYTES)
        else:
            reader, writer = await asyncio.open_connection(*place, limit=_MOST_ANSWER_BYTES)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # neither side has anything more to say
