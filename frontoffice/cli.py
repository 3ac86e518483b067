"""The `frontoffice` command: try the whole service on one machine, and run or look after a real one."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from frontoffice.commands import api_clients, bounces, hand_overs, keys, outages, serving
from frontoffice.settings import MissingSettings

# Every command imports what it needs when it runs: the help must be there at once, and a server must not load what
# only a laptop needs.

# Each of these modules adds one command; like those below they import what they need when it runs.
_TOPICS = (api_clients, bounces, hand_overs, outages, keys)
_SETTINGS = """\
serve, worker, migrate, retention, api-clients, hand-overs, bounces, notices and outages read their settings from the environment,
and name those that are missing:
  FRONTOFFICE_DATABASE_URL   postgresql+psycopg://… of the process's own role: frontoffice_web for serve,
                             frontoffice_jobs for worker, retention, api-clients, hand-overs, bounces, notices and outages, frontoffice_owner for migrate
  FRONTOFFICE_PUBLIC_URL, _DOWNLOAD_URL, _SECRET_KEY, _COOKIE_SUFFIX, _PROVIDERS
  FRONTOFFICE_S3_ENDPOINT, _S3_REGION, _S3_QUARANTINE, _S3_CLEAN, _S3_ACCESS_KEY, _S3_SECRET_KEY
  FRONTOFFICE_SMTP_URL, _MAIL_FROM
  FRONTOFFICE_BACKBONE_URL, _BACKBONE_JWKS_URL, _BACKBONE_ISSUER, _ISSUER, _PUBLIC_JWKS_FILE
  FRONTOFFICE_BACKBONE_RATE   messages a second that the backbone has agreed to, those of all workers together (default: 5)
  FRONTOFFICE_SIGNING_KEY_FILE, _SEAL_KEY_FILE, _SEAL_CERTIFICATE_FILE   for the worker only; PEM files seal the receipts
  FRONTOFFICE_OPERATORS_MAIL   who is told by mail when hand-overs need a person (default: nobody)
  OTEL_EXPORTER_OTLP_ENDPOINT   where the traces of serve and worker are sent, as OTLP over HTTP (default: nowhere)
