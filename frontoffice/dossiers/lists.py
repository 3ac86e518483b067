"""Lists of dossiers: only the columns that a list shows, page by page; always through `visible_to`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import is_visible_to
from frontoffice.dossiers.model import Dossier, Participation
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.procedures import edition_of
from frontoffice.procedures.lifecycle import Headline


@dataclass(frozen=True)
class ListedDossier:
    """One row of a list."""

    id: UUID
    number: str | None
    procedure: str
    edition: str
    position: Sequence[str]
    worker_name: str
    employer_name: str
    category: str
    region: str | None
    created_at: datetime
    filed_at: datetime | None
    updated_at: datetime
    due_on: date | None

    @property
    def key(self) -> str:
        """What its address carries."""
        return self.number or str(self.id)

    @property
    def headline(self) -> Headline:
        """The single status that people read."""
        return edition_of(self.procedure, self.edition).life.headline(self.position)

    @property
    def procedure_title(self) -> str:
        """The msgid of the procedure's title."""
        return edition_of(self.procedure, self.edition).title


LISTED = (
    Dossier.id, Dossier.number, Dossier.procedure, Dossier.edition, Dossier.position, Dossier.worker_name, Dossier.employer_name,
    Dossier.category, Dossier.region, Dossier.created_at, Dossier.filed_at, Dossier.updated_at, Dossier.due_on,
)
PAGE_SIZE = 25


async def dossiers_of(session: AsyncSession, actor: Actor, *, before: tuple[datetime, UUID] | None = None, sought: str = "") -> list[ListedDossier]:
    """The actor's dossiers, latest change first, one more than a page holds; `before` continues after a row."""
    statement = (
        select(*LISTED).join(Participation, and_(Participation.dossier_id == Dossier.id, Participation.party_id == actor.party_id))
        .where(Participation.starts_at <= now(), or_(Participation.ends_at.is_(None), Participation.ends_at > now()))
        .where(Dossier.headline != "discarded", is_visible_to(actor) if actor.acts_for_another else true())
        .order_by(Dossier.updated_at.desc(), Dossier.id.desc()).limit(PAGE_SIZE + 1)
    )
    if before:
        statement = statement.where(func.row(Dossier.updated_at, Dossier.id) < func.row(*before))
    if sought:
        statement = statement.where(or_(Dossier.number == sought.upper(), Dossier.worker_name.icontains(sought, autoescape=True)))
    return [ListedDossier(**row) for row in (await session.execute(statement)).mappings()]
