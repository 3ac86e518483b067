"""Caught mail is kept, listed for programs, and shown to people with its links."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from frontoffice.local.ports import free_port
from frontoffice.local.processes import Program, Supervisor, answers, python


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
    page, smtp = free_port(), free_port()
    supervisor, program = Supervisor(tmp_path / "logs"), _program(tmp_path, page, smtp)
    supervisor.start(program)
    yield supervisor, program, f"http://127.0.0.1:{page}", smtp
    supervisor.stop()


def test_a_message_is_listed_shown_and_survives_a_restart(catcher: tuple[Supervisor, Program, str, int]) -> None:
    supervisor, program, address, port = catcher
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(_mail("Eén stuk ontbreekt"), to_addrs=["z@x.example", "hidden@x.example"])
        smtp.send_message(_mail("Tweede"))
    supervisor.stop()
    supervisor.start(program)

    newest, first = httpx.get(f"{address}/messages").json()
    assert newest["subject"] == "Tweede"
    assert first["subject"] == "Eén stuk ontbreekt"
    assert first["to"] == ["z@x.example", "hidden@x.example"]
    assert set(first) == {"id", "to", "from", "subject", "text", "html", "received"}
    assert "<nu>" in first["text"] and "<a href" in first["html"]

    assert "Eén stuk ontbreekt" in httpx.get(address).text
    page = httpx.get(f"{address}/messages/{first['id']}").text
    assert '<a href="http://127.0.0.1:8000/nl/x?a=1&amp;b=2">' in page
    assert "&lt;nu&gt;" in page
    assert httpx.get(f"{address}/messages/none").status_code == 404
