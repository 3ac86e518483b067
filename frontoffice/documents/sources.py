"""Where the bytes of a document come from: out of quarantine, out of the photos that are its pages, or from an earlier document."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.joining import Part, fetch, join, parts_of
from frontoffice.documents.model import Segment
from frontoffice.documents.segments import StoredSegment, joined
from frontoffice.dossiers.model import Document
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.storage import Storage

FOLDER_PREFIX: Final = "frontoffice-document-"
_NOT_ARRIVED: Final = _("This file did not arrive as it was sent. Upload it again.")
_PAGE_LOST: Final = _("A page of this document is no longer as you sent it. Take the pages apart, upload that page again, and put them together.")
_ORIGINAL_LOST: Final = _("The document that you gave before is no longer there as it was. Upload it again.")


@dataclass(frozen=True)
class Original:
    """The document, checked before, that is used again: its bytes lie in the clean bucket."""

    id: UUID
    sha256: str


@dataclass(frozen=True)
class Source:
    """Of what a document is made: stretches in quarantine, or pages in order, or an earlier document."""

    segments: tuple[StoredSegment, ...] = ()
    parts: tuple[Part, ...] = ()
    original: Original | None = None

    @property
    def lost(self) -> str:
        """What to tell the person when these bytes are missing or have changed, as a msgid."""
        if self.original:
            return _ORIGINAL_LOST
        return _PAGE_LOST if self.parts else _NOT_ARRIVED


@dataclass(frozen=True)
class GatheredFile:
    """All bytes of a document in a file of ours, with their number and SHA-256."""

    path: Path
    size: int
    sha256: str


async def source_of(session: AsyncSession, document_id: UUID, reused_from: UUID | None) -> Source:
    """Where the bytes of this document are to be found now."""
    if reused_from:
        original = await session.execute(select(Document.id, Document.sha256).where(Document.id == reused_from))
        return Source(original=Original(*original.one()))
    if parts := await parts_of(session, document_id):
        return Source(parts=parts)
    columns = (Segment.key, Segment.starts_at, Segment.size, Segment.sha256)
    segments = await session.execute(select(*columns).where(Segment.document_id == document_id).order_by(Segment.starts_at))
    return Source(segments=tuple(StoredSegment(*one) for one in segments))


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder for the work on one document, gone afterwards; a disk that is full or fails raises Unavailable("disk")."""
    try:
        with tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX) as name:
            yield Path(name)
    except OSError as error:
        raise Unavailable("disk") from error


@asynccontextmanager
async def gathered(storage: Storage, source: Source) -> AsyncIterator[GatheredFile]:
    """The document's bytes in a temporary file.

    Raises Altered or NotFound when they are not what they were, CannotJoin when the pages make no PDF, Unavailable when storage or the disk
    is away."""
    with own_folder() as folder:
        path = folder / "document"
        if source.parts:
            path = await join(storage, source.parts, folder)
        elif source.original:
            await fetch(storage, source.original.id, source.original.sha256, path)
        else:
            await _put_together(storage, source, path)
        size, sha256 = await asyncio.to_thread(_measured, path)
        yield GatheredFile(path, size, sha256)


async def _put_together(storage: Storage, source: Source, path: Path) -> None:
    with path.open("wb") as file:
        async for piece in joined(storage, source.segments):
            await asyncio.to_thread(file.write, piece)


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
