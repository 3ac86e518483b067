"""What uploads cost: one against a bare put of the same bytes, and many at once against the memory of the server and the patience of others."""

import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench import report
from tests.bench.journey import Employer
from tests.bench.stage import Stage
from tests.bench.web import Connection, NetVisitor, written

_ROOT = Path(__file__).parents[2]
_PIECE = 64 * 1024
_SLOT = "contract"
_LEAST_RATE, _MOST_MEMORY, _MOST_SLOWER = 0.7, 300, 2.0


@dataclass
class Sender:
    """An employer with a draft, and the token of one of its slots."""

    employer: Employer
    token: str = ""
    csrf: str = ""

    async def begin(self) -> None:
        """A new draft, so that no limit of a dossier is met."""
        await self.employer.begin()
        shown = await self.employer.visitor.get(self.slot)
        found = re.search(r'data-token="([^"]+)"', shown.text)
        assert found, "the page of a document names no token for uploads"
        self.token, self.csrf = found[1], shown.hidden["csrf"]

    @property
    def slot(self) -> str:
        """The page of one document."""
        return f"{self.employer.draft}/documents/{_SLOT}"

    def connection(self) -> Connection:
        """A connection of its own to the portal."""
        parts = urlsplit(self.employer.visitor.origin)
        return Connection(parts.hostname or "", parts.port or 80)

    def headers(self) -> list[tuple[str, str]]:
        """What a request of the tus protocol carries."""
        return [("host", urlsplit(self.employer.visitor.origin).netloc), ("tus-resumable", "1.0.0"), ("authorization", f"Bearer {self.token}")]

    async def by_form(self, content: bytes) -> float:
        """Seconds that one upload by the plain form takes."""
        edge = "x" * 32
        head = (f'--{edge}\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n{self.csrf}\r\n--{edge}\r\ncontent-disposition: form-data; name="file"; '
                'filename="noise.pdf"\r\ncontent-type: application/pdf\r\n\r\n').encode()
        headers = [*self.employer.visitor.headers(), ("content-type", f"multipart/form-data; boundary={edge}")]
        request = written("POST", self.slot, headers, head + content + f"\r\n--{edge}--\r\n".encode())
        return await _seconds(self.connection(), request, 303)

    async def by_tus(self, content: bytes) -> float:
        """The same by the tus protocol: the creation and one stretch."""
        begun, connection = time.perf_counter(), self.connection()
        where = await self.created(connection, len(content))
        await _seconds(connection, self.stretch(where, content), 204)
        return time.perf_counter() - begun

    async def created(self, connection: Connection, size: int) -> str:
        """A new upload: its address."""
        answer = await connection.exchange(written("POST", "/uploads", [*self.headers(), ("upload-length", str(size)), ("upload-metadata", "filename bi5wZGY=")]))
        assert answer.status == 201, answer.text
        return answer.header("location")

    def stretch(self, where: str, content: bytes) -> bytes:
        """The request that brings all of it."""
        headers = [*self.headers(), ("content-type", "application/offset+octet-stream"), ("upload-offset", "0"), ("content-length", str(len(content)))]
        return written("PATCH", where, headers) + content


async def _seconds(connection: Connection, request: bytes, expected: int) -> float:
    answer = await connection.exchange(request)
    assert answer.status == expected, answer.text
    connection.close()
    return answer.seconds


@dataclass
class _Load:
    """Many uploads at once, as over links of a given speed, and what it does to the server and to somebody who reads pages."""

    stage: Stage
    megabytes: float = 0.0
    done: bool = False
    pages: list[float] = field(default_factory=list)
    failed: int = 0

    async def watch(self) -> None:
        """Keep the most memory that was seen."""
        while not self.done:
            self.megabytes = max(self.megabytes, self.stage.server.megabytes)
            await asyncio.sleep(0.05)

    async def read(self, employer: Employer) -> None:
        """Open pages one after the other, with the pauses of somebody who reads quickly."""
        while not self.done:
            begun = time.perf_counter()
            try:
                await employer.visitor.get(employer.draft)
            except RuntimeError:
                self.failed += 1
            self.pages.append(time.perf_counter() - begun)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _watched(stage: Stage, reader: Employer) -> AsyncIterator[_Load]:
    load = _Load(stage)
    tasks = [asyncio.create_task(one) for one in (load.watch(), load.read(reader))]
    try:
        yield load
    finally:
        load.done = True
        await asyncio.gather(*tasks)


