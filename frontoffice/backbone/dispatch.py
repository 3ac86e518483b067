"""Hands over what waits, several dossiers at a time: writes and stores in one transaction, sends each line in order, and notes what came of it."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import contract, outbox, pace
from frontoffice.backbone.composition import HAND_OVER, Happened, NotReady, compose
from frontoffice.backbone.courier import Courier, is_about_the_peer
from frontoffice.backbone.delivery import NotDelivered, announced, retry_delay
from frontoffice.backbone.envelope import build
from frontoffice.backbone.outbox import Delivered, Waiting
from frontoffice.backbone.pace import CircuitOpen
from frontoffice.dossiers import queries
from frontoffice.dossiers.corrections import as_it_was_filed
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel import tracing
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice.backbone")

SWEEP: Final = "backbone:sweep"
_LONGEST_CHECK: Final = timedelta(minutes=10)
# How long what was delivered waits for others to be noted with it.
_TOGETHER: Final = 0.3


class Unsendable(Exception):
    """Our own message is not one by the contract; `places` tell where, never the values."""

    def __init__(self, places: Collection[str]) -> None:
        super().__init__(", ".join(places))


@dataclass
class _Line:
    """The messages of one dossier in their order, each after the receipt for the one before; `wanted` is the event to wake it up with again."""

    wanted: UUID
    waiting: Sequence[Waiting]
    ends: Waiting | None = None
    reason: Exception | None = None

    def end(self, before: Waiting, reason: Exception) -> None:
        """That message cannot go now, so none after it either."""
        self.waiting = self.waiting[: self.waiting.index(before)]
        self.ends, self.reason = before, reason


@dataclass
class _Told:
    """What came of tries and is not noted yet."""

    delivered: list[Delivered] = field(default_factory=list)
    ended: list[_Line] = field(default_factory=list)


async def hand_over(resources: Resources, courier: Courier, event_id: UUID) -> None:
    """Hand over an event after those of its dossier that wait, and with it others that wait in the queue; what fails is queued for later."""
    lines, contents = await _ready(resources, courier, event_id)
    told = _Told(ended=[one for one in lines if one.reason and not one.waiting])
    sending = [asyncio.create_task(_send(resources, courier, one, contents, told)) for one in lines if one.waiting]
    try:
        pending = set(sending)
        while pending:
            _, pending = await asyncio.wait(pending, timeout=_TOGETHER)
            if pending:
                await _note(resources, courier, told)
        await _note(resources, courier, told)
        for one in sending:
            one.result()
    finally:
        for one in sending:
            one.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


async def _ready(resources: Resources, courier: Courier, event_id: UUID) -> tuple[list[_Line], dict[UUID, bytes]]:
    """The lines to send and the bytes of their messages, which are stored before anything is sent."""
    async with transaction(resources.engine) as session:
        most = await pace.most_now(session, courier.pace.bunch)
        woken = {event_id: tracing.traceparent(), **await outbox.take_along(session, most - 1)}
        waiting = await outbox.lines(session, list(woken)) if most else {}
        if idle := woken.keys() - {one.event_id for line in waiting.values() for one in line}:
            await outbox.note_waiting(session, idle)
        lines = [_Line(line[-1].event_id, [replace(one, trace=one.trace or woken.get(one.event_id, "")) for one in line]) for line in waiting.values()]
        instant = now()
        for line in lines:
            if line.waiting[0].next_try_at and line.waiting[0].next_try_at > instant:
                line.end(line.waiting[0], _TooEarly(line.waiting[0].next_try_at))
        return lines, await write(session, courier, lines)


class _TooEarly(Exception):
    """The next try of this message is due later."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too early")
        self.until = until


async def write(session: AsyncSession, courier: Courier, lines: Collection[_Line]) -> dict[UUID, bytes]:
    """Sign what has never been signed and store the exact bytes, which every try sends; gives the bytes of all, by event."""
    dossiers = {one.dossier_id for line in lines for one in line.waiting if one.content is None}
    read = await queries.any_dossiers(session, dossiers) if dossiers else {}
    histories = await outbox.histories(session, dossiers) if dossiers else {}
    signed: dict[UUID, bytes] = {}
    for line in lines:
        for one in [one for one in line.waiting if one.content is None]:
            try:
                dossier = await as_it_was_filed(session, read[one.dossier_id], one.happened_at)
                signed[one.event_id] = _signed(courier, dossier, histories[one.dossier_id], one.event_id)
            except (NotReady, Unsendable) as reason:
                line.end(one, reason)
                break
    waiting = [one for line in lines for one in line.waiting]
    return await outbox.store(session, waiting, signed) if waiting else {}


