"""Puts photos together to one PDF, page by page in a cage, so that no more than one of them is in memory at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.cage import Limits, caged
from frontoffice.documents.slots import LARGEST_DOCUMENT
from frontoffice.dossiers.model import Document
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.storage import Storage

MAKER: Final = Path(__file__).with_name("maker_child.py")
# What passed the inspection is opened once more, with the page that is made of it beside it.
_PAGE_LIMITS: Final = Limits(memory=768 * 1024 * 1024, work=20, wall=60.0)
# It copies what the first step made, piece by piece.
_BOOK_LIMITS: Final = Limits(work=20, wall=60.0)
_MOST_PAGES: Final = 200
_PIECE_BYTES: Final = 256 * 1024

_NOT_A_PAGE: Final = _("One of these pages is no photo that we checked, or was taken back. Take the pages apart, and put together those that are checked.")
_TOO_MANY: Final = _("These are %(pages)s pages; the most we can take is %(limit)s. Take them apart, and make two documents of them.")
_TOO_LARGE: Final = _("Together these pages are larger than %(limit)s MB, the most we can take. Take them apart, and make two documents of them.")
_TOO_HEAVY: Final = _("Page %(page)s takes more memory or time to put in a PDF than is safe. Take the pages apart, and make a new photo or scan of it.")
_NOT_TOGETHER: Final = _("We could not put these pages together to one PDF. Take them apart, and try again or make a new scan.")


class CannotJoin(Exception):
    """Why these pages become no PDF, as a text for the person who brought them."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.text)
        self.reason = reason


@dataclass(frozen=True)
class Part:
    """A document that is to become a page: how it stands, and the SHA-256 of its bytes in the clean bucket."""

    id: UUID
    state: str
    media_type: str
    sha256: str


async def parts_of(session: AsyncSession, document_id: UUID) -> tuple[Part, ...]:
    """The pages of which this document is made, in the order that the person gave them; none for a file that came as it is."""
    columns = (Document.id, Document.state, Document.media_type, Document.sha256)
    pages = select(*columns).where(Document.joined_into == document_id).order_by(Document.page_order, Document.given_at, Document.id)
    return tuple(Part(*one) for one in await session.execute(pages))


async def join(storage: Storage, parts: Sequence[Part], folder: Path) -> Path:
    """Make one PDF of the parts in that folder; the same parts always make the same bytes.

    Raises CannotJoin, Altered or NotFound when the bytes of a part are not those that were checked, Unavailable when storage is away, and
    OSError when the disk is full."""
    if len(parts) > _MOST_PAGES:
        raise CannotJoin(Message(_TOO_MANY, {"pages": len(parts), "limit": _MOST_PAGES}))
    if not all(one.state == "checked" and one.media_type.startswith("image/") for one in parts):
        raise CannotJoin(Message(_NOT_A_PAGE))
    pages: list[Path] = []
    for number, part in enumerate(parts, 1):
        photo, page = folder / "photo", folder / f"{number}.pdf"
        await fetch(storage, part.id, part.sha256, photo)
        if not await _make(page, _PAGE_LIMITS, "page", str(photo)):
            raise CannotJoin(Message(_TOO_HEAVY, {"page": number}))
        photo.unlink()
        pages.append(page)
    whole = folder / "joined.pdf"
    if not await _make(whole, _BOOK_LIMITS, "book", *map(str, pages)):
        raise CannotJoin(Message(_NOT_TOGETHER))
    return whole


async def fetch(storage: Storage, document_id: UUID, sha256: str, path: Path) -> None:
    """Write the bytes of a checked document to a file; raises as `Storage.open` does, or OSError."""
    with path.open("wb") as file:
        async for piece in storage.open(storage.clean, str(document_id), expected_sha256=sha256):
            await asyncio.to_thread(file.write, piece)


async def _make(made: Path, limits: Limits, *arguments: str) -> bool:
    """Let the child make a file; False when it gave up or went beyond its limits. Raises CannotJoin when that file grows too large."""
    size = 0
    try:
        async with caged(MAKER, *arguments, limits=limits) as child:
            with made.open("wb") as file:
                while piece := await child.output.read(_PIECE_BYTES):
                    size += len(piece)
                    if size > LARGEST_DOCUMENT:
                        raise CannotJoin(Message(_TOO_LARGE, {"limit": LARGEST_DOCUMENT // 1_000_000}))
                    await asyncio.to_thread(file.write, piece)
            return await child.ended_well()
    except TimeoutError:
        return False
