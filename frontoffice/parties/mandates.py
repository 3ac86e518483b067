"""Mandates: an employer lets an office act on one dossier, from a day to a day; every change counts at once."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import greet
from frontoffice.parties.model import Mandate, Party

# An office gains or loses its sight of the dossier by these very changes, so the database does each in one function.
_ACCEPT = text("SELECT accept_mandate(:mandate, :instant)")
_END = text("SELECT end_mandate(:mandate, :instant)")


@dataclass(frozen=True, kw_only=True)
class GivenMandate:
    """A mandate that was offered and has not been ended."""

    id: UUID
    dossier_id: UUID
    mandator_name: str
    mandatary_name: str
    mandatary_number: str
    starts_at: datetime
    ends_at: datetime
    offered_at: datetime
    accepted_at: datetime | None

    @property
    def last_day(self) -> date:
        """The last day on which the office may act."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(BRUSSELS).date()

    @property
    def is_running(self) -> bool:
        """Whether the office may act now."""
        return self.accepted_at is not None and self.starts_at <= now() < self.ends_at


_MANDATOR, _MANDATARY = aliased(Party), aliased(Party)


def _standing() -> Select[*tuple[Any, ...]]:
    columns = (Mandate.id, Mandate.dossier_id, _MANDATOR.name.label("mandator_name"), _MANDATARY.name.label("mandatary_name"),
               _MANDATARY.enterprise_number.label("mandatary_number"), Mandate.starts_at, Mandate.ends_at, Mandate.offered_at, Mandate.accepted_at)
    return (
        select(*columns).join(_MANDATOR, _MANDATOR.id == Mandate.mandator_id).join(_MANDATARY, _MANDATARY.id == Mandate.mandatary_id)
        .where(Mandate.ended_at.is_(None), Mandate.ends_at > now()).order_by(Mandate.offered_at.desc())
    )


async def current(session: AsyncSession, dossier_id: UUID) -> GivenMandate | None:
    """The mandate that stands on a dossier which the caller was allowed to open, accepted or not."""
    row = (await session.execute(_standing().where(Mandate.dossier_id == dossier_id).limit(1))).mappings().one_or_none()
    return GivenMandate(**row) if row else None


async def of_office(session: AsyncSession, actor: Actor) -> list[GivenMandate]:
    """The mandates that the actor's office was offered or has, newest first; at most a hundred."""
    rows = (await session.execute(_standing().where(Mandate.mandatary_id == actor.party_id).limit(100))).mappings()
    return [GivenMandate(**row) for row in rows]


async def offer(session: AsyncSession, actor: Actor, dossier_id: UUID, *, number: str, first: date, last: date) -> UUID:
    """Offer a mandate to the office of that enterprise number, from the first day to the end of the last.

    The caller has locked the dossier and checked that the actor is its employer. Raises Conflict while another mandate stands.
    """
    if await current(session, dossier_id):
        raise Conflict(_("An office has a mandate for this dossier already: end it before you give another"))
    office, mandate_id = await greet(session, kind="enterprise", name=number, number=number), uuid4()
    await session.execute(insert(Mandate).values(
        id=mandate_id, dossier_id=dossier_id, mandator_id=actor.party_id, mandatary_id=office, offered_by=actor.person_id,
        starts_at=_first_moment(first), ends_at=_first_moment(last + timedelta(days=1)), offered_at=now(),
    ))
    await defer(session, "notices:mandate", lock=f"notices:mandate/{mandate_id}", mandate_id=str(mandate_id))
    return mandate_id


def _first_moment(day: date) -> datetime:
    return datetime.combine(day, time.min, BRUSSELS)


async def accept(session: AsyncSession, actor: Actor, mandate_id: UUID) -> UUID:
    """The actor's office takes part as mandatary in the period agreed; gives the dossier. Accepting twice is accepting once."""
    await _must_be_ours(session, actor, mandate_id)
    dossier_id: UUID | None = await session.scalar(_ACCEPT, {"mandate": mandate_id, "instant": now()})
    if dossier_id is None:
        raise Conflict(_("This mandate has ended"))
    return dossier_id


async def decline(session: AsyncSession, actor: Actor, mandate_id: UUID) -> None:
    """The actor's office does not take the mandate, or lays it down."""
    await _must_be_ours(session, actor, mandate_id)
    await session.execute(_END, {"mandate": mandate_id, "instant": now()})


async def _must_be_ours(session: AsyncSession, actor: Actor, mandate_id: UUID) -> None:
    if await session.scalar(select(Mandate.id).where(Mandate.id == mandate_id, Mandate.mandatary_id == actor.party_id)) is None:
        raise NotFound


async def end(session: AsyncSession, dossier_id: UUID) -> None:
    """End the mandate that stands on a dossier; only its employer and its office can, the database sees to that."""
    mandate = await current(session, dossier_id)
    if mandate is not None:
        await session.execute(_END, {"mandate": mandate.id, "instant": now()})