"""


def _local(arguments: argparse.Namespace) -> None:
    from frontoffice.local.files import CannotStart, hold

    folder: Path = arguments.folder.expanduser().resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    # A shell that starts a command in the background lets it ignore the interrupt; ours must end by one all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with hold(folder):
            if arguments.ready_file:  # Before the slow imports: nobody may find the file of a killed run.
                arguments.ready_file.unlink(missing_ok=True)

            from frontoffice.local.service import Receiver, Size, run

            size = Size(servers=arguments.servers, workers=arguments.workers, rate=arguments.rate)
            own = Receiver.at(arguments.backbone, arguments.backbone_issuer, arguments.backbone_jwks_url) if arguments.backbone else None
            run(arguments.port, folder, arguments.ready_file, size, own)
    except CannotStart as problem:
        sys.exit(str(problem))


def _migrate(_arguments: argparse.Namespace) -> None:
    from frontoffice import migrations

    url = os.environ.get("FRONTOFFICE_DATABASE_URL")
    if not url:
        raise MissingSettings("These settings are missing: FRONTOFFICE_DATABASE_URL")
    migrations.upgrade(url)


def _revision(arguments: argparse.Namespace) -> None:
    from frontoffice.local.revision import write_revision

    write_revision(arguments.message)


def _retention(arguments: argparse.Namespace) -> None:
    from frontoffice.documents import retention
    from frontoffice.kernel.database import only_transaction
    from frontoffice.kernel.errors import Conflict, NotFound
    from frontoffice.settings import Settings

    async def work() -> None:
        async with only_transaction(Settings.from_environment().database_url) as session:
            if arguments.what == "due":
                for one in await retention.due(session, limit=1000):
                    print(f"{one.number}  {one.figure.count} {one.figure.unit}, {one.figure.confidence}: {one.figure.source}")
            elif arguments.what == "delete":
                await retention.order(session, arguments.number, reason=arguments.reason, by=arguments.by)
            elif arguments.what == "hold":
                await retention.hold(session, arguments.number, reason=arguments.reason, by=arguments.by)
            else:
                await retention.release(session, arguments.number)

    try:
        asyncio.run(work())
    except NotFound:
        sys.exit(f"{arguments.number}: no such dossier, or it is not held")
    except Conflict as conflict:
        sys.exit(f"{arguments.number}: {conflict.message}")


def _check_manifest(arguments: argparse.Namespace) -> None:
    """Ends with 1 when the signature does not hold or a file is not in the manifest; documents that are absent are only named."""
    import httpx

    from frontoffice.documents.manifest import checked, compared, keys_at
    from frontoffice.kernel.tokens import BadToken

    try:
        claims = checked(arguments.file.read_text("ascii").strip(), keys_at(arguments.keys))
    except BadToken as problem:
        sys.exit(f"The signature does not hold: {problem.reason}")
    except (OSError, UnicodeDecodeError, httpx.HTTPError) as problem:
        sys.exit(f"Cannot be checked: {problem}")
    print(f"The signature holds. {claims['iss']} says: {claims['sub']} was filed at {claims['filed_at']} with {len(claims['documents'])} documents.")
    if arguments.documents is None:
        return
    found = compared(claims, arguments.documents)
    lines = (*(f"the same: {name} is {code}" for name, code in found.same.items()), *(f"absent: {one}" for one in found.absent),
             *(f"NOT IN THE LIST: {name}" for name in found.other))
    print("\n".join(lines))
    if found.other:
        sys.exit(1)


def _life(arguments: argparse.Namespace) -> None:
    from frontoffice.procedures import EDITIONS

    found = [one for one in EDITIONS if one.code == arguments.procedure]
    if not found:
        sys.exit(f"No such procedure. Known: {', '.join(sorted({one.code for one in EDITIONS}))}")
    print(found[-1].life.draw())


def _add_retention(commands: Any) -> None:
    retention = commands.add_parser("retention", help="which closed dossiers are due for deletion; order it, hold it back, release",
                                    description="Deletion is carried out by the worker in the next night, and written down for ever.")
    kinds = retention.add_subparsers(required=True, dest="what", metavar="WHAT")
    kinds.add_parser("due", help="closed dossiers whose period is over, with the figure that says so")
    for what, about in (("delete", "order the deletion of one closed dossier"), ("hold", "keep one from being deleted, such as for an appeal")):
        one = kinds.add_parser(what, help=about)
        one.add_argument("number", help="of the dossier")
        one.add_argument("--reason", required=True, help="kept with the order, at most 300 characters, no personal data")
        one.add_argument("--by", required=True, help="who orders it: a service or a ticket")
    kinds.add_parser("release", help="let the periods count again").add_argument("number", help="of the dossier")
    retention.set_defaults(run=_retention)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="frontoffice", description=__doc__, epilog=_SETTINGS, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    local = commands.add_parser("local", help="the whole service on this machine, with made-up people to try it")
    local.add_argument("--port", type=int, default=8000, help="of the portal (default: 8000); others are chosen free")
    local.add_argument("--folder", type=Path, default=Path(".local"), help="where everything is kept (default: .local)")
    local.add_argument("--ready-file", type=Path, help="written as JSON once everything answers, removed at the end")
    local.add_argument("--servers", type=int, default=1, help="processes that serve pages (default: 1)")
    local.add_argument("--workers", type=int, default=1, help="processes that do jobs (default: 1)")
    local.add_argument("--rate", type=int, default=5, help="messages a second that the backbone stand-in takes (default: 5)")
    local.add_argument("--backbone", metavar="URL", help="your own receiver in the place of the backbone stand-in: where the portal sends to")
    local.add_argument("--backbone-issuer", metavar="NAME", help="what that receiver is called in what it signs (default: as the stand-in)")
    local.add_argument("--backbone-jwks-url", metavar="URL", help="where its public keys are (default: /.well-known/jwks.json there)")
    local.set_defaults(run=_local)

    serving.add_to(commands)
    commands.add_parser("migrate", help="bring the database to this version's schema").set_defaults(run=_migrate)

    _add_retention(commands)
    for topic in _TOPICS:
        topic.add_to(commands)

    manifest = commands.add_parser("check-manifest", help="check the signed list of documents of a filing, and files against it")
    manifest.add_argument("file", type=Path, help="the manifest, such as SP-2026-0000123-C.manifest.jws")
    manifest.add_argument("--keys", required=True,
                          help="the portal's published keys: https://…/.well-known/jwks.json (for old papers former-keys.json there), or a file")
    manifest.add_argument("--documents", type=Path, metavar="FOLDER", help="compare the files in this folder with the list")
    manifest.set_defaults(run=_check_manifest)

    revision = commands.add_parser("revision", help="for developers: write the migration that the models need")
    revision.add_argument("message", help="what it does, in a few words")
    revision.set_defaults(run=_revision)

    life = commands.add_parser("life", help="draw the life of a procedure as a Mermaid diagram")
    life.add_argument("procedure", help="such as single-permit")
    life.set_defaults(run=_life)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command of the command line."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except MissingSettings as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
