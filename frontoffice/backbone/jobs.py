"""Hands dossiers over to the backbone, carries out what it sends, and wakes what fell asleep."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import dispatch, inbound, outbox, pace, pulling, verifying
from frontoffice.backbone.composition import HAND_OVER
from frontoffice.backbone.courier import courier_of
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources, defer, defer_many

_ASLEEP_AFTER: Final = timedelta(seconds=60)
_LOOKING_BACK: Final = timedelta(days=2)
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtext('backbone:sweep'))")


async def hand_over(resources: Resources, event_id: str) -> None:
    """Hand over an event, after those of its dossier that still wait; a failure queues the job again for later."""
    await dispatch.hand_over(resources, courier_of(resources), UUID(event_id))


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
        await _wake(session, looking_back)
        for one in await inbound.asleep(session, older_than=_ASLEEP_AFTER):
            await inbound.queue(session, *one)
        await pulling.queue_gaps(session)


async def _wake(session: AsyncSession, looking_back: timedelta | None) -> None:
    """Wake hand-overs: one while the backbone is in trouble, else as many as go into one statement, and then the next."""
    most = await pace.most_now(session, outbox.MOST_AT_ONCE)
    found = await outbox.asleep(session, older_than=_ASLEEP_AFTER, looking_back=looking_back, most=most) if most else []
    if found:
        jobs = ((outbox.lock_of(dossier_id), {"event_id": str(event_id)}) for event_id, dossier_id in found)
        await defer_many(session, HAND_OVER, jobs, priority=-1)
    if len(found) == outbox.MOST_AT_ONCE:
        await defer(session, dispatch.SWEEP, priority=-1)


JOBS = (
    Job(name=HAND_OVER, run=hand_over),
    Job(name=inbound.APPLY, run=apply),
    Job(name=dispatch.SWEEP, run=sweep, every="* * * * *"),
    Job(name=pulling.PULL, run=pulling.pull),
    Job(name=verifying.VERIFY, run=verifying.verify, every="*/10 * * * *"),
    Job(name="backbone:sweep-all", run=sweep_all, every="23 3 * * *"),
)
