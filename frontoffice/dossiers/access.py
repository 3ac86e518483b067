"""Who may see what: the one statement that every read starts from, the roles of an actor, and what a role may see."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Dossier, Participation
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import FILERS, DocumentRequirement, Page, Role


def _current(actor: Actor) -> ColumnElement[bool]:
    instant = now()
    return (
        (Participation.party_id == actor.party_id)
        & (Participation.starts_at <= instant)
        & or_(Participation.ends_at.is_(None), Participation.ends_at > instant)
    )


def is_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition, on a statement over `dossier`, that the actor takes part in it now."""
    return exists().where(Participation.dossier_id == Dossier.id, _current(actor)).correlate(Dossier)


def visible_to(actor: Actor, *columns: Any) -> Select[Any]:
    """The statement that every read of dossiers starts from; what it leaves out does not exist for the actor."""
    return select(*(columns or (Dossier,))).where(is_visible_to(actor))


async def roles_of(session: AsyncSession, actor: Actor, dossier_id: UUID) -> frozenset[str]:
    """The roles that the actor wears in this dossier at this instant; mandates are read anew at each call."""
    statement = select(Participation.role).where(Participation.dossier_id == dossier_id, _current(actor))
    return frozenset((await session.scalars(statement)).all())


def effective_roles(roles: Iterable[str], *, has_worker: bool) -> frozenset[str]:
    """Roles for filling in: as long as no worker was invited and joined, the filer answers the worker's questions too."""
    mine = frozenset(roles)
    return mine | {Role.WORKER} if mine & FILERS and not has_worker else mine


def may_see(roles: Iterable[str], item: Page | DocumentRequirement) -> bool:
    """Whether one of these roles may read the answers of a page or open a document."""
    return bool(item.seen_by & frozenset(roles))


def may_fill(roles: Iterable[str], item: Page | DocumentRequirement) -> bool:
    """Whether one of these roles may answer a page or bring a document."""
    return bool(item.by & frozenset(roles))
