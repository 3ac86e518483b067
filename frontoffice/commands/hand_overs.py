"""`frontoffice hand-overs`: what is stuck between the portal and the authorities, and what an operator does about it, from a shell."""

import argparse
import asyncio
import dataclasses
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

# The product is imported when the command runs: the help must be there at once.
_NEEDS_A_PERSON, _AWAY = 4, 3
_LARGEST_FILE: Final = 1024 * 1024
_CODES: Final = """\
exit codes:
  0  done; for status: nothing needs a person
  1  not done, and the line says why: no such number, nothing waits, held, stopped, a receipt that proves nothing
  2  wrong use
  3  the database does not answer
  4  status only: something needs a person
"""
_DONE: Final[Mapping[str, str]] = {
    "retry": "is tried now", "hold": "is held", "release": "is released, and sent now", "review": "is marked as reviewed",
    "stop": "Nothing is sent any more.", "start": "What waits is sent again.",
}


def add_to(commands: Any) -> None:
    """Add the command to those of `frontoffice`."""
    parser = commands.add_parser(
        "hand-overs", help="what is stuck between the portal and the authorities; retry, hold, review, sealed package, stop and start",
        description="Runs as the role of the jobs. Every act is kept for good with its reason: no names and nothing else about a person.",
        epilog=_CODES, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True, dest="what", metavar="WHAT")
    _reading(kinds)
    _acting(kinds)
    parser.set_defaults(run=run)


def _reading(kinds: Any) -> None:
    status = kinds.add_parser("status", help="how many need a person, and whether sending is stopped")
    listed = kinds.add_parser("list", help="what is stuck, the longest waiting first")
    listed.add_argument("--part", choices=("late", "refused", "review", "missing", "held"), default="late", help="which part (default: late)")
    shown = kinds.add_parser("show", help="one dossier's messages both ways, with what was tried and done")
    shown.add_argument("number", help="of the dossier")
    for one in (status, listed, shown):
        one.add_argument("--json", action="store_true", help="for programs")


def _acting(kinds: Any) -> None:
    acts = {
        "retry": "try now what waits for its next try", "hold": "send nothing of a dossier until it is released", "release": "let a held dossier go",
        "review": "a person has looked at a refusal, or at a message that came in",
        "package": "seal what waits of a dossier into a file for another path", "conclude": "conclude what waits by receipts that came on another path",
        "stop": "send nothing to the authorities at all", "start": "send again",
    }
    made = {name: kinds.add_parser(name, help=about) for name, about in acts.items()}
    for name, one in made.items():
        if name not in ("stop", "start"):
            one.add_argument("number", help="of the dossier")
        one.add_argument("--reason", required=True, help="kept for good, at most 300 characters, nothing about a person")
        one.add_argument("--by", required=True, help="who orders it: a service or a ticket")
    made["review"].add_argument("--about", required=True, metavar="ID", help="the event of the refusal, or the jti of the message that came in (see show)")
    made["package"].add_argument("--recipient", required=True, metavar="age1…", help="the age recipient that can open it")
    made["package"].add_argument("--out", required=True, type=Path, metavar="FILE", help="to write; it must not be there yet")
    made["package"].add_argument("--json", action="store_true", help="for programs")
    made["conclude"].add_argument("--receipt", required=True, type=Path, metavar="FILE", help="signed receipts of the backbone, one a line")
    made["conclude"].add_argument("--keys", metavar="FILE", help="the backbone's public keys, when its own address does not answer")


def run(arguments: argparse.Namespace) -> None:
    """Do what was typed; ends with one of the codes that the help lists."""
    from frontoffice.kernel.errors import Conflict, NotFound, Unavailable

    try:
        code = asyncio.run(_work(arguments))
    except NotFound:
        sys.exit(f"{getattr(arguments, 'number', '')}: no such hand-over")
    except Conflict as conflict:
        sys.exit(conflict.message % conflict.params if conflict.params else conflict.message)
    except Unavailable as absent:
        print(f"{absent.what} does not answer", file=sys.stderr)
        code = _AWAY
    except OSError as problem:
        sys.exit(f"{problem.filename or ''}: {problem.strerror}")
    sys.exit(code)


async def _work(arguments: argparse.Namespace) -> int:
    from frontoffice.kernel.database import make_engine
    from frontoffice.kernel.jobs import Resources, make_queue_for_deferring
    from frontoffice.routes import QUEUED
    from frontoffice.settings import Settings

    settings = Settings.from_environment()
    make_queue_for_deferring(QUEUED)
    resources = Resources(make_engine(settings.database_url, pool_size=2), settings)
    try:
        if arguments.what in ("package", "conclude"):
            return await _on_another_path(resources, arguments)
        return await _in_the_database(resources, arguments)
    finally:
        await resources.at_end.aclose()
        await resources.engine.dispose()