async def _paced(sender: Sender, content: bytes, bytes_per_second: float) -> None:
    """One upload by tus over a link of that speed."""
    connection = sender.connection()
    request = sender.stretch(await sender.created(connection, len(content)), content)
    reader, writer = await connection.opened()
    begun = time.perf_counter()
    for start in range(0, len(request), _PIECE):
        writer.write(request[start:start + _PIECE])
        await writer.drain()
        await asyncio.sleep(max(0.0, start / bytes_per_second - (time.perf_counter() - begun)))
    status = await reader.readline()
    assert b" 204 " in status, status
    connection.close()


@contextmanager
def _bare(stage: Stage, content: bytes) -> Iterator["_Bare"]:
    """A process on the server's core that puts the same bytes."""
    file = Path(os.environ["PYTHONPYCACHEPREFIX"]).parent / "noise"
    file.write_bytes(content)
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.puts", str(file)], cwd=_ROOT, env={**os.environ, **stage.settings}, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.sched_setaffinity(process.pid, stage.cores.server)
    try:
        yield _Bare(process)
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True)
class _Bare:
    process: "subprocess.Popen[str]"

    async def put(self) -> float:
        """Seconds of one put."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        return float(await asyncio.to_thread(self.process.stdout.readline))


async def _quiet(stage: Stage) -> None:
    """Wait until nothing is being checked any more."""
    for _try in range(240):
        before = stage.others_cpu() + stage.server.cpu
        await asyncio.sleep(0.5)
        if stage.others_cpu() + stage.server.cpu - before < 0.06:
            return


async def upload_reports(stage: Stage, employers: Iterator[Employer], *, rounds: int, link: float) -> AsyncIterator[str]:
    """Measure and tell; `link` in megabytes a second is the speed of each of the many senders."""
    sender = Sender(next(employers))
    await sender.employer.sign_in()
    yield await _one_at_a_time(stage, sender, rounds)
    yield await _many(stage, sender, link)


async def _one_at_a_time(stage: Stage, sender: Sender, rounds: int) -> str:
    content, taken = random.Random(1).randbytes(50_000_000), {"bare put": list[float](), "form": list[float](), "tus": list[float]()}
    with _bare(stage, content) as bare:
        for nth in range(rounds + 1):
            await sender.begin()
            for name, measure in (("bare put", bare.put), ("form", lambda: sender.by_form(content)), ("tus", lambda: sender.by_tus(content))):
                await _quiet(stage)
                one = await measure()
                if nth:
                    taken[name].append(one)
    rows = [("50 MB, one at a time", "MB a second", "of a bare put")]
    for name, seconds in taken.items():
        ratio = statistics.median(b / s for b, s in zip(taken["bare put"], seconds, strict=True))
        rows.append((name, f"{50 / statistics.median(seconds):.0f}", f"{ratio:.0%}"))
    return report.table(rows) + f"\n  aim: at least {_LEAST_RATE:.0%} of a bare put"


async def _many(stage: Stage, sender: Sender, link: float) -> str:
    content, reader = random.Random(2).randbytes(20_000_000), Employer(NetVisitor(stage.portal, source="127.3.0.1"), sender.employer.notes, 1)
    await reader.sign_in()
    await reader.begin()
    await _quiet(stage)
    async with _watched(stage, reader) as quiet:
        await asyncio.sleep(8)
    await _quiet(stage)
    begun = time.perf_counter()
    async with _watched(stage, reader) as loaded:
        uploads = []
        for _half in range(2):
            await sender.begin()
            uploads += [asyncio.create_task(_paced(Sender(sender.employer, sender.token), content, link * 1e6)) for _ in range(25)]
        await asyncio.gather(*uploads)
    wall, p95 = time.perf_counter() - begun, [report.percentile(one.pages, 95) for one in (quiet, loaded)]
    return report.table([
        (f"50 uploads of 20 MB at once, {link:g} MB a second each", f"{wall:.0f} s, {1000 / wall:.0f} MB a second"),
        ("server memory before and at most", f"{quiet.megabytes:.0f}, {loaded.megabytes:.0f} MB (aim: below {_MOST_MEMORY})"),
        ("other pages that were opened meanwhile, and that failed", f"{len(loaded.pages)}, {loaded.failed}"),
        ("their p95 before and meanwhile", f"{p95[0] * 1000:.1f}, {p95[1] * 1000:.1f} ms: {p95[1] / p95[0]:.1f} times (aim: at most {_MOST_SLOWER:g})"),
    ])
