"""The service under test on a stage of its own: real engines, the server alone on one core, everything else beside it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

_ROOT = Path(__file__).parents[2]
_PATIENCE = 120.0
_BEHIND = 15


@dataclass(frozen=True)
class Cores:
    """The cores of the server and those of everything else; the same one when there is only one."""

    server: frozenset[int]
    others: frozenset[int]

    @classmethod
    def here(cls, *, apart: bool) -> "Cores":
        """What this process may use: split, or all of it for both."""
        every = frozenset(os.sched_getaffinity(0))
        first = frozenset({min(every)})
        return cls(first, every - first or first) if apart else cls(every, every)


@dataclass(frozen=True)
class Measured:
    """One server process, seen from outside."""

    process: psutil.Process

    @classmethod
    def pinned(cls, pid: int, cores: frozenset[int]) -> "Measured":
        """Bind every thread of the process to these cores; threads to come inherit them."""
        process = psutil.Process(pid)
        for thread in process.threads():
            os.sched_setaffinity(thread.id, cores)
        return cls(process)

    @property
    def cpu(self) -> float:
        """Seconds of CPU used so far."""
        times = self.process.cpu_times()
        return times.user + times.system

    @property
    def megabytes(self) -> float:
        """Resident memory, shared libraries included."""
        return self.process.memory_info().rss / 1e6

    @property
    def own_megabytes(self) -> float:
        """Memory that would be free if the process ended."""
        return self.process.memory_full_info().uss / 1e6


@dataclass(frozen=True)
class Stage:
    """A running service: where it answers, its server, the settings of that server, and all its processes."""

    portal: str
    cores: Cores
    server: Measured
    settings: Mapping[str, str]
    supervisor: psutil.Process
    folder: Path
    addresses: Mapping[str, str]

    def part(self, word: str) -> psutil.Process:
        """The first process of the service whose command line has this word."""
        return next(one for one in self.supervisor.children(recursive=True) if word in one.cmdline())

    def put_behind(self, word: str) -> None:
        """Let the processes with this word in their command line, which in life run elsewhere, go behind all others on this machine."""
        for one in (one for one in self.supervisor.children(recursive=True) if word in one.cmdline()):
            one.nice(_BEHIND)
            with suppress(OSError):
                Path(f"/proc/{one.pid}/autogroup").write_text(str(_BEHIND), "ascii")

    def cpu_of(self, *words: str) -> float:
        """Seconds of CPU used so far by all processes whose command line has one of these words."""
        found = 0.0
        for one in self.supervisor.children(recursive=True):
            try:
                if any(word in part for word in words for part in one.cmdline()):
                    found += Measured(one).cpu
            except psutil.NoSuchProcess:
                pass
        return found

    def others_cpu(self) -> float:
        """Seconds of CPU used so far by everything but the server and ourselves: database, storage, worker, provider."""
        found = 0.0
        for one in self.supervisor.children(recursive=True):
            try:
                times = one.cpu_times()
                found += times.user + times.system if one.pid != self.server.process.pid else 0.0
            except psutil.NoSuchProcess:
                pass
        return found


def a_free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def a_stage(*options: str, apart: bool = True) -> Iterator[Stage]:
    """Start the whole service apart from any other, as `make run` does, with these options; ends with everything it made.

    `apart` keeps one core for the server, so that its share can be told; without it all processes have all cores, as in life."""
    cores = Cores.here(apart=apart)
    os.sched_setaffinity(0, cores.others)
    folder = Path(tempfile.mkdtemp(prefix="frontoffice-bench-"))
    folder.chmod(0o711)
    ready = folder / "ready.json"
    # Compiled once beforehand, as an installed release is; a process that compiles is slow to start and stays large.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
    subprocess.run([sys.executable, "-c", "import uvicorn, frontoffice.app, frontoffice.worker"], cwd=_ROOT, check=True)
    command = [sys.executable, "-m", "frontoffice.cli", "local", "--port", str(a_free_port()), "--folder", str(folder), "--ready-file", str(ready), *options]
    with (folder / "local.log").open("wb") as log:
        local = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log)
    try:
        _wait(lambda: ready.exists() or local.poll() is not None, "the service")
        if not ready.exists():
            raise RuntimeError((folder / "local.log").read_text())
        supervisor = psutil.Process(local.pid)
        server = next(one for one in supervisor.children(recursive=True) if "serve" in one.cmdline())
        settings = {name: value for name, value in server.environ().items() if name.startswith("FRONTOFFICE_")}
        addresses = json.loads(ready.read_text())
        yield Stage(addresses["portal"], cores, Measured.pinned(server.pid, cores.server), settings, supervisor, folder, addresses)
    finally:
        local.terminate()
        local.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def start_up_seconds(stage: Stage, times: int = 3) -> tuple[float, float]:
    """From the command to the first answer, and the CPU that took, of one more server on the core of the first: the best of some tries."""
    return min(_one_start(stage) for _ in range(times))


def _one_start(stage: Stage) -> tuple[float, float]:
    port = a_free_port()
    host = stage.settings["FRONTOFFICE_PUBLIC_URL"].partition("://")[2]
    command = [sys.executable, "-m", "frontoffice.cli", "serve", "--port", str(port), "--download-port", str(a_free_port())]
    begun = time.perf_counter()
    server = subprocess.Popen(command, cwd=_ROOT, env={**os.environ, **stage.settings})
    os.sched_setaffinity(server.pid, stage.cores.server)
    try:
        _wait(lambda: _answers(f"http://127.0.0.1:{port}/health", host), "one more server")
        return time.perf_counter() - begun, Measured(psutil.Process(server.pid)).cpu
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def a_bare_server(stage: Stage, size: int) -> Iterator[tuple[str, Measured]]:
    """A bare page of that size, served by a process on the server's core."""
    port = a_free_port()
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.bare", str(port), str(size)], cwd=_ROOT)
    try:
        _wait(lambda: _answers(address, f"127.0.0.1:{port}"), "the bare page")
        yield address, Measured.pinned(server.pid, stage.cores.server)
    finally:
        server.terminate()
        server.wait(20)


def _answers(url: str, host: str) -> bool:
    try:
        return httpx.get(url, headers={"host": host}, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _wait(until: object, what: str) -> None:
    assert callable(until)
    deadline = time.monotonic() + _PATIENCE
    while not until():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.01)
