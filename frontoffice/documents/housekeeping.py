"""Clears the buckets of what belongs to nothing: pieces of uploads that were never kept, objects whose dossier is gone."""

import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from frontoffice.documents.checking import storage_of
from frontoffice.documents.model import Segment
from frontoffice.dossiers.model import Document
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.storage import Storage, StoredKey
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice.documents")

_ORPHAN_AFTER: Final = timedelta(days=1)
_BATCH: Final = 100


async def clear(resources: Resources) -> None:
    """Delete the objects, older than a day, that no row points at; the log tells how many."""
    storage = storage_of(resources)
    quarantine = await _clear_objects(resources, storage, storage.quarantine, Segment.key)
    clean = await _clear_objects(resources, storage, storage.clean, Document.id)
    logger.info("cleared %d objects in quarantine, %d clean objects", quarantine, clean)


async def _clear_objects(resources: Resources, storage: Storage, bucket: str, wanted: InstrumentedAttribute[UUID]) -> int:
    """Delete the objects, older than a day, whose key is not in that column."""
    gone = 0
    async for keys in _batches(storage.keys(bucket), lambda one: one.modified < now() - _ORPHAN_AFTER):
        known = [key for key in map(_uuid, keys) if key]
        async with transaction(resources.engine) as session:
            kept = {str(one) for one in (await session.scalars(select(wanted).where(wanted.in_(known)))).all()}
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
