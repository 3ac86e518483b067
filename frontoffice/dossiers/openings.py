"""Who looked at a dossier: the access records of authorities."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Document, Opening
from frontoffice.parties.model import Party


@dataclass(frozen=True)
class Opened:
    """Who looked at the dossier or at a document of it, and when last."""

    party_name: str
    person_name: str
    document: str | None
    opened_at: datetime


async def openings(session: AsyncSession, dossier_id: UUID, *, limit: int = 10) -> list[Opened]:
    """The latest openings by authorities, newest first; a document is named by its requirement."""
    party, person = Party.__table__.alias("acting"), Party.__table__.alias("doing")
    statement = (
        select(party.c.name, person.c.name, Document.requirement, Opening.opened_at)
        .select_from(Opening).join(party, party.c.id == Opening.party_id).join(person, person.c.id == Opening.person_id)
        .outerjoin(Document, Document.id == Opening.document_id)
        .where(Opening.dossier_id == dossier_id).order_by(Opening.opened_at.desc()).limit(limit)
    )
    return [Opened(*row) for row in (await session.execute(statement)).all()]
