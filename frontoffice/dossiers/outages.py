"""Outages of ours as they are recorded: rows are only added, the latest word about each counts; and how a dossier's statement reads them."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, FromClause, Table, and_, exists, func, insert, literal_column, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.deadlines import Circumstances
from frontoffice.dossiers.given import Participant
from frontoffice.dossiers.outage_model import OutageRow, ReliefRow
from frontoffice.dossiers.relief import AFFECTED, Granted, Outage
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now
from frontoffice.procedures.vocabulary import Role

RELIEVE: Final = "dossiers:relieve"
_OUTAGE, _RELIEF = cast(Table, OutageRow.__table__), cast(Table, ReliefRow.__table__)
_LATER = _OUTAGE.alias("later")


@dataclass(frozen=True)
class Recorded:
    """An outage as it stands, and who recorded its latest row when."""

    outage: Outage
    recorded_by: str
    recorded_at: datetime


def _stands(table: FromClause = _OUTAGE) -> ColumnElement[bool]:
    """Nothing corrected it, and it does not say that there was no outage."""
    return and_(table.c.withdrawn.is_(False), ~exists().where(_LATER.c.corrects == table.c.id))


def outages_since(instant: ColumnElement[Any]) -> Any:
    """The outages that stand and were not over by then, oldest first, as JSON for a statement about one dossier."""
    one = func.json_build_object(
        literal_column("'id'"), _OUTAGE.c.id, literal_column("'affects'"), _OUTAGE.c.affects, literal_column("'since'"), _OUTAGE.c.starts_at,
        literal_column("'until'"), _OUTAGE.c.ends_at, literal_column("'reason'"), _OUTAGE.c.reason,
    )
    return select(_rows(one)).where(_stands(), or_(_OUTAGE.c.ends_at.is_(None), _OUTAGE.c.ends_at > instant))


def granted_to(dossier_id: ColumnElement[UUID]) -> Any:
    """The last days of a dossier that were moved, as JSON for the same statement."""
    names = ("id", "clock", "started_on", "was_on", "last_day", "outages")
    pairs: list[Any] = list(itertools.chain.from_iterable((literal_column(f"'{name}'"), _RELIEF.c[name]) for name in names))
    one = func.json_build_object(*pairs, literal_column("'sealed'"), _RELIEF.c.sealed_at.is_not(None))
    return select(_rows(one)).where(_RELIEF.c.dossier_id == dossier_id)


def _rows(one: Any) -> Any:
    return func.coalesce(func.json_agg(one), literal_column("'[]'::json"))


def circumstances(outages: Sequence[Mapping[str, Any]], granted: Sequence[Mapping[str, Any]], participants: Sequence[Participant]) -> Circumstances:
    """What a dossier's clocks depend on, from the rows that its statement read."""
    regions = sorted(((one.starts_at, one.authority_code) for one in participants if one.role == Role.REGION and one.authority_code), key=lambda one: one[0])
    passed_on = any("passed_on_by" in one.reason for one in participants)
    return Circumstances(outages=tuple(map(Outage.of, outages)), granted=tuple(map(Granted.of, granted)), regions=regions if passed_on else ())


async def recorded(session: AsyncSession, *, limit: int = 100) -> list[Recorded]:
    """The outages that stand, the latest first."""
    statement = select(OutageRow).where(_stands()).order_by(OutageRow.starts_at.desc(), OutageRow.id).limit(limit)
    return [Recorded(_outage(one), one.recorded_by, one.recorded_at) for one in (await session.scalars(statement)).all()]


async def said_since(session: AsyncSession, instant: datetime) -> list[Outage]:
    """Every word about an outage that was recorded since then, that ended since then or has no end; whether it stands or was corrected."""
    statement = select(OutageRow).where(or_(OutageRow.recorded_at > instant, OutageRow.ends_at > instant, and_(OutageRow.ends_at.is_(None), _stands())))
    return [_outage(one) for one in (await session.scalars(statement)).all()]


def _outage(row: OutageRow) -> Outage:
    # In UTC: between two times of one zone Python compares what the clocks show, which an autumn night shows twice.
    return Outage(row.id, row.affects, row.starts_at.astimezone(UTC), row.ends_at.astimezone(UTC) if row.ends_at else None, row.reason)


async def record(session: AsyncSession, *, affects: str, since: datetime, until: datetime | None, reason: str, by: str) -> UUID:
    """Record an outage; raises Conflict for a time that ends before it begins or a part that nobody knows."""
    return await _add(session, affects=affects, since=since, until=until, reason=reason, by=by)


async def correct(session: AsyncSession, outage: UUID, *, by: str, reason: str = "", since: datetime | None = None, until: datetime | None = None) -> UUID:
    """Say anew when an outage began or ended; what is not given stays. The identifier of the new row counts from now on.

    Raises NotFound for one that does not stand, Conflict as `record`, or when somebody else corrected it meanwhile."""
    row = await _standing(session, outage)
    return await _add(session, affects=row.affects, since=since or row.starts_at, until=until or row.ends_at, reason=reason or row.reason, by=by,
                      corrects=outage)


async def withdraw(session: AsyncSession, outage: UUID, *, by: str, reason: str) -> UUID:
    """Say that there was no such outage; last days that were told stay where they are. Raises NotFound or Conflict."""
    row = await _standing(session, outage)
    return await _add(session, affects=row.affects, since=row.starts_at, until=row.ends_at, reason=reason, by=by, corrects=outage, withdrawn=True)


async def _standing(session: AsyncSession, outage: UUID) -> OutageRow:
    row = await session.scalar(select(OutageRow).where(OutageRow.id == outage, _stands()))
    if row is None:
        raise NotFound
    return row


async def _add(session: AsyncSession, *, affects: str, since: datetime, until: datetime | None, reason: str, by: str, corrects: UUID | None = None,
               withdrawn: bool = False) -> UUID:
    if affects not in AFFECTED or (until and until <= since):
        raise Conflict("an outage ends after it began, and names a part that is known")
    key = uuid4()
    try:
        async with session.begin_nested():
            await session.execute(insert(OutageRow).values(
                id=key, affects=affects, starts_at=since, ends_at=until, reason=reason[:300], recorded_by=by[:120], recorded_at=now(), corrects=corrects,
                withdrawn=withdrawn,
            ))
    except IntegrityError as error:
        raise Conflict("somebody else corrected this outage meanwhile") from error
    await defer(session, RELIEVE, lock=RELIEVE)
    return key
