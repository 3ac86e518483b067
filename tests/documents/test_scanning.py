"""A file that the virus scanner knows is refused; a scanner that is away, slow or unsure leaves every file where it is."""

import asyncio
import os
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from frontoffice.documents import checking, scanning
from frontoffice.documents.inspection import refusal
from frontoffice.documents.scanning import harmful
from frontoffice.kernel import scanner
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.jobs import Resources
from frontoffice.local.scanner import EICAR
from frontoffice.settings import MissingSettings, parse_scanner
from tests.documents import hostile as h
from tests.documents import raw_pdf
from tests.documents.scanners import Behaviour, running_clamd, saying, scripted, taken
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene


@pytest.fixture(scope="module")
def clamav() -> Iterator[str]:
    with running_clamd() as address:
        yield address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "document"
    path.write_bytes(h.pdf())
    return path


async def test_without_a_scanner_nothing_is_asked(file: Path) -> None:
    assert await harmful("", file) is None


async def test_the_bytes_arrive_as_they_are(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await taken(reader))
        writer.write(b"stream: OK\0")
        await writer.drain()

    path, content = tmp_path / "large", os.urandom(1_300_000)
    path.write_bytes(content)
    async with scripted(behave) as address:
        assert await harmful(address, path) is None
    assert got == [content]


@pytest.mark.parametrize("name", ["Eicar-Test-Signature", "Win.Trojan.Agent-1234.UNOFFICIAL", "<script>alert(1)</script>", "%(name)s%s{0}"])
async def test_what_is_found_is_refused_with_what_to_do(name: str, file: Path) -> None:
    async with scripted(saying(b"stream: %s FOUND\0" % name.encode())) as address:
        verdict = await harmful(address, file)
    assert verdict is not None and not verdict.ok
    assert verdict.params == {"name": name} and verdict.reason is not None and name in verdict.reason % verdict.params


@pytest.mark.parametrize(("name", "code"), [("Heuristics.Limits.Exceeded.MaxFiles", "heavy"), ("Heuristics.Encrypted.PDF", "encrypted")])
async def test_what_is_no_virus_is_not_called_one(name: str, code: str, file: Path) -> None:
    async with scripted(saying(b"stream: %s FOUND\0" % name.encode())) as address:
        assert await harmful(address, file) == refusal(code)


@pytest.mark.parametrize("answer", [
    b"INSTREAM size limit exceeded. ERROR\0", b"stream: Can't allocate memory ERROR\0", b"UNKNOWN COMMAND\0", b"\0", b"", b"stream: OK", b"stream: ok\0",
    b"OK\0", b"stream: OK FOUND ERROR\0", b"stream: a b FOUND\0", b"stream:  FOUND\0", b"\xff\xfe\0", b"stream: \x1b[31m FOUND\0", b"x" * 100_000 + b"\0",
    b"HTTP/1.1 200 OK\r\n\r\n\0",
])
async def test_any_other_answer_judges_nothing(answer: bytes, file: Path) -> None:
    async with scripted(saying(answer)) as address:
        with pytest.raises(Unavailable, match="scanner"):
            await harmful(address, file)


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await taken(reader)
    await asyncio.sleep(60)


