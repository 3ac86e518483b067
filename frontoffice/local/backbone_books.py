"""What the backbone stand-in has received and sent, in one SQLite file and a folder; survives a restart."""

import json
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from frontoffice.kernel.time import now

_TABLES = """
CREATE TABLE IF NOT EXISTS message (
    event_id TEXT PRIMARY KEY, jti TEXT NOT NULL UNIQUE, dossier TEXT NOT NULL, seq INTEGER NOT NULL,
    action TEXT NOT NULL, sha256 TEXT NOT NULL, claims TEXT NOT NULL, at TEXT NOT NULL,
    received INTEGER NOT NULL DEFAULT 1, UNIQUE (dossier, seq));
CREATE TABLE IF NOT EXISTS document (
    dossier TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (dossier, sha256));
CREATE TABLE IF NOT EXISTS sent (
    jti TEXT PRIMARY KEY, dossier TEXT NOT NULL, seq INTEGER NOT NULL, authority TEXT NOT NULL, action TEXT NOT NULL,
    text TEXT NOT NULL, at TEXT NOT NULL, copies INTEGER NOT NULL, state TEXT NOT NULL, turn INTEGER NOT NULL,
    answers TEXT NOT NULL DEFAULT '[]', UNIQUE (dossier, seq));
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class KeyReused(Exception):
    """The event, the identifier or the sequence number came before, with other bytes."""


class OtherBytes(Exception):
    """The bytes of a document have another hash or size than was announced."""


@dataclass(frozen=True)
class Sent:
    """One signed event on its way to the portal: `copies` are still to be posted, `turn` is its place in the line."""

    jti: str
    dossier: str
    seq: int
    authority: str
    action: str
    text: str
    at: str
    copies: int
    state: str
    turn: int
    answers: str


class Books:
    """The ledger; every method that writes is one transaction."""

    def __init__(self, folder: Path) -> None:
        self._documents = folder / "documents"
        self._documents.mkdir(parents=True, exist_ok=True)
        for half_written in self._documents.glob("*.part"):
            half_written.unlink()
        self._connection = sqlite3.connect(folder / "books.sqlite3", isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode = WAL;" + _TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def receive(self, claims: dict[str, Any], digest: str) -> bool:
        """Keep a message; False when the same bytes came before, and KeyReused when others did."""
        known = self._row("SELECT sha256 FROM message WHERE event_id = ?", claims["txn"])
        if known is not None:
            if known["sha256"] != digest:
                raise KeyReused
            self._connection.execute("UPDATE message SET received = received + 1 WHERE event_id = ?", [claims["txn"]])
            return False
        row = [claims["txn"], claims["jti"], claims["sub"], claims["seq"], claims["body"]["action"], digest]
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute(
                    "INSERT INTO message (event_id, jti, dossier, seq, action, sha256, claims, at)"
                    " VALUES (?,?,?,?,?,?,?,?)",
                    [*row, json.dumps(claims), _instant()],
                )
                self._connection.executemany(
                    "INSERT OR IGNORE INTO document (dossier, sha256, size) VALUES (?,?,?)",
                    [(claims["sub"], one["sha256"], one["size"]) for one in claims["documents"]],
                )
        except sqlite3.IntegrityError as error:
            raise KeyReused from error
        return True

    def missing(self, digests: Iterable[str]) -> list[str]:
        """Those of the documents whose bytes are not here."""
        return [one for one in dict.fromkeys(digests) if not self.has(one)]

    def has(self, digest: str) -> bool:
        """Whether all bytes of the document are here."""
        return (self._documents / digest).exists()

    def announced_size(self, digest: str) -> int | None:
        """The size that a message announced, in bytes; None when none did."""
        row = self._row("SELECT size FROM document WHERE sha256 = ?", digest)
        return None if row is None else int(row["size"])

    async def keep_document(self, digest: str, size: int, chunks: AsyncIterator[bytes]) -> None:
        """Write the bytes as they come; raises OtherBytes, and keeps nothing, when they are not those announced."""
        part = self._documents / f"{uuid4()}.part"
        seen, running = 0, sha256()
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    seen += len(chunk)
                    if seen > size:
                        raise OtherBytes
                    running.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            if (seen, running.hexdigest()) != (size, digest):
                raise OtherBytes
            part.replace(self._documents / digest)
        finally:
            part.unlink(missing_ok=True)

    def next_seq(self, dossier: str) -> int:
        """The sequence number of the next event about this dossier."""
        row = self._row("SELECT coalesce(max(seq), 0) + 1 AS next FROM sent WHERE dossier = ?", dossier)
        return int(row["next"]) if row else 1

    def line_up(self, claims: dict[str, Any], text: str, *, copies: int, hold: bool) -> None:
        """Put a signed event in the line; one that is held is overtaken by the next of its dossier."""
        held = self._rows("SELECT jti FROM sent WHERE dossier = ? AND state = 'held'", claims["sub"])
        state = "held" if hold and not held else "waiting"
        row = [claims["jti"], claims["sub"], claims["seq"], claims["authority"], claims["action"], text, _instant()]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute(
                "INSERT INTO sent (jti, dossier, seq, authority, action, text, at, copies, state, turn)"
                " VALUES (?,?,?,?,?,?,?,?,?,(SELECT coalesce(max(turn), 0) + 1 FROM sent))",
                [*row, copies, state],
            )
            if state == "waiting":
                self._release(claims["sub"])

    def release_all(self) -> None:
        """Send what is held back after all."""
        self._release(None)

    def _release(self, dossier: str | None) -> None:
        self._connection.execute(
            "UPDATE sent SET state = 'waiting', turn = (SELECT max(turn) + 1 FROM sent)"
            " WHERE state = 'held' AND dossier = coalesce(?, dossier)",
            [dossier],
        )

    def waiting(self) -> list[Sent]:
        """What is still to be posted, in the order to post it."""
        return [
            Sent(**dict(row)) for row in self._rows("SELECT * FROM sent WHERE state = 'waiting' ORDER BY turn, seq")
        ]

    def answered(self, one: Sent, answer: dict[str, Any], *, done: str | None) -> None:
        """Note what the portal answered; `done` is "accepted" or "refused", None to try again."""
        row = self._row("SELECT copies, answers FROM sent WHERE jti = ?", one.jti)
        assert row is not None
        copies = row["copies"] - (1 if done == "accepted" else 0)
        state = "waiting" if done is None or (done == "accepted" and copies > 0) else done
        # A portal that is away for a day must not fill the disk with its silence.
        answers = [*json.loads(row["answers"])[-49:], {"at": _instant(), **answer}]
        self._connection.execute(
            "UPDATE sent SET copies = ?, state = ?, answers = ? WHERE jti = ?",
            [copies, state, json.dumps(answers), one.jti],
        )

    def setting(self, name: str) -> str | None:
        """What was last kept under this name."""
        row = self._row("SELECT value FROM setting WHERE name = ?", name)
        return None if row is None else str(row["value"])

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a value beyond a restart."""
        self._connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value])

    def claims_of(self, jti: str) -> dict[str, Any] | None:
        """The whole content of one received message."""
        row = self._row("SELECT claims FROM message WHERE jti = ?", jti)
        return None if row is None else json.loads(row["claims"])

    def latest(self, dossier: str) -> tuple[dict[str, Any], list[str]] | None:
        """The body of the last message about a dossier, and the acts since then that the portal has not refused."""
        row = self._row("SELECT claims, at FROM message WHERE dossier = ? ORDER BY seq DESC LIMIT 1", dossier)
        if row is None:
            return None
        acts = self._rows(
            "SELECT action FROM sent WHERE dossier = ? AND at >= ? AND state <> 'refused' ORDER BY seq", dossier, row["at"]
        )
        return json.loads(row["claims"])["body"], [one["action"] for one in acts]

    def dossiers(self) -> list[dict[str, Any]]:
        """Everything, as `GET /books` shows it; the latest dossier first."""
        numbers = self._rows("SELECT dossier FROM message GROUP BY dossier ORDER BY max(at) DESC, dossier DESC")
        return [self._dossier(row["dossier"]) for row in numbers]

    def _dossier(self, number: str) -> dict[str, Any]:
        messages = self._rows(
            "SELECT jti, event_id AS txn, seq, action, sha256, received, at FROM message"
            " WHERE dossier = ? ORDER BY seq",
            number,
        )
        documents = self._rows("SELECT sha256, size FROM document WHERE dossier = ? ORDER BY rowid", number)
        sent = self._rows(
            "SELECT jti, seq, authority, action, state, at, answers FROM sent WHERE dossier = ? ORDER BY seq", number
        )
        return {
            "number": number,
            "messages": [dict(row) for row in messages],
            "documents": [{**dict(row), "complete": self.has(row["sha256"])} for row in documents],
            "sent": [{**dict(row), "answers": json.loads(row["answers"])} for row in sent],
        }

    def _row(self, statement: str, *values: str) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def _rows(self, statement: str, *values: str) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()


def _instant() -> str:
    return now().isoformat(timespec="milliseconds")
