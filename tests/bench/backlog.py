"""How fast a backlog of hand-overs drains beside a bare loop, what pages feel of it, and what a receiver that is down costs."""

import asyncio
import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.bench import report
from tests.bench.journey import Employer
from tests.bench.stage import Stage
from tests.bench.waiting import Backlog, Copy, a_backlog, write_claims

_ROOT = Path(__file__).parents[2]
OPTIONS = ("--workers", "2", "--rate", "2000")
_BARE = 400
_DOWN_SECONDS = 60
_LEAST_RATE, _MOST_SLOWER = 0.5, 1.5


@dataclass
class Reader:
    """Somebody who opens pages of an own draft, quickly one after the other, and how long each took."""

    employer: Employer
    seconds: list[float] = field(default_factory=list)
    failed: int = 0

    async def read(self, ended: asyncio.Event) -> list[float]:
        """Open pages until it is ended; gives their seconds."""
        self.seconds = []
        while not ended.is_set():
            begun = time.perf_counter()
            try:
                await self.employer.visitor.get(self.employer.draft)
            except RuntimeError:
                self.failed += 1
            self.seconds.append(time.perf_counter() - begun)
            await asyncio.sleep(0.02)
        return self.seconds


async def _read_for(reader: Reader, seconds: float) -> list[float]:
    ended = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, ended.set)
    return await reader.read(ended)


@contextmanager
def _bare_loop(stage: Stage, file: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process beside the receiver that signs and posts."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.loop", stage.addresses["backbone"], str(file)], cwd=_ROOT, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.sched_setaffinity(process.pid, stage.cores.others)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


async def _bare(process: "subprocess.Popen[str]", count: int) -> float:
    """So many messages by the bare loop: how many a second."""
    assert process.stdin and process.stdout
    process.stdin.write(f"{count}\n")
    process.stdin.flush()
    return count / float(await asyncio.to_thread(process.stdout.readline))


def _behave(stage: Stage, **behaviour: object) -> None:
    httpx.put(f"{stage.addresses['backbone']}/behaviour", json={"answer_messages": "silent", **behaviour}, timeout=20, trust_env=False).raise_for_status()


@dataclass(frozen=True)
class _Drained:
    """One drain: messages a second, the pages opened meanwhile, and seconds of CPU by part."""

    rate: float
    pages: Sequence[float]
    cpu: dict[str, float]


def _cpu(stage: Stage) -> dict[str, float]:
    return {"workers": stage.cpu_of("worker"), "database": stage.cpu_of("postgres"), "receiver": stage.cpu_of("frontoffice.local.backbone"),
            "storage": stage.cpu_of("mini", "seaweedfs")}


async def _drain(stage: Stage, backlog: Backlog, made: Sequence[Copy], reader: Reader) -> _Drained:
    ended = asyncio.Event()
    before, begun = _cpu(stage), time.perf_counter()
    backlog.wake(made)
    pages = asyncio.create_task(reader.read(ended))
    while left := await asyncio.to_thread(backlog.left):
        await asyncio.sleep(min(2.0, 0.1 + left / 1000))
    wall = time.perf_counter() - begun
    ended.set()
    return _Drained(len(made) / wall, await pages, {name: (used - before[name]) / len(made) * 1000 for name, used in _cpu(stage).items()})


async def _down(stage: Stage, backlog: Backlog, made: Sequence[Copy], reader: Reader) -> list[tuple[str, str]]:
    """A receiver that answers 503 for a minute while many wait: tries, statements and CPU, in the first third and after it."""
    _behave(stage, fail="503")
    backlog.wake(made)
    rows: list[tuple[str, str]] = [("a receiver that is down, for each third of a minute", "")]
    before = 0
    for third in ("first", "second", "last"):
        cpu, commits = _cpu(stage), _commits(backlog)
        pages = await _read_for(reader, _DOWN_SECONDS / 3)
        tries = int(backlog.ask("SELECT coalesce(sum(tries), 0) FROM message WHERE concluded_at IS NULL")[0][0])
        used = {name: value - cpu[name] for name, value in _cpu(stage).items()}
        share = (used["workers"] + used["database"]) / (_DOWN_SECONDS / 3)
        rows.append((f"  {third}", f"{tries - before} tries, {(_commits(backlog) - commits) / _DOWN_SECONDS * 3:.0f} transactions a second, pages included, "
                                   f"{share:.0%} of a core, pages' p95 {report.percentile(pages, 95) * 1000:.1f} ms"))
        before = tries
    jobs = backlog.ask("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'backbone:hand_over'")[0][0]
    rows.append(("  tries that the schedule allows them, and jobs in the queue for them", f"{3 * len(made):,}, {jobs}"))
    _behave(stage)
    begun = time.perf_counter()
    while backlog.left():
        await asyncio.sleep(0.5)
    return [*rows, ("  all of them are there after it is back", f"{time.perf_counter() - begun:.0f} s")]


def _commits(backlog: Backlog) -> int:
    return int(backlog.ask("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")[0][0])


async def backlog_report(stage: Stage, reader: Employer, options: Namespace) -> str:
    """Measure and tell; the receiver answers receipts and sends no events, for the loop and for us."""
    _behave(stage)
    stage.put_behind("frontoffice.local.backbone")
    environment = stage.part("worker").environ()
    async with a_backlog(environment) as backlog:
        await reader.sign_in()
        await reader.begin()
        somebody, templates = Reader(reader), await backlog.templates()
        backlog.stop()
        bare, waiting = backlog.copy(templates, 0, 2 * _BARE), backlog.copy(templates, 2 * _BARE, options.waiting)
        backlog.hold(bare)
        backlog.start()
        key = json.loads(Path(environment["FRONTOFFICE_SIGNING_KEY_FILE"]).read_text())["keys"][0]
        file = stage.folder / "claims.json"
        write_claims(str(file), await backlog.claims(bare), bare, key)
        backlog.analyze()
        quiet = await _read_for(somebody, 8)
        with _bare_loop(stage, file) as process:
            rates = [await _bare(process, _BARE)]
            drained = await _drain(stage, backlog, waiting, somebody)
            rates.append(await _bare(process, _BARE))
        again = await asyncio.to_thread(backlog.copy, templates, 10**6, options.waiting // 5)
        down = await _down(stage, backlog, again, somebody)
    return _table(options.waiting, rates, drained, quiet, somebody.failed, down)


def _table(waiting: int, rates: Sequence[float], drained: _Drained, quiet: Sequence[float], failed: int, down: Sequence[tuple[str, str]]) -> str:
    loop, p95 = sum(rates) / len(rates), [report.percentile(one, 95) * 1000 for one in (quiet, drained.pages)]
    cpu = ", ".join(f"{name} {used:.1f}" for name, used in drained.cpu.items())
    return report.table([
        ("a bare loop that signs and posts, before and after", f"{rates[0]:.0f}, {rates[-1]:.0f} messages a second"),
        (f"{waiting:,} waiting dossiers, two workers", f"{drained.rate:.0f} messages a second: {drained.rate / loop:.0%} of the loop (aim: at least {_LEAST_RATE:.0%})"),
        ("CPU a message, in ms", cpu),
        ("pages opened meanwhile, and that failed", f"{len(drained.pages)}, {failed}"),
        ("their p95 before and meanwhile", f"{p95[0]:.1f}, {p95[1]:.1f} ms: {p95[1] / p95[0]:.1f} times (aim: at most {_MOST_SLOWER:g})"),
        *down,
    ])
