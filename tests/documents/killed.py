"""A worker that dies at one marked point while it checks, joins or draws a document."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from frontoffice.documents import checking, inspection, joining, previews
from frontoffice.kernel.multipart import MultipartUpload
from frontoffice.kernel.storage import Storage
from frontoffice.settings import Settings
from frontoffice.worker import run
from tests.backbone.killed import die, dying_after
from tests.scene import JOBS

# Place, name there, what stands in for it.
Point = tuple[Any, str, Callable[..., Any]]

CHECKING: dict[str, Point] = {
    "before its bytes are gathered": (checking, "gathered", die),
    "before it is inspected": (checking, "inspect", die),
    "after the child has spoken": (inspection, "_verdict", die),
    "before it is clean": (MultipartUpload, "finish", die),
    "after it is clean, before its row says so": (Storage, "keep_clean", dying_after(Storage.keep_clean)),
    "after its pictures are asked for, before the commit": (checking, "queue_previews", dying_after(checking.queue_previews)),
    "after the commit, before quarantine is cleared": (checking, "_leave_quarantine", die),
}
JOINING: dict[str, Point] = {
    "after the first page": (joining, "_make", dying_after(joining._make)),
    "after all pages": (joining, "_make", dying_after(joining._make, times=2)),
    "after they are put together": (joining, "_make", dying_after(joining._make, times=3)),
    "after the PDF is clean, before its row says so": (Storage, "keep_clean", dying_after(Storage.keep_clean)),
}
DRAWING: dict[str, Point] = {
    "before a page is drawn": (previews, "draw", die),
    "after ten pages are drawn": (previews, "draw", dying_after(previews.draw)),
    "after the third picture is stored": (previews, "preview_key", lambda key, number: die() if number == 3 else f"previews/{key}/{number}.webp"),
    "after ten pages are kept": (previews, "_keep", dying_after(previews._keep)),
    "before the end is noted": (previews, "_note", die),
    "after the end is noted": (previews, "_note", dying_after(previews._note)),
}


def main(point: str) -> None:
    """Do the work until the point is reached."""
    place, name, instead = {**CHECKING, **JOINING, **DRAWING}[point]
    setattr(place, name, instead)
    asyncio.run(run(Settings.from_environment(), JOBS))


if __name__ == "__main__":
    main(sys.argv[1])
