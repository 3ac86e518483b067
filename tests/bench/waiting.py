"""Thousands of dossiers that wait to be handed over: some are filed by the product itself, the others are the same rows once more, under their own numbers."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from random import Random
from typing import Any
from uuid import UUID

import boto3
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from frontoffice.backbone.composition import compose
from frontoffice.backbone.envelope import build
from frontoffice.backbone.outbox import histories
from frontoffice.dossiers.queries import any_dossiers
from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.jobs import Resources, make_queue_for_deferring
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from frontoffice.local.postgres import OWNER
from frontoffice.routes import QUEUED
from frontoffice.settings import Settings
from frontoffice.worker import conninfo_of
from tests.scene import JOBS, Scene

_TEMPLATES = 10
# One document of each dossier is its own; the receiver has the others since the first ones of their kind came.
_OWN, _OWN_BYTES = "contract", 20_000
# A table's rows of a dossier, and what in them names rows of the same dossier.
_TABLES = {"dossier": ("id", "form_key"), "participation": ("id",), "answer": (), "document": ("id",), "event": ("id",), "filing": ("event_id",)}
_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"


@dataclass(frozen=True)
class Copy:
    """One dossier made from a template; `own` are the bytes of its own document."""

    nth: int
    template: UUID
    number: str
    own: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of its own document."""
        return hashlib.sha256(self.own).hexdigest()


