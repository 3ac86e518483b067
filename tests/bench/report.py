"""The report: tables of plain text, figures beside what is aimed at."""

import gzip
import statistics
from collections.abc import Iterable, Mapping, Sequence

from tests.bench.journey import WAITING, Notes
from tests.bench.rates import Rate
from tests.bench.web import Answer


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows in columns: the first to the left, the others to the right."""
    rows = [list(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join("  " + "  ".join(cell.ljust(width) if nth == 0 else cell.rjust(width) for nth, (cell, width) in enumerate(zip(row, widths, strict=True)))
                     for row in rows)


def percentile(values: Sequence[float], part: int) -> float:
    """The value below which so many of a hundred lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)]


def _ms(values: Sequence[float], part: int) -> str:
    return f"{percentile(values, part) * 1000:.1f}"


def pages(notes: Notes, statements: Mapping[str, int]) -> str:
    """One line for each page of the journey."""
    rows: list[Sequence[str]] = [("page", "times", "p50 ms", "p95 ms", "p99 ms", "bytes", "gzip", "statements")]
    for name, seconds in notes.seconds.items():
        if name == WAITING:
            continue
        answer = notes.answers.get(name)
        sizes = (f"{len(answer.text.encode()):,}", f"{len(zipped(answer)):,}") if answer and "PDF" not in name else ("", "")
        rows.append((name, str(len(seconds)), _ms(seconds, 50), _ms(seconds, 95), _ms(seconds, 99), *sizes, str(statements.get(name, ""))))
    return table(rows)


def zipped(answer: Answer) -> bytes:
    """The body compressed, as a proxy in front would send it."""
    return answer.body if answer.header("content-encoding") == "gzip" else gzip.compress(answer.body, 6)


def first_visit(found: Sequence[tuple[str, Answer]]) -> str:
    """What a first visit moves."""
    rows = [("first visit", "bytes", "moved", "compressed"),
            *((name, f"{len(answer.text.encode()):,}", f"{len(answer.body):,}", f"{len(zipped(answer)):,}") for name, answer in found)]
    whole = ("in all", f"{sum(len(one.text.encode()) for _, one in found):,}", f"{sum(len(one.body) for _, one in found):,}",
             f"{sum(len(zipped(one)) for _, one in found):,}")
    return table([*rows, whole])


def rates(found: Sequence[Rate], bare: Rate) -> str:
    """One line for each kind of request, in bare pages."""
    rows: list[Sequence[str]] = [("one core, saturated", "a second", "p50 ms", "p99 ms", "server CPU ms", "client's core", "bare pages", "by CPU")]
    for one in found:
        seconds = [taken for part in one.slices for taken in part.seconds]
        by_rate, by_cpu = one.costs(bare)
        share = statistics.median(part.client_share for part in one.slices)
        rows.append((one.title, f"{one.rate:,.0f}", _ms(seconds, 50), _ms(seconds, 99), f"{one.server_cpu:.2f}", f"{share:.0%}", f"{by_rate:.1f}", f"{by_cpu:.1f}"))
    return table(rows)
