"""Correcting what was filed: taken back until an authority opens it, or a document replaced by a newer version."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.filings import Filed, as_filed
from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.model import Document, Event, Filing, Opening, Participation
from frontoffice.dossiers.openings import BY_AUTHORITY
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import WAITING
from frontoffice.kernel.errors import Conflict, Invalid, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import now
from frontoffice.procedures.vocabulary import AUTHORITIES

OPENED: Final = _("An authority has opened this dossier, so it can no longer be taken back. You can still add documents, ask the authority, or withdraw it.")
_UNCHECKED: Final = _("The check of %(file)s is not finished yet: wait a moment")
_UNFINISHED: Final = _("The upload of %(file)s is not finished: finish or remove it")


async def take_back(session: AsyncSession, dossier: OpenDossier) -> dict[str, Any]:
    """Make a draft of a locked dossier again; its authorities leave it, its number stays. Raises Conflict once one of them has opened it."""
    if await _was_opened(session, dossier):
        raise Conflict(OPENED)
    await session.execute(update(Participation).values(ends_at=now()).where(
        Participation.dossier_id == dossier.id, Participation.role.in_(AUTHORITIES), Participation.ends_at.is_(None)))
    return {"filed_at": None, "confirmed_at": None, "region": None, "municipality": None}


async def _was_opened(session: AsyncSession, dossier: OpenDossier) -> bool:
    """Asked anew under the lock of the dossier: an opening that was being written when it was read is seen now."""
    opened = exists().where(Opening.dossier_id == dossier.id, Opening.opened_at >= dossier.filed_at, BY_AUTHORITY)
    acted = exists().where(Event.dossier_id == dossier.id, Event.happened_at >= dossier.filed_at, Event.role.in_(AUTHORITIES))
    used = any(one.taken_over_at or one.not_taken_at for one in dossier.documents)
    return used or bool(await session.scalar(select(or_(opened, acted))))


async def put_in_place(session: AsyncSession, dossier: OpenDossier) -> None:
    """When documents are sent, those whose place the new ones take become earlier versions; they stay, with their bytes."""
    replaced = [one.replaces for one in dossier.documents if one.replaces and one.state == "checked"]
    if replaced:
        await session.execute(update(Document).where(
            Document.dossier_id == dossier.id, Document.id.in_(replaced), Document.state != "replaced").values(state="replaced"))


def refuse_unready(documents: Sequence[GivenDocument]) -> None:
    """Raise Invalid that names each of these documents that is still on its way or being checked: only what is known to be good is sent."""
    problems = [
        Problem("documents", _UNFINISHED if one.state == "uploading" else _UNCHECKED, {"file": one.file_name}) for one in documents if one.state in WAITING
    ]
    if problems:
        raise Invalid(*problems)


async def as_it_was_filed(session: AsyncSession, dossier: OpenDossier, moment: datetime) -> OpenDossier:
    """The dossier with the answers of the filing that held at that moment, even if it was taken back and changed since."""
    if dossier.filed_at and dossier.filed_at <= moment:
        return dossier
    statement = select(Filing).where(Filing.dossier_id == dossier.id, Filing.filed_at <= moment).order_by(Filing.filed_at.desc()).limit(1)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        return dossier
    filed = Filed.of(row.event_id, row.filed_at, row.facts)
    # Its documents are told apart by when they were given and replaced: more may have been added between the filing and its end.
    return replace(as_filed(dossier, filed), position=dossier.position, documents=dossier.documents)
