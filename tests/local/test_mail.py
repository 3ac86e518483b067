"""Caught mail is kept, listed for programs, and shown to people with its links."""

import asyncio
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from aiosmtpd.smtp import Envelope

from frontoffice.local import mail
from frontoffice.local.mail import Mailbox
from frontoffice.local.processes import Program, Supervisor, answers, python
from tests.ports import own_port


def _program(folder: Path, page: int, smtp: int) -> Program:
    return python("frontoffice.local.mail", "--port", page, "--smtp-port", smtp, "--folder", folder / "mail",
                  name="mail", ready=answers(f"http://127.0.0.1:{page}/messages"))


def _mail(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Loket <no-reply@permit-window.example>", "Žofie <z@x.example>"
    mail["Subject"] = subject
    mail.set_content("Bekijk http://127.0.0.1:8000/nl/x?a=1&b=2 <nu>\n")
    mail.add_alternative("<p>Bekijk <a href='http://127.0.0.1:8000/nl/x'>nu</a></p>", subtype="html")
    return mail


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[tuple[Supervisor, Program, str, int]]:
    page, smtp = own_port(), own_port()
    supervisor, program = Supervisor(tmp_path / "logs"), _program(tmp_path, page, smtp)
    supervisor.start(program)
    yield supervisor, program, f"http://127.0.0.1:{page}", smtp
    supervisor.stop()


async def test_what_is_sent_to_a_bouncing_address_comes_back_to_the_intake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    took, script = tmp_path / "took", tmp_path / "intake"
    # The product's own command would want a database: what it is given is what counts here.
    script.write_text(f'#!/bin/sh\necho "$@" > {took}.arguments\ncat > {took}\n')
    script.chmod(0o700)
    monkeypatch.setattr(mail, "_INTAKE", (str(script), "--recipient"))
    mailbox = Mailbox(tmp_path / "mail")
    for receivers in (["bounce-me@x.example", "z@x.example"], ["z@x.example"]):
        envelope = Envelope()
        envelope.mail_from, envelope.rcpt_tos, envelope.content = "bounces+1.2@permit-window.example", receivers, _mail("Welkom").as_bytes()
        assert await mailbox.handle_DATA(None, None, envelope) == "250 Message kept"  # type: ignore[arg-type]
        await asyncio.gather(*mailbox._reporting)
    assert "bounces+1.2@permit-window.example" in (tmp_path / "took.arguments").read_text()
    assert "Final-Recipient: rfc822; bounce-me@x.example" in took.read_text() and "z@x.example" not in took.read_text()
    assert len(mailbox.messages) == 2


def test_a_message_is_listed_shown_and_survives_a_restart(catcher: tuple[Supervisor, Program, str, int]) -> None:
    supervisor, program, address, port = catcher
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(_mail("Eén stuk ontbreekt"), to_addrs=["z@x.example", "hidden@x.example"])
        smtp.send_message(_mail("Tweede"))
    supervisor.stop()
    supervisor.start(program)

    newest, first = httpx.get(f"{address}/messages", timeout=60).json()
    assert newest["subject"] == "Tweede"
    assert first["subject"] == "Eén stuk ontbreekt"
    assert first["to"] == ["z@x.example", "hidden@x.example"]
    assert set(first) == {"id", "to", "from", "subject", "text", "html", "received"}
    assert "<nu>" in first["text"] and "<a href" in first["html"]

    assert "Eén stuk ontbreekt" in httpx.get(address, timeout=60).text
    page = httpx.get(f"{address}/messages/{first['id']}", timeout=60).text
    assert '<a href="http://127.0.0.1:8000/nl/x?a=1&amp;b=2">' in page
    assert "&lt;nu&gt;" in page
    assert httpx.get(f"{address}/messages/none", timeout=60).status_code == 404
