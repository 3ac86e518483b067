"""Carries an outage of ours through: last days in lists, what is granted and told of them, and links and uploads that would have ended in it."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness, deadlines, queries
from frontoffice.dossiers.deadlines import RunningClock
from frontoffice.dossiers.model import Dossier
from frontoffice.dossiers.outage_model import ReliefRow
from frontoffice.dossiers.outages import RELIEVE, recorded, said_since
from frontoffice.dossiers.relief import Outage, moved, moved_instant
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.jobs import Job, Resources, defer
from frontoffice.kernel.time import now, today
from frontoffice.procedures import EDITIONS

CERTIFY: Final = "documents:certify"
_TELL: Final = "notices:relief"
# Queue rows may be lost, rows of outages are not: each is looked at again every hour until it has been over and recorded for that long.
_LOOKING_BACK: Final = timedelta(days=2)
_BATCH: Final = 200
_ASKED: Final = sorted(frozenset[str]().union(*(one.life.asked_in for one in EDITIONS)))
# What else of ours ends at an instant, and which outages keep people from it. Uploads belong to an outer package, which is not known here.
_ENDS: Final = (
    (frozenset({"everything", "sign-in"}),
     "SELECT i.id, i.expires_at FROM invitation i WHERE i.purpose = 'join' AND i.used_at IS NULL AND i.expires_at >= :since AND i.expires_at < :until"
     " AND NOT EXISTS (SELECT FROM invitation n WHERE n.dossier_id = i.dossier_id AND n.purpose = 'join' AND n.created_at > i.created_at)",
     "UPDATE invitation SET expires_at = :expires_at WHERE id = :id"),
    (frozenset({"everything", "sign-in", "uploads"}),
     "SELECT u.document_id AS id, u.expires_at FROM upload u WHERE u.expires_at >= :since AND u.expires_at < :until",
     "UPDATE upload SET expires_at = :expires_at WHERE document_id = :id"),
)


async def relieve(resources: Resources) -> None:
    """Look at every dossier whose last day an outage of late may move, one after the other; may be repeated after any interruption."""
    async with transaction(resources.engine) as session:
        late = await said_since(session, now() - _LOOKING_BACK)
        if not late:
            return
        standing = [one.outage for one in await recorded(session)]
        for outage in standing:
            await _prolong(session, outage)
    # Up to where a last day in one of them may have moved, by what stands now or by what was said before it was corrected.
    ends = [(one.end(today()) - timedelta.resolution).astimezone(BRUSSELS).date() for one in late]
    async for keys in _concerned(resources, max(moved(day, [*standing, *late], today()).last_day for day in ends)):
        for key in keys:
            await _relieve_one(resources, key)


async def _prolong(session: AsyncSession, outage: Outage) -> None:
    """Links to join and uploads that would have ended in the outage end later, by the same promise."""
    span = {"since": outage.since, "until": outage.end(today())}
    for affected, ending, prolong in _ENDS:
        if outage.affects in affected:
            rows = (await session.execute(text(ending), span)).all()
            later: list[dict[str, Any]] = [{"id": one.id, "expires_at": moved_instant(one.expires_at, outage, today())} for one in rows]
            if later:
                await session.execute(text(prolong), later)


async def _concerned(resources: Resources, latest: date) -> AsyncIterator[Sequence[UUID]]:
    """The dossiers in which somebody must send something and whose nearest last day is not after that day, in batches.

    The nearest last day may be one of an authority, which does not move and may be past: so there is no first day to look from."""
    after = (date.min, UUID(int=0))
    while True:
        async with transaction(resources.engine) as session:
            rows = (await session.execute(
                select(Dossier.due_on, Dossier.id)
                .where(Dossier.due_on <= latest, func.row(Dossier.due_on, Dossier.id) > func.row(*after), Dossier.position.overlap(_ASKED))
                .order_by(Dossier.due_on, Dossier.id).limit(_BATCH)
            )).all()
        yield [one.id for one in rows]
        if len(rows) < _BATCH:
            return
        after = (rows[-1].due_on, rows[-1].id)


async def _relieve_one(resources: Resources, key: UUID) -> None:
    async with transaction(resources.engine) as session:
        try:
            dossier = await queries.any_dossier(session, str(key), lock=True)
        except NotFound:
            return
        events = await queries.history(session, key)
        clocks = deadlines.running(dossier.procedure, events, today(), dossier.region, completeness.facts(dossier), around=dossier.around)
        due_on = None if dossier.position & dossier.procedure.life.final else deadlines.next_due(clocks)
        await session.execute(update(Dossier).where(Dossier.id == key, Dossier.due_on.is_distinct_from(due_on)).values(due_on=due_on))
        for one in clocks:
            # While an outage goes on nobody can say yet where the last day will be.
            if one.was_on and all(outage.until and outage.until <= now() for outage in one.outages):
                await _grant(session, key, one)


async def _grant(session: AsyncSession, dossier_id: UUID, clock: RunningClock) -> None:
    """Write down where the last day went, once, and have it told and certified."""
    outages = [{"id": str(one.id), "affects": one.affects, "since": _written(one.since), "until": _written(one.until), "reason": one.reason}
               for one in clock.outages]
    statement = upsert(ReliefRow).values(id=uuid4(), dossier_id=dossier_id, clock=clock.clock.code, started_on=clock.started_on, was_on=clock.was_on,
                                         last_day=clock.last_day, outages=outages, granted_at=now())
    if key := await session.scalar(statement.on_conflict_do_nothing().returning(ReliefRow.id)):
        await defer(session, CERTIFY, lock=f"{CERTIFY}/{key}", relief_id=str(key))
        await defer(session, _TELL, lock=f"{_TELL}/{dossier_id}", dossier_id=str(dossier_id), outage_id=str(clock.outages[-1].id))


def _written(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat() if instant else None


JOBS = (Job(name=RELIEVE, run=relieve, every="7 * * * *", longest_pause=60),)
