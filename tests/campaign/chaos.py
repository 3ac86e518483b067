"""The bad days: parts of a running service are killed, paused and brought back, in an order that a seed decides."""

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from random import Random

import psutil

# Which process plays which part, by a word of its command line.
_PARTS = {"web": "serve", "worker": "worker", "storage": "mini", "database": "postgres"}


class Chaos:
    """Does harm every few seconds until it is told to end; `done` counts what it did."""

    def __init__(self, supervisor: psutil.Process, random: Random) -> None:
        self._supervisor = supervisor
        self._random = random
        self.done: Counter[str] = Counter()

    async def run(self, ended: asyncio.Event) -> None:
        """Harm one part after the other; whoever is paused goes on before this returns."""
        acts: list[Callable[[str], object]] = [self._kill, self._kill, self._pause]
        while not ended.is_set():
            await asyncio.sleep(self._random.uniform(0.2, 2.5))
            part, act = self._random.choice(sorted(_PARTS)), self._random.choice(acts)
            outcome = act(part)
            if asyncio.iscoroutine(outcome):
                await outcome

    def _processes(self, part: str) -> list[psutil.Process]:
        word, found = _PARTS[part], []
        for one in self._supervisor.children(recursive=True):
            try:
                if any(word == argument or (part == "database" and argument.endswith(word)) or argument.startswith(f"{word}:") for argument in one.cmdline()):
                    found.append(one)
            except psutil.Error:
                continue
        return sorted(found, key=lambda one: one.pid)

    def _kill(self, part: str) -> None:
        """End a process without a farewell; of the database the first one is its head, the others serve one connection each."""
        found = self._processes(part)
        if not found:
            return
        victim = self._random.choice(found) if part == "database" else found[0]
        # A head of the database that is shot leaves its connections running for a while, and nothing could start beside them.
        how = signal.SIGQUIT if part == "database" and victim == found[0] else signal.SIGKILL
        try:
            victim.send_signal(how)
        except psutil.Error:
            return
        self.done[f"{part} killed"] += 1

    async def _pause(self, part: str) -> None:
        """Stop every process of a part for a while: it neither answers nor refuses."""
        stopped = []
        for one in self._processes(part):
            try:
                one.suspend()
                stopped.append(one)
            except psutil.Error:
                continue
        await asyncio.sleep(self._random.uniform(0.3, 5.0))
        for one in stopped:
            try:
                one.resume()
            except psutil.Error:
                continue
        self.done[f"{part} paused"] += bool(stopped)
