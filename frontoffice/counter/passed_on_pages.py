"""What a Region passed on: the dossiers that it may still read, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import is_visible_to
from frontoffice.dossiers.model import Dossier, Participation
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.message import Message
from frontoffice.kernel.rendering import Web, page
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_titled
from frontoffice.procedures import edition_of
from frontoffice.procedures.vocabulary import Role

_PAGE_SIZE = 25


@dataclass(frozen=True)
class _PassedOn:
    """One row: nothing of it is later than the day on which it was passed on."""

    id: UUID
    number: str
    title: str
    worker_name: str
    employer_name: str
    to: Message
    at: datetime


@get("/counter/passed-on", name="passed-on")
async def passed_on(request: Web, session: AsyncSession, actor: Actor, after: str = "") -> Response[str]:
    """One page of them; raises NotFound for whoever is no official of a Region."""
    if actor.kind != "official" or not actor.is_region:
        raise NotFound
    rows = await _rows(session, actor, _cursor(after))
    last = rows[_PAGE_SIZE - 1] if len(rows) > _PAGE_SIZE else None
    return page(request, "counter/passed_on.html", rows=rows[:_PAGE_SIZE], next_page=f"{last.at.isoformat()}_{last.id}" if last else "",
                first_page=not after, wide=True)


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    if not text:
        return None
    moment, _sep, key = text.rpartition("_")
    try:
        found = datetime.fromisoformat(moment), UUID(key)
    except ValueError:
        raise NotFound from None
    if found[0].tzinfo is None:
        raise NotFound
    return found


async def _rows(session: AsyncSession, actor: Actor, after: tuple[datetime, UUID] | None) -> Sequence[_PassedOn]:
    columns: tuple[Any, ...] = (Dossier.id, Dossier.number, Dossier.procedure, Dossier.edition, Dossier.worker_name, Dossier.employer_name,
                                Participation.reason["passed_on_to"].astext.label("to"), Participation.starts_at)
    statement = (
        select(*columns).join(Dossier, Dossier.id == Participation.dossier_id)
        .where(Participation.party_id == actor.party_id, Participation.role == Role.FORMER_REGION, Participation.ends_at.is_(None), is_visible_to(actor))
        .order_by(Participation.starts_at.desc(), Participation.dossier_id.desc()).limit(_PAGE_SIZE + 1)
    )
    if after:
        statement = statement.where(func.row(Participation.starts_at, Participation.dossier_id) < func.row(*after))
    return [_PassedOn(one.id, one.number, edition_of(one.procedure, one.edition).title, one.worker_name, one.employer_name, authority_titled(one.to),
                      one.starts_at) for one in (await session.execute(statement)).all()]


ROUTES = (passed_on,)
