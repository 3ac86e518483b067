"""Sends what is written down: one row per receiver, tried until it is taken or given up."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.time import now
from frontoffice.notices.bounced import note_bounce, note_sent
from frontoffice.notices.mail import NotSent, deliver
from frontoffice.notices.model import Notice, SecondAddress
from frontoffice.notices.receivers import Receiver
from frontoffice.parties.model import Invitation
from frontoffice.settings import Settings

logger = logging.getLogger("frontoffice.notices")

SEND: Final = "notices:send"
_GIVE_UP_AFTER: Final = timedelta(days=3)
_ASLEEP_AFTER: Final = timedelta(seconds=60)
_PAUSES: Final = (5, 30, 300, 1800, 7200)
# How a notice goes out, by its channel; a mail box of the government would stand here beside mail. Each blocks, and raises NotSent.
CHANNELS: Final[Mapping[str, Callable[[Notice, Settings], None]]] = {"mail": deliver}
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || notice.id)"
).bindparams(name=f"{SEND}/")


async def write_down(session: AsyncSession, cause: UUID, one: Receiver, template: str, facts: Mapping[str, str], *, dossier_id: UUID | None) -> None:
    """Note that a mail is due, once for a cause, address and template, and queue it."""
    key = uuid4()
    statement = upsert(Notice).values(id=key, cause=cause, dossier_id=dossier_id, party_id=one.party_id, second_address_id=one.second,
                                      address=one.address, locale=one.locale, template=template, facts=dict(facts), created_at=now())
    if await session.scalar(statement.on_conflict_do_nothing().returning(Notice.id)):
        await _queue(session, key)


async def _queue(session: AsyncSession, notice_id: UUID, wait: timedelta | None = None) -> None:
    at = now() + wait if wait else None
    await defer(session, SEND, lock=f"{SEND}/{notice_id}", at=at, notice_id=str(notice_id))


async def send_notice(resources: Resources, notice_id: str) -> None:
    """Send one mail; a failure queues the job again, with growing pauses, for three days."""
    async with transaction(resources.engine) as session:
        notice = (await session.execute(select(Notice).where(Notice.id == UUID(notice_id)))).scalar_one_or_none()
        if notice is None or notice.sent_at or notice.given_up_at or (notice.next_try_at and notice.next_try_at > now()):
            return
        outdated = await _is_outdated(session, notice)
    try:
        if outdated:
            raise NotSent("link-outdated", for_good=True)
        await asyncio.to_thread(CHANNELS[notice.channel], notice, resources.settings)
    except NotSent as failure:
        await _fail(resources, notice, failure)
        return
    async with transaction(resources.engine) as session:
        sent = {"sent_at": now(), "tries": Notice.tries + 1, "next_try_at": None, "last_error": ""}
        await session.execute(update(Notice).where(Notice.id == notice.id).values(sent))
        await note_sent(session, notice)


async def _is_outdated(session: AsyncSession, notice: Notice) -> bool:
    """Whether the link in the mail could no longer be used, since a newer one took its place or its time is over; or nobody wants the mail."""
    if notice.template in ("invite", "return-link"):
        usable = select(Invitation.id).where(Invitation.id == notice.cause, Invitation.used_at.is_(None), Invitation.expires_at > now())
    elif notice.template == "ask-address":
        open_still = (SecondAddress.confirmed_at.is_(None), SecondAddress.ended_at.is_(None), SecondAddress.expires_at > now())
        usable = select(SecondAddress.id).where(SecondAddress.id == notice.cause, *open_still)
    elif notice.second_address_id:
        usable = select(SecondAddress.id).where(SecondAddress.id == notice.second_address_id, SecondAddress.ended_at.is_(None))
    else:
        return False
    return await session.scalar(usable) is None


async def _fail(resources: Resources, notice: Notice, failure: NotSent) -> None:
    pause = _PAUSES[min(notice.tries, len(_PAUSES) - 1)]
    wait = timedelta(seconds=pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
    given_up = failure.for_good or now() - notice.created_at > _GIVE_UP_AFTER
    logger.log(logging.ERROR if given_up else logging.WARNING, "notice %s not sent, try %d%s: %s", notice.id, notice.tries + 1,
               ", given up" if given_up else "", failure.reason)
    tried = {"tries": Notice.tries + 1, "last_error": failure.reason[:300], "next_try_at": None if given_up else now() + wait,
             "given_up_at": now() if given_up else None}
    async with transaction(resources.engine) as session:
        await session.execute(update(Notice).where(Notice.id == notice.id).values(tried))
        if given_up and failure.status:
            await note_bounce(session, notice.id, failure.status)
        if not given_up:
            await _queue(session, notice.id, wait)


async def sweep(resources: Resources) -> None:
    """Queue again the mails that wait longer than a minute without a job."""
    late = select(Notice.id).where(
        Notice.sent_at.is_(None), Notice.given_up_at.is_(None), func.coalesce(Notice.next_try_at, Notice.created_at) < now() - _ASLEEP_AFTER, _WITHOUT_JOB,
    )
    async with transaction(resources.engine) as session:
        for notice_id in (await session.scalars(late.limit(500))).all():
            await _queue(session, notice_id)
