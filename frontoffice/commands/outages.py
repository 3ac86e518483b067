"""`frontoffice outages`: record when the portal did not work, so that last days move; correct it, and say that there was none."""

import argparse
import asyncio
import sys
from datetime import datetime
from typing import Any
from uuid import UUID


def add_to(commands: Any) -> None:
    """Add the command to those of `frontoffice`."""
    outages = commands.add_parser(
        "outages", help="times when the portal did not work: record one, end it, list them, withdraw one",
        description="Last days that people must keep in the portal and that fall in an outage move by its length and one working day; the worker sees to it. "
                    "The public page of outages shows times, what did not work and the reason. Times without a zone are those of Brussels.")
    kinds = outages.add_subparsers(required=True, dest="what", metavar="WHAT")
    kinds.add_parser("list", help="every outage that stands, the latest first")
    one = kinds.add_parser("record", help="record an outage; prints its identifier")
    one.add_argument("--affects", required=True, choices=("everything", "sign-in", "filing", "uploads"), help="what did not work")
    one.add_argument("--from", required=True, dest="since", type=_instant, metavar="TIME", help="when it began, such as 2026-11-22T09:30")
    one.add_argument("--until", type=_instant, metavar="TIME", help="when everything worked again; without it the outage goes on")
    end = kinds.add_parser("end", help="say when an outage ended, or correct when it began or ended")
    end.add_argument("--from", dest="since", type=_instant, metavar="TIME", help="only to correct it")
    end.add_argument("--until", required=True, type=_instant, metavar="TIME", help="when everything worked again")
    withdraw = kinds.add_parser("withdraw", help="say that there was no such outage; last days that were told stay")
    for parser in (end, withdraw):
        parser.add_argument("outage", type=UUID, help="its identifier: that of the latest row")
    for parser in (one, end, withdraw):
        parser.add_argument("--reason", required=parser is not end, default="", help="in plain English, for everybody to read; at most 300 characters")
        parser.add_argument("--by", required=True, help="who records it: a service or a ticket; not shown to the public")
    outages.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Do what was typed; ends with a line that says what is wrong when it cannot be done."""
    from frontoffice.kernel.errors import Conflict, NotFound

    try:
        asyncio.run(_work(arguments))
    except NotFound:
        sys.exit("No such outage, or a later row took its place: list them")
    except Conflict as conflict:
        sys.exit(conflict.message)


def _instant(typed: str) -> datetime:
    from frontoffice.kernel.i18n import BRUSSELS

    instant = datetime.fromisoformat(typed)
    return instant if instant.tzinfo else instant.replace(tzinfo=BRUSSELS)


async def _work(arguments: argparse.Namespace) -> None:
    from frontoffice.dossiers import outages
    from frontoffice.kernel.database import only_transaction
    from frontoffice.kernel.jobs import make_queue_for_deferring
    from frontoffice.settings import Settings

    make_queue_for_deferring([outages.RELIEVE])
    async with only_transaction(Settings.from_environment().database_url) as session:
        if arguments.what == "list":
            for one in await outages.recorded(session):
                print(_line(one))
        elif arguments.what == "record":
            print(await outages.record(session, affects=arguments.affects, since=arguments.since, until=arguments.until, reason=arguments.reason,
                                       by=arguments.by))
        elif arguments.what == "end":
            print(await outages.correct(session, arguments.outage, since=arguments.since, until=arguments.until, reason=arguments.reason, by=arguments.by))
        else:
            await outages.withdraw(session, arguments.outage, reason=arguments.reason, by=arguments.by)


def _line(one: Any) -> str:
    from frontoffice.kernel.i18n import BRUSSELS

    since, until = (when.astimezone(BRUSSELS).isoformat(timespec="minutes") if when else "…" for when in (one.outage.since, one.outage.until))
    return f"{one.outage.id}  {since} – {until}  {one.outage.affects}: {one.outage.reason}  (recorded by {one.recorded_by})"
