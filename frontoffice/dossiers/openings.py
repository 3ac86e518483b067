"""Who looked at a dossier, and when: of all access records, those of authorities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Date, Table, exists, func, select
from sqlalchemy import cast as as_type
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Document, Opening
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.parties.model import Party

# The tables themselves: the statement of every page asks this too.
_OPENING, _PARTY = (cast(Table, one.__table__) for one in (Opening, Party))
# Of an access record: that an authority looked. Of everybody else only downloads are recorded, and they stand in nobody's way.
BY_AUTHORITY: Final[Any] = exists().where(_PARTY.c.id == _OPENING.c.party_id, _PARTY.c.authority_code.is_not(None))


@dataclass(frozen=True)
class Opened:
    """That an authority looked at the dossier on one day: when last, and the requirements of the documents that it opened."""

    party_name: str
    last_at: datetime
    documents: Sequence[str] = ()


async def openings(session: AsyncSession, dossier_id: UUID, *, limit: int = 10) -> list[Opened]:
    """The days on which authorities looked at the dossier, each authority on its own, newest first; however often they did."""
    day = as_type(func.timezone(BRUSSELS.key, Opening.opened_at), Date)
    last, codes = func.max(Opening.opened_at), func.array_agg(Document.requirement.distinct()).filter(Document.requirement.is_not(None))
    statement = (
        select(Party.name, last, codes).select_from(Opening).join(Party, Party.id == Opening.party_id)
        .outerjoin(Document, Document.id == Opening.document_id)
        .where(Opening.dossier_id == dossier_id, Party.authority_code.is_not(None))
        .group_by(Party.id, Party.name, day).order_by(last.desc()).limit(limit)
    )
    return [Opened(name, at, found or ()) for name, at, found in (await session.execute(statement)).all()]
