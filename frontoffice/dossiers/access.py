"""Who may see what: the one statement that every read starts from, the roles of an actor, and what a role may see."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Dossier, Participation
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import FILERS, DocumentRequirement, Page, Role


def _current(party_id: Any, instant: Any) -> ColumnElement[bool]:
    return and_(
        Participation.party_id == party_id, Participation.starts_at <= instant, or_(Participation.ends_at.is_(None), Participation.ends_at > instant),
    )


def _visible(party_id: Any, instant: Any) -> ColumnElement[bool]:
    return exists().where(Participation.dossier_id == Dossier.id, _current(party_id, instant)).correlate(Dossier)


def is_visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition, on a statement over `dossier`, that the actor takes part in it now."""
    return _visible(actor.party_id, now())


# The same for statements that are built once, since building one takes as long as running it: run them with `acting(actor)`.
IS_VISIBLE = _visible(bindparam("acting_party"), bindparam("acting_at"))


def acting(actor: Actor) -> dict[str, Any]:
    """The parameters of IS_VISIBLE."""
    return {"acting_party": actor.party_id, "acting_at": now()}


def visible_to(actor: Actor, *columns: Any) -> Select[Any]:
    """The statement that every read of dossiers starts from; what it leaves out does not exist for the actor."""
    return select(*(columns or (Dossier,))).where(is_visible_to(actor))


async def roles_of(session: AsyncSession, actor: Actor, dossier_id: UUID) -> frozenset[str]:
    """The roles that the actor wears in this dossier at this instant; mandates are read anew at each call."""
    statement = select(Participation.role).where(Participation.dossier_id == dossier_id, _current(actor.party_id, now()))
    return frozenset((await session.scalars(statement)).all())


def effective_roles(roles: Iterable[str], *, has_worker: bool) -> frozenset[str]:
    """Roles for filling in: as long as no worker was invited and joined, the filer answers the worker's questions too."""
    mine = frozenset(roles)
    return mine | {Role.WORKER} if mine & FILERS and not has_worker else mine


def may_see(roles: Iterable[str], item: Page | DocumentRequirement) -> bool:
    """Whether one of these roles may read the answers of a page or open a document."""
    mine = frozenset(roles)
    # A Region that passed a dossier on may read what a Region reads, of what it held until then.
    return bool(item.seen_by & (mine | {Role.REGION} if Role.FORMER_REGION in mine else mine))


def may_fill(roles: Iterable[str], item: Page | DocumentRequirement) -> bool:
    """Whether one of these roles may answer a page or bring a document."""
    return bool(item.by & frozenset(roles))
