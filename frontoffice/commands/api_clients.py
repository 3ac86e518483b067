"""`frontoffice api-clients`: which systems of authorities may collect dossiers and take steps by API; add one, change its keys, end it."""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command to those of `frontoffice`."""
    clients = commands.add_parser("api-clients", help="systems of authorities that use the API: add one, list them, change keys, end one",
                                  description="Whatever is changed about a system ends its access tokens at once.")
    kinds = clients.add_subparsers(required=True, dest="what", metavar="WHAT")
    kinds.add_parser("list", help="every system, the ended ones too")
    one = kinds.add_parser("add", help="let a system in; prints its client_id")
    one.add_argument("authority", help="its code, such as flanders or municipality-44021")
    one.add_argument("--name", required=True, help="of the system, as people read it beside what it did")
    one.add_argument("--keys", required=True, type=Path, help="a JWK Set with its public ES256 keys, one or two")
    one.add_argument("--territory", default="", help="for authorities of the whole country: only the dossiers of this Region or municipality")
    one.add_argument("--scopes", nargs="+", default=(), metavar="SCOPE", help="what it may do (default: everything)")
    keys = kinds.add_parser("keys", help="take other public keys for a system; during a change, the old and the new one")
    keys.add_argument("--keys", required=True, type=Path, help="a JWK Set with one or two public ES256 keys")
    end = kinds.add_parser("end", help="shut a system out for good")
    for parser in (keys, end):
        parser.add_argument("client", help="its client_id")
    for parser in (one, keys, end):
        parser.add_argument("--by", required=True, help="who orders it: a service or a ticket")
    clients.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Do what was typed; ends with a line that says what is wrong when it cannot be done."""
    from frontoffice.kernel.errors import Conflict, NotFound

    try:
        asyncio.run(_work(arguments))
    except NotFound:
        sys.exit("No such system, or it was ended")
    except Conflict as conflict:
        sys.exit(conflict.message)
    except OSError as problem:
        sys.exit(f"{arguments.keys}: {problem.strerror}")


async def _work(arguments: argparse.Namespace) -> None:
    from frontoffice.authorities import administration
    from frontoffice.kernel.database import only_transaction
    from frontoffice.settings import Settings

    async with only_transaction(Settings.from_environment().database_url) as session:
        if arguments.what == "list":
            for one in await administration.clients(session):
                print(json.dumps(one.described()))
        elif arguments.what == "add":
            new = administration.NewClient(name=arguments.name, authority=arguments.authority, territory=arguments.territory,
                                           scopes=tuple(arguments.scopes), keys=arguments.keys.read_bytes(), by=arguments.by)
            print(await administration.add(session, new))
        elif arguments.what == "keys":
            await administration.change_keys(session, arguments.client, arguments.keys.read_bytes(), by=arguments.by)
        else:
            await administration.end(session, arguments.client, by=arguments.by)
