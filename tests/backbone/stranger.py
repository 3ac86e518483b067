"""A backbone as a stranger would write it: from the files of the contract alone, with a library for signatures and books of its own."""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc.jwk import ECKey

from tests.backbone.stranger_seals import BAD_REQUEST, CONTRACT, MIB, PortalKeys, Refused, checked, fits, new_key, published, schema, signed

MESSAGE, REQUEST, RECEIPT, DOCUMENT_RECEIPT, HEADS = (f"permit-window-{one}+jwt" for one in ("message", "request", "receipt", "document-receipt", "heads"))
EVENT, EVENTS = "secevent+jwt", "urn:permit-window:event:"
KIB_64, GIB = 64 * 1024, 1024**3
FIVE_MINUTES = 300
MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png", "image/heic", "image/heif")
NOT_FOUND = (404, "urn:problem-type:belgif:resourceNotFound", "Resource Not Found")
KEY_REUSED = (409, "urn:problem-type:permit-window:backbone:keyReused", "Used already with other bytes")
TOO_LARGE = (413, "urn:problem-type:belgif:payloadTooLarge", "Payload Too Large")
OTHER_TYPE = (415, "urn:problem-type:belgif:unsupportedMediaType", "Unsupported Media Type")
TABLES = """
    CREATE TABLE message (txn TEXT PRIMARY KEY, jti TEXT UNIQUE, dossier TEXT, seq INTEGER, sha256 TEXT, content BLOB, UNIQUE (dossier, seq));
    CREATE TABLE announced (txn TEXT, place INTEGER, sha256 TEXT, size INTEGER);
    CREATE TABLE document (sha256 TEXT PRIMARY KEY, content BLOB);
    CREATE TABLE event (jti TEXT PRIMARY KEY, dossier TEXT, seq INTEGER, content TEXT, UNIQUE (dossier, seq));
"""
# The first message that is not there with all its documents; those before it are.
RECEIVED = """
    SELECT min(seq) - 1 FROM (
        SELECT m.seq FROM message m JOIN announced a ON a.txn = m.txn LEFT JOIN document d ON d.sha256 = a.sha256 WHERE m.dossier = :dossier AND d.sha256 IS NULL
        UNION SELECT m.seq + 1 FROM message m WHERE m.dossier = :dossier
            AND NOT EXISTS (SELECT 1 FROM message n WHERE n.dossier = :dossier AND n.seq = m.seq + 1)
        UNION SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM message WHERE dossier = :dossier AND seq = 1))
"""


