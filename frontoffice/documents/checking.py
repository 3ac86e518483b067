"""The check of one document: its bytes are put together in a file of ours, judged, and kept clean or refused."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.inspection import Verdict, inspect
from frontoffice.documents.joining import CannotJoin
from frontoffice.documents.model import Segment
from frontoffice.documents.scanning import harmful
from frontoffice.documents.sources import GatheredFile, Source, gathered, source_of
from frontoffice.dossiers.judging import queue_telling
from frontoffice.dossiers.model import Document, Dossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.time import now

CHECK: Final = "documents:check"
PREVIEW: Final = "documents:preview"
ASLEEP_AFTER: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class _Given:
    """What the check must know of a document."""

    id: UUID
    file_name: str
    media_type: str
    source: Source


@lru_cache(maxsize=4)
def storage_of(resources: Resources) -> Storage:
    """The object storage of this worker."""
    return Storage(resources.settings)


async def queue_check(session: AsyncSession, document_id: UUID) -> None:
    """Queue the check of a document all of whose bytes have arrived."""
    await defer(session, CHECK, lock=f"document/{document_id}", document_id=str(document_id))


async def queue_previews(session: AsyncSession, document_id: UUID) -> None:
    """Queue the pictures of a checked document; whatever somebody waits for is done first."""
    await defer(session, PREVIEW, lock=f"previews/{document_id}", priority=-1, document_id=str(document_id))


def without_job(lock: str) -> TextClause:
    """That no job waits or works for a document under this kind of lock, such as "document/"."""
    return text(
        "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :lock || document.id)"
    ).bindparams(lock=lock)


async def check(resources: Resources, document_id: str) -> None:
    """Check one received document and keep it clean, or say why it cannot be taken.

    May be repeated after any interruption; a storage, a scanner or a disk that is away raises Unavailable, and the job is tried again."""
    key, storage = UUID(document_id), storage_of(resources)
    given = await _begin(resources, key)
    if given is None:
        # Taken back, or judged already by a check that was cut off before it had cleared up.
        await _clear_up(resources, storage, key)
        return
    try:
        async with gathered(storage, given.source) as file:
            # Before any parser of ours; a scanner that finds nothing replaces no other check.
            verdict = await harmful(resources.settings.clamav, file.path) or await inspect(file.path, given.file_name, given.media_type)
            if verdict.ok:
                await storage.keep_clean(document_id, file.path, expected_sha256=file.sha256)
                await _bring_back(resources, storage, key, file)
            outcome = _outcome(verdict, file)
    except CannotJoin as cannot:
        outcome = _outcome(Verdict(ok=False, reason=cannot.reason.text, params=cannot.reason.params))
    except (NotFound, Altered):
        outcome = _outcome(Verdict(ok=False, reason=given.source.lost))
    async with transaction(resources.engine) as session:
        # A document that was taken back meanwhile stays so.
        judged = update(Document).where(Document.id == given.id, Document.state == "checking").values(outcome)
        if await session.scalar(judged.returning(Document.id)):
            await _queue_next(session, given.id, outcome["state"])
    await _clear_up(resources, storage, key)


async def _bring_back(resources: Resources, storage: Storage, key: UUID, file: GatheredFile) -> None:
    """The same bytes came again: in a filed dossier they stand in for those that we lost, since a signed message may announce them."""
    mine = select(Document.dossier_id).join(Dossier, Dossier.id == Document.dossier_id).where(Document.id == key, Dossier.number.is_not(None))
    # What was refused by a check has no hash.
    same = (Document.dossier_id == mine.scalar_subquery(), Document.state == "refused", Document.sha256 == file.sha256)
    async with transaction(resources.engine) as session:
        lost = (await session.scalars(select(Document.id).where(*same))).all()
    for one in lost:
        await storage.delete(storage.clean, str(one))
        await storage.keep_clean(str(one), file.path, expected_sha256=file.sha256)
        async with transaction(resources.engine) as session:
            await session.execute(update(Document).where(Document.id == one, *same).values(state="checked", reason=""))


async def _queue_next(session: AsyncSession, key: UUID, state: str) -> None:
    if state == "refused":
        await queue_telling(session, key, "refused")
    else:
        await queue_previews(session, key)


async def _begin(resources: Resources, key: UUID) -> _Given | None:
    """Mark the document as being checked; None when there is nothing to check any more."""
    async with transaction(resources.engine) as session:
        waiting = update(Document).where(Document.id == key, Document.state.in_(("received", "checking"))).values(state="checking")
        row = (await session.execute(waiting.returning(Document.file_name, Document.media_type, Document.reused_from))).one_or_none()
        return _Given(key, row.file_name, row.media_type, await source_of(session, key, row.reused_from)) if row else None


def _outcome(verdict: Verdict, file: GatheredFile | None = None) -> dict[str, Any]:
    if verdict.ok and file:
        kept = {"size": file.size, "sha256": file.sha256}
        return {"state": "checked", "file_name": verdict.file_name, "media_type": verdict.media_type, "pages": verdict.pages, **kept}
    return {"state": "refused", "reason": verdict.reason or "", "reason_params": dict(verdict.params)}


async def _clear_up(resources: Resources, storage: Storage, key: UUID) -> None:
    """Remove what nobody needs of a document that was judged or taken back."""
    async with transaction(resources.engine) as session:
        unfit = await session.scalar(select(Document.id).where(Document.id == key, Document.state.in_(("refused", "replaced")), Document.sha256 == ""))
    if unfit:
        # A check that was cut after it had found the file good may have kept it, and the next one knew better.
        await storage.delete(storage.clean, str(key))
    await _leave_quarantine(resources, storage, key)


async def _leave_quarantine(resources: Resources, storage: Storage, key: UUID) -> None:
    """Objects first: a row whose object is gone is harmless, an object whose row is gone is found by the nightly comparison."""
    over = select(Document.id).where(Document.id == key, Document.state.in_(("checked", "refused", "replaced")))
    mine = Segment.document_id.in_(over)
    async with transaction(resources.engine) as session:
        objects = (await session.scalars(select(Segment.key).where(mine))).all()
    for one in objects:
        await storage.delete(storage.quarantine, str(one))
    async with transaction(resources.engine) as session:
        await session.execute(delete(Segment).where(mine))


async def wake(resources: Resources) -> None:
    """Queue again the checks that have been waiting for a minute without a job."""
    late = select(Document.id).where(Document.state.in_(("received", "checking")), Document.changed_at < now() - ASLEEP_AFTER, without_job("document/"))
    async with transaction(resources.engine) as session:
        for key in (await session.scalars(late.limit(500))).all():
            await queue_check(session, key)
