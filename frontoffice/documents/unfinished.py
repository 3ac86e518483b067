"""Uploads that have not ended yet: begun, found again, brought further stretch by stretch, given up, or lapsed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from frontoffice.documents.checking import queue_check, storage_of
from frontoffice.documents.grants import UploadGrant
from frontoffice.documents.model import Segment, Upload
from frontoffice.documents.segments import StoredSegment
from frontoffice.documents.slots import giving_role, next_place
from frontoffice.dossiers.access import is_visible_to
from frontoffice.dossiers.judging import queue_telling
from frontoffice.dossiers.model import Document, Dossier
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import WAITING
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures.vocabulary import DocumentRequirement

logger = logging.getLogger("frontoffice.documents")

# A week holds a weekend away and a bad link on the way home; a half file that nobody came back to is of no use to anybody.
LIFETIME: Final = timedelta(days=7)
LAPSED: Final = _("The upload was not finished in time. Upload the file again.")
_BATCH: Final = 200


class Overtaken(Exception):
    """Somebody else brought the upload further meanwhile, or it has ended: what was sent does not fit any more."""


class Gone(Exception):
    """The upload was there, and its time is over or it was taken back."""


@dataclass(frozen=True)
class Announced:
    """What a sender says of a file before its bytes: its length in bytes, and `key` by which the same announcement is known again."""

    length: int
    file_name: str = ""
    media_type: str = ""
    issued_on: date | None = None
    replaces: UUID | None = None
    key: UUID | None = None


@dataclass(frozen=True)
class Unfinished:
    """An upload and how much of it is safely stored; `expires` is None once all is."""

    id: UUID
    file_name: str
    media_type: str
    length: int
    stored: int
    expires: datetime | None


def _uploads(grant: UploadGrant, actor: Actor) -> Select[*tuple[Any, ...]]:
    """The uploads of this slot and this person; those that have ended are the party's."""
    columns = (Document.id, Document.file_name, Document.media_type, Document.size, Document.state, Document.reason, Upload.stored, Upload.expires_at)
    mine = (Upload.person_id == actor.person_id) | (Upload.document_id.is_(None) & (Document.given_by == actor.party_id))
    statement = select(*columns).outerjoin(Upload, Upload.document_id == Document.id)
    return statement.where(Document.dossier_id == grant.dossier_id, Document.requirement == grant.requirement, mine)


async def begin(session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, actor: Actor, announced: Announced) -> UUID:
    """Give the file its place in the slot, before any of its bytes; the dossier must be locked.

    An announcement that came before, its answer lost on the way, leads to the same upload."""
    key = announced.key or uuid4()
    if any(one.id == key for one in dossier.documents):
        return key
    await session.execute(insert(Document).values(
        id=key, dossier_id=dossier.id, requirement=slot.code, file_name=announced.file_name, media_type=announced.media_type, size=announced.length,
        state="uploading", given_by=actor.party_id, given_role=giving_role(dossier, slot), given_at=now(), issued_on=announced.issued_on,
        page_order=next_place(dossier, slot.code), replaces=announced.replaces,
    ))
    await session.execute(insert(Upload).values(
        document_id=key, length=announced.length, person_id=actor.person_id, created_at=now(), expires_at=now() + LIFETIME,
    ))
    return key


async def find(session: AsyncSession, actor: Actor, grant: UploadGrant, document: UUID) -> Unfinished:
    """How far an upload is, also just after its end; raises NotFound, or Gone when nothing can be added to it any more."""
    row = (await session.execute(_uploads(grant, actor).where(Document.id == document))).one_or_none()
    if row is None:
        raise NotFound
    lapsed = row.state == "refused" and row.reason == LAPSED
    if lapsed or row.state == "replaced" or (row.state == "uploading" and (row.expires_at is None or row.expires_at <= now())):
        raise Gone
    return _unfinished(row)


