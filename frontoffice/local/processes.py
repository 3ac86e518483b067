"""Child processes that end with their parent, are started again when they die, and write one log each."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO

import httpx

import frontoffice
from frontoffice.local.files import CannotStart

_NOTHING: Mapping[str, str] = MappingProxyType({})
_PR_SET_PDEATHSIG = 1
_LONGEST_PAUSE = 10.0
_SETTLED_AFTER = 30.0  # a child that lived this long starts with a clean slate when it dies


def _always() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run: `ready` tells whether it answers; `system_user` is for programs that refuse to run as root."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    ready: Callable[[], bool] = _always
    before: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    system_user: str | None = None
    folder: Path = Path("/")


def python(module: str, *arguments: object, name: str, ready: Callable[[], bool] = _always,
           environment: Mapping[str, str] = _NOTHING) -> Program:
    """One of our own modules as a program; a checkout that is not installed works too."""
    return Program(name=name, command=[sys.executable, "-m", module, *map(str, arguments)], ready=ready,
                   environment=environment, folder=Path(frontoffice.__file__).parent.parent)


class DidNotStart(CannotStart):
    """A program that ended, or stayed silent, before it was ready; the message ends with the tail of its log."""


def answers(url: str) -> Callable[[], bool]:
    """A question to put to a program: does this address answer with success?"""

    def ask() -> bool:
        try:
            return httpx.get(url, timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    return ask


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Our surroundings without any setting of the product, so that only what the program is given reaches it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FRONTOFFICE_")}
    return inherited | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONUNBUFFERED": "1"} | dict(own)


def _tie_to_parent(parent: int, last_signal: int) -> Callable[[], None]:
    """Ask Linux to signal the child when its parent dies, however it dies; elsewhere only an orderly end works."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork: the child only calls it

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:
            os._exit(1)

    return tie


class Child:
    """One running program, with its memory of failures."""

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.failures = 0
        self.next_start = 0.0
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process's id while it lives."""
        return self._process.pid if self._process and self.is_running else None

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        program = self.program
        if program.before:
            program.before()
        self._started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = self._popen(program, log)

    def _popen(self, program: Program, log: IO[bytes]) -> subprocess.Popen[bytes]:
        user = program.system_user
        return subprocess.Popen(
            program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            env=_environment(program.environment), cwd=program.folder, start_new_session=True,
            user=user, group=user, extra_groups=[] if user else None,
            preexec_fn=_tie_to_parent(os.getpid(), program.stop_signal),
        )

    def wait_until_ready(self, deadline: float) -> None:
        """Return once the program answers; raises DidNotStart when it ends or `deadline` (monotonic) passes."""
        while True:
            if not self.is_running:
                raise DidNotStart(f"{self.program.name} ended while starting.\n{self.tail()}")
            if self.program.ready():
                return
            if time.monotonic() > deadline:
                raise DidNotStart(f"{self.program.name} does not answer.\n{self.tail()}")
            time.sleep(0.05)

    def note_death(self) -> float:
        """Count a failure and return the pause in seconds before the next start."""
        now = time.monotonic()
        self.failures = 1 if now - self._started > _SETTLED_AFTER else self.failures + 1
        pause = min(0.25 * 2.0**self.failures, _LONGEST_PAUSE)
        self.next_start = now + pause
        self._process = None
        return pause

    @property
    def is_known_dead(self) -> bool:
        """Whether the death was noted and a start is due at `next_start`."""
        return self._process is None

    def stop(self, patience: float = 10.0) -> None:
        """End the process, politely for `patience` seconds."""
        if self._process is None:
            return
        if self.is_running:
            self._process.send_signal(self.program.stop_signal)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def result(self, patience: float) -> int | None:
        """The exit code of a program that ends by itself; None, and it is stopped, after `patience` seconds."""
        try:
            return self._process.wait(patience) if self._process else None
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.stop()

    def tail(self, size: int = 2000) -> str:
        """The end of the log."""
        return self.log.read_bytes()[-size:].decode(errors="replace") if self.log.exists() else ""


class Supervisor:
    """Starts programs in groups, keeps them running, ends them in reverse order; use it from one thread only."""

    def __init__(self, logs: Path, say: Callable[[str], None] = print) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._say = say
        self.children: list[Child] = []

    def start(self, *programs: Program, patience: float = 180.0) -> None:
        """Start these together and return when each is ready; raises DidNotStart."""
        group = [Child(program, self._logs) for program in programs]
        for child in group:
            self.children.append(child)
            child.start()
        deadline = time.monotonic() + patience
        for child in group:
            child.wait_until_ready(deadline)

    def look_after(self) -> None:
        """Note who died and start again whose pause is over; call it a few times a second."""
        for child in self.children:
            if child.is_known_dead:
                if time.monotonic() >= child.next_start:
                    child.start()
            elif not child.is_running:
                pause = child.note_death()
                self._say(f"{child.program.name} ended; starting it again in {pause:g} s (see {child.log})")

    def stop(self) -> None:
        """End everything that was started, the last first."""
        while self.children:
            self.children[-1].stop()
            self.children.pop()


def run_to_end(program: Program, logs: Path, patience: float = 120.0) -> None:
    """Run a program that does one thing and ends; raises DidNotStart when it fails or takes too long."""
    child = Child(program, logs)
    child.start()
    if child.result(patience) != 0:
        raise DidNotStart(f"{program.name} failed.\n{child.tail()}")
