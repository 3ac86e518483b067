"""The check of one document: its bytes are put together in a file of ours, judged, and kept clean or refused."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.inspection import Verdict, inspect
from frontoffice.documents.model import Segment
from frontoffice.documents.segments import StoredSegment, joined
from frontoffice.dossiers.model import Document
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.time import now

CHECK: Final = "documents:check"
_ASLEEP_AFTER: Final = timedelta(seconds=60)
_NOT_ARRIVED: Final = _("This file did not arrive as it was sent. Upload it again.")
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || document.id)"
).bindparams(name="document/")


@dataclass(frozen=True)
class _Given:
    """What the check must know of a document."""

    id: UUID
    file_name: str
    media_type: str
    segments: tuple[StoredSegment, ...]


@dataclass(frozen=True)
class _File:
    """All bytes of a document in a file of ours, with their SHA-256."""

    path: Path
    sha256: str


@lru_cache(maxsize=4)
def storage_of(resources: Resources) -> Storage:
    """The object storage of this worker."""
    return Storage(resources.settings)


async def queue_check(session: AsyncSession, document_id: UUID) -> None:
    """Queue the check of a document all of whose bytes have arrived."""
    await defer(session, CHECK, lock=f"document/{document_id}", document_id=str(document_id))


async def check(resources: Resources, document_id: str) -> None:
    """Check one received document and keep it clean, or say why it cannot be taken.

    May be repeated after any interruption; a storage or a disk that is away raises Unavailable, and the job is tried again."""
    given = await _begin(resources, UUID(document_id))
    if given is None:
        return
    storage = storage_of(resources)
    try:
        async with _gathered(storage, given) as file:
            verdict = await inspect(file.path, given.file_name, given.media_type)
            if verdict.ok:
                await storage.keep_clean(document_id, file.path, expected_sha256=file.sha256)
            outcome = _outcome(verdict, file.sha256)
    except (NotFound, Altered):
        outcome = _outcome(Verdict(ok=False, reason=_NOT_ARRIVED), "")
    async with transaction(resources.engine) as session:
        # A document that was taken back meanwhile stays so.
        await session.execute(update(Document).where(Document.id == given.id, Document.state == "checking").values(outcome))
    await _leave_quarantine(resources, storage, given)


async def _begin(resources: Resources, key: UUID) -> _Given | None:
    """Mark the document as being checked; None when there is nothing to check any more."""
    async with transaction(resources.engine) as session:
        waiting = update(Document).where(Document.id == key, Document.state.in_(("received", "checking"))).values(state="checking")
        row = (await session.execute(waiting.returning(Document.file_name, Document.media_type))).one_or_none()
        if row is None:
            return None
        columns = (Segment.key, Segment.starts_at, Segment.size, Segment.sha256)
        segments = await session.execute(select(*columns).where(Segment.document_id == key).order_by(Segment.starts_at))
        return _Given(key, row.file_name, row.media_type, tuple(StoredSegment(*one) for one in segments))


@asynccontextmanager
async def _gathered(storage: Storage, given: _Given) -> AsyncIterator[_File]:
    """The document's bytes in a temporary file; raises Unavailable when the disk is full."""
    with tempfile.TemporaryDirectory(prefix="document-") as folder:
        path, whole = Path(folder) / "document", hashlib.sha256()
        try:
            with path.open("wb") as file:
                async for piece in joined(storage, given.segments):
                    whole.update(piece)
                    await asyncio.to_thread(file.write, piece)
        except OSError as error:
            raise Unavailable("disk") from error
        yield _File(path, whole.hexdigest())


def _outcome(verdict: Verdict, sha256: str) -> dict[str, Any]:
    if verdict.ok:
        return {"state": "checked", "media_type": verdict.media_type, "pages": verdict.pages, "sha256": sha256}
    return {"state": "refused", "reason": verdict.reason or "", "reason_params": dict(verdict.params)}


async def _leave_quarantine(resources: Resources, storage: Storage, given: _Given) -> None:
    """Objects first: a row whose object is gone is harmless, an object whose row is gone is found by the nightly comparison."""
    for one in given.segments:
        await storage.delete(storage.quarantine, str(one.key))
    async with transaction(resources.engine) as session:
        await session.execute(delete(Segment).where(Segment.document_id == given.id))


async def wake(resources: Resources) -> None:
    """Queue again the checks that have been waiting for a minute without a job."""
    late = select(Document.id).where(Document.state.in_(("received", "checking")), Document.changed_at < now() - _ASLEEP_AFTER, _WITHOUT_JOB)
    async with transaction(resources.engine) as session:
        for key in (await session.scalars(late.limit(500))).all():
            await queue_check(session, key)