async def of_slot(session: AsyncSession, actor: Actor, grant: UploadGrant) -> list[Unfinished]:
    """What this person may go on with in this slot, oldest first."""
    statement = _uploads(grant, actor).where(Document.state == "uploading", Upload.expires_at > now()).order_by(Upload.created_at, Document.id)
    return [_unfinished(row) for row in (await session.execute(statement)).all()]


def _unfinished(row: Any) -> Unfinished:
    ended = row.state != "uploading"
    return Unfinished(row.id, row.file_name, row.media_type, row.size, row.size if ended else row.stored, None if ended else row.expires_at)


async def keep(engine: AsyncEngine, grant: UploadGrant, upload: Unfinished, segments: Sequence[StoredSegment]) -> None:
    """Let stretches count that are safe in quarantine and follow each other; with the last one the file goes to its check.

    Raises Overtaken when the upload does not stand where they begin, or may not go on; then none of them counts."""
    begins, ends = segments[0].starts_at, segments[-1].starts_at + segments[-1].size
    async with transaction(engine, grant.session_hash) as session:
        actor = signed_in(session)
        if ends == upload.length:
            # The document before the upload, as whoever takes it back does: in another order the two could wait for each other.
            await _only_one(session, update(Document).where(Document.id == upload.id, Document.state == "uploading").values(state="received", given_at=now()))
        visible = select(Document.id).join(Dossier, Dossier.id == Document.dossier_id).where(Document.id == Upload.document_id, is_visible_to(actor))
        await _only_one(session, update(Upload).values(stored=ends).where(
            Upload.document_id == upload.id, Upload.stored == begins, Upload.expires_at > now(), Upload.person_id == actor.person_id, visible.exists(),
        ))
        await session.execute(insert(Segment), [
            {"document_id": upload.id, "starts_at": one.starts_at, "key": one.key, "size": one.size, "sha256": one.sha256} for one in segments
        ])
        if ends == upload.length:
            await session.execute(delete(Upload).where(Upload.document_id == upload.id))
            await queue_check(session, upload.id)


async def give_up(session: AsyncSession, upload: Unfinished) -> None:
    """Take an upload back; raises Overtaken when all of it has arrived meanwhile. A job clears its bytes away."""
    await _only_one(session, update(Document).where(Document.id == upload.id, Document.state == "uploading").values(state="replaced"))
    await session.execute(delete(Upload).where(Upload.document_id == upload.id))


async def _only_one(session: AsyncSession, change: Any) -> None:
    result = await session.execute(change)
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Overtaken


async def lapse(resources: Resources) -> None:
    """Refuse the uploads whose time is over, and clear away what arrived of any that came to nothing."""
    async with transaction(resources.engine) as session:
        over = select(Upload.document_id).where(Upload.expires_at <= now())
        lapsed = update(Document).where(Document.id.in_(over), Document.state == "uploading").values(state="refused", reason=LAPSED)
        keys = (await session.scalars(lapsed.returning(Document.id))).all()
        for key in keys:
            await queue_telling(session, key, "lapsed")
        ended = select(Document.id).where(Document.id == Upload.document_id, Document.state != "uploading")
        await session.execute(delete(Upload).where(ended.exists()))
    logger.info("%d uploads lapsed", len(keys))
    while await _clear_some(resources):
        pass


async def _clear_some(resources: Resources) -> bool:
    """Remove some stretches that no check will read; objects first, since a row without its object is harmless. Whether there were any."""
    storage = storage_of(resources)
    async with transaction(resources.engine) as session:
        statement = select(Segment.document_id, Segment.starts_at, Segment.key).join(Document, Document.id == Segment.document_id)
        found = (await session.execute(statement.where(Document.state.not_in(WAITING)).limit(_BATCH))).all()
    for one in found:
        await storage.delete(storage.quarantine, str(one.key))
    async with transaction(resources.engine) as session:
        await session.execute(delete(Segment).where(Segment.key.in_([one.key for one in found])))
    return bool(found)
