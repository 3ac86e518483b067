"""The local mail catcher: takes every message by SMTP, keeps it in a folder, and shows it on a page.

What is sent to an address that begins with `bounce` comes back, as a mail server's report to the product's own intake.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, MediaType, Response, get
from litestar.exceptions import NotFoundException

_TEMPLATES = Path(__file__).parent / "templates"
_INTAKE = (sys.executable, "-m", "frontoffice.cli", "bounces", "--recipient")

logger = logging.getLogger("frontoffice.local")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One caught message; `to` holds the envelope's receivers, so hidden copies show too."""

    id: str
    to: list[str]
    sender: str
    subject: str
    text: str
    html: str
    received: str

    def as_json(self) -> dict[str, object]:
        """The message as `GET /messages` gives it."""
        fields = asdict(self)
        return {"from": fields.pop("sender"), **fields}


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def read_message(file: Path) -> Message:
    """The message that was kept in a file; the envelope's facts are its first header lines."""
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return Message(
        id=file.stem, to=str(message["X-Envelope-To"]).split(", "), sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""), text=_body(message, "plain"), html=_body(message, "html"),
        received=str(message["X-Received-At"]),
    )


def report(sender: str, failed: Sequence[str]) -> bytes:
    """What a mail server tells the sender of a mail that it could not deliver (RFC 3464)."""
    blocks = "".join(f"\nFinal-Recipient: rfc822; {one}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user\n" for one in failed)
    return (
        f"From: <>\nTo: <{sender}>\nSubject: Undelivered mail\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="part"\n\n'
        "--part\nContent-Type: text/plain\n\nThis mail could not be delivered.\n"
        f"--part\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; localhost\n{blocks}\n--part--\n"
    ).encode()


async def _send_back(sender: str, failed: Sequence[str]) -> None:
    """Give the report to the product as a mail server would, once: what it cannot take now is only logged."""
    intake = await asyncio.create_subprocess_exec(*_INTAKE, sender, stdin=asyncio.subprocess.PIPE)
    await intake.communicate(report(sender, failed))
    if intake.returncode:
        logger.warning("a mail that came back was not taken in: %d", intake.returncode)


class Mailbox:
    """Everything that was caught, the newest first; files hold it, memory mirrors them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._reporting: set[asyncio.Task[None]] = set()
        self.messages = [read_message(file) for file in sorted(folder.glob("*.eml"), reverse=True)]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one message; it is on disk before the sender is told so. The name is aiosmtpd's."""
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S%f}-{os.urandom(3).hex()}"
        facts = f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\nX-Received-At: {now.isoformat()}\r\n"
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        file = self._folder / f"{name}.eml"
        draft = file.with_suffix(".draft")
        draft.write_bytes(facts.encode() + content)
        draft.replace(file)
        self.messages.insert(0, read_message(file))
        if envelope.mail_from and (failed := [one for one in envelope.rcpt_tos if one.startswith("bounce")]):
            task = asyncio.create_task(_send_back(envelope.mail_from, failed))
            # The loop itself would forget a task that nobody holds.
            self._reporting.add(task)
            task.add_done_callback(self._reporting.discard)
        return "250 Message kept"

    def find(self, message_id: str) -> Message:
        """The message of that id; raises Litestar's NotFoundException."""
        for message in self.messages:
            if message.id == message_id:
                return message
        raise NotFoundException("No such message")


def create_app(mailbox: Mailbox) -> Litestar:
    """The page, one page per message, and `GET /messages` for programs."""
    templates = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    templates.policies["urlize.rel"] = ""

    def show(template: str, **values: object) -> Response[str]:
        return Response(templates.get_template(template).render(**values), media_type=MediaType.HTML)

    @get("/", sync_to_thread=False)
    def inbox() -> Response[str]:
        return show("inbox.html", messages=mailbox.messages)

    @get("/messages/{message_id:str}", sync_to_thread=False)
    def one(message_id: str) -> Response[str]:
        return show("message.html", message=mailbox.find(message_id))

    @get("/messages", sync_to_thread=False)
    def listing() -> list[dict[str, object]]:
        return [message.as_json() for message in mailbox.messages]

    return Litestar([inbox, one, listing], openapi_config=None)


async def serve(folder: Path, smtp_port: int, http_port: int) -> None:
    """Take mail on one port and show it on the other, until the process is ended."""
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    receiver = await loop.create_server(
        lambda: SMTP(mailbox, hostname="localhost", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", smtp_port,
    )
    config = uvicorn.Config(create_app(mailbox), host="127.0.0.1", port=http_port, log_config=None,
                            log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    async with receiver:
        await uvicorn.Server(config).serve()


def main() -> None:
    """Run the catcher as a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="of the page")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(arguments.folder, arguments.smtp_port, arguments.port))


if __name__ == "__main__":
    main()