async def _in_the_database(resources: Any, arguments: argparse.Namespace) -> int:
    from frontoffice.backbone import holding, stuck
    from frontoffice.kernel.database import transaction

    async with transaction(resources.engine) as session:
        if arguments.what == "status":
            return _tell_status(await stuck.overview(session), arguments)
        if arguments.what == "list":
            return _tell_list(await stuck.stuck(session, arguments.part), arguments)
        if arguments.what == "show":
            return _tell_one(await stuck.hand_over(session, arguments.number.upper()), arguments)
        said = holding.Said(reason=arguments.reason, by=arguments.by)
        if arguments.what in ("stop", "start"):
            await (holding.stop if arguments.what == "stop" else holding.start)(session, said)
        elif arguments.what == "review":
            await holding.review(session, arguments.number.upper(), arguments.about, said)
        else:
            acts = {"retry": holding.retry, "hold": holding.hold, "release": holding.release}
            await acts[arguments.what](session, arguments.number.upper(), said)
    print(" ".join(one for one in (getattr(arguments, "number", "").upper(), _DONE[arguments.what]) if one))
    return 0


async def _on_another_path(resources: Any, arguments: argparse.Namespace) -> int:
    from frontoffice.backbone import packages
    from frontoffice.backbone.holding import Said

    said, number = Said(reason=arguments.reason, by=arguments.by), arguments.number.upper()
    if arguments.what == "package":
        made = await packages.seal(resources, number, recipient=arguments.recipient, out=arguments.out, said=said)
        lines = f"{made.path}: {made.messages} messages, {made.documents} documents\nSHA-256 of the file: {made.sha256}"
        print(_as_json(made) if arguments.json else lines)
        return 0
    with arguments.receipt.open("rb") as file:
        receipts = file.read(_LARGEST_FILE).decode("ascii", "replace").split()
    print(f"{number}: {await packages.conclude(resources, number, receipts, verify=_verifier(resources.settings, arguments.keys), said=said)} concluded")
    return 0


def _verifier(settings: Any, file: str | None) -> Any:
    """How a receipt is checked: with the keys at the backbone's address, or with those in a file."""
    import httpx

    from frontoffice.kernel.keys import RemoteKeys
    from frontoffice.kernel.tokens import BadToken, read_keys, verify_strict

    remote = RemoteKeys(settings.backbone_jwks_url, name="backbone")
    try:
        keys = read_keys(Path(file).read_bytes()) if file else None
    except BadToken:
        sys.exit(f"{file}: not a set of public keys")

    async def verify(text: str, use: Any) -> Any:
        if keys is not None:
            return verify_strict(text, keys, use)
        async with httpx.AsyncClient(trust_env=False) as client:
            return await remote.verify(client, text, use)

    return verify


def _tell_status(seen: Any, arguments: argparse.Namespace) -> int:
    stopped = f"stopped since {_moment(seen.stop.at)} by {seen.stop.by}: {seen.stop.reason}" if seen.stop else "on"
    lines = (f"sending    {stopped}", f"late       {seen.late}", f"refused    {seen.refused}", f"to review  {seen.review}", f"missing    {seen.missing}",
             f"held       {seen.held}")
    print(_as_json(seen) if arguments.json else "\n".join(lines))
    return _NEEDS_A_PERSON if seen.needs_a_person or seen.stop or seen.held_long else 0


def _tell_list(rows: Any, arguments: argparse.Namespace) -> int:
    for one in rows:
        print(_as_json(one) if arguments.json else "  ".join((
            one.number, _moment(one.since), f"{one.tries} tries", "held" if one.is_held else "", _english(one.why))))
    return 0


def _tell_one(one: Any, arguments: argparse.Namespace) -> int:
    if arguments.json:
        print(_as_json(one))
        return 0
    print(f"{one.number}{'  HELD: ' + one.hold.reason if one.hold else ''}{'  SENDING IS STOPPED' if one.is_stopped else ''}")
    for item in one.sendings:
        steps = (("refused", item.refused_at), ("validated", item.validated_at), ("delivered", item.concluded_at))
        state = next((f"{word} {_moment(at)}" for word, at in steps if at), f"not delivered, {item.tries} tries: {_english(item.why)}")
        print(f"out  {item.event_id}  {_moment(item.happened_at)}  {_english(item.what)}: {state}")
    for item in one.comings:
        print(f"in   {item.jti}  {_moment(item.received_at)}  {item.outcome}{': ' + _english(item.why) if item.outcome == 'review' else ''}")
    for item in one.acts:
        print(f"act  {_moment(item.at)}  {item.kind} by {item.by}: {item.reason}")
    return 0


def _moment(at: datetime) -> str:
    from frontoffice.kernel.i18n import BRUSSELS

    return at.astimezone(BRUSSELS).isoformat(timespec="seconds")


def _english(text: Any) -> str:
    from frontoffice.kernel.message import Message, say

    return say(text, "en") if isinstance(text, Message) else str(text)


def _as_json(one: Any) -> str:
    return json.dumps(_plain(one), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """The value as JSON knows it: sentences in English, instants with their zone."""
    from frontoffice.kernel.message import Message

    if isinstance(value, Message):
        return _english(value)
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, (UUID, Path)) else value
