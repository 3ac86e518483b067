"""The command: `python -m tests.campaign --seed 7`; exit code 0 only when every file ended as it should."""

import argparse
import asyncio
import os
import secrets
import sys
import time
from collections import Counter
from random import Random

import psutil

from tests.bench.stage import a_stage
from tests.campaign.chaos import Chaos
from tests.campaign.files import a_file
from tests.campaign.senders import SLOTS, Sender, a_sender
from tests.campaign.verdict import Verdict

# A dossier takes a hundred documents and 500 MB.
_FILES_A_SENDER = 25


async def _uploads(senders: list[Sender], files: int, seed: int) -> None:
    """Every sender brings its share, one file after the other."""

    async def bring(sender: Sender, numbers: range) -> None:
        random = Random(f"{seed}/files/{numbers.start}")
        for number in numbers:
            await sender.send(a_file(random, number, SLOTS))

    share = range(0, files, _FILES_A_SENDER)
    await asyncio.gather(*(bring(sender, range(start, min(start + _FILES_A_SENDER, files))) for sender, start in zip(senders, share, strict=True)))


def _environment_of(supervisor: psutil.Process, word: str) -> dict[str, str]:
    return next(one.environ() for one in supervisor.children(recursive=True) if word in one.cmdline())


async def _campaign(seed: int, files: int) -> list[str]:
    with a_stage() as stage:
        os.sched_setaffinity(stage.server.process.pid, stage.cores.server | stage.cores.others)
        os.sched_setaffinity(0, stage.cores.server | stage.cores.others)
        verdict = Verdict(_environment_of(stage.supervisor, "worker"))
        senders = [await a_sender(stage.portal, number, Random(f"{seed}/sender/{number}")) for number in range(-(-files // _FILES_A_SENDER))]
        chaos, ended, begun = Chaos(stage.supervisor, Random(f"{seed}/chaos")), asyncio.Event(), time.monotonic()
        harm = asyncio.create_task(chaos.run(ended))
        await _uploads(senders, files, seed)
        ended.set()
        await harm
        print(f"{files} files sent in {time.monotonic() - begun:.0f} s; harm done: {dict(chaos.done)}", flush=True)
        left = await verdict.rest()
        outcomes = [one for sender in senders for one in sender.outcomes]
        faults = await verdict.faults(outcomes)
        print(f"told: {dict(Counter(f'{one.way}, {one.told}' for one in outcomes))}; tries: {sum(one.tries for one in outcomes)}", flush=True)
        await verdict.close()
        for sender in senders:
            await sender.http.aclose()
        return faults + ([f"{left} documents are still being checked"] if left else [])


def main() -> None:
    """Run one campaign and say what came of it; the seed replays the files, the senders' ways and the kinds of harm."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--files", type=int, default=500)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    faults = asyncio.run(_campaign(options.seed, options.files))
    for one in faults:
        print(one)
    print(f"seed {options.seed}: {len(faults)} faults" if faults else f"seed {options.seed}: clean")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
