"""The outbox: an event that concerns other authorities and has no concluded message. Jobs only wake it up."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone.composition import HAND_OVER, Happened, outgoing_actions
from frontoffice.backbone.model import Message
from frontoffice.dossiers import handed_over
from frontoffice.dossiers.model import Document, Event
from frontoffice.kernel.time import now
from frontoffice.procedures import EDITIONS

_MOST_AT_ONCE: Final = 500
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || event.dossier_id)"
).bindparams(name=f"{HAND_OVER}/")


@dataclass(frozen=True)
class Waiting:
    """One event that is not handed over yet; `content` is the stored message, None until it has been signed."""

    event_id: UUID
    dossier_id: UUID
    content: bytes | None
    tries: int
    next_try_at: datetime | None


def lock_of(dossier_id: UUID) -> str:
    """The lock that keeps the hand-overs of one dossier one after the other."""
    return f"{HAND_OVER}/{dossier_id}"


def _is_outgoing() -> ColumnElement[bool]:
    told = outgoing_actions(one.life for one in EDITIONS)
    # An event that came in as a message is not sent back.
    return and_(Event.action.in_(sorted(told)), Event.message_id.is_(None))


async def waiting_until(session: AsyncSession, event_id: UUID) -> list[Waiting]:
    """The events of the same dossier that are not handed over, that one included, oldest first."""
    this = select(Event.dossier_id, Event.seq).where(Event.id == event_id).subquery()
    statement = (
        select(Event.id, Event.dossier_id, Message.content, func.coalesce(Message.tries, 0), Message.next_try_at)
        .join(this, and_(this.c.dossier_id == Event.dossier_id, Event.seq <= this.c.seq))
        .outerjoin(Message, Message.event_id == Event.id)
        .where(_is_outgoing(), Message.concluded_at.is_(None)).order_by(Event.seq)
    )
    return [Waiting(*row) for row in (await session.execute(statement)).all()]


async def history(session: AsyncSession, dossier_id: UUID) -> list[Happened]:
    """What happened to the dossier, oldest first."""
    columns = (Event.id, Event.seq, Event.action, Event.takes, Event.gives, Event.role, Event.happened_at, Event.evidence, Event.message_id)
    rows = await session.execute(select(*columns).where(Event.dossier_id == dossier_id).order_by(Event.seq))
    return [Happened(**row) for row in rows.mappings()]


async def store(session: AsyncSession, one: Waiting, content: bytes) -> bytes:
    """Keep the exact bytes under the event and return those that count: what was stored first is what is sent."""
    digest = hashlib.sha256(content).hexdigest()
    statement = upsert(Message).values(event_id=one.event_id, dossier_id=one.dossier_id, content=content, sha256=digest, created_at=now())
    statement = statement.on_conflict_do_update(
        index_elements=["event_id"],
        set_={"content": func.coalesce(Message.content, content), "sha256": func.coalesce(Message.sha256, digest)},
    )
    kept = await session.scalar(statement.returning(Message.content))
    assert kept is not None
    return bytes(kept)


async def note_failure(session: AsyncSession, one: Waiting, reason: str, next_try_at: datetime) -> None:
    """Count a try that failed; `reason` holds no personal data."""
    tried = {"tries": one.tries + 1, "tried_at": now(), "next_try_at": next_try_at, "last_error": reason[:300]}
    statement = upsert(Message).values(event_id=one.event_id, dossier_id=one.dossier_id, created_at=now(), **tried)
    await session.execute(statement.on_conflict_do_update(index_elements=["event_id"], set_=tried))


async def conclude(session: AsyncSession, one: Waiting, receipt: str, documents: Sequence[UUID]) -> None:
    """The backbone has the message and its documents, and signed for them."""
    instant = now()
    await session.execute(update(Message).where(Message.event_id == one.event_id).values(
        concluded_at=instant, tried_at=instant, tries=Message.tries + 1, next_try_at=None, last_error="", receipt=receipt,
    ))
    await note_handed_over(session, documents)
    await handed_over.note_received(session, one.dossier_id, one.event_id)


async def note_handed_over(session: AsyncSession, documents: Sequence[UUID]) -> None:
    """The backbone signed that it has the bytes of these documents."""
    await session.execute(update(Document).where(Document.id.in_(documents), Document.handed_over_at.is_(None)).values(handed_over_at=now()))


async def asleep(session: AsyncSession, *, older_than: timedelta, looking_back: timedelta | None) -> list[tuple[UUID, UUID]]:
    """The (event, dossier) pairs that wait although no job is there to move them: the latest event of each dossier.

    `looking_back` bounds the search for events without any message, so that it stays small; None looks at all of them.
    """
    cutoff = now() - older_than
    late = select(Message.event_id).where(Message.concluded_at.is_(None), func.coalesce(Message.next_try_at, Message.created_at) < cutoff)
    unwritten = select(Event.id).where(
        _is_outgoing(), Event.happened_at < cutoff, ~exists().where(Message.event_id == Event.id),
        Event.happened_at >= cutoff - looking_back if looking_back else literal(True),
    )
    statement = (
        select(Event.id, Event.dossier_id).where(Event.id.in_(late.union(unwritten)), _WITHOUT_JOB)
        .ext(distinct_on(Event.dossier_id)).order_by(Event.dossier_id, Event.seq.desc()).limit(_MOST_AT_ONCE)
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def count_late(session: AsyncSession, *, older_than: timedelta) -> int:
    """How many messages have been waiting longer than that."""
    statement = select(func.count()).select_from(Message).where(Message.concluded_at.is_(None), Message.created_at < now() - older_than)
    return await session.scalar(statement) or 0
