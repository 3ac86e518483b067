"""Who takes part in a dossier, in which role and since when: begun, ended, and turned into that of a reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Participation
from frontoffice.kernel.database import instant_of
from frontoffice.kernel.time import now


async def take_part(session: AsyncSession, dossier_id: UUID, party_id: UUID, role: str, *, reason: Mapping[str, Any] | None = None,
                    ends_at: datetime | None = None) -> None:
    """Relate a party to a dossier from now on."""
    await session.execute(insert(Participation).values(
        id=uuid4(), dossier_id=dossier_id, party_id=party_id, role=role, starts_at=instant_of(session), ends_at=ends_at, reason=dict(reason or {}),
    ))


async def leave(session: AsyncSession, dossier_id: UUID, party_id: UUID, role: str) -> None:
    """End a party's role in a dossier at this instant."""
    await session.execute(update(Participation).values(ends_at=now()).where(_current(dossier_id, party_id, role)))


async def step_back(session: AsyncSession, dossier_id: UUID, party_id: UUID, role: str, *, into: str, reason: Mapping[str, Any]) -> None:
    """End a party's role and give it another from the same instant on.

    In one statement: between two of them row-level security would show the dossier to its own actor no more."""
    instant = now()
    ended = update(Participation).values(ends_at=instant).where(_current(dossier_id, party_id, role)).returning(
        Participation.dossier_id, Participation.party_id).cte("ended")
    values = {"id": uuid4(), "role": into, "starts_at": instant, "reason": dict(reason)}
    columns = [literal(value, getattr(Participation, name).type) for name, value in values.items()]
    await session.execute(insert(Participation).from_select(["dossier_id", "party_id", *values], select(ended.c.dossier_id, ended.c.party_id, *columns)))


def _current(dossier_id: UUID, party_id: UUID, role: str) -> ColumnElement[bool]:
    return and_(
        Participation.dossier_id == dossier_id, Participation.party_id == party_id, Participation.role == role,
        Participation.ends_at.is_(None) | (Participation.ends_at > now()),
    )
