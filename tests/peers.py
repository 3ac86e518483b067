"""A portal and a backbone for tests: one notes what comes, the other is the real stand-in, in its own process."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import EVENT_TYP, MESSAGE_TYP, Attachment, CompetentAuthority, Outgoing, build
from frontoffice.kernel.time import now, today
from frontoffice.kernel.tokens import Use, new_key, public_jwks, read_keys, sign, verify_strict
from frontoffice.procedures import in_force
from tests.filing import EMPLOYER_PAGES, WORKER_PAGES
from tests.ports import own_port

# How long a busy machine may take over what usually takes a moment.
_PATIENCE = 60.0
_NUMBERS = count(5_000_000)


@dataclass
class Portal:
    """Publishes its keys, or those of a file, and takes events; `answers` are the statuses to give, then 202."""

    address: str = ""
    key: dict[str, str] = field(default_factory=new_key)
    key_file: Path | None = None
    events: list[bytes] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def answer(self, event: bytes) -> tuple[int, bytes]:
        self.events.append(event)
        return self.answers.pop(0) if self.answers else 202, b""


@contextmanager
def a_portal() -> Iterator[Portal]:
    portal = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            published = json.loads(portal.key_file.read_text()) if portal.key_file else {"keys": [portal.key]}
            self._send(200, json.dumps(public_jwks(published)).encode())

        def do_POST(self) -> None:
            self._send(*portal.answer(self.rfile.read(int(self.headers["Content-Length"]))))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    portal.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Backbone:
    """The stand-in: its address, which is its name too, and what its scripts' side can do."""

    address: str
    folder: Path
    portal: Portal
    process: subprocess.Popen[bytes]

    def behave(self, **behaviour: Any) -> None:
        """What is not told is as it should be, but that it answers no message by itself: tests say what comes."""
        told = {"answer_messages": "silent", **behaviour}
        httpx.put(f"{self.address}/behaviour", json=told, timeout=_PATIENCE).raise_for_status()

    def dossier(self, number: str) -> dict[str, Any]:
        books = httpx.get(f"{self.address}/books", timeout=_PATIENCE).json()
        return next(one for one in books["dossiers"] if one["number"] == number)

    def act(self, number: str, authority: str, action: str, **more: Any) -> httpx.Response:
        order = {"dossier": number, "authority": authority, "action": action, **more}
        return httpx.post(f"{self.address}/acts", json=order, timeout=_PATIENCE)

    def hand_over(self, claims: dict[str, Any], **headers: str) -> httpx.Response:
        text = sign(claims, self.portal.key, MESSAGE_TYP)
        return self.post(text, **{"Idempotency-Key": claims["txn"], **headers})

    def post(self, text: str, **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/jose", **headers}
        return httpx.post(f"{self.address}/messages", content=text, headers=sent, timeout=_PATIENCE)

    def claims(self, outgoing: Outgoing) -> dict[str, Any]:
        return build(outgoing, issuer=self.portal.address, audience=self.address, issued_at=datetime.now(UTC))

    def forget(self, number: str, *, seq: int = 1) -> None:
        """Lose the messages about a dossier from that one on, as after a restore of an old copy of the books."""
        self.process.kill()
        self.process.wait()
        with closing(sqlite3.connect(self.folder / "books.sqlite3")) as books, books:
            books.execute("DELETE FROM message WHERE dossier = ? AND seq >= ?", [number, seq])
        self.process = _start(self.address, self.folder, self.portal)

    def restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = _start(self.address, self.folder, self.portal)


@contextmanager
def a_backbone(folder: Path, portal: Portal) -> Iterator[Backbone]:
    address = f"http://127.0.0.1:{own_port()}"
    backbone = Backbone(address, folder, portal, _start(address, folder, portal))
    backbone.behave()
    try:
        yield backbone
    finally:
        backbone.process.terminate()
        backbone.process.wait(_PATIENCE)


def _start(address: str, folder: Path, portal: Portal) -> subprocess.Popen[bytes]:
    module = [sys.executable, "-m", "frontoffice.local.backbone"]
    arguments = ["--port", address.rpartition(":")[2], "--folder", str(folder), "--portal", portal.address]
    process = subprocess.Popen([*module, *arguments], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/health", timeout=1).status_code == 200:
                return process
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError("the stand-in did not start")


def filed(backbone: Backbone, **changes: Any) -> str:
    """A dossier that the stand-in knows; gives its number."""
    outgoing = an_outgoing(**changes)
    assert backbone.hand_over(backbone.claims(outgoing)).status_code == 202
    return outgoing.number


def told_with(authority: str, action: str, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The one event of a token: a step, or one of the words that are no steps."""
    if action in (*contract.ABOUT_DOCUMENTS, *contract.ABOUT_MESSAGES):
        return {contract.EVENTS + action: {"authority": authority, **evidence}}
    return {contract.EVENTS + contract.STEP: {"authority": authority, "action": action, "evidence": dict(evidence)}}


def a_token(backbone: Backbone, number: str, authority: str, action: str, evidence: Mapping[str, Any], seq: int = 1, **changes: Any) -> dict[str, Any]:
    """The claims of an event about a dossier, as the backbone would sign them."""
    instant = int(now().timestamp())
    claims = {"iss": backbone.address, "aud": backbone.portal.address, "iat": instant, "jti": str(uuid4()), "toe": instant, "sub": number, "seq": seq,
              "events": told_with(authority, action, evidence)}
    return {**claims, **changes}


def events_about(backbone: Backbone, number: str) -> list[dict[str, Any]]:
    """What the portal got about one dossier, checked as the contract says; each with its authority, its action or word, and what was said."""
    keys = read_keys(httpx.get(f"{backbone.address}/.well-known/jwks.json", timeout=_PATIENCE).content)
    use = Use.message(EVENT_TYP, issuer=backbone.address, audience=backbone.portal.address)
    found = [verify_strict(one.decode(), keys, use) for one in list(backbone.portal.events)]
    mine = [one for one in found if one["sub"] == number]
    assert [contract.event_violations(one) for one in mine] == [[] for _ in mine]
    return [{**one, **_flat(one)} for one in mine]


def _flat(claims: dict[str, Any]) -> dict[str, Any]:
    word, told = contract.told(claims)
    if word == contract.STEP:
        return told
    return {"authority": told["authority"], "action": word, "evidence": {name: one for name, one in told.items() if name != "authority"}}


def wait_for(count: int, events: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while len(events()) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return events()


def a_dossier_number() -> str:
    """A number that no other test uses."""
    return f"SP-2026-{next(_NUMBERS):07d}-X"


def an_attachment(content: bytes, code: str = "passport") -> Attachment:
    return Attachment(
        id=uuid4(),
        code=code,
        file_name="паспорт «1».pdf",
        media_type="application/pdf",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        given_by="worker",
    )


@cache
def answers_of_a_worker() -> Mapping[str, Mapping[str, str]]:
    """Every page of a single permit, read as its form reads it; the function is named in two scripts."""
    known, answers = {"today": today().isoformat()}, {}
    for page in in_force("single-permit", today()).pages:
        typed = {**EMPLOYER_PAGES.get(page.code, {}), **WORKER_PAGES.get(page.code, {})}
        if page.code == "function":
            typed["function_title"] = "Ingénieur 工程师"
        read = page.form.read(typed, known).values if typed else {}
        known.update(read)
        if kept := {name: text for name, text in read.items() if text}:
            answers[page.code] = kept
    return answers


def an_outgoing(**changes: Any) -> Outgoing:
    """A highly qualified worker's dossier, just filed; names and numbers are made up."""
    filed = Outgoing(
        message_id=uuid4(),
        event_id=uuid4(),
        seq=1,
        number=a_dossier_number(),
        procedure="single-permit",
        edition=in_force("single-permit", today()).edition,
        version=1,
        language="nl",
        action="submit",
        by="employer",
        at=datetime.now(UTC),
        position=("filed",),
        authority=CompetentAuthority(
            code="flanders",
            role="region",
            row=3,
            reason="The only establishment unit where the worker is employed lies in the Flemish Region.",
            source="49, 50",
            confidence="O",
            answers={"establishment_unit": "2999999989"},
        ),
        employer={"enterprise_number": "1999999943", "name": "Havenlogistiek Antwerpen NV"},
        employment={
            "category": "highly-qualified",
            "gross_year": "52000.00",
            "start": "2027-02-01",
            "workplaces": [{"address": {"municipality": "Antwerpen", "nis": "11002"}, "share": 100, "main": True}],
        },
        person={"surname": "Kumar", "given_names": "Rajesh", "nationalities": ["IND"], "passport_number": "Z1234567"},
        answers=answers_of_a_worker(),
    )
    return replace(filed, **changes)
