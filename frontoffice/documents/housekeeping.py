"""Clears the buckets of what belongs to nothing: pieces of uploads that were never kept, objects whose dossier is gone."""

import asyncio
import logging
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from frontoffice.documents.checking import storage_of
from frontoffice.documents.model import SealedReceipt, Segment
from frontoffice.documents.sources import FOLDER_PREFIX
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.outage_model import Certificate
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.storage import Storage, StoredKey
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice.documents")

_ORPHAN_AFTER: Final = timedelta(days=1)
_BATCH: Final = 100


# Whose object it is, by its name: the column that must hold the id in it. Any other name is nobody's.
_ID: Final = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_Owners = Mapping[str, InstrumentedAttribute[UUID]]
_IN_QUARANTINE: Final[_Owners] = {_ID: Segment.key}
_CLEAN: Final[_Owners] = {_ID: Document.id, rf"previews/{_ID}/\d+\.webp": Document.id, rf"receipts/{_ID}\.pdf": SealedReceipt.id,
                  rf"certificates/{_ID}\.pdf": Certificate.id}


async def clear(resources: Resources) -> None:
    """Delete the objects, older than a day, that no row points at, and what killed workers left half put and on this disk; the log tells how many."""
    storage = storage_of(resources)
    quarantine = await _clear_objects(resources, storage, storage.quarantine, _IN_QUARANTINE)
    clean = await _clear_objects(resources, storage, storage.clean, _CLEAN)
    cut = [await storage.abort_unfinished(bucket, before=now() - _ORPHAN_AFTER) for bucket in (storage.quarantine, storage.clean)]
    folders = await asyncio.to_thread(_clear_folders)
    logger.info("cleared %d objects in quarantine, %d clean objects, %d cut uploads, %d folders", quarantine, clean, sum(cut), folders)


def _clear_folders() -> int:
    """A worker that was killed could not clear away what it was working on: somebody's document, in the clear."""
    gone = 0
    # By the clock of the disk, not by ours: another worker may be at work in one of these.
    with tempfile.NamedTemporaryFile() as probe:
        oldest = Path(probe.name).stat().st_mtime - _ORPHAN_AFTER.total_seconds()
    for one in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with suppress(OSError):  # of another user, or gone meanwhile
            if one.stat().st_mtime < oldest:
                shutil.rmtree(one)
                gone += 1
    return gone


async def _clear_objects(resources: Resources, storage: Storage, bucket: str, owners: _Owners) -> int:
    """Delete the objects, older than a day, that are named after no row of their owners."""
    gone = 0
    async for keys in _batches(storage.keys(bucket), lambda one: one.modified < now() - _ORPHAN_AFTER):
        async with transaction(resources.engine) as session:
            kept = await _kept(session, keys, owners)
        for key in keys:
            if key not in kept:
                await storage.delete(bucket, key)
                gone += 1
    return gone


async def _kept(session: AsyncSession, keys: Sequence[str], owners: _Owners) -> set[str]:
    """Those of the keys whose row is there: one look for each kind of object."""
    kept: set[str] = set()
    for pattern, column in owners.items():
        named = {key: UUID(found[1]) for key in keys if (found := re.fullmatch(pattern, key))}
        if named:
            there = set((await session.scalars(select(column).where(column.in_(set(named.values()))))).all())
            kept |= {key for key, one in named.items() if one in there}
    return kept


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
