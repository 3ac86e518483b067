"""Reminders: who gave a document is told two weeks before it will be older than it may be."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness, queries
from frontoffice.dossiers.ages import ages, first_issue
from frontoffice.dossiers.model import Document, Dossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.time import today
from frontoffice.procedures import every_in_force
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.territory import Region

REMIND: Final = "documents:remind"
EXPIRING: Final = "expiring"
_BEFORE: Final = timedelta(days=14)
_BATCH: Final = 500


def windows(day: date) -> set[tuple[str, date, date]]:
    """For each requirement with a greatest age: between which days a document was issued that reaches it within two weeks of `day`."""
    figures, found = Figures.at(day), set()
    for procedure in every_in_force(day):
        for one in procedure.documents:
            for region in (None, *Region) if one.max_age else ():
                if figure := figures.find(one.max_age, region=region):
                    found.add((one.code, first_issue(figure, day), first_issue(figure, day + _BEFORE)))
    return found


async def look_ahead(resources: Resources) -> None:
    """Queue a closer look at each document that will soon be too old; a mail is sent once, however often it is looked at."""
    day, after = today(), UUID(int=0)
    due = or_(false(), *(and_(Document.requirement == code, Document.issued_on.between(first, last)) for code, first, last in windows(day)))
    while True:
        async with transaction(resources.engine) as session:
            statement = select(Document.id).join(Dossier, Dossier.id == Document.dossier_id).where(
                due, Document.state == "checked", Document.id > after).order_by(Document.id).limit(_BATCH)
            keys = list((await session.scalars(statement)).all())
            for key in keys:
                await defer(session, REMIND, lock=f"{REMIND}/{key}", document_id=str(key))
        if len(keys) < _BATCH:
            return
        after = keys[-1]


async def remind(resources: Resources, document_id: str) -> None:
    """Have the giver told, if the document is still the one that counts and the dossier still open."""
    async with transaction(resources.engine) as session:
        if await _is_due(session, UUID(document_id)):
            await defer(session, "notices:document", lock=f"notices:document/{document_id}", document_id=document_id, state=EXPIRING)


async def _is_due(session: AsyncSession, document_id: UUID) -> bool:
    dossier_id = await session.scalar(select(Document.dossier_id).where(Document.id == document_id))
    if dossier_id is None:
        return False
    dossier = await queries.any_dossier(session, str(dossier_id))
    if dossier.position & dossier.procedure.life.final:
        return False
    found = next((one for one in dossier.documents if one.id == document_id and one.counts and one.state == "checked"), None)
    requirement = dossier.procedure.requirement(found.requirement) if found else None
    if found is None or requirement is None:
        return False
    age = ages(dossier, completeness.facts(dossier), [requirement]).get(requirement.code)
    # A younger one beside it, or one whose day is not known, may well take its place.
    return age is not None and age.issued_on == found.issued_on and age.counts_until is not None and today() <= age.counts_until <= today() + _BEFORE
