"""Work on dossiers that nobody waits for: check documents, and clear idle drafts and objects that belong to nothing."""

import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, or_, select, text, update

from frontoffice.dossiers.inspection import Verdict, check_stored
from frontoffice.dossiers.model import Answer, Document, Dossier, Event, Opening, Participation
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import Job, Resources
from frontoffice.kernel.storage import Altered, Storage, StoredKey
from frontoffice.kernel.time import now
from frontoffice.parties.model import Invitation, Mandate

logger = logging.getLogger("frontoffice.dossiers")

IDLE_DRAFT: Final = timedelta(days=90)
_ORPHAN_AFTER: Final = timedelta(days=1)
_BATCH: Final = 100
_NOT_ARRIVED = _("This file did not arrive as it was sent. Upload it again.")
# Tables of outer packages that hang on a dossier; named here because `dossiers` does not know those packages.
_OUTER: Final = (text("DELETE FROM message WHERE dossier_id = ANY(:keys)"), text("DELETE FROM notice WHERE dossier_id = ANY(:keys)"))


@lru_cache(maxsize=4)
def _storage_of(resources: Resources) -> Storage:
    return Storage(resources.settings)


async def check_document(resources: Resources, document_id: str) -> None:
    """Check one received document and move it from quarantine to clean, or say why it cannot be taken.

    May be repeated; a storage that is away raises Unavailable, and the job is tried again.
    """
    key = UUID(document_id)
    async with transaction(resources.engine) as session:
        columns = (Document.file_name, Document.media_type, Document.sha256)
        row = (await session.execute(select(*columns).where(Document.id == key, Document.state == "received"))).one_or_none()
    if row is None:
        return
    storage = _storage_of(resources)
    try:
        verdict = await check_stored(storage, document_id, row.file_name, row.media_type, expected_sha256=row.sha256)
    except (NotFound, Altered):
        verdict = Verdict(ok=False, reason=_NOT_ARRIVED)
    async with transaction(resources.engine) as session:
        # A document that was taken back meanwhile stays so.
        await session.execute(update(Document).where(Document.id == key, Document.state == "received").values(_outcome(verdict)))
    await storage.delete(storage.quarantine, document_id)


def _outcome(verdict: Verdict) -> dict[str, Any]:
    if verdict.ok:
        return {"state": "checked", "media_type": verdict.media_type, "pages": verdict.pages}
    return {"state": "refused", "reason": verdict.reason or "", "reason_params": dict(verdict.params)}


async def clear(resources: Resources) -> None:
    """Delete drafts that were discarded or left idle for 90 days, and objects without a row; the log tells how many."""
    drafts = await _clear_drafts(resources)
    storage = _storage_of(resources)
    quarantine = await _clear_objects(resources, storage, storage.quarantine, {"received"})
    clean = await _clear_objects(resources, storage, storage.clean, {"received", "checked", "refused", "replaced"})
    logger.info("cleared %d drafts, %d objects in quarantine, %d clean objects", drafts, quarantine, clean)


async def _clear_drafts(resources: Resources) -> int:
    """Rows first: an object whose row is gone belongs to nobody, and is found by the comparison that follows."""
    gone = 0
    while True:
        async with transaction(resources.engine) as session:
            idle = or_(Dossier.headline == "discarded", Dossier.updated_at < now() - IDLE_DRAFT)
            chosen = select(Dossier.id).where(Dossier.number.is_(None), idle).limit(_BATCH).with_for_update(skip_locked=True)
            keys = list((await session.scalars(chosen)).all())
            for statement in _OUTER:
                await session.execute(statement, {"keys": keys})
            for table in (Opening, Event, Document, Answer, Participation, Invitation, Mandate):
                await session.execute(delete(table).where(table.dossier_id.in_(keys)))
            await session.execute(delete(Dossier).where(Dossier.id.in_(keys)))
        gone += len(keys)
        if len(keys) < _BATCH:
            return gone


async def _clear_objects(resources: Resources, storage: Storage, bucket: str, wanted: set[str]) -> int:
    """Delete the objects, older than a day, that no document in one of these states points at."""
    gone = 0
    async for keys in _batches(storage.keys(bucket), lambda one: one.modified < now() - _ORPHAN_AFTER):
        known = [key for key in map(_uuid, keys) if key]
        async with transaction(resources.engine) as session:
            statement = select(Document.id).where(Document.id.in_(known), Document.state.in_(wanted))
            kept = {str(one) for one in (await session.scalars(statement)).all()}
        for key in keys:
            if key not in kept:
                await storage.delete(bucket, key)
                gone += 1
    return gone


async def _batches(objects: AsyncIterator[StoredKey], counts: Callable[[StoredKey], bool]) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    async for one in objects:
        if counts(one):
            batch.append(one.key)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


JOBS = (
    Job(name="dossiers:check-document", run=check_document),
    Job(name="dossiers:clear", run=clear, every="41 2 * * *"),
)
