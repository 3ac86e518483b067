"""The command: `python -m tests.campaign --seed 7`; exit code 0 only when every dossier and every file ended as it should."""

import argparse
import asyncio
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import psycopg

from frontoffice.worker import conninfo_of
from tests.bench.stage import Stage, a_stage
from tests.campaign.books import read_books
from tests.campaign.chaos import Chaos
from tests.campaign.files import a_file
from tests.campaign.filing import Filing, Story, a_plan
from tests.campaign.ledger import faults
from tests.campaign.ours import is_busy, read_ours
from tests.campaign.people import Crowd
from tests.campaign.senders import SLOTS, Sender, a_sender
from tests.campaign.verdict import Verdict

# A dossier takes a hundred documents and 500 MB.
_FILES_A_SENDER = 25
_DOSSIERS_A_PERSON = 8
_AT_ONCE = 48
_OPTIONS = ("--servers", "2", "--workers", "2", "--rate", "50")
_QUIET = 900.0
_OFFICES = {"declaration-of-arrival": ("municipality-11002", "Antwerpen"), "work-authorisation": ("flanders", "Vlaams Gewest")}


async def _uploads(senders: Sequence[Sender], files: int, seed: int) -> None:
    """Every sender brings its share to a draft that is never filed, one file after the other."""

    async def bring(sender: Sender, numbers: range) -> None:
        random = Random(f"{seed}/files/{numbers.start}")
        for number in numbers:
            await sender.send(a_file(random, number, SLOTS))

    share = range(0, files, _FILES_A_SENDER)
    await asyncio.gather(*(bring(sender, range(start, min(start + _FILES_A_SENDER, files))) for sender, start in zip(senders, share, strict=True)))


