"""The events that the backbone stand-in signed for the portal: each posted in its turn, kept for a pull, and on purpose not."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from frontoffice.kernel.time import now

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS sent (
    jti TEXT PRIMARY KEY, dossier TEXT NOT NULL, seq INTEGER NOT NULL, authority TEXT NOT NULL, action TEXT NOT NULL,
    text TEXT NOT NULL, at TEXT NOT NULL, copies INTEGER NOT NULL, state TEXT NOT NULL, turn INTEGER NOT NULL,
    answers TEXT NOT NULL DEFAULT '[]', UNIQUE (dossier, seq));
DROP INDEX IF EXISTS sent_waiting;
CREATE INDEX IF NOT EXISTS sent_by_dossier_waiting ON sent (dossier, turn) WHERE state = 'waiting';
"""
_MOST_AT_ONCE: Final = 50


def instant() -> str:
    """Now, as the books write it."""
    return now().isoformat(timespec="milliseconds")


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


class Line:
    """The events by dossier; `state` is waiting, held (overtaken by the next), lost (never posted), pulled, accepted or refused."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_TABLE)

    def next_seq(self, dossier: str) -> int:
        """The sequence number of the next event about this dossier."""
        return self.last_seq(dossier) + 1

    def last_seq(self, dossier: str) -> int:
        """The sequence number of the last event about this dossier, posted or not; 0 without any."""
        (row,) = self._rows("SELECT coalesce(max(seq), 0) AS last FROM sent WHERE dossier = ?", dossier)
        return int(row["last"])

    def line_up(self, claims: dict[str, Any], named: tuple[str, str], text: str, *, copies: int, state: str) -> None:
        """Put a signed event in the line; `named` are its authority and its action or word, `state` is waiting, held or lost."""
        if state == "held" and self._rows("SELECT jti FROM sent WHERE dossier = ? AND state = 'held'", claims["sub"]):
            state = "waiting"
        row = [claims["jti"], claims["sub"], claims["seq"], *named, text, instant()]
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

    def dossiers_waiting(self) -> list[str]:
        """The dossiers about which something is still to be posted, that of the oldest event first."""
        return [row["dossier"] for row in self._rows("SELECT dossier FROM sent WHERE state = 'waiting' GROUP BY dossier ORDER BY min(turn)")]

    def next_of(self, dossier: str) -> Sent | None:
        """The event about this dossier whose turn it is."""
        rows = self._rows("SELECT * FROM sent WHERE dossier = ? AND state = 'waiting' ORDER BY turn, seq LIMIT 1", dossier)
        return Sent(**dict(rows[0])) if rows else None

    def answered(self, one: Sent, answer: dict[str, Any], *, done: str | None) -> None:
        """Note what the portal answered; `done` is "accepted" or "refused", None to try again."""
        (row,) = self._rows("SELECT copies, answers FROM sent WHERE jti = ?", one.jti)
        copies = row["copies"] - (1 if done == "accepted" else 0)
        state = "waiting" if done is None or (done == "accepted" and copies > 0) else done
        # A portal that is away for a day must not fill the disk with its silence.
        answers = [*json.loads(row["answers"])[-49:], {"at": instant(), **answer}]
        self._connection.execute(
            "UPDATE sent SET copies = ?, state = ?, answers = ? WHERE jti = ?",
            [copies, state, json.dumps(answers), one.jti],
        )

    def pull(self, dossier: str, after: int) -> tuple[dict[str, str], bool]:
        """The signed events of a dossier after that sequence number, by identifier, fifty at most; and whether there are more."""
        rows = self._rows("SELECT jti, text FROM sent WHERE dossier = ? AND seq > ? ORDER BY seq LIMIT ?", dossier, after, _MOST_AT_ONCE + 1)
        given = {row["jti"]: row["text"] for row in rows[:_MOST_AT_ONCE]}
        self._connection.executemany("UPDATE sent SET state = 'pulled' WHERE jti = ? AND state = 'lost'", [[jti] for jti in given])
        return given, len(rows) > _MOST_AT_ONCE

    def acts_since(self, dossier: str, at: str) -> list[str]:
        """The actions and words since that instant that the portal has not refused."""
        rows = self._rows("SELECT action FROM sent WHERE dossier = ? AND at >= ? AND state <> 'refused' ORDER BY seq", dossier, at)
        return [row["action"] for row in rows]

    def shown(self, dossier: str) -> list[dict[str, Any]]:
        """All events about a dossier as `GET /books` shows them."""
        rows = self._rows("SELECT jti, seq, authority, action, state, at, answers FROM sent WHERE dossier = ? ORDER BY seq", dossier)
        return [{**dict(row), "answers": json.loads(row["answers"])} for row in rows]

    def _rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()
