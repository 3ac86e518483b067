"""Alarms: hand-overs that need a person are told of by a line in the log and a mail.

Once when that begins and once when it is over; meanwhile when there are more of them, once an hour at most, and after one day and three."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone.model import HandOverAlarm
from frontoffice.backbone.stuck import LATE_AFTER, Overview, overview
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources, defer
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice.backbone")

ALARM: Final = "backbone:alarm"
TELL: Final = "notices:alarm"
KINDS: Final = ("late", "refused", "review", "missing", "stopped", "held")
# What comes and goes within minutes is one alarm, not a mail each time.
QUIET_FOR: Final = timedelta(minutes=5)
# More of a kind that somebody knows of are not worth a mail each.
MORE_AFTER: Final = timedelta(hours=1)
# What nobody put right is asked for again, so that it is not forgotten (rule 33).
AGAIN_AFTER: Final = (timedelta(hours=24), timedelta(hours=72))
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtext('backbone:alarm'))")


def counts(seen: Overview) -> Mapping[str, int | None]:
    """How many hand-overs call for each alarm; None where that cannot be said now."""
    stopped_long = seen.stop is not None and seen.stop.at < now() - LATE_AFTER
    return {
        # While sending is stopped everything is late, and somebody knows: that neither begins an alarm nor ends one.
        "late": None if seen.stop else seen.unheld, "refused": seen.refused, "review": seen.review, "missing": seen.missing,
        "stopped": int(stopped_long), "held": seen.held_long,
    }


async def alarm(resources: Resources) -> None:
    """Begin an alarm for what needs a person and is not told of yet, and end one that has been quiet for five minutes; once a minute."""
    async with transaction(resources.engine) as session:
        if not await session.scalar(_ALONE):
            return
        going_on = {one.kind: one for one in await session.scalars(select(HandOverAlarm).where(HandOverAlarm.ended_at.is_(None)))}
        for kind, count in counts(await overview(session)).items():
            if kind not in going_on and count:
                await _begin(session, resources, kind, count)
            elif kind in going_on and count != 0:
                await _go_on(session, resources, going_on[kind], count)
            elif kind in going_on and going_on[kind].seen_at <= now() - QUIET_FOR:
                await _end(session, resources, going_on[kind])


async def _begin(session: AsyncSession, resources: Resources, kind: str, count: int) -> None:
    instant, key = now(), uuid4()
    session.add(HandOverAlarm(id=key, kind=kind, begun_at=instant, seen_at=instant, most=count, told=count, told_at=instant))
    logger.error("alarm %s: %s, %d of them: somebody must look", key, kind, count)
    await _tell(session, resources, key, kind, state="begun", count=count)


async def _go_on(session: AsyncSession, resources: Resources, alarm: HandOverAlarm, count: int | None) -> None:
    """Note that it goes on, and tell of it again if it grew or nobody put it right; without a count it is only known not to be over."""
    instant, before = now(), alarm.seen_at
    alarm.seen_at, alarm.most = instant, max(alarm.most, count or 0)
    days = [one.days for one in AGAIN_AFTER if before < alarm.begun_at + one <= instant]
    if count is None or not (days or (count > alarm.told and instant >= alarm.told_at + MORE_AFTER)):
        return
    alarm.told, alarm.told_at = count, instant
    logger.error("alarm %s goes on: %s, %d of them: somebody must look", alarm.id, alarm.kind, count)
    await _tell(session, resources, alarm.id, alarm.kind, state=f"again-{days[-1]}" if days else f"more-{instant:%Y%m%d%H}", count=count)


async def _end(session: AsyncSession, resources: Resources, alarm: HandOverAlarm) -> None:
    alarm.ended_at = now()
    logger.warning("alarm %s is over: %s, %d of them at most", alarm.id, alarm.kind, alarm.most)
    await _tell(session, resources, alarm.id, alarm.kind, state="over", count=alarm.most)


async def _tell(session: AsyncSession, resources: Resources, key: UUID, kind: str, *, state: str, count: int) -> None:
    if resources.settings.operators_mail:
        await defer(session, TELL, lock=f"{TELL}/{key}", alarm_id=str(key), kind=kind, state=state, count=count)


JOBS = (Job(name=ALARM, run=alarm, every="* * * * *"),)
