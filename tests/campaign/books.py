"""The receiver's own books, read from its file and its folder of documents while it runs or after: nothing that the portal says counts here."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Received:
    """One message that the receiver has: the event that it tells, its place among those of its dossier, the SHA-256 of its bytes, its claims."""

    dossier: str
    event_id: str
    seq: int
    action: str
    sha256: str
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class SentBack:
    """One event that the receiver signed for the portal."""

    jti: str
    dossier: str
    seq: int
    state: str


@dataclass(frozen=True)
class Books:
    """Everything that the receiver has: messages in the order of their dossiers, sizes of documents by the SHA-256 of their bytes, events."""

    messages: Sequence[Received]
    documents: Mapping[str, int]
    sent: Sequence[SentBack]
    spoilt: Sequence[str] = ()


def read_books(folder: Path) -> Books:
    """The books in a folder of the stand-in; `spoilt` names documents whose bytes are not those of their name."""
    connection = sqlite3.connect(f"file:{folder / 'books.sqlite3'}?mode=ro", uri=True)
    try:
        messages = [Received(row[0], row[1], row[2], row[3], row[4], json.loads(row[5])) for row in connection.execute(
            "SELECT dossier, event_id, seq, action, sha256, claims FROM message ORDER BY dossier, seq")]
        sent = [SentBack(*row) for row in connection.execute("SELECT jti, dossier, seq, state FROM sent ORDER BY dossier, seq")]
    finally:
        connection.close()
    documents, spoilt = {}, []
    for file in (folder / "documents").iterdir():
        if file.suffix != ".part":
            content = file.read_bytes()
            documents[file.name] = len(content)
            if hashlib.sha256(content).hexdigest() != file.name:
                spoilt.append(file.name)
    return Books(messages, documents, sent, spoilt)
