"""Photos as the pages of one document: their order, the one PDF that is made of them, and taking it apart again."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Response, post
from sqlalchemy import case, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import queue_check
from frontoffice.documents.showing import is_filed, page_pictures, slot_page
from frontoffice.documents.slots import LARGEST_DOCUMENT, giving_role, may_go_on
from frontoffice.dossiers import queries
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.given import GivenDocument, in_order
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.errors import Conflict, NotFound, Problem
from frontoffice.kernel.i18n import as_locale, show_size, translator
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, locale_of, see_other
from frontoffice.kernel.time import now
from frontoffice.kernel.uploads import file_name
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import DocumentRequirement

_STEPS: Final = {"earlier": -1, "later": 1}
_OTHER_WAY: Final = {"earlier": "later", "later": "earlier"}
_CHANGED: Final = _("The pages changed after you opened this page: look at them as they are now")
_TOO_LARGE: Final = _("These pages are too large for one document: together they may be at most %(most)s. Join fewer of them.")


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/move", name="move-page")
async def move(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, requirement: str, document: UUID) -> Response[Any]:
    """Put a page one place earlier or later; the form says in which order the sender saw the pages."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    try:
        slot = may_go_on(dossier, requirement)
        seen, pages = _seen(form), [one.id for one in page_pictures(dossier, requirement)]
        direction = form.get("direction", "")
        wanted = _moved(seen, document, direction)
        if seen != pages and wanted != pages:
            raise Conflict(_CHANGED)
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    if seen == pages:
        await _put_in_order(session, dossier, requirement, wanted)
    # The button that was pressed keeps the focus, or its neighbour when the page has reached the end.
    at_the_end = document == (wanted[0] if direction == "earlier" else wanted[-1])
    anchor = f"{_OTHER_WAY[direction] if at_the_end else direction}-{document}"
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor=anchor)


def _seen(form: dict[str, str]) -> list[UUID]:
    """The pages, in order, that the sender had before the eyes; raises Conflict for what no page of ours sends."""
    try:
        return [UUID(one) for one in form.get("pages", "").split(",")]
    except ValueError:
        raise Conflict(_CHANGED) from None


def _moved(pages: Sequence[UUID], page: UUID, direction: str) -> list[UUID]:
    """The same pages with one of them a place earlier or later; at the end it stays where it is."""
    if page not in pages or direction not in _STEPS:
        raise Conflict(_CHANGED)
    rest = [one for one in pages if one != page]
    place = max(0, pages.index(page) + _STEPS[direction])
    return [*rest[:place], page, *rest[place:]]


async def _put_in_order(session: AsyncSession, dossier: OpenDossier, requirement: str, wanted: Sequence[UUID]) -> None:
    """Write the new order; pictures of the slot that are still being checked keep their place among the others."""
    places = iter(wanted)
    pictures = in_order([one for one in dossier.of_requirement(requirement) if one.is_picture])
    order = [next(places) if one.id in wanted else one.id for one in pictures]
    await session.execute(
        update(Document).where(Document.dossier_id == dossier.id, Document.id.in_(order))
        .values(page_order=case({key: place for place, key in enumerate(order, 1)}, value=Document.id)),
    )


@post("/dossiers/{key:str}/documents/{requirement:str}/join", name="join-pages")
async def join(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, requirement: str) -> Response[Any]:
    """Make one PDF of the pages in the order that the sender saw; a job puts it together, the pictures stay as they were."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    try:
        slot = may_go_on(dossier, requirement)
        seen, pages = _seen(form), page_pictures(dossier, requirement)
        if _was_joined(dossier, seen):
            return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor="given")
        if seen != [one.id for one in pages]:
            raise Conflict(_CHANGED)
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    if sum(one.size for one in pages) > LARGEST_DOCUMENT:
        problem = Problem("pages", _TOO_LARGE, {"most": show_size(LARGEST_DOCUMENT, locale_of(request))})
        return await slot_page(request, session, dossier, slot, problem, status=422)
    await _join(session, dossier, slot, actor, pages)
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor="given")


def _was_joined(dossier: OpenDossier, pages: Sequence[UUID]) -> bool:
    """Whether these very pages are one document already: a second click."""
    return any(one.counts and [page.id for page in dossier.pages_of(one.id)] == pages for one in dossier.documents)


async def _join(session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, actor: Actor, pages: Sequence[GivenDocument]) -> None:
    key, issued = uuid4(), [one.issued_on for one in pages if one.issued_on]
    await session.execute(insert(Document).values(
        id=key, dossier_id=dossier.id, requirement=slot.code, file_name=_named(dossier, slot), media_type="application/pdf",
        # The job writes the size of the PDF that it made.
        size=sum(one.size for one in pages), state="received", given_by=actor.party_id, given_role=giving_role(dossier, slot), given_at=now(),
        # Of several days the earliest: a document is as old as its oldest page.
        issued_on=min(issued, default=None), page_order=pages[0].page_order,
        replaces=next((one.replaces for one in pages if one.replaces), None),
    ))
    await session.execute(
        update(Document).where(Document.dossier_id == dossier.id, Document.id.in_([one.id for one in pages]))
        .values(joined_into=key, page_order=case({one.id: place for place, one in enumerate(pages, 1)}, value=Document.id)),
    )
    await queue_check(session, key)


def _named(dossier: OpenDossier, slot: DocumentRequirement) -> str:
    """The name of the PDF: what the document is, in the language of the procedure."""
    title = translator(as_locale(dossier.language) or "en")(slot.title)
    return file_name(title.replace("/", "-").replace("\\", "-")[:100] + ".pdf") or "document.pdf"


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/take-apart", name="take-apart")
async def take_apart(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str, document: UUID) -> Response[Any]:
    """Make single pictures again of the pages of a joined document, which counts no longer."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    try:
        slot = may_go_on(dossier, requirement)
        found = next((one for one in dossier.documents if one.id == document and one.requirement == requirement), None)
        if found is None:
            raise NotFound
        if is_filed(dossier, found):
            raise Conflict(_("This document was filed: it can be replaced by a newer one, not taken apart"))
        if found.state != "replaced" and not dossier.pages_of(document):
            raise Conflict(_("This document is not made of single pages"))
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    if found.state != "replaced":
        await session.execute(update(Document).where(Document.dossier_id == dossier.id, Document.id == document).values(state="replaced"))
        await session.execute(update(Document).where(Document.dossier_id == dossier.id, Document.joined_into == document).values(joined_into=None))
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor="given")


ROUTES = (move, join, take_apart)