async def _dossiers(crowd: Crowd, count: int, seed: int) -> list[Story]:
    """Every person does his or her share, two at a time, and not all people at once; one official of each kind decides for all."""
    plans = [a_plan(seed, nth) for nth in range(count)]
    officials = {procedure: crowd.official(*office) for procedure, office in _OFFICES.items()}
    people: dict[tuple[str, int], list[Filing]] = {}
    for nth, plan in enumerate(plans):
        key = (plan.procedure, nth // _DOSSIERS_A_PERSON)
        mine = people.setdefault(key, [])
        person = mine[0].person if mine else (crowd.applicant if plan.procedure == "declaration-of-arrival" else crowd.employer)(key[1])
        mine.append(Filing(plan, person, officials[plan.procedure]))

    async def one_after_another(filings: Sequence[Filing]) -> list[Story]:
        done = []
        for one in filings:
            async with at_once:
                done.append(await one.run())
            ended.append(one)
            if len(ended) * 10 // count > (len(ended) - 1) * 10 // count:
                print(f"{len(ended)} of {count} dossiers are done", flush=True)
        return done

    ended: list[Filing] = []
    at_once = asyncio.Semaphore(_AT_ONCE)
    done = await asyncio.gather(*(one_after_another(mine[half::2]) for mine in people.values() for half in (0, 1)))
    for person in {id(mine[0].person): mine[0].person for mine in people.values()}.values():
        await person.http.aclose()
    for official in officials.values():
        await official.http.aclose()
    return [story for stories in done for story in stories]


async def _rest(stage: Stage, conninfo: str) -> None:
    """Wait until nothing moves any more; what waits for its ten minutes is asked for at once."""
    deadline, quiet = time.monotonic() + _QUIET, 0
    while quiet < 3 and time.monotonic() < deadline:
        await asyncio.sleep(3)
        try:
            waits = await asyncio.to_thread(is_busy, conninfo) or not await asyncio.to_thread(_all_arrived, conninfo, stage.folder / "backbone")
            quiet = 0 if waits else quiet + 1
            if waits:
                await asyncio.to_thread(_hurry, conninfo)
        except psycopg.Error:
            quiet = 0


def _all_arrived(conninfo: str, folder: Path) -> bool:
    """Whether every event that the receiver sent came in and had its turn."""
    arrived = {one.jti for one in read_ours(conninfo).arrivals if one.outcome != "waiting"}
    return all(one.jti in arrived for one in read_books(folder).sent)


def _hurry(conninfo: str) -> None:
    """Let the pauses between tries be over, and compare with the receiver now."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("UPDATE message SET next_try_at = NULL, tried_at = NULL, created_at = now() - interval '2 minutes' WHERE concluded_at IS NULL")
        connection.execute("UPDATE notice SET next_try_at = now() WHERE sent_at IS NULL")
        connection.execute("UPDATE inbound_message SET received_at = now() - interval '11 minutes' WHERE outcome = 'waiting'")
        connection.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND scheduled_at > now()")
        connection.execute("UPDATE dossier SET asked_at = now() - interval '11 minutes' WHERE asked_at IS NOT NULL")
        connection.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock) VALUES ('default', 'backbone:verify', 'campaign/verify'),"
                           " ('default', 'backbone:sweep', 'campaign/sweep') ON CONFLICT DO NOTHING")


async def _campaign(seed: int, dossiers: int, files: int, between: float) -> list[str]:
    with a_stage(*_OPTIONS, apart=False) as stage:
        environment = stage.part("worker").environ()
        conninfo = conninfo_of(environment["FRONTOFFICE_DATABASE_URL"])
        crowd = Crowd(stage.portal, conninfo, f"__Host-session{environment['FRONTOFFICE_COOKIE_SUFFIX']}", seed)
        verdict = Verdict(environment)
        senders = [await a_sender(stage.portal, number, Random(f"{seed}/sender/{number}")) for number in range(-(-files // _FILES_A_SENDER))]
        chaos = Chaos(stage.supervisor, Random(f"{seed}/chaos"), stage.addresses["backbone"], between=between)
        ended, begun = asyncio.Event(), time.monotonic()
        harm = asyncio.create_task(chaos.run(ended))
        stories, _none = await asyncio.gather(_dossiers(crowd, dossiers, seed), _uploads(senders, files, seed))
        ended.set()
        await harm
        print(f"{dossiers} dossiers and {files} files in {time.monotonic() - begun:.0f} s; harm done: {dict(chaos.done)}", flush=True)
        left = await verdict.rest()
        await _rest(stage, conninfo)
        print(f"quiet after {time.monotonic() - begun:.0f} s", flush=True)
        outcomes = [one for sender in senders for one in sender.outcomes] + [one for story in stories for one in story.outcomes]
        ours, books = read_ours(conninfo), read_books(stage.folder / "backbone")
        found = [*faults(stories, books, ours), *await verdict.faults(outcomes)]
        _tell(stories, Counter(f"{one.way}, {one.told}" for one in outcomes), len(books.messages), Counter(f"{one.outcome} {one.remark}".strip() for one in ours.arrivals))
        await verdict.close()
        for sender in senders:
            await sender.http.aclose()
        return found + ([f"{left} documents are still being checked"] if left else [])


def _tell(stories: Sequence[Story], files: Counter[str], messages: int, arrivals: Counter[str]) -> None:
    confirmed = Counter(one.plan.fate for one in stories if "submit" in one.confirmed)
    print(f"confirmed: {dict(confirmed)}; files: {dict(files)}; messages there: {messages}; events from there: {dict(arrivals)}", flush=True)


def main() -> None:
    """Run one campaign and say what came of it; the seed replays the dossiers, the files, everybody's ways and the kinds of harm."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--dossiers", type=int, default=1000)
    parser.add_argument("--files", type=int, help="sent to drafts that are never filed (default: a tenth of the dossiers)")
    parser.add_argument("--between", type=float, default=3.0, help="seconds between two harms, on average (default: 3)")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    files = options.dossiers // 10 if options.files is None else options.files
    found = asyncio.run(_campaign(options.seed, options.dossiers, files, options.between))
    for one in found[:200]:
        print(one)
    print(f"seed {options.seed}: {len(found)} faults" if found else f"seed {options.seed}: clean")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
