"""Runs the scripts that open foreign files: each in a process of its own that has no network, little memory and little time."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from frontoffice.documents.cage_child import CPU_SECONDS, MEMORY_BYTES
from frontoffice.documents.probe_child import OWN_NETWORK
from frontoffice.kernel import metrics

logger = logging.getLogger("frontoffice.documents")

_AT_ONCE: Final = max(2, os.cpu_count() or 2)
_TURNS: Final = WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]()
_STARTER: Final = Path(__file__).with_name("cage_child.py")
_PROBE: Final = Path(__file__).with_name("probe_child.py")
_LONGEST_NAME: Final = 100
# None of our secrets; and one heap instead of one a thread, each of which would count as 64 MB of memory without holding a byte.
_SURROUNDINGS: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Limits:
    """What a child may use: memory in bytes, its own work in seconds, and seconds on the clock."""

    memory: int = MEMORY_BYTES
    work: int = CPU_SECONDS
    wall: float = 10.0


@dataclass(frozen=True)
class Child:
    """A caged process at work."""

    process: asyncio.subprocess.Process

    @property
    def output(self) -> asyncio.StreamReader:
        """What it writes, as it comes."""
        assert self.process.stdout is not None
        return self.process.stdout

    async def said(self, most: int) -> bytes:
        """All that it writes, and no more than so many bytes of it: one that babbles is not listened to."""
        said = bytearray()
        while piece := await self.output.read(most - len(said)):
            said += piece
        return bytes(said)

    async def ended_well(self) -> bool:
        """Whether it came to its own end without complaint."""
        return await self.process.wait() == 0


@asynccontextmanager
async def caged(script: Path, *arguments: str, limits: Limits) -> AsyncIterator[Child]:
    """A script at work on its arguments, ended with the block; raises TimeoutError when the block takes longer than `limits.wall`.

    As many work at once as there are processors: what waits for its turn is not late, and together they hold no more than they should."""
    async with _turns(), _started(script, arguments, limits) as child, asyncio.timeout(limits.wall):
        yield child


def _turns() -> asyncio.Semaphore:
    """Those of this process, that is of its one loop; tests have many."""
    return _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))


async def look() -> bool:
    """Whether parsers are without a network here, asked of a caged process once at the start of a worker; the log and a metric tell if not."""
    apart = False
    # Without an answer in time, and without Linux, nobody can say that they are.
    with suppress(TimeoutError, OSError):
        async with caged(_PROBE, limits=Limits(wall=60.0)) as child:
            said = (await child.said(_LONGEST_NAME)).decode("ascii", "replace")
        apart = bool(said) and said != os.readlink(OWN_NETWORK)
    metrics.cage_is_open(not apart)
    if not apart:
        logger.error("parsers of foreign files are not kept from the network: install bubblewrap, or let processes make user namespaces")
    return apart


@asynccontextmanager
async def _started(script: Path, arguments: Sequence[str], limits: Limits) -> AsyncIterator[Child]:
    command = (*await asyncio.to_thread(_jail), sys.executable, "-I", str(_STARTER), str(limits.memory), str(limits.work), str(script))
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=_SURROUNDINGS,
    )
    try:
        yield Child(process)
    finally:
        # Not by process.kill(), which collects a child that has just ended under the hands of asyncio, who then knows nothing of its end.
        with suppress(ProcessLookupError):
            if process.returncode is None:
                os.kill(process.pid, signal.SIGKILL)
        await process.communicate()


@cache
def _jail() -> tuple[str, ...]:
    """The bubblewrap command, if it is installed and this system lets it work: all read-only, no network."""
    program = shutil.which("bwrap")
    if program is None:
        return ()
    jail = (
        *(program, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *("--unshare-all", "--die-with-parent", "--new-session"),
    )
    try:
        works = subprocess.run([*jail, sys.executable, "-c", ""], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return ()
    return jail if works.returncode == 0 else ()
