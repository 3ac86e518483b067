"""Mails that come back: what mail servers of every kind report, what they only say meanwhile, and what hostile mails make of the intake."""

import os
import random
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from frontoffice.local.mail import report
from frontoffice.notices.bounced import REASONS, bounced, note_bounce, reason_of
from frontoffice.notices.bounces import LARGEST, UNKNOWN, read, take
from frontoffice.notices.return_path import notice_behind, return_path
from tests.catching import Catcher, a_catcher
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.web import settings_for

EMPLOYER = "katrien@havenlogistiek.example"
NOTICES = ("notices:tell", "notices:send", "notices:invite")
TO = "bounces+00000000000000000000000000000001.0123456789abcdef@portal.example"


def multipart(blocks: str, *, head: str = "", kind: str = "message/delivery-status", before: str = "It did not arrive.", more: str = "") -> bytes:
    text = (f"{head}To: <{TO}>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"=_b\"\n\n"
            f"--=_b\nContent-Type: text/plain; charset=utf-8\n\n{before}\n--=_b\nContent-Type: {kind}\n\n{blocks}\n{more}--=_b--\n")
    return text.encode()


POSTFIX = multipart(
    "Reporting-MTA: dns; mx.isp.example\nX-Postfix-Queue-ID: 4Xyz\nX-Postfix-Sender: rfc822; no-reply@portal.example\nArrival-Date: Sat, 21 Nov 2026 10:02:11 +0100\n\n"
    "Final-Recipient: rfc822; gone@isp.example\nOriginal-Recipient: rfc822;gone@isp.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.isp.example\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <gone@isp.example>: Recipient address\n    rejected: User unknown in virtual mailbox table\n",
    head="Return-Path: <>\nFrom: MAILER-DAEMON@mx.isp.example (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n",
    more="--=_b\nContent-Type: message/rfc822\n\nFrom: no-reply@portal.example\nStatus: 5.7.1\n\nBody\n")
EXIM = multipart(
    "Reporting-MTA: dns; exim.isp.example\n\nAction: failed\nFinal-Recipient: rfc822;full@isp.example\nStatus: 5.0.0\nRemote-MTA: dns; mx2.isp.example\n"
    "Diagnostic-Code: smtp; 552 mailbox full\n", head="X-Failed-Recipients: full@isp.example\nAuto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@exim.isp.example>\n")
EXCHANGE = multipart(
    "Reporting-MTA: dns;AM0PR01.prod.exchange.example\nReceived-From-MTA: dns;portal.example\nArrival-Date: Sat, 21 Nov 2026 09:02:11 +0000\n\n"
    "Final-Recipient: rfc822;nobody@corp.example\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n"
    "X-Display-Name: nobody@corp.example\n", head="From: <postmaster@corp.example>\nX-MS-Exchange-Message-Is-Ndr:\n").replace(b"\n", b"\r\n")
GMAIL = multipart(
    "Reporting-MTA: dns; googlemail.example\nReceived-From-MTA: dns; no-reply@portal.example\nArrival-Date: Sat, 21 Nov 2026 01:02:11 -0800 (PST)\nX-Original-Message-ID: <x@portal.example>\n\n"
    "Final-Recipient: rfc822; blocked@g.example\nAction: failed\nStatus: 5.7.26\nDiagnostic-Code: smtp; Our mail is not let in.\nLast-Attempt-Date: Sat, 21 Nov 2026 01:02:12 -0800 (PST)\n",
    head=f"Delivered-To: {TO}\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\nAuto-Submitted: auto-replied\nX-Failed-Recipients: blocked@g.example\n",
    before="** Adresse introuvable **")
