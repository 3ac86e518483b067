"""A mail server for tests, by real SMTP: keeps what it takes, and refuses as often as it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import own_port


@dataclass
class Catcher:
    """What came in, and the envelope senders; `refusals` are the answers to give to the next receivers."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.senders.append(envelope.mail_from or "")
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        return [one for one in self.mails if one["To"] == address]


@contextmanager
def a_catcher() -> Iterator[Catcher]:
    catcher = Catcher(port=own_port())
    controller = Controller(catcher, hostname="127.0.0.1", port=catcher.port, ready_timeout=60.0)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop()
