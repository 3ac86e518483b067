"""Alarms: hand-overs that need a person are told of once when that begins and once when it is over, by a line in the log and a mail."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update
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
        rows = await session.execute(select(HandOverAlarm.kind, HandOverAlarm.id, HandOverAlarm.seen_at).where(HandOverAlarm.ended_at.is_(None)))
        going_on = {row.kind: (row.id, row.seen_at) for row in rows}
        for kind, count in counts(await overview(session)).items():
            if kind not in going_on and count:
                await _begin(session, resources, kind, count)
            elif kind in going_on and count != 0:
                await _go_on(session, going_on[kind][0], count or 0)
            elif kind in going_on and going_on[kind][1] <= now() - QUIET_FOR:
                await _end(session, resources, kind, going_on[kind][0])


async def _begin(session: AsyncSession, resources: Resources, kind: str, count: int) -> None:
    instant, key = now(), uuid4()
    session.add(HandOverAlarm(id=key, kind=kind, begun_at=instant, seen_at=instant, most=count))
    logger.error("alarm %s: %s, %d of them: somebody must look", key, kind, count)
    await _tell(session, resources, key, kind, state="begun", count=count)


async def _go_on(session: AsyncSession, key: UUID, count: int) -> None:
    await session.execute(update(HandOverAlarm).where(HandOverAlarm.id == key).values(seen_at=now(), most=func.greatest(HandOverAlarm.most, count)))


async def _end(session: AsyncSession, resources: Resources, kind: str, key: UUID) -> None:
    most = await session.scalar(update(HandOverAlarm).where(HandOverAlarm.id == key).values(ended_at=now()).returning(HandOverAlarm.most))
    logger.warning("alarm %s is over: %s, %d of them at most", key, kind, most or 0)
    await _tell(session, resources, key, kind, state="over", count=most or 0)


async def _tell(session: AsyncSession, resources: Resources, key: UUID, kind: str, *, state: str, count: int) -> None:
    if resources.settings.operators_mail:
        await defer(session, TELL, lock=f"{TELL}/{key}", alarm_id=str(key), kind=kind, state=state, count=count)


JOBS = (Job(name=ALARM, run=alarm, every="* * * * *"),)
