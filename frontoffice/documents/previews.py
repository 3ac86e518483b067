"""Pictures of the pages of a checked document, made by us in a cage, so that nobody has to open the original to read it."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import uniform
from typing import Final
from uuid import UUID

from sqlalchemy import case, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from frontoffice.documents.cage import Child, Limits, caged
from frontoffice.documents.checking import ASLEEP_AFTER, PREVIEW, queue_previews, storage_of, without_job
from frontoffice.documents.joining import MAKER, fetch
from frontoffice.documents.losses import lose
from frontoffice.documents.maker_child import PICTURE_BOX, PICTURE_HEAD
from frontoffice.documents.model import Preview
from frontoffice.documents.sources import own_folder
from frontoffice.dossiers.model import Document
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice.documents")

MOST_PAGES: Final = 200
# A child draws so many and ends, so that its five seconds of work are enough for pages as they usually are.
_AT_ONCE: Final = 10
# As much memory as for a page of a joined PDF: the photos are the same.
_LIMITS: Final = Limits(memory=768 * 1024 * 1024, work=5, wall=60.0)
_LARGEST: Final = 4 * 1024 * 1024
# Only a worker that died over a document, or a fault of ours, uses up a try.
_MOST_TRIES: Final = 5
# Each child may take much memory, and whoever waits for a check must find a free place in the worker.
_FREE: Final = asyncio.Semaphore(2)
_PAUSE: Final = (4.0, 8.0)
_NEXT: Final = text(
    "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND task_name = :name AND scheduled_at > :instant"
    " AND attempts = 0 ORDER BY scheduled_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING args->>'document_id'"
).bindparams(name=PREVIEW)


@dataclass(frozen=True)
class _Undrawn:
    """A document whose pages from `drawn` + 1 to `pages` are still to be drawn."""

    id: UUID
    sha256: str
    pages: int
    drawn: int


@dataclass(frozen=True)
class Picture:
    """A page as WebP: its number (0 is page 1, small), width and height in pixels, and its bytes."""

    number: int
    width: int
    height: int
    content: bytes


def preview_key(document_id: UUID, number: int) -> str:
    """The key of a picture in the clean bucket."""
    return f"previews/{document_id}/{number}.webp"


async def preview(resources: Resources, document_id: str) -> None:
    """Draw the pages of a checked document, and note how many there are.

    May be repeated after any interruption: it goes on behind the last page that was kept. A page that cannot be drawn is the end of the
    pictures, not of the document. A storage that is away raises Unavailable, and the job is tried again."""
    if _FREE.locked():
        async with transaction(resources.engine) as session:
            later = now() + timedelta(seconds=uniform(*_PAUSE))  # noqa: S311 - spreads load
            await defer(session, PREVIEW, lock=f"previews/{document_id}", at=later, priority=-1, document_id=document_id)
        return
    async with _FREE:
        await _preview(resources, UUID(document_id))
    async with transaction(resources.engine) as session:
        # Whoever found no place need not sit out the pause: a burst of documents would wait for nothing.
        if waiting := await session.scalar(_NEXT, {"instant": now()}):
            await queue_previews(session, UUID(waiting))


async def _preview(resources: Resources, key: UUID) -> None:
    undrawn = await _begin(resources, key)
    if undrawn is None:
        return
    try:
        await _draw_all(resources, storage_of(resources), undrawn)
    except Unavailable:
        await _note(resources, key, preview_tries=Document.preview_tries - 1)
        raise
    await _note(resources, key, previewed_at=now())


async def _begin(resources: Resources, key: UUID) -> _Undrawn | None:
    """What is to be drawn; None when nothing is, or when it went wrong too often: then it is left as it is."""
    tries = Document.preview_tries + 1
    undrawn = update(Document).where(Document.id == key, Document.state == "checked", Document.previewed_at.is_(None)).values(
        preview_tries=tries, previewed_at=case((tries > _MOST_TRIES, now())),
    )
    async with transaction(resources.engine) as session:
        columns = (Document.sha256, Document.pages, Document.previews, Document.previewed_at)
        row = (await session.execute(undrawn.returning(*columns))).one_or_none()
    if row is None:
        return None
    if row.previewed_at:
        logger.error("the pages of document %s could not be drawn in %d tries", key, _MOST_TRIES)
        return None
    return _Undrawn(key, row.sha256, min(row.pages or MOST_PAGES, MOST_PAGES), row.previews)


async def _draw_all(resources: Resources, storage: Storage, undrawn: _Undrawn) -> None:
    with own_folder() as folder:
        path, drawn = folder / "document", undrawn.drawn
        if drawn < undrawn.pages:
            try:
                await fetch(storage, undrawn.id, undrawn.sha256, path)
            except (NotFound, Altered) as error:
                # Nothing can be drawn, and worse: nothing can be handed over.
                if await lose(resources, storage, undrawn.id):
                    return
                raise Unavailable("storage") from error
        while drawn < undrawn.pages:
            found = await draw(path, drawn + 1, min(drawn + _AT_ONCE, undrawn.pages))
            if not found:
                break
            drawn = found[-1].number
            await _keep(resources, storage, undrawn.id, found)


async def draw(path: Path, first: int, last: int) -> list[Picture]:
    """The pages of a document from `first` to `last` as pictures, before page 1 also number 0; fewer when one could not be drawn."""
    found: list[Picture] = []
    try:
        async with caged(MAKER, "pictures", str(path), str(first), str(last), limits=_LIMITS) as child:
            for number in (*([0] if first == 1 else ()), *range(first, last + 1)):
                found.append(await _received(child, number))
    except (TimeoutError, asyncio.IncompleteReadError, _Strange):
        pass
    # The small one alone is no page.
    return found if found and found[-1].number else []


class _Strange(Exception):
    """The child sent something else than the picture that it was asked for: it may have been taken over by the document."""


async def _received(child: Child, number: int) -> Picture:
    """The next picture from a child that is not trusted; raises IncompleteReadError when there is none."""
    said, width, height, size = PICTURE_HEAD.unpack(await child.output.readexactly(PICTURE_HEAD.size))
    if said != number or not 0 < size <= _LARGEST or not 0 < width <= max(PICTURE_BOX) or not 0 < height <= max(PICTURE_BOX):
        raise _Strange
    content = await child.output.readexactly(size)
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise _Strange
    return Picture(number, width, height, content)


async def _keep(resources: Resources, storage: Storage, key: UUID, pictures: Sequence[Picture]) -> None:
    """Objects first, then their rows: an object without a row is found by the nightly comparison. A try that got on is the first again."""
    for one in pictures:
        name = preview_key(key, one.number)
        # A try that was cut may have left one.
        await storage.delete(storage.clean, name)
        await storage.put(name, bytearray(one.content), bucket=storage.clean)
    rows = [
        {"document_id": key, "number": one.number, "size": len(one.content), "sha256": sha256(one.content).hexdigest(),
         "width": one.width, "height": one.height} for one in pictures
    ]
    statement = upsert(Preview).values(rows)
    new = {name: statement.excluded[name] for name in ("size", "sha256", "width", "height")}
    async with transaction(resources.engine) as session:
        await session.execute(statement.on_conflict_do_update(index_elements=["document_id", "number"], set_=new))
        await session.execute(update(Document).where(Document.id == key).values(previews=pictures[-1].number, preview_tries=1))


async def _note(resources: Resources, key: UUID, **values: object) -> None:
    async with transaction(resources.engine) as session:
        await session.execute(update(Document).where(Document.id == key).values(values))


async def wake(resources: Resources) -> None:
    """Queue again the pictures that have been missing for a minute without a job."""
    late = select(Document.id).where(
        Document.state == "checked", Document.previewed_at.is_(None), Document.changed_at < now() - ASLEEP_AFTER, without_job("previews/"),
    )
    async with transaction(resources.engine) as session:
        for key in (await session.scalars(late.order_by(Document.changed_at.desc()).limit(100))).all():
            await queue_previews(session, key)
