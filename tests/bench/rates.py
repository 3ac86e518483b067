"""How many requests a second one core answers: several users ask as fast as they are answered, page against bare page."""

import asyncio
import resource
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.bench.journey import Employer
from tests.bench.stage import Measured
from tests.bench.web import Connection, NetVisitor, written

_FORM = ("content-type", "application/x-www-form-urlencoded")


@dataclass
class Asker:
    """One user who sends the same request again and again; a saved page counts its version up."""

    connection: Connection
    headers: list[tuple[str, str]]
    path: str
    expected: int = 200
    fields: dict[str, str] | None = None

    def request(self) -> bytes:
        """The next request."""
        if self.fields is None:
            return written("GET", self.path, self.headers)
        return written("POST", self.path, [*self.headers, _FORM], urlencode(self.fields).encode())

    def answered(self, status: int) -> None:
        """Note an answer; raises RuntimeError for one that was not expected."""
        if status != self.expected:
            raise RuntimeError(f"{self.path}: {status} instead of {self.expected}")
        if self.fields and "version" in self.fields:
            self.fields["version"] = str(int(self.fields["version"]) + 1)


@dataclass(frozen=True)
class Slice:
    """A stretch of asking: requests a second, and milliseconds of CPU that each cost the server and us."""

    rate: float
    server_cpu: float
    client_share: float
    seconds: Sequence[float]


@dataclass
class Rate:
    """One kind of page: who asks for it from which server, and the slices so far."""

    title: str
    server: Measured
    askers: list[Asker]
    slices: list[Slice] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second: the median of the slices."""
        return statistics.median(one.rate for one in self.slices)

    @property
    def server_cpu(self) -> float:
        """Milliseconds of the server's CPU a request: the median of the slices."""
        return statistics.median(one.server_cpu for one in self.slices)

    def costs(self, bare: "Rate") -> tuple[float, float]:
        """How many bare pages this one costs, by rate and by CPU: the median over slices that followed each other."""
        pairs = list(zip(self.slices, bare.slices, strict=True))
        return statistics.median(b.rate / a.rate for a, b in pairs), statistics.median(a.server_cpu / b.server_cpu for a, b in pairs)

    async def measure(self, seconds: float) -> Slice:
        """Ask for so long."""
        until = time.perf_counter() + seconds
        cpu, own, begun = self.server.cpu, _own_cpu(), time.perf_counter()
        taken = [one for some in await asyncio.gather(*(_ask(one, until) for one in self.askers)) for one in some]
        wall = time.perf_counter() - begun
        return Slice(len(taken) / wall, (self.server.cpu - cpu) / len(taken) * 1000, (_own_cpu() - own) / wall, taken)


async def _ask(asker: Asker, until: float) -> list[float]:
    taken = []
    while time.perf_counter() < until:
        answer = await asker.connection.exchange(asker.request())
        asker.answered(answer.status)
        taken.append(answer.seconds)
    return taken


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def compare(rates: Sequence[Rate], *, rounds: int, seconds: float) -> None:
    """Measure each in turn, round after round, so that a noisy moment of the machine meets all of them."""
    for one in rates:
        await one.measure(seconds / 2)
    for _ in range(rounds):
        for one in rates:
            one.slices.append(await one.measure(seconds))


def bare_askers(address: str, users: int) -> list[Asker]:
    """Users of the bare page, with the headers of the real one."""
    visitors = [NetVisitor(address) for _ in range(users)]
    return [Asker(one.connection, one.headers(), "/") for one in visitors]


def showing(employers: Sequence[Employer], path: str) -> list[Asker]:
    """Users who open a page of their own draft."""
    return [_asker(one, path) for one in employers]


async def saving(employers: Sequence[Employer], code: str) -> list[Asker]:
    """Users who save a page of their own draft again and again."""
    return [_asker(one, f"/pages/{code}", fields=_next(await one.answer(code))) for one in employers]


def _asker(employer: Employer, path: str, fields: dict[str, str] | None = None) -> Asker:
    visitor = employer.visitor
    assert isinstance(visitor, NetVisitor)
    return Asker(visitor.connection, visitor.headers(), employer.draft + path, 303 if fields else 200, fields)


def _next(fields: dict[str, str]) -> dict[str, str]:
    return {**fields, "version": str(int(fields["version"]) + 1)}