async def _deaf(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _hanging_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return


async def _cutting(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(100)


async def _babbling(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


@pytest.mark.parametrize("behaviour", [_silent, _deaf, _hanging_up, _cutting, _babbling])
async def test_a_scanner_that_fails_is_away(behaviour: Behaviour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.3)
    path = tmp_path / "large"
    path.write_bytes(os.urandom(8 << 20))
    begun = time.monotonic()
    async with scripted(behaviour) as address:
        with pytest.raises(Unavailable, match="scanner"):
            await harmful(address, path)
        assert time.monotonic() - begun < 20
        assert not await scanner.answers(address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "unix:///nowhere/clamd.sock"])
async def test_a_scanner_that_is_not_there_is_away(address: str, file: Path) -> None:
    with pytest.raises(Unavailable, match="scanner"):
        await harmful(address, file)
    assert not await scanner.answers(address)


async def test_one_that_never_takes_the_call_is_away(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_arguments: object, **_more: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio, "open_connection", never)
    monkeypatch.setattr(scanner, "CONNECT_SECONDS", 0.1)
    with pytest.raises(Unavailable, match="scanner"):
        await harmful("tcp://127.0.0.1:9", file)


async def test_a_reason_given_early_is_heard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def full(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100_000)
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        await writer.drain()
        await asyncio.sleep(0.1)

    path = tmp_path / "large"
    path.write_bytes(bytes(20 << 20))
    async with scripted(full) as address:
        with pytest.raises(Unavailable):
            await harmful(address, path)
    assert "size limit" in caplog.text


@pytest.mark.parametrize(("address", "place"), [("tcp://scanner.internal:3310", ("scanner.internal", 3310)), ("tcp://[::1]:3310", ("::1", 3310)),
                                                ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl")])
def test_addresses(address: str, place: object) -> None:
    assert parse_scanner(address) == place


@pytest.mark.parametrize("address", ["scanner:3310", "tcp://scanner", "tcp://:3310", "tcp://scanner:x", "tcp://scanner:99999", "unix://run/clamd", "unix:", "http://a:1", "/run/x"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(MissingSettings, match="FRONTOFFICE_CLAMAV"):
        parse_scanner(address)


# With the real daemon.


async def test_the_real_scanner_finds_and_lets_pass(clamav: str, tmp_path: Path, file: Path) -> None:
    assert await scanner.answers(clamav)
    assert await harmful(clamav, file) is None
    path = tmp_path / "eicar"
    path.write_bytes(EICAR)
    verdict = await harmful(clamav, path)
    assert verdict is not None and verdict.reason == scanning._HARMFUL and "Eicar" in str(verdict.params["name"])


async def test_the_real_scanner_takes_our_largest_file_and_says_when_one_is_too_large(clamav: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "large"
    for size, is_judged in ((100_000_000, True), (120 << 20, False)):
        with path.open("wb") as sparse:
            sparse.truncate(size)
        if is_judged:
            assert await harmful(clamav, path) is None
        else:
            with pytest.raises(Unavailable):
                await harmful(clamav, path)
    assert "size limit" in caplog.text


# Through the whole check.


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


def _with(scene: Scene, clamav: str) -> Resources:
    return Resources(scene.resources.engine, replace(scene.settings, clamav=clamav))


async def test_a_document_waits_for_the_scanner_and_is_then_judged(scene: Scene, clamav: str) -> None:
    employer = await scene.employer()
    dossier = await scene.draft(employer)
    good = await scene.document(dossier, employer, "contract", state="received", content=h.pdf())
    bad = await scene.document(dossier, employer, "mandate", state="received", content=raw_pdf.drawn(zlib.compress(EICAR), "/FlateDecode"))
    for away in ("tcp://127.0.0.1:9", "unix:///nowhere"):
        for key in (good, bad):
            with pytest.raises(Unavailable, match="scanner"):
                await checking.check(_with(scene, away), str(key))
    assert {one.state for one in await scene.sql("SELECT state FROM document")} == {"checking"}
    for key in (good, bad):
        await checking.check(_with(scene, clamav), str(key))
    states = {one.id: one for one in await scene.sql("SELECT id, state, reason, reason_params FROM document")}
    assert states[good].state == "checked"
    assert (states[bad].state, states[bad].reason) == ("refused", scanning._HARMFUL)
    clean = {one.key async for one in scene.storage.keys(scene.storage.clean)}
    assert str(good) in clean and str(bad) not in clean


async def test_a_scanner_that_says_clean_replaces_no_other_check(scene: Scene) -> None:
    employer = await scene.employer()
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", content=h.pdf(h.named_script))
    async with scripted(saying(b"stream: OK\0")) as address:
        await checking.check(_with(scene, address), str(key))
    assert await scene.value("SELECT state FROM document") == "refused"


async def test_a_scanner_killed_while_it_reads_leaves_the_document_to_the_next_try(scene: Scene) -> None:
    employer = await scene.employer()
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", content=h.pdf())
    async with scripted(_hanging_up) as address:
        with pytest.raises(Unavailable, match="scanner"):
            await checking.check(_with(scene, address), str(key))
    async with scripted(saying(b"stream: OK\0")) as address:
        await checking.check(_with(scene, address), str(key))
    assert await scene.value("SELECT state FROM document") == "checked"