EXPIRED = multipart("Reporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: rfc822; away@isp.example\nAction: failed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; timed out\n")
DELAYED = multipart("Reporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: rfc822; away@isp.example\nAction: delayed\nStatus: 4.4.1\nWill-Retry-Until: Thu, 26 Nov 2026 10:02:11 +0100\n")
FULL = multipart("Reporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: rfc822; full@isp.example\nAction: failed (mailbox)\nStatus: 5.2.2 (over quota)\n")
GLOBAL = multipart("Reporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: utf-8; ü@isp.example\nAction: failed\nStatus: 5.1.1\n", kind="message/global-delivery-status")
DELIVERED = multipart("Reporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: rfc822; there@isp.example\nAction: delivered\nStatus: 2.0.0\n")
RELAYED = multipart("Reporting-MTA: dns; mx.isp.example\n\nFinal-Recipient: rfc822; there@isp.example\nAction: relayed\nStatus: 2.0.0\n")
SECOND_FAILED = multipart("Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b\nAction: delayed\nStatus: 4.2.2\n\nFinal-Recipient: rfc822; c@d\nAction: failed\nStatus: 5.1.2\n")
BARE = multipart("Final-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1\n")
NO_ACTION = multipart("Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b\nStatus: 5.1.1\n")
NO_STATUS = multipart("Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b\nAction: FAILED\n")
ODD_STATUS = multipart("Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 2.0.0\n")
LONG_STATUS = multipart("Reporting-MTA: dns; m\n\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.1.1234567\n")
OLD_EXIM = (f"X-Failed-Recipients: gone@isp.example\nAuto-Submitted: auto-replied\nFrom: Mailer-Daemon@isp.example\nTo: {TO}\n\n"
            "This message was created automatically. A message that you sent could not be delivered.\n").encode()
AWAY = (f"From: Katrien <k@corp.example>\nTo: {TO}\nSubject: Automatisch antwoord: ik ben er niet\nAuto-Submitted: auto-replied\nPrecedence: bulk\n\n"
        "Status: 5.1.1\nAction: failed\nTot maandag.\n").encode()
ANSWER = f"From: k@corp.example\nTo: {TO}\nSubject: Re: SP-2026-1\n\nWhat does this mean?\n".encode()
READ = multipart("Reporting-UA: corp.example\nFinal-Recipient: rfc822;k@corp.example\nDisposition: manual-action/MDN-sent-manually; displayed\n",
                 kind="message/disposition-notification")
COMPLAINT = multipart("Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\nAction: failed\nStatus: 5.1.1\n", kind="message/feedback-report")

