"""Compares with the backbone what both sides know of open dossiers, and mends what differs: sends again, or asks for events."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import and_, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import inbound, outbox, pulling
from frontoffice.backbone.asking import ask_for_heads, may_ask
from frontoffice.backbone.composition import HAND_OVER, outgoing_actions
from frontoffice.backbone.courier import Courier, courier_of
from frontoffice.backbone.delivery import NotDelivered
from frontoffice.backbone.model import Arrival, Message
from frontoffice.backbone.pace import CircuitOpen
from frontoffice.dossiers import handed_over
from frontoffice.dossiers.model import Dossier, Event
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources, defer_many
from frontoffice.kernel.time import now
from frontoffice.procedures import EDITIONS, edition_of

logger = logging.getLogger("frontoffice.backbone")

VERIFY: Final = "backbone:verify"
# What a message waits for that was confirmed once, and that the backbone says it does not have.
LOST: Final = "lost-by-the-backbone"
MOST_AT_ONCE: Final = 200
_MOST_ROUNDS: Final = 5
# Whose turn it is: those that were asked about longest ago. Their turn is over at once, so that one that fails holds up no other.
_TURN: Final = text(
    "UPDATE dossier SET asked_at = :instant WHERE id IN (SELECT id FROM dossier WHERE asked_at < :before ORDER BY asked_at LIMIT :most"
    " FOR UPDATE SKIP LOCKED) RETURNING id, number, procedure, edition, position"
)

_IS_TOLD: Final = and_(Event.action.in_(sorted(outgoing_actions(one.life for one in EDITIONS))), Event.message_id.is_(None))


@dataclass
class _Ours:
    """What we knew of one dossier before the backbone was asked: it can only know more when it answers.

    `messages` are those that must be there, oldest first, each with whether the backbone signed for it; `kept` is up to which sequence
    number its events were here."""

    id: UUID
    number: str
    is_final: bool
    messages: list[Any] = field(default_factory=list)
    kept: int = 0

    @property
    def concluded(self) -> int:
        """How many of them, without a gap, the backbone signed for."""
        return next((place for place, one in enumerate(self.messages) if one.concluded_at is None), len(self.messages))

    def lost(self, received: int) -> Sequence[Any]:
        """Those that it signed for and does not have: it has the first `received`."""
        return self.messages[received : self.concluded]

    def is_known(self, received: int, sent: int, kept: int) -> bool:
        """Whether the backbone, which has so many messages and sent so many events, knew the same; `kept` are the events that are here by now."""
        return received == self.concluded == len(self.messages) and self.kept <= sent <= kept


async def verify(resources: Resources) -> None:
    """Compare the dossiers whose turn it is, two hundred in one question and at most a thousand; a failure waits for the next time."""
    courier, begun = courier_of(resources), now()
    for _round in range(_MOST_ROUNDS):
        async with transaction(resources.engine) as session:
            ours = await _take_turn(session, courier, begun) if await may_ask(session) else {}
        if not ours:
            return
        try:
            claims = await ask_for_heads(resources, courier, {"jti": str(uuid4()), "dossiers": list(ours)})
        except (NotDelivered, CircuitOpen) as failure:
            logger.warning("what the backbone knows could not be asked: %s", failure)
            return
        async with transaction(resources.engine) as session:
            await _compare(session, courier, ours, claims["heads"])


async def _take_turn(session: AsyncSession, courier: Courier, begun: datetime) -> dict[str, _Ours]:
    """The dossiers whose turn it is, by number."""
    rows = (await session.execute(_TURN, {"instant": now(), "before": begun, "most": MOST_AT_ONCE})).all()
    ours = {one.id: _Ours(one.id, one.number, bool(edition_of(one.procedure, one.edition).life.final & set(one.position))) for one in rows}
    statement = select(Event.dossier_id, Event.id, Event.happened_at, Message.concluded_at).outerjoin(Message, Message.event_id == Event.id)
    for one in await session.execute(statement.where(_IS_TOLD, Event.dossier_id.in_(ours)).order_by(Event.dossier_id, Event.seq)):
        ours[one.dossier_id].messages.append(one)
    # Of a dossier that was deleted meanwhile there is nothing to ask.
    await _end_turns(session, [one.id for one in ours.values() if not one.messages])
    found = {one.number: one for one in ours.values() if one.messages}
    for number, kept in (await inbound.complete_until(session, courier.peer.issuer, list(found))).items():
        found[number].kept = kept
    return found


async def _end_turns(session: AsyncSession, dossiers: Collection[UUID]) -> None:
    await session.execute(update(Dossier).where(Dossier.id.in_(dossiers)).values(asked_at=None))


async def _compare(session: AsyncSession, courier: Courier, ours: Mapping[str, _Ours], heads: Mapping[str, Mapping[str, Any]]) -> None:
    came = await inbound.complete_until(session, courier.peer.issuer, list(ours))
    unclear = set((await session.scalars(select(Arrival.dossier_number).where(
        Arrival.dossier_number.in_(ours), (Arrival.outcome == "waiting") | and_(Arrival.outcome == "review", Arrival.reviewed_at.is_(None)),
    ))).all())
    equal, missing = [], []
    await _look_for_unknown(session, {mine.id: heads[number]["received"] for number, mine in ours.items() if heads[number]["received"] > len(mine.messages)})
    for number, mine in ours.items():
        received, sent, kept = heads[number]["received"], heads[number]["sent"], came.get(number, 0)
        if lost := mine.lost(received):
            await _send_again(session, mine, lost, received)
        if sent > kept:
            missing.append(number)
        if sent < mine.kept:
            logger.error("dossier %s: the backbone no longer knows of events that it sent: somebody must look", mine.id)
        if mine.is_known(received, sent, kept) and number not in unclear:
            equal.append(mine)
    await pulling.queue(session, missing)
    await _note(session, equal)


async def _look_for_unknown(session: AsyncSession, received: Mapping[UUID, int]) -> None:
    """The backbone has more messages of these dossiers than there were; what was sent since it was asked explains it, or something of ours is lost."""
    if not received:
        return
    statement = select(Event.dossier_id, func.count()).where(_IS_TOLD, Event.dossier_id.in_(received)).group_by(Event.dossier_id)
    for dossier_id, messages in await session.execute(statement):
        if received[dossier_id] > messages:
            logger.error("dossier %s: the backbone has messages of ours that we do not know: somebody must look", dossier_id)


async def _send_again(session: AsyncSession, mine: _Ours, lost: Sequence[Any], received: int) -> None:
    """Put messages back into the outbox that were out of it: the same bytes go again, and the page no longer says that they are there."""
    logger.error("dossier %s: the backbone no longer has %d messages that it signed for: they are sent again", mine.id, len(lost))
    events = [one.id for one in lost]
    await session.execute(update(Message).where(Message.event_id.in_(events)).values(concluded_at=None, next_try_at=None, last_error=LOST))
    await handed_over.note_lost(session, mine.id, mine.messages[received - 1].happened_at if received else None)
    await defer_many(session, HAND_OVER, [(outbox.lock_of(mine.id), {"event_id": str(events[-1])})])


async def _note(session: AsyncSession, equal: Collection[_Ours]) -> None:
    """Both sides know the same; where nothing more can come, that was the last time."""
    # Somebody may be at work on one of them: it is noted the next time.
    free = set((await session.scalars(select(Dossier.id).where(Dossier.id.in_(one.id for one in equal)).with_for_update(skip_locked=True))).all())
    await handed_over.note_verified(session, free, now())
    await _end_turns(session, [one.id for one in equal if one.is_final and one.id in free])
