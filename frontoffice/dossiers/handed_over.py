"""What the authority's side has signed about the latest filing of a dossier: that it has it, can work with it or not, and knows the same as we."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Dossier, Event
from frontoffice.kernel.time import now


async def note_received(session: AsyncSession, dossier_id: UUID, event_id: UUID) -> None:
    """The authority has what was filed: that event was confirmed with a signed receipt.

    The receipt of an event before the latest filing says nothing about it: it was taken back and filed again since.
    """
    await session.execute(update(Dossier).where(Dossier.id == dossier_id, Dossier.filed_at <= _happened(event_id)).values(confirmed_at=now()))


async def note_validated(session: AsyncSession, dossier_id: UUID, event_id: UUID, at: datetime) -> None:
    """The authority can work with what that event told, said at that instant; an earlier refusal is over."""
    await _answered(session, dossier_id, event_id, validated_at=at, refused_at=None, refusal=[])


async def note_refused(session: AsyncSession, dossier_id: UUID, event_id: UUID, at: datetime, reasons: Sequence[str]) -> None:
    """The authority cannot work with what that event told; `reasons` are shown as they are. The filing itself stands."""
    await _answered(session, dossier_id, event_id, validated_at=None, refused_at=at, refusal=list(reasons))


async def note_verified(session: AsyncSession, dossiers: Collection[UUID], at: datetime) -> None:
    """At that instant both sides knew the same of these dossiers."""
    await session.execute(update(Dossier).where(Dossier.id.in_(dossiers)).values(verified_at=at))


async def _answered(session: AsyncSession, dossier_id: UUID, event_id: UUID, **values: Any) -> None:
    await session.execute(update(Dossier).where(Dossier.id == dossier_id, Dossier.filed_at <= _happened(event_id)).values(**values))


def _happened(event_id: UUID) -> ScalarSelect[datetime]:
    return select(Event.happened_at).where(Event.id == event_id).scalar_subquery()