@dataclass
class Stranger:
    """The receiver: its name and the portal's, where the portal is, its keys (the last one signs) and its books."""

    name: str
    portal_name: str
    portal: str
    books: sqlite3.Connection
    keys: list[ECKey] = field(default_factory=lambda: [new_key()])
    address: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.books.executescript(TABLES)
        self.portal_keys = PortalKeys(lambda: httpx.get(f"{self.portal}/.well-known/jwks.json", timeout=60).raise_for_status().content)

    def rows(self, statement: str, *values: object, **named: object) -> list[Any]:
        with self.lock, self.books:
            return self.books.execute(statement, named or values).fetchall()

    def read(self, text: bytes, typ: str) -> dict[str, Any]:
        return checked(text, self.portal_keys, typ, issuer=self.portal_name, audience=self.name)

    def sign(self, typ: str, **claims: Any) -> str:
        common = {"iss": self.name, "aud": self.portal_name, "iat": int(time.time()), "jti": str(uuid4())}
        return signed({**common, **claims}, self.keys[-1], typ)

    def take_message(self, text: bytes, idempotency_key: str | None) -> tuple[int, str]:
        claims = self.read(text, MESSAGE)
        fits(schema("message.schema.json"), claims)
        body = claims["body"]
        if not (procedure := CONTRACT / "procedures" / f"{body['procedure']}-{body['edition']}.json").exists():
            raise Refused(BAD_REQUEST, "$.body.edition: not known")
        fits(schema(f"procedures/{procedure.name}"), body)
        canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        if hashlib.sha256(canonical).hexdigest() != claims["body_sha256"]:
            raise Refused(BAD_REQUEST, "$.body_sha256")
        if claims["documents"] != [{name: one[name] for name in ("id", "sha256", "size")} for one in body["documents"]]:
            raise Refused(BAD_REQUEST, "$.documents")
        if idempotency_key != claims["txn"]:
            raise Refused(BAD_REQUEST, "Idempotency-Key")
        digest = hashlib.sha256(text).hexdigest()
        is_new = self._keep(claims, digest, text)
        statement = "SELECT DISTINCT sha256 FROM announced WHERE txn = ? AND sha256 NOT IN (SELECT sha256 FROM document) ORDER BY place"
        missing = [one for (one,) in self.rows(statement, claims["txn"])]
        outcome = "accepted" if is_new else "already-known"
        return (202 if is_new else 200), self.sign(RECEIPT, message_sha256=digest, outcome=outcome, missing=missing)

    def _keep(self, claims: Mapping[str, Any], digest: str, text: bytes) -> bool:
        """Whether it is new; all of it is stored, or nothing."""
        names = (claims["txn"], claims["jti"], claims["sub"], claims["seq"])
        with self.lock, self.books:
            known = self.books.execute("SELECT sha256 FROM message WHERE txn = ? OR jti = ? OR (dossier = ? AND seq = ?)", names).fetchall()
            if any(one != digest for (one,) in known):
                raise Refused(KEY_REUSED)
            if known:
                return False
            self.books.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?)", (*names, digest, text))
            documents = [(claims["txn"], place, one["sha256"], one["size"]) for place, one in enumerate(claims["documents"])]
            self.books.executemany("INSERT INTO announced VALUES (?, ?, ?, ?)", documents)
        return True

    def take_document(self, sha256: str, content: bytes) -> tuple[int, str]:
        sizes = self.rows("SELECT size FROM announced WHERE sha256 = ?", sha256)
        if not sizes:
            raise Refused(NOT_FOUND)
        if hashlib.sha256(content).hexdigest() != sha256 or (len(content),) not in sizes:
            raise Refused(BAD_REQUEST, "hash or size")
        is_new = bool(self.rows("INSERT INTO document VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1", sha256, content))
        outcome = "accepted" if is_new else "already-known"
        return (201 if is_new else 200), self.sign(DOCUMENT_RECEIPT, document_sha256=sha256, size=len(content), outcome=outcome)

    def question(self, text: bytes, name: str) -> dict[str, Any]:
        claims = self.read(text, REQUEST)
        fits(schema(name), claims)
        if claims["iat"] < time.time() - FIVE_MINUTES:
            raise Refused(BAD_REQUEST, "$.iat: too old")
        return claims

    def pulled(self, text: bytes) -> str:
        asked = self.question(text, "pull.schema.json")
        found = self.rows("SELECT jti, content FROM event WHERE dossier = ? AND seq > ? ORDER BY seq LIMIT 51", asked["sub"], asked["after"])
        return json.dumps({"sets": dict(found[:50]), "moreAvailable": len(found) > 50})

    def heads(self, text: bytes) -> str:
        asked = self.question(text, "ask-heads.schema.json")
        return self.sign(HEADS, request=asked["jti"], heads={one: self._head(one) for one in asked["dossiers"]})

    def _head(self, dossier: str) -> dict[str, Any]:
        ((messages,),) = self.rows("SELECT count(*) FROM message WHERE dossier = ?", dossier)
        ((received,),) = self.rows(RECEIVED, dossier=dossier)
        ((sent,),) = self.rows("SELECT coalesce(max(seq), 0) FROM event WHERE dossier = ?", dossier)
        return {"known": messages > 0, "received": received, "sent": sent}

    def note(self, dossier: str, kind: str, **told: Any) -> str:
        """A token about what an authority did, signed and kept, not yet posted."""
        with self.lock:
            ((seq,),) = self.rows("SELECT coalesce(max(seq), 0) + 1 FROM event WHERE dossier = ?", dossier)
            jti = str(uuid4())
            text = self.sign(EVENT, jti=jti, toe=int(time.time()), sub=dossier, seq=seq, events={EVENTS + kind: told})
            self.rows("INSERT INTO event VALUES (?, ?, ?, ?)", jti, dossier, seq, text)
        return text

    def post(self, token: str) -> httpx.Response:
        return httpx.post(f"{self.portal}/backbone/messages", content=token, headers={"Content-Type": "application/secevent+jwt"}, timeout=60)


def handler_of(stranger: Stranger) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(lambda: (200, "application/jwk-set+json", json.dumps(published(*stranger.keys))) if self.path == "/.well-known/jwks.json" else nowhere())

        def do_POST(self) -> None:
            self.answer(self.post)

        def do_PUT(self) -> None:
            self.answer(self.put)

        def post(self) -> tuple[int, str, str]:
            text = self.content(MIB if self.path == "/messages" else KIB_64, ("application/jose",))
            if self.path == "/messages":
                status, receipt = stranger.take_message(text, self.headers["Idempotency-Key"])
                return status, "application/jose", receipt
            if self.path == "/events/pull":
                return 200, "application/json", stranger.pulled(text)
            return (200, "application/jose", stranger.heads(text)) if self.path == "/heads" else nowhere()

        def put(self) -> tuple[int, str, str]:
            start, sha256 = self.path.rsplit("/", 1)
            status, receipt = stranger.take_document(sha256, self.content(GIB, MEDIA_TYPES)) if start == "/documents" else nowhere()
            return status, "application/jose", receipt

        def content(self, most: int, media_types: Sequence[str]) -> bytes:
            if self.headers.get_content_type() not in media_types:
                raise Refused(OTHER_TYPE)
            if not (length := self.headers.get("Content-Length", "")).isdecimal():
                raise Refused(BAD_REQUEST, "Content-Length")
            if int(length) > most:
                raise Refused(TOO_LARGE, limit=most)
            return self.rfile.read(int(length))

        def answer(self, work: Callable[[], tuple[int, str, str]]) -> None:
            try:
                status, media_type, text = work()
            except Refused as refused:
                # The body may not have been read: nothing more comes over this connection.
                self.close_connection = True
                status, media_type, text = refused.status, "application/problem+json", json.dumps(refused.problem)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(text.encode())))
            if status == 503:
                self.send_header("Retry-After", "30")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    return Handler


def nowhere() -> Any:
    raise Refused(NOT_FOUND)


@contextmanager
def a_stranger(folder: Path, *, name: str, portal_name: str, portal: str) -> Iterator[Stranger]:
    """The receiver at an address of its own."""
    books = sqlite3.connect(folder / "stranger.sqlite3", check_same_thread=False)
    stranger = Stranger(name, portal_name, portal, books)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(stranger))
    stranger.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield stranger
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        books.close()
