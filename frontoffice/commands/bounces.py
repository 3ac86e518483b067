"""Mails that came back: taken in from the mail server, and listed for operators."""

import argparse
import asyncio
import os
import sys
from typing import Any, Final

# Every command imports what it needs when it runs: the help must be there at once.
_CHUNK: Final = 65_536


def _take(arguments: argparse.Namespace) -> None:
    """Ends with 75 (EX_TEMPFAIL) when the database does not answer, so that the mail server brings the mail again."""
    from frontoffice.kernel.database import only_transaction
    from frontoffice.kernel.errors import Unavailable
    from frontoffice.notices.bounces import LARGEST, take
    from frontoffice.settings import Settings

    content = sys.stdin.buffer.read(LARGEST)
    while sys.stdin.buffer.read(_CHUNK):
        pass  # a mail server that could not write to the end would think that we had failed

    async def work() -> None:
        settings = Settings.from_environment()
        async with only_transaction(settings.database_url) as session:
            await take(session, settings, content, arguments.recipient)

    try:
        asyncio.run(work())
    except Unavailable:
        sys.exit(os.EX_TEMPFAIL)


def _list(arguments: argparse.Namespace) -> None:
    from frontoffice.kernel.database import only_transaction
    from frontoffice.notices.bounced import bounced
    from frontoffice.settings import Settings

    async def work() -> None:
        async with only_transaction(Settings.from_environment().database_url) as session:
            for one in await bounced(session, limit=arguments.limit):
                print(f"{one.bounced_at:%Y-%m-%d %H:%M}Z  {one.dossier}  {one.template}  {one.status} {one.reason}  {one.address}")

    asyncio.run(work())


def add_to(commands: Any) -> None:
    """Add `bounces` and `notices` to the command line."""
    take = commands.add_parser("bounces", help="take in a mail that came back, from a mail server's pipe",
                               description="Reads one mail from the standard input. Whatever is no report about a mail of ours is left alone.")
    take.add_argument("--recipient", default="", help="the address that the mail was brought to, where the mail server says it")
    take.set_defaults(run=_take)
    notices = commands.add_parser("notices", help="mails to people: which came back").add_subparsers(required=True, metavar="WHAT")
    came_back = notices.add_parser("bounced", help="mails that came back, latest first: when, dossier, kind, code and reason")
    came_back.add_argument("--limit", type=int, default=200, help="how many at most (default: 200)")
    came_back.set_defaults(run=_list)
