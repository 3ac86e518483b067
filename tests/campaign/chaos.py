"""The bad days: parts of a running service are killed, paused, slowed and brought back, and its receiver misbehaves, in an order that a seed decides."""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import Sequence
from random import Random

import httpx
import psutil

# Which process plays which part, by a word of its command line; of the web the first one is its head, the others answer.
_PARTS = {"web": "serve", "worker": "worker", "storage": "mini", "database": "postgres", "receiver": "frontoffice.local.backbone"}
_FAILURES = ("500", "503", "429", "redirect", "html-200", "cut", "wrong-hash", "drop-answer")
_EVENTS = ("send_twice", "answer_twice", "send_out_of_order", "lose_events")
_KILL, _PAUSE, _BEHAVE = "kill", "pause", "behave"


class Chaos:
    """Does harm every few seconds until it is told to end; `done` counts what it did."""

    def __init__(self, supervisor: psutil.Process, random: Random, receiver: str, *, between: float) -> None:
        self._supervisor = supervisor
        self._random = random
        self._receiver = receiver
        self._between = between
        self.done: Counter[str] = Counter()

    async def run(self, ended: asyncio.Event) -> None:
        """Harm one part after the other; whoever is paused goes on, and the receiver behaves again, before this returns."""
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), self._random.uniform(0.2, 2 * self._between))
                break
            part, act = self._random.choice(sorted(_PARTS)), self._random.choice((_KILL, _KILL, _PAUSE, _BEHAVE))
            if act == _BEHAVE:
                await self._behave()
            elif act == _PAUSE:
                await self._pause(part)
            else:
                self._kill(part)
        await self.calm()

    async def calm(self) -> None:
        """Let the receiver behave well from now on."""
        while not await self._tell({}):
            await asyncio.sleep(0.5)

    async def _behave(self) -> None:
        """Another mood of the receiver: it fails some times, is slow, or sends its events twice, late, in another order or not at all."""
        mood: dict[str, object] = {"answer_messages": self._random.choice(("validate", "validate", "validate", "refuse", "silent"))}
        if self._random.random() < 0.7:
            mood |= {"fail": self._random.choice(_FAILURES), "fail_times": self._random.randint(1, 12)}
        if self._random.random() < 0.3:
            mood["delay_seconds"] = round(self._random.uniform(0.1, 2.0), 1)
        for one in _EVENTS:
            if self._random.random() < 0.25:
                mood[one] = True
        if await self._tell(mood):
            self.done.update(f"receiver told: {mood[name] if name == 'fail' else name}" for name in mood if name not in ("fail_times", "answer_messages"))

    async def _tell(self, mood: dict[str, object]) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
                return (await client.put(f"{self._receiver}/behaviour", json=mood)).is_success
        except httpx.HTTPError:
            return False

    def _processes(self, part: str) -> list[psutil.Process]:
        found = []
        for one in self._supervisor.children(recursive=True):
            try:
                if _plays(part, one.cmdline()):
                    found.append(one)
            except psutil.Error:
                continue
        if part == "web":
            found += [child for one in found for child in _children(one) if any("spawn_main" in word for word in _words(child))]
        return sorted(found, key=lambda one: one.pid)

    def _kill(self, part: str) -> None:
        """End a process without a farewell; of the database the first one is its head, the others serve one connection each."""
        found = self._processes(part)
        if not found:
            return
        # The head of the web brings all of it down, so it seldom is the one.
        victim = self._random.choice(found[1:] * 3 + found)
        # A head of the database that is shot leaves its connections running for a while, and nothing could start beside them.
        how = signal.SIGQUIT if part == "database" and victim == found[0] else signal.SIGKILL
        # Whoever shoots the head of the web shoots all of it, as a machine that loses its power does.
        victims = [*found[1:], victim] if part == "web" and victim == found[0] else [victim]
        for one in victims:
            try:
                one.send_signal(how)
            except psutil.Error:
                continue
        self.done[f"{part} killed"] += 1

    async def _pause(self, part: str) -> None:
        """Stop processes of a part for a while, all or one: they neither answer nor refuse."""
        found, stopped = self._processes(part), []
        for one in found if self._random.random() < 0.5 else found[-1:]:
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


def _plays(part: str, words: Sequence[str]) -> bool:
    word = _PARTS[part]
    return any(word == argument or (part == "database" and argument.endswith(word)) or argument.startswith(f"{word}:") for argument in words)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