async def written(session: AsyncSession, courier: Courier, waiting: Sequence[Waiting]) -> dict[UUID, bytes]:
    """The exact bytes of messages of one dossier, by event: signed and stored now if they never were. Raises NotReady or Unsendable."""
    line = _Line(waiting[-1].event_id, waiting)
    contents = await write(session, courier, [line])
    if line.reason:
        raise line.reason
    return contents


def _signed(courier: Courier, dossier: OpenDossier, history: Sequence[Happened], event_id: UUID) -> bytes:
    """The message as it will be sent; raises NotReady or Unsendable, whatever is wrong with this one dossier: it must not hold up others."""
    try:
        claims = build(compose(dossier, history, event_id), issuer=courier.peer.us, audience=courier.peer.issuer, issued_at=now())
    except NotReady:
        raise
    except Exception as error:
        logger.exception("the message of event %s cannot be written", event_id)
        raise Unsendable([f"error-{type(error).__name__}"]) from error
    if places := contract.violations("message", claims):
        raise Unsendable(places)
    return courier.sign(claims)


async def _send(resources: Resources, courier: Courier, line: _Line, contents: Mapping[UUID, bytes], told: _Told) -> None:
    """Send the messages of one dossier, each after the receipt for the one before; the first that fails ends it."""
    for one in line.waiting:
        digests = announced(contents[one.event_id])
        try:
            receipt = await courier.bring(resources, one.event_id, contents[one.event_id], digests, trace=one.trace)
        except CircuitOpen:
            # It was not tried. Somebody's next try, or the sweep, wakes it when the backbone is back.
            return
        except NotDelivered as failure:
            courier.pace.tried(well=not is_about_the_peer(failure))
            line.end(one, failure)
            break
        courier.pace.tried(well=True)
        told.delivered.append(Delivered(one.event_id, receipt.text, list(digests)))
    if line.reason:
        told.ended.append(line)


async def _note(resources: Resources, courier: Courier, told: _Told) -> None:
    """Write down what came of tries, and queue again what must be tried later."""
    delivered, told.delivered = told.delivered, []
    ended, told.ended = told.ended, []
    if not delivered and not ended:
        return
    failures = sum(isinstance(one.reason, NotDelivered) and is_about_the_peer(one.reason) for one in ended)
    async with transaction(resources.engine) as session:
        if delivered:
            await outbox.conclude(session, delivered)
        for line in ended:
            await _try_later(session, line)
        if await courier.pace.note(session, delivered=len(delivered), failures=failures):
            logger.warning("the backbone is back: what waits for it is tried now")
            await outbox.hurry(session)
            await defer(session, SWEEP)


async def _try_later(session: AsyncSession, line: _Line) -> None:
    one, reason = line.ends, line.reason
    assert one is not None
    if isinstance(reason, _TooEarly):
        until = reason.until
    elif isinstance(reason, NotReady):
        # Soon at first, then as long again as the check took so far.
        until = now() + min(max(now() - one.happened_at, timedelta(seconds=2)), _LONGEST_CHECK)
    else:
        asked = reason.retry_after if isinstance(reason, NotDelivered) else None
        until = now() + max(retry_delay(one.tries + 1), asked or timedelta(0))
        logger.warning("event %s not handed over, try %d: %s", one.event_id, one.tries + 1, reason)
        await outbox.note_failure(session, one, str(reason), until)
    with tracing.resumed(one.trace):
        await queue(session, one.dossier_id, line.wanted, until)


async def queue(session: AsyncSession, dossier_id: UUID, event_id: UUID, at: datetime | None = None) -> None:
    """Wake an event of a dossier, at once or at an instant; after all that people wait for."""
    await defer(session, HAND_OVER, lock=outbox.lock_of(dossier_id), at=at, priority=-1, event_id=str(event_id))
