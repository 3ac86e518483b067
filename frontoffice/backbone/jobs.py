"""Hands dossiers over to the backbone, carries out what it sends, and wakes what fell asleep."""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import contract, inbound, outbox
from frontoffice.backbone.composition import HAND_OVER, NotReady, compose
from frontoffice.backbone.courier import CircuitOpen, Courier, courier_of
from frontoffice.backbone.delivery import NotDelivered, announced, retry_delay
from frontoffice.backbone.envelope import build
from frontoffice.backbone.outbox import Waiting
from frontoffice.dossiers import queries
from frontoffice.dossiers.corrections import as_it_was_filed
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources, defer
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice.backbone")

_ASLEEP_AFTER: Final = timedelta(seconds=60)
_LOOKING_BACK: Final = timedelta(days=2)
_ASK_A_PERSON_AFTER: Final = timedelta(hours=24)
_GAP_AFTER: Final = timedelta(minutes=10)
_LONGEST_CHECK: Final = timedelta(minutes=10)
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtext('backbone:sweep'))")


class Unsendable(Exception):
    """Our own message is not one by the contract; `places` tell where, never the values."""

    def __init__(self, places: list[str]) -> None:
        super().__init__(", ".join(places))


async def hand_over(resources: Resources, event_id: str) -> None:
    """Hand over an event, after those of its dossier that still wait; a failure queues the job again for later."""
    async with transaction(resources.engine) as session:
        line = await outbox.waiting_until(session, UUID(event_id))
    for one in line:
        again = await _hand_over_one(resources, one, wanted=event_id)
        if not again:
            return


async def _hand_over_one(resources: Resources, one: Waiting, *, wanted: str) -> bool:
    """Whether the message is delivered; if not, the wanted event has been queued again."""
    courier = courier_of(resources)
    if one.next_try_at and one.next_try_at > now():
        await _postpone(resources, one, wanted, one.next_try_at)
        return False
    try:
        content = one.content or await _write(resources, courier, one)
        digests = announced(content)
        receipt = await courier.bring(resources, one.event_id, content, digests)
    except (NotReady, CircuitOpen) as early:
        wait = early.wait if isinstance(early, CircuitOpen) else await _check_takes(resources, one)
        await _postpone(resources, one, wanted, now() + wait)
        return False
    except (NotDelivered, Unsendable) as failure:
        await _fail(resources, one, wanted, failure)
        return False
    async with transaction(resources.engine) as session:
        await outbox.conclude(session, one, receipt.text, list(digests))
    return True


async def _write(resources: Resources, courier: Courier, one: Waiting) -> bytes:
    """Sign the message and store its exact bytes before anything is sent; every later try sends these."""
    async with transaction(resources.engine) as session:
        dossier = await queries.any_dossier(session, str(one.dossier_id))
        history = await outbox.history(session, one.dossier_id)
        happened_at = next(event.happened_at for event in history if event.id == one.event_id)
        draft = compose(await as_it_was_filed(session, dossier, happened_at), history, one.event_id)
        claims = build(draft, issuer=courier.peer.us, audience=courier.peer.issuer, issued_at=now())
        if places := contract.violations("message", claims):
            raise Unsendable(places)
        return await outbox.store(session, one, courier.sign(claims))


async def _check_takes(resources: Resources, one: Waiting) -> timedelta:
    """How long to wait for a document that is being checked: soon at first, then as long again as it took so far."""
    async with transaction(resources.engine) as session:
        happened = next(event.happened_at for event in await outbox.history(session, one.dossier_id) if event.id == one.event_id)
    return min(max(now() - happened, timedelta(seconds=2)), _LONGEST_CHECK)


async def _fail(resources: Resources, one: Waiting, wanted: str, failure: NotDelivered | Unsendable) -> None:
    asked = failure.retry_after if isinstance(failure, NotDelivered) else None
    wait = max(retry_delay(one.tries + 1), asked or timedelta(0))
    logger.warning("event %s not handed over, try %d: %s", one.event_id, one.tries + 1, failure)
    async with transaction(resources.engine) as session:
        await outbox.note_failure(session, one, str(failure), now() + wait)
        await _queue(session, one.dossier_id, wanted, now() + wait)


async def _postpone(resources: Resources, one: Waiting, wanted: str, until: datetime) -> None:
    async with transaction(resources.engine) as session:
        await _queue(session, one.dossier_id, wanted, until)


async def _queue(session: AsyncSession, dossier_id: UUID, event_id: str, at: datetime | None = None) -> None:
    await defer(session, HAND_OVER, lock=outbox.lock_of(dossier_id), at=at, event_id=event_id)


async def apply(resources: Resources, issuer: str, jti: str) -> None:
    """Carry out one message that came in, once, in the order of the dossier's messages."""
    await inbound.apply(resources, issuer, jti)


async def sweep(resources: Resources) -> None:
    """Wake what waits longer than a minute without a job: queue rows may be lost, events and messages are not."""
    await _sweep(resources, looking_back=_LOOKING_BACK)


async def sweep_all(resources: Resources) -> None:
    """As sweep, over every event there is; once a night."""
    await _sweep(resources, looking_back=None)


async def _sweep(resources: Resources, *, looking_back: timedelta | None) -> None:
    async with transaction(resources.engine) as session:
        if not await session.scalar(_ALONE):
            return
        for event_id, dossier_id in await outbox.asleep(session, older_than=_ASLEEP_AFTER, looking_back=looking_back):
            await _queue(session, dossier_id, str(event_id))
        for one in await inbound.asleep(session, older_than=_ASLEEP_AFTER):
            await inbound.queue(session, *one)
        late = await outbox.count_late(session, older_than=_ASK_A_PERSON_AFTER)
        gaps = await inbound.count_gaps(session, older_than=_GAP_AFTER)
    if late:
        logger.error("%d messages could not be handed over for a day: somebody must look", late)
    if gaps:
        logger.error("%d messages that came in wait for an earlier one that did not come", gaps)


JOBS = (
    Job(name=HAND_OVER, run=hand_over),
    Job(name=inbound.APPLY, run=apply),
    Job(name="backbone:sweep", run=sweep, every="* * * * *"),
    Job(name="backbone:sweep-all", run=sweep_all, every="23 3 * * *"),
)
