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

from frontoffice.local.backbone_line import Line, instant

_TABLES = """
CREATE TABLE IF NOT EXISTS message (
    event_id TEXT PRIMARY KEY, jti TEXT NOT NULL UNIQUE, dossier TEXT NOT NULL, seq INTEGER NOT NULL,
    action TEXT NOT NULL, sha256 TEXT NOT NULL, claims TEXT NOT NULL, at TEXT NOT NULL,
    received INTEGER NOT NULL DEFAULT 1, UNIQUE (dossier, seq));
CREATE TABLE IF NOT EXISTS document (
    dossier TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (dossier, sha256));
CREATE INDEX IF NOT EXISTS document_sha256 ON document (sha256);
CREATE TABLE IF NOT EXISTS to_answer (event_id TEXT PRIMARY KEY, outcome TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class KeyReused(Exception):
    """The event, the identifier or the sequence number came before, with other bytes."""


class OtherBytes(Exception):
    """The bytes of a document have another hash or size than was announced."""


@dataclass(frozen=True)
class Kept:
    """A message as it was received: its claims, the SHA-256 of its bytes, and when it came."""

    claims: dict[str, Any]
    sha256: str
    at: str


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
        self.line = Line(self._connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def receive(self, claims: dict[str, Any], digest: str, *, answer: str | None) -> bool:
        """Keep a message; False when the same bytes came before, and KeyReused when others did.

        `answer` is what will be answered once all its documents are here: "validate", "refuse" or nothing.
        """
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
                    [*row, json.dumps(claims), instant()],
                )
                self._connection.executemany(
                    "INSERT OR IGNORE INTO document (dossier, sha256, size) VALUES (?,?,?)",
                    [(claims["sub"], one["sha256"], one["size"]) for one in claims["documents"]],
                )
                if answer:
                    self._connection.execute("INSERT INTO to_answer VALUES (?, ?)", [claims["txn"], answer])
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

    def answerable(self, *, dossier: str | None = None, digest: str | None = None) -> list[tuple[Kept, str]]:
        """The complete messages that wait for their answer, each with its outcome: all, or those of one dossier or with one document."""
        rows = self._connection.execute(
            # CROSS JOIN: few wait, and SQLite would walk through all messages in the order asked for.
            "SELECT m.claims, m.sha256, m.at, a.outcome FROM to_answer a CROSS JOIN message m ON m.event_id = a.event_id"
            " WHERE (:dossier IS NULL OR m.dossier = :dossier)"
            " AND (:digest IS NULL OR EXISTS (SELECT 1 FROM document d WHERE d.dossier = m.dossier AND d.sha256 = :digest)) ORDER BY m.dossier, m.seq",
            {"dossier": dossier, "digest": digest},
        ).fetchall()
        found = [(Kept(json.loads(row["claims"]), row["sha256"], row["at"]), str(row["outcome"])) for row in rows]
        return [one for one in found if not self.missing(document["sha256"] for document in one[0].claims["documents"])]

    def has_answered(self, event_id: str) -> None:
        """The answer to a message is in the line."""
        self._connection.execute("DELETE FROM to_answer WHERE event_id = ?", [event_id])

    def head(self, dossier: str) -> dict[str, Any]:
        """What is known of a dossier: up to which message all are here with their documents, and the last event about it."""
        rows = self._rows("SELECT seq, claims FROM message WHERE dossier = ? ORDER BY seq", dossier)
        received = 0
        for row in rows:
            documents = json.loads(row["claims"])["documents"]
            if row["seq"] != received + 1 or self.missing(one["sha256"] for one in documents):
                break
            received = row["seq"]
        return {"known": bool(rows), "received": received, "sent": self.line.last_seq(dossier)}

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

    def latest(self, dossier: str) -> tuple[Kept, list[str]] | None:
        """The last message about a dossier, and the acts since then that the portal has not refused."""
        row = self._row("SELECT claims, sha256, at FROM message WHERE dossier = ? ORDER BY seq DESC LIMIT 1", dossier)
        if row is None:
            return None
        return Kept(json.loads(row["claims"]), row["sha256"], row["at"]), self.line.acts_since(dossier, row["at"])

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
        return {
            "number": number,
            "messages": [dict(row) for row in messages],
            "documents": [{**dict(row), "complete": self.has(row["sha256"])} for row in documents],
            "sent": self.line.shown(number),
        }

    def _row(self, statement: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def _rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()
