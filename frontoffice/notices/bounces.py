"""Reads what a mail server sends back (RFC 3464): which notice did not arrive, and the code of the reason, never its words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.notices.bounced import note_bounce
from frontoffice.notices.return_path import notice_behind
from frontoffice.settings import Settings

# Whoever wrote the mail chose its size; what is reported stands before the mail that comes back.
LARGEST: Final = 256_000
UNKNOWN: Final = "5.0.0"
_REPORTS: Final = ("message/delivery-status", "message/global-delivery-status")
# Where mail servers write the address that a mail was brought to, the surest first.
_BROUGHT_TO: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_LONGEST: Final = 2_000
_MOST_PARTS: Final = 50
_ADDRESS: Final = re.compile(r"bounces\+[0-9a-f]{32}\.[0-9a-f]{16}@[a-z0-9.-]{1,253}", re.IGNORECASE)
_STATUS: Final = re.compile(r"\A\s*([245]\.\d{1,3}\.\d{1,3})(?!\d)")


@dataclass(frozen=True)
class Report:
    """What a mail to a return address says: `status` is the code of a failure, empty when nothing failed for good."""

    addresses: Sequence[str]
    status: str


def read(content: bytes, recipient: str = "") -> Report:
    """The report in a mail; `recipient` is the address that the mail server brought it to, where it says so. Reads anything, raises nothing."""
    try:
        mail = message_from_bytes(content[:LARGEST])
        named = [recipient, *(text for name in _BROUGHT_TO for text in _headers(mail, name))]
        return Report([one for text in named for one in _ADDRESS.findall(text)], _status_of(mail))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The standard reader stumbles over some mails that no mail server would write.
        return Report(_ADDRESS.findall(recipient[:_LONGEST]), "")


async def take(session: AsyncSession, settings: Settings, content: bytes, recipient: str = "") -> UUID | None:
    """Note the notice that a mail reports as failed; None when it reports none of ours, such as a delay or an answer by a machine."""
    report = read(content, recipient)
    notice_id = next((found for one in report.addresses if (found := notice_behind(settings, one))), None)
    if notice_id is None or not report.status:
        return None
    return notice_id if await note_bounce(session, notice_id, report.status) else None


def _headers(mail: Message, name: str) -> Iterator[str]:
    return (str(one)[:_LONGEST] for one in islice(mail.get_all(name, []), _MOST_PARTS))


def _status_of(mail: Message) -> str:
    """The code of the first receiver that failed."""
    parts: Any = mail.get_payload()
    reports = [one for one in parts[:_MOST_PARTS] if one.get_content_type() in _REPORTS] if isinstance(parts, list) else []
    for report in reports:
        for block in _blocks(report):
            if status := _failure(block):
                return status
    # An Exim that was told to write no report names the failed receivers in a header.
    return UNKNOWN if not reports and mail.get("X-Failed-Recipients") else ""


def _blocks(report: Message) -> Iterator[Message]:
    """The paragraphs of a report: one about the mail, then one for each receiver."""
    blocks: Any = report.get_payload()
    for block in blocks[:_MOST_PARTS] if isinstance(blocks, list) else []:
        yield block
        # The standard reader knows the paragraphs of the older kind only.
        rest = block.get_payload()
        if isinstance(rest, str):
            yield from (message_from_bytes(one.encode("utf-8", "replace")) for one in re.split(r"\r?\n\r?\n", rest, maxsplit=_MOST_PARTS)[:_MOST_PARTS])


def _failure(block: Message) -> str:
    action = str(block.get("Action", "")).strip().lower()[:20]
    found = _STATUS.match(str(block.get("Status", ""))[:_LONGEST])
    status = found[1] if found else ""
    # A delay says 4 as well; only an end to all tries is a failure, whatever its code.
    if action.startswith("failed"):
        return status if status[:1] in ("4", "5") else UNKNOWN
    return status if not action and status.startswith("5") else ""