@dataclass
class Backlog:
    """The database and the documents of a service, as its worker reaches them."""

    settings: Settings
    scene: Scene

    @property
    def _conninfo(self) -> str:
        return conninfo_of(self.settings.database_url)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement."""
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def analyze(self) -> None:
        """Count the rows, as the database does by itself in time; only the owner of a table may."""
        with psycopg.connect(make_conninfo(self._conninfo, user=OWNER), autocommit=True) as connection:
            connection.execute("ANALYZE")

    def stop(self) -> None:
        """Let nothing be sent."""
        self.ask("INSERT INTO hand_over_stop VALUES ('backbone', now(), 'measured', 'bench') ON CONFLICT DO NOTHING")

    def start(self) -> None:
        """Let everything be sent."""
        self.ask("DELETE FROM hand_over_stop")

    def left(self) -> int:
        """How many dossiers wait."""
        return int(self.ask("SELECT count(*) FROM event e LEFT JOIN message m ON m.event_id = e.id WHERE e.action = 'submit' AND m.concluded_at IS NULL"
                            " AND NOT EXISTS (SELECT FROM hand_over_hold h WHERE h.dossier_id = e.dossier_id)")[0][0])

    async def templates(self) -> list[UUID]:
        """Dossiers that are filed step by step, as pages do it, and handed over."""
        filed = [await self.scene.filed(await self.scene.employer()) for _ in range(_TEMPLATES)]
        while self.left() or self.ask("SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND scheduled_at IS NULL"):
            await asyncio.sleep(0.2)
        return [one.id for one in filed]

    def copy(self, templates: Sequence[UUID], first: int, count: int) -> list[Copy]:
        """So many dossiers more: every row that filing left, but no message yet, and the bytes of their own documents."""
        year, random = now().year, Random(first)
        serial = int(self.ask("UPDATE serial SET last = last + %s WHERE series = %s RETURNING last", count, f"SP-{year}")[0][0]) - count
        made = [Copy(first + nth, templates[nth % len(templates)], dossier_number(year, serial + nth + 1, "SP"), random.randbytes(_OWN_BYTES)) for nth in range(count)]
        given = {"nth": [one.nth for one in made], "template": [one.template for one in made], "number": [one.number for one in made],
                 "digest": [one.digest for one in made]}
        with psycopg.connect(self._conninfo) as connection:
            for table, keys in _TABLES.items():
                names = [row[0] for row in connection.execute(_COLUMNS.encode(), [table]).fetchall()]
                connection.execute(_copying(table, names, keys), given)
        self._keep_bytes(made)
        return made

    def _keep_bytes(self, made: Sequence[Copy]) -> None:
        of = {one.nth: one for one in made}
        rows = self.ask("SELECT d.id, d.sha256 FROM document d WHERE d.requirement = %s AND d.sha256 = ANY(%s)", _OWN, [one.digest for one in made])
        contents = {one.digest: one.own for one in of.values()}
        client = boto3.client("s3", endpoint_url=self.settings.s3_endpoint, region_name=self.settings.s3_region,
                              aws_access_key_id=self.settings.s3_access_key, aws_secret_access_key=self.settings.s3_secret_key)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda row: client.put_object(Bucket=self.settings.s3_clean, Key=str(row[0]), Body=contents[row[1]]), rows))

    def hold(self, made: Sequence[Copy]) -> None:
        """Keep these back: they are for the bare loop."""
        self.ask("INSERT INTO hand_over_hold SELECT id, now(), 'bare loop', 'bench' FROM dossier WHERE number = ANY(%s)", [one.number for one in made])

    def wake(self, made: Sequence[Copy]) -> None:
        """Queue the hand-over of each, as filing does."""
        self.ask("INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, args)"
                 " SELECT 'default', 'backbone:hand_over', -1, 'backbone:hand_over/' || e.dossier_id, jsonb_build_object('event_id', e.id)"
                 " FROM event e JOIN dossier d ON d.id = e.dossier_id WHERE e.action = 'submit' AND d.number = ANY(%s) ORDER BY d.number",
                 [one.number for one in made])

    async def claims(self, made: Sequence[Copy]) -> list[dict[str, Any]]:
        """What the product would sign for each."""
        rows = self.ask("SELECT e.dossier_id, e.id FROM event e JOIN dossier d ON d.id = e.dossier_id WHERE e.action = 'submit' AND d.number = ANY(%s)",
                        [one.number for one in made])
        async with transaction(self.scene.resources.engine) as session:
            dossiers, past = await any_dossiers(session, [row[0] for row in rows]), await histories(session, [row[0] for row in rows])
        names = {"issuer": self.settings.issuer, "audience": self.settings.backbone_issuer}
        return [build(compose(dossiers[dossier], past[dossier], event), issued_at=now(), **names) for dossier, event in rows]


def _copying(table: str, names: Sequence[str], keys: Sequence[str]) -> sql.Composed:
    """The statement that writes the rows of every template once more for each of its copies."""
    def value(name: str) -> sql.Composable:
        own = sql.SQL("md5(one.{} || '/' || copy.nth)::uuid").format(sql.Identifier(name))
        special: dict[str, sql.Composable] = {
            **dict.fromkeys(keys, own), "number": sql.SQL("copy.number"), "dossier_id": sql.SQL("md5(one.dossier_id || '/' || copy.nth)::uuid"),
        }
        if table == "document":
            special["sha256"] = sql.SQL("CASE WHEN one.requirement = {} THEN copy.digest ELSE one.sha256 END").format(sql.Literal(_OWN))
            special["size"] = sql.SQL("CASE WHEN one.requirement = {} THEN {} ELSE one.size END").format(sql.Literal(_OWN), sql.Literal(_OWN_BYTES))
        if table in ("document", "dossier"):
            special |= {"handed_over_at": sql.NULL, "confirmed_at": sql.NULL, "told_until": sql.NULL}
        # The workers are not to draw their pages and seal their receipts meanwhile.
        special |= dict.fromkeys(("previewed_at", "sealed_at"), sql.SQL("now()"))
        return special.get(name, sql.SQL("one.{}").format(sql.Identifier(name)))

    return sql.SQL(
        "INSERT INTO {table} ({names}) SELECT {values} FROM {table} one"
        " JOIN unnest(%(nth)s::int[], %(template)s::uuid[], %(number)s::text[], %(digest)s::text[]) AS copy(nth, template, number, digest)"
        " ON copy.template = one.{key}"
    ).format(table=sql.Identifier(table), names=sql.SQL(", ").join(map(sql.Identifier, names)), values=sql.SQL(", ").join(map(value, names)),
             key=sql.Identifier("id" if table == "dossier" else "dossier_id"))


@asynccontextmanager
async def a_backlog(environment: dict[str, str]) -> AsyncIterator[Backlog]:
    """Reach behind a service with the settings of its worker."""
    settings = Settings(**{one.name: environment.get(one.metadata["variable"], one.metadata["default"] or "") for one in fields(Settings)})
    make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
    engine, storage = make_engine(settings.database_url), Storage(settings)
    try:
        yield Backlog(settings, Scene(None, Resources(engine, settings), storage))  # type: ignore[arg-type]  # the owner's address is not needed here
    finally:
        storage.close()
        await engine.dispose()


def write_claims(path: str, claims: Sequence[dict[str, Any]], made: Sequence[Copy], key: dict[str, Any]) -> None:
    """What the bare loop needs, as a file: our key, the claims, and the bytes of the documents in hexadecimal digits, by SHA-256."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"key": key, "claims": claims, "documents": {one.digest: one.own.hex() for one in made}}, file)
