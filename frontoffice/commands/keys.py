"""`frontoffice keys`: change the key that signs our messages without a gap: make and publish the next one, use it, retire the old one."""

import argparse
import asyncio
import sys
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from frontoffice.kernel.signing import KeyFiles
    from frontoffice.settings import Settings

_ABOUT = """\
A change takes four steps: `keys next`, ten minutes in which every peer fetches our keys anew, `keys use`, and `keys retire` once
everything that the old key signed has been delivered. Workers see a change at once. A retired key signs nothing any more; its public
half is found at /.well-known/former-keys.json, for the lists of documents (manifests) that it signed.
"""


def add_to(commands: Any) -> None:
    """Add the command to those of `frontoffice`."""
    keys = commands.add_parser("keys", help="the keys that sign our messages: make the next one, use it, retire the old one",
                               description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = keys.add_subparsers(required=True, dest="what", metavar="WHAT")
    kinds.add_parser("list", help="every key, what it does, and how many undelivered messages it signed")
    kinds.add_parser("next", help="make the next key and publish it; prints its name")
    use = kinds.add_parser("use", help="sign with the next key from now on")
    use.add_argument("--now", action="store_true", help="also before peers can know it: only when none has fetched our keys yet")
    retire = kinds.add_parser("retire", help="destroy a key that signs no longer")
    retire.add_argument("--force", action="store_true", help="also when undelivered messages need it: for a key that was stolen")
    for one in (use, retire):
        one.add_argument("key", help="its name, as `keys list` shows it")
    keys.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Do what was typed; ends with 1 and a line that says why when it would break something."""
    from pathlib import Path

    from frontoffice.kernel.errors import Unavailable
    from frontoffice.kernel.signing import KeyFiles, KeyRefused
    from frontoffice.settings import MissingSettings, Settings

    settings = Settings.from_environment()
    if not settings.signing_key_file:
        raise MissingSettings("These settings are missing: FRONTOFFICE_SIGNING_KEY_FILE")
    files = KeyFiles(Path(settings.signing_key_file), Path(settings.public_jwks_file))
    try:
        _do(arguments, files, settings)
    except KeyRefused as refused:
        sys.exit(str(refused))
    except Unavailable:
        sys.exit("The database does not answer, so nobody can say which messages are not delivered. Nothing was changed.")
    except (OSError, ValueError) as problem:
        sys.exit(f"The files of keys cannot be read or written: {problem}")


def _do(arguments: argparse.Namespace, files: "KeyFiles", settings: "Settings") -> None:
    if arguments.what == "list":
        _list(files, asyncio.run(_unsent(settings)))
    elif arguments.what == "next":
        print(files.prepare())
    elif arguments.what == "use":
        files.use(arguments.key, at_once=arguments.now)
    else:
        # Forced, it must work without a database too.
        files.retire(arguments.key, {} if arguments.force else asyncio.run(_unsent(settings)), forced=arguments.force)


async def _unsent(settings: "Settings") -> Counter[str]:
    from frontoffice.backbone.our_keys import unsent_by_key
    from frontoffice.kernel.database import only_transaction

    async with only_transaction(settings.database_url) as session:
        return await unsent_by_key(session)


def _list(files: "KeyFiles", unsent: Counter[str]) -> None:
    for one in files.states():
        state = f"signs since {_told(one.used_from)}" if one.signs else (
            f"next, published {_told(one.published_at)}" if one.is_new else f"signed until {_told(one.used_until)}")
        notes = [state, *(["NOT PUBLISHED"] if not one.is_published else []), f"{unsent[one.kid]} undelivered messages"]
        print(f"{one.kid}  {', '.join(notes)}")


def _told(instant: datetime | None) -> str:
    return instant.astimezone().strftime("%Y-%m-%d %H:%M:%S") if instant else "an unknown time"
