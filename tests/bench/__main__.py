"""The command: `python -m tests.bench`."""

import argparse
import asyncio
import itertools
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence

import uvloop

from tests.bench import report
from tests.bench.backlog import OPTIONS, backlog_report
from tests.bench.journey import PAGES, Employer, Notes, files
from tests.bench.rates import Rate, bare_askers, compare, saving, showing
from tests.bench.stage import Stage, a_bare_server, a_stage, start_up_seconds
from tests.bench.statements import count_statements
from tests.bench.uploads import upload_reports
from tests.bench.web import NetVisitor

# A page of questions of the usual kind, and the heaviest one, with two lists of countries.
USUAL, HEAVIEST = "workplace", "identity"
_MOST_SHOWN, _MOST_SAVED, _MOST_STATEMENTS = 10, 16, 5


def _employers(stage: Stage, notes: Notes, *, first: int = 0) -> Iterator[Employer]:
    """Ever new users, each from an address of their own, since tries to sign in are counted by address."""
    for number in itertools.count(first):
        yield Employer(NetVisitor(stage.portal, source=f"127.1.{number // 250}.{number % 250 + 1}"), notes, number)


async def _journeys(options: argparse.Namespace, everyone: Iterator[Employer]) -> None:
    """So many whole journeys, so many users at a time."""
    brought, left = files(), iter(range(options.journeys))

    async def one_after_another() -> None:
        for _ in left:
            employer = next(everyone)
            await employer.whole(brought)
            employer.visitor.connection.close()  # type: ignore[attr-defined]

    await asyncio.gather(*(one_after_another() for _ in range(options.users)))


async def _journey_report(stage: Stage, options: argparse.Namespace) -> str:
    first = next(_employers(stage, Notes()))
    visit = await first.first_visit()
    fresh = stage.server.megabytes
    await first.whole(files())
    notes, warm = Notes(), stage.server.megabytes
    cpu, beside, begun = stage.server.cpu, stage.others_cpu(), time.perf_counter()
    await _journeys(options, _employers(stage, notes, first=1))
    wall, cpu, beside = time.perf_counter() - begun, stage.server.cpu - cpu, stage.others_cpu() - beside
    statements = await count_statements(stage.settings)
    start, start_cpu = start_up_seconds(stage)
    each = cpu / options.journeys
    lines = [
        ("journeys a second, with the checks of all documents", f"{options.journeys / wall:.2f}"),
        ("journeys a second that the server's core alone could do", f"{1 / each:.2f}"),
        ("requests a second, whole journey", f"{notes.requests / wall:.0f}"),
        ("server CPU a journey", f"{each * 1000:.0f} ms"),
        ("CPU of database, storage, worker and the rest a journey", f"{beside / options.journeys * 1000:.0f} ms"),
        ("server's core in use", f"{cpu / wall:.0%}"),
        ("server memory when started, after one journey, after all", f"{fresh:.0f}, {warm:.0f}, {stage.server.megabytes:.0f} MB (aim: below 150)"),
        ("of which its own (not shared with other programs)", f"{stage.server.own_megabytes:.0f} MB"),
        ("server start-up, best of three", f"{start:.2f} s, of which {start_cpu:.2f} s of CPU (aim: below 2)"),
    ]
    return "\n\n".join((report.table(lines), report.pages(notes, statements), report.first_visit(visit) + "\n  aim: below 60,000 compressed in all",
                        _statements_line(statements)))


def _statements_line(statements: dict[str, int]) -> str:
    worst = max(statements.get(name, 0) for name in ("form page (shown)", "form page (saved)"))
    return f"  Most statements of a form page: {worst} (aim: at most {_MOST_STATEMENTS}), BEGIN and COMMIT apart."


async def _rate_report(stage: Stage, options: argparse.Namespace) -> str:
    everyone = [one for one, _ in zip(_employers(stage, Notes()), range(options.users), strict=False)]
    for one in everyone:
        one.visitor.connection = NetVisitor(stage.portal, source=f"127.2.0.{one.number + 1}").connection  # type: ignore[attr-defined]
        await one.sign_in()
        await one.begin()
        for code in PAGES:
            await one.answer(code)
    usual = await everyone[0].get("", f"{everyone[0].draft}/pages/{USUAL}")
    with a_bare_server(stage, len(usual.body)) as (address, bare_server):
        bare = Rate(f"bare page of {len(usual.body):,} bytes", bare_server, bare_askers(address, options.users))
        shown = Rate(f"form page shown ({USUAL})", stage.server, showing(everyone, f"/pages/{USUAL}"))
        saved = Rate(f"form page saved ({USUAL})", stage.server, await saving(everyone, USUAL))
        more = [
            Rate(f"form page shown ({HEAVIEST})", stage.server, showing(everyone, f"/pages/{HEAVIEST}")),
            Rate(f"form page saved ({HEAVIEST})", stage.server, await saving(everyone, HEAVIEST)),
            Rate("task list", stage.server, showing(everyone, "")),
            Rate("check before filing", stage.server, showing(everyone, "/check")),
        ]
        await compare([bare, shown, saved, *more], rounds=options.rounds, seconds=options.seconds)
    return "\n\n".join((
        report.rates([bare, shown, saved, *more], bare),
        f"  A form page shown costs {shown.costs(bare)[0]:.1f} bare pages (aim: at most {_MOST_SHOWN}).\n"
        f"  A form page saved costs {saved.costs(bare)[0]:.1f} bare pages (aim: at most {_MOST_SAVED}).",
    ))


async def _upload_report(stage: Stage, options: argparse.Namespace) -> str:
    employers = _employers(stage, Notes())
    return "\n\n".join([one async for one in upload_reports(stage, employers, rounds=options.rounds, link=options.link)])


async def _backlog_report(stage: Stage, options: argparse.Namespace) -> str:
    return await backlog_report(stage, next(_employers(stage, Notes())), options)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description="What the filing journey costs one server process on one core.")
    parser.add_argument("--users", type=int, default=8, help="at the same time (default: 8)")
    parser.add_argument("--journeys", type=int, default=16, help="whole journeys in all (default: 16)")
    parser.add_argument("--rounds", type=int, default=5, help="of the comparison with the bare page (default: 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each kind of page in a round (default: 2)")
    parser.add_argument("--link", type=float, default=1.0, help="megabytes a second of each of fifty senders (default: 1)")
    parser.add_argument("--waiting", type=int, default=10_000, help="dossiers in the backlog (default: 10000)")
    parser.add_argument("--only", choices=("journeys", "rates", "uploads", "backlog"), help="leave the other parts out")
    options = parser.parse_args()
    parts = {"journeys": _journey_report, "rates": _rate_report, "uploads": _upload_report}
    if options.only != "backlog":
        _measure([one for name, one in parts.items() if options.only in (None, name)], options)
    if options.only in (None, "backlog"):
        # Two workers beside a loop that can use one core at a time: none of them may be shut up in one.
        _measure([_backlog_report], options, *OPTIONS, apart=False)


def _measure(reports: Sequence[Callable[[Stage, argparse.Namespace], Coroutine[None, None, str]]], options: argparse.Namespace, *size: str, apart: bool = True) -> None:
    """Measure these on one stage, and print what each found."""
    with a_stage(*size, apart=apart) as stage:
        print(f"Server on cores {sorted(stage.cores.server)}, all else on {sorted(stage.cores.others)}; {options.users} users.\n", flush=True)
        for one in reports:
            print(uvloop.run(one(stage, options)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