SHAPES = {
    "postfix": (POSTFIX, "5.1.1"), "exim": (EXIM, "5.0.0"), "exchange": (EXCHANGE, "5.1.10"), "gmail": (GMAIL, "5.7.26"), "expired": (EXPIRED, "4.4.1"),
    "full": (FULL, "5.2.2"), "global": (GLOBAL, "5.1.1"), "second receiver": (SECOND_FAILED, "5.1.2"), "one paragraph": (BARE, "5.1.1"), "no action": (NO_ACTION, "5.1.1"),
    "no status": (NO_STATUS, UNKNOWN), "odd status": (ODD_STATUS, UNKNOWN), "long status": (LONG_STATUS, UNKNOWN), "old exim": (OLD_EXIM, UNKNOWN),
    "delayed": (DELAYED, ""), "delivered": (DELIVERED, ""), "relayed": (RELAYED, ""), "away": (AWAY, ""), "answer": (ANSWER, ""), "read": (READ, ""),
    "complaint": (COMPLAINT, ""), "ours": (report(TO, ["bounce@x.example"]), "5.1.1"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_each_server_reports(name: str) -> None:
    content, status = SHAPES[name]
    found = read(content)
    assert found.status == status and TO in found.addresses


@pytest.mark.parametrize(("status", "reason"), [
    ("5.1.1", "no-such-address"), ("5.1.10", "no-such-address"), ("5.1.2", "no-such-address"), ("5.2.2", "mailbox-full"), ("5.2.1", "closed"), ("4.4.1", "unreachable"),
    ("4.4.7", "unreachable"), ("5.7.1", "refused"), ("5.7.26", "refused"), ("5.0.0", "undeliverable"), ("5.3.4", "undeliverable"), ("5.6.7", "undeliverable"),
    ("5.1.8", "undeliverable"), ("5", "undeliverable"), ("", "undeliverable"),
])
def test_why(status: str, reason: str) -> None:
    assert reason_of(status) == reason and reason in REASONS


def deep(depth: int) -> bytes:
    head = "".join(f"Content-Type: multipart/report; boundary=b{i}\n\n--b{i}\n" for i in range(depth))
    return f"To: {TO}\n{head}".encode()


HOSTILE = [
    b"", b"\x00", b"\n\n\n", b"\xff\xfe" * 500, b"From", b":" * 1000, b"\r" * 1000, random.Random(5).randbytes(3000), b"To: " + b"<" * 100_000, b"To:" + b" \n" * 50_000,
    b"Content-Type: multipart/report\n\n", b"Content-Type: multipart/report; boundary=\n\n--\n", b"Content-Type: multipart/report; boundary=\"\"\n\n--\n--\n",
    b"Content-Type: multipart/report; boundary=" + b"x" * 70_000 + b"\n\n", b"Content-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n",
    b"Content-Type: multipart/report; boundary*0*=utf-8''%41; boundary*1=b\n\n--Ab\n", b"Content-Type: text/plain; charset*=x''%zz\n\nx",
    deep(50), deep(1500), deep(20_000), POSTFIX * 300, POSTFIX[: len(POSTFIX) // 2], POSTFIX.replace(b"5.1.1", b"5." + b"9" * 10_000 + b".1"),
    POSTFIX.replace(b"Action: failed", b"Action: failed\x00"), POSTFIX.replace(b"Status", b"\xe2\x80\xaeStatus"), POSTFIX.replace(b"=_b", b"=_b\xc3"),
    POSTFIX.replace(b"Content-Type: message/delivery-status", b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64"),
    POSTFIX.replace(b"Content-Type: message/delivery-status", b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: x-nothing"),
    multipart("\n\n".join("Action: delayed\nStatus: 4.0.0" for _ in range(5000))), multipart("A" * 200_000), multipart("Action: failed\n" * 20_000),
    b"To: =?utf-8?b?" + b"A" * 1000 + b"?=\nTo: =?nothing?q?x?=\n\nx", b"To: (((((((((((" * 5000, b"X-Failed-Recipients: \n\n", b"\n" + POSTFIX, POSTFIX + b"\x1a" * 10_000,
    b"Content-Type: message/rfc822\n\n" * 5000, b"Subject: x\n" * 20_000, b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n" * 50_000,
    multipart("Status: \u0665.1.1\nAction: failed".replace("\u0665", "5")).replace(b"5.1.1", "٥.١.١".encode()),
]


@pytest.mark.parametrize("index", range(len(HOSTILE)))
def test_a_hostile_mail_raises_nothing_and_takes_no_time(index: int) -> None:
    import time

    began = time.process_time()
    found = read(HOSTILE[index], "nobody@portal.example" * 500)
    assert re.fullmatch(r"|[45]\.\d{1,3}\.\d{1,3}", found.status)
    assert time.process_time() - began < 2


def test_mangled_reports_raise_nothing() -> None:
    chance = random.Random(7)
    for content, _status in SHAPES.values():
        for _ in range(40):
            mangled = bytearray(content)
            for _ in range(chance.randrange(1, 30)):
                mangled[chance.randrange(len(mangled))] = chance.choice(b"\x00\n\r:;\"=<>@-. \xff5")
            found = read(bytes(mangled[: chance.randrange(1, len(mangled) + 1)]))
            assert re.fullmatch(r"|[45]\.\d{1,3}\.\d{1,3}", found.status)


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, catcher: Catcher) -> AsyncIterator[Scene]:
    from frontoffice.routes import ROUTES
    from frontoffice.worker import learn_addresses

    learn_addresses(ROUTES)
    async with a_scene(fresh_database, engines, tmp_path, smtp_url=catcher.url, mail_from="Permit window <no-reply@portal.example>") as scene:
        yield scene


def test_a_return_address_proves_itself(engines: Engines, shared_database: Database) -> None:
    settings, key = settings_for(shared_database, engines), uuid4()
    address = return_path(settings, key)
    assert re.fullmatch(r"bounces\+[0-9a-f]{32}\.[0-9a-f]{16}@portal\.example", address) and len(address.partition("@")[0]) <= 64
    for same in (address, address.upper(), f"<{address}>", f" {address}\n"):
        assert notice_behind(settings, same) == key
    digit = "1" if address[9] == "0" else "0"
    for other in ("", "@", "x", address[:-1], address.replace(".example", ".example.evil"), "x" + address, address.replace("bounces+", "bounces-"),
                  address[:8] + digit + address[9:] if address[8] != digit else address[:8] + "f" + address[9:], address.replace("@", "0@"),
                  re.sub(r"\.[0-9a-f]{16}@", ".0000000000000000@", address), "bounces+" + "0" * 32 + ".@portal.example", address.replace("+", "%2B")):
        assert notice_behind(settings, other) is None, other
    assert notice_behind(replace(settings, secret_key="t" * 40), address) is None


async def sent(scene: Scene, catcher: Catcher) -> tuple[UUID, str]:
    """A mail that went out: its notice, and where it comes back to."""
    await scene.filed()
    await scene.run(*NOTICES)
    assert len(catcher.mails) == 2
    key = await scene.value("SELECT id FROM notice WHERE address = :to", to=EMPLOYER)
    return key, return_path(scene.settings, key)


async def come_back(scene: Scene, content: bytes, to: str, recipient: str = "") -> UUID | None:
    async with scene.session() as session:
        return await take(session, scene.settings, content.replace(TO.encode(), to.encode()), recipient)


async def test_the_envelope_names_the_notice(scene: Scene, catcher: Catcher) -> None:
    _key, address = await sent(scene, catcher)
    assert address in catcher.senders and len(set(catcher.senders)) == 2


@pytest.mark.parametrize("name", [name for name, (_content, status) in SHAPES.items() if status and name != "ours"])
async def test_a_report_is_kept_with_the_notice(scene: Scene, catcher: Catcher, name: str) -> None:
    key, address = await sent(scene, catcher)
    content, status = SHAPES[name]
    assert await come_back(scene, content, address) == key
    (row,) = await scene.sql("SELECT bounce_status, bounced_at IS NOT NULL AS came FROM notice WHERE id = :key", key=key)
    assert tuple(row) == (status, True)
    # Not one word of the server is kept.
    kept = str(await scene.sql("SELECT to_jsonb(n)::text FROM notice n"))
    assert "isp.example" not in kept and "Recipient address" not in kept
    assert [row[0] for row in await scene.sql("SELECT bounced FROM participation WHERE role = 'employer'")] == ["k…@havenlogistiek.example"]
    # The same again, or another one, changes nothing.
    assert await come_back(scene, FULL, address) is None
    assert await scene.value("SELECT bounce_status FROM notice WHERE id = :key", key=key) == status


@pytest.mark.parametrize("name", [name for name, (_content, status) in SHAPES.items() if not status])
async def test_what_is_no_failure_changes_nothing(scene: Scene, catcher: Catcher, name: str) -> None:
    _key, address = await sent(scene, catcher)
    assert await come_back(scene, SHAPES[name][0], address) is None
    assert await scene.value("SELECT count(*) FROM notice WHERE bounced_at IS NOT NULL") == 0


async def test_only_the_true_address_counts(scene: Scene, catcher: Catcher) -> None:
    key, address = await sent(scene, catcher)
    forged = re.sub(r"\.[0-9a-f]{16}@", ".0123456789abcdef@", address)
    for to in (forged, address.replace("portal.example", "evil.example"), "no-reply@portal.example", return_path(scene.settings, uuid4())):
        assert await come_back(scene, POSTFIX, to) is None
    # What the mail server says it was brought to comes before what the mail itself says, and several are tried.
    assert await come_back(scene, POSTFIX, f"{forged}>, <{address}", recipient=forged) == key


async def test_a_bounce_without_a_party_is_the_employers_matter_until_the_worker_is_there(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    await scene.run(*NOTICES)
    key = await scene.value("SELECT id FROM notice WHERE party_id IS NULL")
    async with scene.session() as session:
        assert await note_bounce(session, key, "5.1.1")
    assert [tuple(row) for row in await scene.sql("SELECT role FROM participation WHERE bounced <> ''")] == [("employer",)]


async def test_operators_see_number_and_reason_and_no_whole_address(scene: Scene, catcher: Catcher, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    key, address = await sent(scene, catcher)
    await come_back(scene, POSTFIX, address)
    async with scene.session() as session:
        (one,) = await bounced(session)
    number = await scene.value("SELECT number FROM dossier")
    assert (one.dossier, one.status, one.reason, one.address) == (number, "5.1.1", "no-such-address", "k…@havenlogistiek.example")


async def test_a_refusal_at_once_is_a_bounce_too(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    catcher.refusals.append("550 5.7.1 not for you")
    await scene.run(*NOTICES)
    rows = await scene.sql("SELECT bounce_status, last_error FROM notice WHERE bounced_at IS NOT NULL")
    assert [tuple(row) for row in rows] == [("5.7.1", "address-refused-550")]
    # Who is told next is told as before.
    await scene.take(await scene.value("SELECT id FROM dossier"), "take-up", await scene.official("flanders"))
    await scene.run(*NOTICES)
    assert await scene.value("SELECT count(*) FROM notice WHERE sent_at IS NOT NULL") == 3


async def test_an_address_that_stays_away_for_three_days_is_one_as_well(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    await scene.run("notices:tell")
    await scene.sql("UPDATE notice SET created_at = created_at - interval '4 days'")
    catcher.refusals += ["451 4.7.1 later", "452 later"]
    await scene.run(*NOTICES)
    assert sorted(row[0] for row in await scene.sql("SELECT bounce_status FROM notice WHERE bounced_at IS NOT NULL")) == ["4.0.0", "4.7.1"]


async def test_our_own_server_that_is_away_is_nobodys_bounce(scene: Scene, catcher: Catcher) -> None:
    await scene.filed()
    await scene.run("notices:tell")
    await scene.sql("UPDATE notice SET created_at = created_at - interval '4 days'")
    away = replace(scene.resources, settings=replace(scene.settings, smtp_url="smtp://127.0.0.1:9"))
    from frontoffice.notices.sending import send_notice

    for row in await scene.sql("SELECT id FROM notice"):
        await send_notice(away, str(row[0]))
    assert await scene.value("SELECT count(*) FROM notice WHERE given_up_at IS NOT NULL AND bounced_at IS NULL") == 2


def environment(scene: Scene) -> dict[str, str]:
    from dataclasses import fields

    values = {one.metadata["variable"]: getattr(scene.settings, one.name) for one in fields(scene.settings)}
    return {**os.environ, **values}


async def test_the_command_takes_a_mail_and_lists_it(scene: Scene, catcher: Catcher) -> None:
    """In a process of its own, as a mail server starts it."""
    key, address = await sent(scene, catcher)
    mail = POSTFIX.replace(TO.encode(), address.encode()) + b"x" * (LARGEST * 2)
    done = subprocess.run([sys.executable, "-m", "frontoffice.cli", "bounces"], input=mail, env=environment(scene), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert await scene.value("SELECT bounce_status FROM notice WHERE id = :key", key=key) == "5.1.1"
    listed = subprocess.run([sys.executable, "-m", "frontoffice.cli", "notices", "bounced"], env=environment(scene), capture_output=True, check=True, text=True)
    number = await scene.value("SELECT number FROM dossier")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\dZ  {number}  event  5\.1\.1 no-such-address  k…@havenlogistiek\.example\n", listed.stdout)


async def test_without_a_database_the_mail_server_brings_it_again(scene: Scene, catcher: Catcher) -> None:
    mail = POSTFIX.replace(TO.encode(), return_path(scene.settings, uuid4()).encode())
    away = environment(scene) | {"FRONTOFFICE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none"}
    done = subprocess.run([sys.executable, "-m", "frontoffice.cli", "bounces"], input=mail, env=away, capture_output=True, check=False)
    assert done.returncode == os.EX_TEMPFAIL and b"postgresql" not in done.stderr
