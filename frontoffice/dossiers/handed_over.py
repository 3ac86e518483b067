"""What the authority's side has signed about the latest filing of a dossier: that it has it, can work with it or not, and knows the same as we."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Uuid, any_, bindparam, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Dossier, Event, Filing
from frontoffice.kernel.time import now


async def note_received(session: AsyncSession, events: Collection[UUID]) -> None:
    """The authority has what these events told: they were confirmed with a signed receipt, the first of a filing confirms it.

    The receipt of an event before the latest filing says nothing about it: it was taken back and filed again since.
    """
    told = (
        select(Event.dossier_id, func.max(Event.happened_at).label("until")).where(Event.id == any_(bindparam("events", list(events), ARRAY(Uuid))))
        .group_by(Event.dossier_id).subquery()
    )
    confirmed = case((Dossier.filed_at <= told.c.until, func.coalesce(Dossier.confirmed_at, now())), else_=Dossier.confirmed_at)
    statement = update(Dossier).where(Dossier.id == told.c.dossier_id).values(
        confirmed_at=confirmed, told_until=func.greatest(Dossier.told_until, told.c.until), asked_at=func.coalesce(Dossier.asked_at, now()),
    )
    await session.execute(statement.execution_options(synchronize_session=False))


async def note_validated(session: AsyncSession, dossier_id: UUID, event_id: UUID, at: datetime, *, by: str) -> None:
    """The authority of the code `by` can work with what that event told, said at that instant; an earlier refusal is over.

    If the event is a filing, the second receipt of it is due."""
    await _answered(session, dossier_id, event_id, validated_at=at, refused_at=None, refusal=[], answered_by=by)
    await session.execute(update(Filing).where(Filing.event_id == event_id, Filing.validated_at.is_(None)).values(validated_at=at))


async def note_refused(session: AsyncSession, dossier_id: UUID, event_id: UUID, at: datetime, reasons: Sequence[str], *, by: str) -> None:
    """The authority of the code `by` cannot work with what that event told; `reasons` are shown as they are. The filing itself stands."""
    await _answered(session, dossier_id, event_id, validated_at=None, refused_at=at, refusal=list(reasons), answered_by=by)


async def note_lost(session: AsyncSession, dossier_id: UUID, until: datetime | None) -> None:
    """The authority's side no longer has what happened after that instant (without one, nothing of it); what it said before stays."""
    kept = Dossier.filed_at <= until if until else literal(False)
    confirmed = case((kept, Dossier.confirmed_at), else_=None)
    await session.execute(update(Dossier).where(Dossier.id == dossier_id).values(confirmed_at=confirmed, told_until=until))


async def note_verified(session: AsyncSession, dossiers: Collection[UUID], at: datetime) -> None:
    """At that instant both sides knew the same of these dossiers."""
    await session.execute(update(Dossier).where(Dossier.id.in_(dossiers)).values(verified_at=at))


async def _answered(session: AsyncSession, dossier_id: UUID, event_id: UUID, **values: Any) -> None:
    await session.execute(update(Dossier).where(Dossier.id == dossier_id, Dossier.filed_at <= _happened(event_id)).values(**values))


def _happened(event_id: UUID) -> ScalarSelect[datetime]:
    return select(Event.happened_at).where(Event.id == event_id).scalar_subquery()
