"""The outbox: an event that concerns other authorities and has no concluded message. Jobs only wake it up."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, bindparam, exists, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import CollectionAggregate
from sqlalchemy.types import Uuid

from frontoffice.backbone.composition import HAND_OVER, Happened, outgoing_actions
from frontoffice.backbone.model import HandOverHold, HandOverStop, Message
from frontoffice.backbone.pace import PEER
from frontoffice.dossiers import handed_over
from frontoffice.dossiers.model import Document, Event
from frontoffice.kernel.jobs import TRACEPARENT
from frontoffice.kernel.time import now
from frontoffice.procedures import EDITIONS

MOST_AT_ONCE: Final = 500
# Whoever has begun with a message less than this ago is still at it, as far as anybody knows.
_AT_IT: Final = timedelta(seconds=60)
_OUTGOING: Final = sorted(outgoing_actions(one.life for one in EDITIONS))
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || event.dossier_id)"
).bindparams(name=f"{HAND_OVER}/")
# An array, since it is read once whatever the database expects: as a set to look into it was read again for each job of a queue that had grown.
_TAKE_ALONG: Final = text(
    "DELETE FROM procrastinate_jobs WHERE id = ANY(ARRAY(SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND task_name = :name"
    " AND coalesce(scheduled_at, :instant) <= :instant ORDER BY priority DESC, id LIMIT :most FOR UPDATE SKIP LOCKED))"
    " RETURNING CAST(args->>'event_id' AS uuid), coalesce(args->>:trace, '')"
).bindparams(name=HAND_OVER, trace=TRACEPARENT)
_HURRY: Final = text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo' AND task_name = :name AND scheduled_at > :instant")
_STORE: Final = text(
    "INSERT INTO message (event_id, dossier_id, content, sha256, trace, created_at, tried_at) SELECT new.*, :instant, :instant"
    " FROM unnest(CAST(:events AS uuid[]), CAST(:dossiers AS uuid[]), CAST(:contents AS bytea[]), CAST(:hashes AS text[]), CAST(:traces AS text[])) AS new"
    " ON CONFLICT (event_id) DO UPDATE SET content = coalesce(message.content, excluded.content), sha256 = coalesce(message.sha256, excluded.sha256),"
    " trace = coalesce(nullif(message.trace, ''), excluded.trace), tried_at = excluded.tried_at RETURNING event_id, content"
)
_CONCLUDE: Final = text(
    "UPDATE message SET concluded_at = :instant, tried_at = :instant, tries = tries + 1, next_try_at = NULL, last_error = '', receipt = told.receipt"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:receipts AS text[])) AS told(event_id, receipt)"
    " WHERE message.event_id = told.event_id AND message.concluded_at IS NULL"
)


@dataclass(frozen=True)
class Waiting:
    """One event that is not handed over yet; `content` is the stored message, None until it has been signed, and `trace` that of its click."""

    event_id: UUID
    dossier_id: UUID
    happened_at: datetime
    content: bytes | None
    trace: str
    tries: int
    next_try_at: datetime | None


@dataclass(frozen=True)
class Delivered:
    """A message for which the backbone signed, and the documents that it has with it."""

    event_id: UUID
    receipt: str
    documents: Collection[UUID]


def _any_of(ids: Collection[UUID]) -> CollectionAggregate[bool]:
    return any_(bindparam("ids", list(ids), ARRAY(Uuid)))


def lock_of(dossier_id: UUID) -> str:
    """The lock that keeps the hand-overs of one dossier one after the other."""
    return f"{HAND_OVER}/{dossier_id}"


def _is_outgoing() -> ColumnElement[bool]:
    # An event that came in as a message is not sent back.
    return and_(Event.action.in_(_OUTGOING), Event.message_id.is_(None))


def _may_go() -> ColumnElement[bool]:
    """Nobody holds the dossier, and sending is not stopped."""
    held = exists().where(HandOverHold.dossier_id == Event.dossier_id)
    return and_(~held, ~exists().where(HandOverStop.peer == PEER))


async def take_along(session: AsyncSession, most: int) -> dict[UUID, str]:
    """The events of so many other wake-ups whose time has come, with their traces; they leave the queue when this is committed."""
    if most < 1:
        return {}
    rows = await session.execute(_TAKE_ALONG, {"instant": now(), "most": most})
    return {row[0]: row[1] for row in rows}


async def lines(session: AsyncSession, events: Collection[UUID], *, held_too: bool = False) -> dict[UUID, list[Waiting]]:
    """By dossier the events that may go and are not handed over, oldest first, none later than those given; `held_too` those that may not go."""
    last = select(Event.dossier_id, func.max(Event.seq).label("seq")).where(Event.id == _any_of(events)).group_by(Event.dossier_id).subquery()
    statement = (
        select(Event.id, Event.dossier_id, Event.happened_at, Message.content, func.coalesce(Message.trace, ""), func.coalesce(Message.tries, 0),
               Message.next_try_at)
        .join(last, and_(last.c.dossier_id == Event.dossier_id, Event.seq <= last.c.seq))
        .outerjoin(Message, Message.event_id == Event.id)
        .where(_is_outgoing(), Message.concluded_at.is_(None), literal(True) if held_too else _may_go()).order_by(Event.dossier_id, Event.seq)
    )
    found: dict[UUID, list[Waiting]] = {}
    for row in await session.execute(statement):
        found.setdefault(row.dossier_id, []).append(Waiting(*row))
    return found


async def histories(session: AsyncSession, dossiers: Collection[UUID]) -> dict[UUID, list[Happened]]:
    """What happened to each of these dossiers, oldest first."""
    columns = (Event.id, Event.seq, Event.action, Event.takes, Event.gives, Event.role, Event.happened_at, Event.evidence, Event.message_id)
    statement = select(Event.dossier_id, *columns).where(Event.dossier_id == _any_of(dossiers)).order_by(Event.dossier_id, Event.seq)
    found: dict[UUID, list[Happened]] = {}
    for dossier_id, *values in await session.execute(statement):
        found.setdefault(dossier_id, []).append(Happened(**dict(zip((one.key for one in columns), values, strict=True))))
    return found


async def store(session: AsyncSession, waiting: Collection[Waiting], signed: Mapping[UUID, bytes]) -> dict[UUID, bytes]:
    """Note that these are being tried, keep the exact bytes signed for some of them, and return those of all: what was stored first counts."""
    contents = [signed.get(one.event_id) for one in waiting]
    rows = await session.execute(_STORE, {
        "events": [one.event_id for one in waiting], "dossiers": [one.dossier_id for one in waiting], "traces": [one.trace for one in waiting],
        "contents": contents, "hashes": [content and hashlib.sha256(content).hexdigest() for content in contents], "instant": now(),
    })
    return {row.event_id: bytes(row.content) for row in rows if row.content is not None}


async def note_waiting(session: AsyncSession, events: Collection[UUID]) -> None:
    """Leave a row for events that cannot go now, so that they are found among many that are done."""
    waiting = select(Event.id, Event.dossier_id, literal(now())).where(Event.id == _any_of(events), _is_outgoing())
    await session.execute(upsert(Message).from_select(["event_id", "dossier_id", "created_at"], waiting).on_conflict_do_nothing())


async def note_failure(session: AsyncSession, one: Waiting, reason: str, next_try_at: datetime) -> None:
    """Count a try that failed; `reason` holds no personal data."""
    tried = {"tries": one.tries + 1, "tried_at": now(), "next_try_at": next_try_at, "last_error": reason[:300]}
    statement = upsert(Message).values(event_id=one.event_id, dossier_id=one.dossier_id, created_at=now(), **tried)
    await session.execute(statement.on_conflict_do_update(index_elements=["event_id"], set_=tried, where=Message.concluded_at.is_(None)))


async def conclude(session: AsyncSession, delivered: Collection[Delivered]) -> None:
    """The backbone has these messages and their documents, and signed for them; what was concluded before stays as it is."""
    events = [one.event_id for one in delivered]
    # The dossier before its message, as whoever carries out an answer: otherwise each could wait for the other.
    await handed_over.note_received(session, events)
    await session.execute(_CONCLUDE, {"instant": now(), "ids": events, "receipts": [one.receipt for one in delivered]})
    await note_handed_over(session, [document for one in delivered for document in one.documents])


async def note_handed_over(session: AsyncSession, documents: Collection[UUID]) -> None:
    """The backbone signed that it has the bytes of these documents."""
    statement = update(Document).where(Document.id == _any_of(documents), Document.handed_over_at.is_(None)).values(handed_over_at=now())
    await session.execute(statement.execution_options(synchronize_session=False))


async def hurry(session: AsyncSession) -> None:
    """Let what waits because the backbone was away be tried now: it is back."""
    about_the_peer = or_(Message.last_error.in_(("unreachable", "time-out", "no-keys", "status-429")), Message.last_error.like("status-5%"))
    await session.execute(update(Message).where(Message.concluded_at.is_(None), Message.next_try_at > now(), about_the_peer).values(next_try_at=None))
    await session.execute(_HURRY, {"name": HAND_OVER, "instant": now()})


async def asleep(session: AsyncSession, *, older_than: timedelta, looking_back: timedelta | None, most: int = MOST_AT_ONCE) -> list[tuple[UUID, UUID]]:
    """The (event, dossier) pairs that wait although no job is there to move them: the latest event of each dossier, `most` of them.

    `looking_back` bounds the search for events without any message, so that it stays small; None looks at all of them.
    """
    cutoff = now() - older_than
    late = select(Message.event_id).where(
        Message.concluded_at.is_(None), func.coalesce(Message.next_try_at, Message.created_at) <= cutoff,
        or_(Message.tried_at.is_(None), Message.tried_at <= now() - _AT_IT),
    )
    unwritten = select(Event.id).where(
        _is_outgoing(), Event.happened_at <= cutoff, ~exists().where(Message.event_id == Event.id),
        Event.happened_at >= cutoff - looking_back if looking_back else literal(True),
    )
    statement = (
        select(Event.id, Event.dossier_id).where(Event.id.in_(late.union(unwritten)), _may_go(), _WITHOUT_JOB)
        .ext(distinct_on(Event.dossier_id)).order_by(Event.dossier_id, Event.seq.desc()).limit(most)
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]
