"""What becomes of a checked document whose bytes we lost: its owner must bring it again, or operators must find them; never silence."""

import logging
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, update

from frontoffice.documents.checking import storage_of
from frontoffice.documents.model import Deletion
from frontoffice.dossiers import queries
from frontoffice.dossiers.judging import queue_telling
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.summary import may_add_documents
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.storage import Storage

logger = logging.getLogger("frontoffice.documents")

LOST: Final = _("We have lost this file: it can no longer be read. You did nothing wrong. Upload it again.")
# So few may be missing from a bucket that holds fewer still: a new service begins small.
_FEW: Final = 20
# A bucket is compared in sixteen parts, so that not all of its keys are in memory at once.
_PARTS: Final = "0123456789abcdef"
# What somebody may open or the authority may still be sent.
_KEPT: Final = or_(Document.state == "checked", and_(Document.state == "replaced", Document.handed_over_at.is_not(None)))


async def look(resources: Resources) -> None:
    """The nightly comparison: each document that we keep must lie in the clean bucket, as long as it was.

    Raises Unavailable when the storage is away, and then nothing counts as lost."""
    storage = storage_of(resources)
    there, missing = 0, list[UUID]()
    for part in _PARTS:
        kept, gone = await _compare(resources, storage, part)
        there, missing = there + kept - len(gone), [*missing, *gone]
        if len(missing) > max(there, _FEW):
            logger.error("%d documents are not in the clean bucket and only %d are: is it ours? Nothing was changed", len(missing), there)
            return
    lost = [await lose(resources, storage, key) for key in missing]
    logger.info("compared %d documents with the clean bucket: %d are lost", there + len(missing), sum(lost))


async def _compare(resources: Resources, storage: Storage, part: str) -> tuple[int, Collection[UUID]]:
    """How many documents there should be whose id begins like this, and those whose object is missing or not as long."""
    # Rows before objects: what is checked meanwhile is in the bucket, but not among the rows.
    async with transaction(resources.engine) as session:
        ordered = exists().where(Deletion.dossier_id == Document.dossier_id, Deletion.finished_at.is_(None))
        mine = Document.id.between(UUID(part + 31 * "0"), UUID(part + 31 * "f"))
        rows = (await session.execute(select(Document.id, Document.size).where(mine, _KEPT, ~ordered))).all()
    missing = {str(row.id): row.size for row in rows}
    async for one in storage.keys(storage.clean, prefix=part):
        if missing.get(one.key) == one.size:
            del missing[one.key]
    return len(rows), [UUID(key) for key in missing]


async def examine(resources: Resources, document_id: str) -> None:
    """Look at one document that could not be read when it was needed."""
    await lose(resources, storage_of(resources), UUID(document_id))


async def lose(resources: Resources, storage: Storage, key: UUID) -> bool:
    """Whether the bytes of a document are lost; if so whoever gave it is asked to bring it again, and the log tells operators.

    Raises Unavailable as long as that is not certain. What the authority has by its receipt, and what can no longer be brought, stays as it is."""
    async with transaction(resources.engine) as session:
        row = (await session.execute(select(Document.dossier_id, Document.sha256).where(Document.id == key, _KEPT))).one_or_none()
    if row is None or not await storage.is_lost(storage.clean, str(key), expected_sha256=row.sha256):
        return False
    async with transaction(resources.engine) as session:
        dossier = await queries.any_dossier(session, str(row.dossier_id), lock=True)
        refused = update(Document).where(Document.id == key, Document.state == "checked", Document.handed_over_at.is_(None))
        if may_add_documents(dossier) and await session.scalar(refused.values(state="refused", reason=LOST, reason_params={}).returning(Document.id)):
            await queue_telling(session, key, "refused")
            what = "it was not filed yet" if dossier.is_draft else "it was filed and not handed over"
            logger.error("the bytes of document %s are gone or altered: %s, and whoever gave it is asked to bring it again", key, what)
        else:
            logger.error("the bytes of document %s are gone or altered, and nobody is asked to bring it again: get them from a copy", key)
    return True
