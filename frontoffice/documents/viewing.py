"""Looking at a document page by page: pictures that we made of it, never the original inside our pages."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.model import Preview
from frontoffice.dossiers import access, actions, queries
from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.rendering import Web, page
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.web import scope_of
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures.vocabulary import READERS

# More pages than a document may have; what is beyond need not be asked of the database.
_MOST: Final = 1000
# A picture of ours is shown where it is asked for, and can do nothing there.
_HEADERS: Final = {
    "Content-Disposition": "inline", "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
}


@get("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/view", name="view-document")
async def view_document(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str, document: UUID, number: int = 1) -> Response[str]:
    """One page of a document as a picture, with the way to the next one and to the original; an authority's look is recorded."""
    dossier = await queries.dossier(session, actor, key)
    found = _seen(dossier, requirement, document)
    if not 1 <= number <= max(1, found.previews):
        raise NotFound
    await actions.note_opening(session, dossier, actor, document_id=document)
    drawn = select(Document.previewed_at, Preview.width, Preview.height).outerjoin(
        Preview, and_(Preview.document_id == Document.id, Preview.number == number))
    picture = (await session.execute(drawn.where(Document.id == document))).one()
    return page(request, "documents/view.html", dossier=dossier, slot=dossier.procedure.requirement(requirement), document=found, number=number,
                picture=picture, pages=dossier.pages_of(document), is_authority=bool(dossier.roles & READERS))


def _seen(dossier: OpenDossier, requirement: str, document: UUID) -> GivenDocument:
    """A clean document that the actor may see, an earlier version too; raises NotFound, as for one that is not there."""
    slot = dossier.procedure.requirement(requirement)
    found = next((one for one in dossier.documents if one.id == document and one.requirement == requirement), None)
    if slot is None or found is None or not found.is_kept or not access.may_see(dossier.filling_roles, slot):
        raise NotFound
    return found


@get("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/previews/{number:int}", name="preview")
async def preview(request: Web, storage: Storage, key: str, requirement: str, document: UUID, number: int) -> Response[Any]:
    """The picture of one page, from 1 on, or the small one of the first page, 0; no transaction is open while it comes from the storage."""
    scope = scope_of(request)
    async with transaction(request.app.state.engine, scope.get("frontoffice.session_hash", b"")) as session:
        actor = signed_in(session)
        scope["frontoffice.actor"] = actor
        dossier = await queries.dossier(session, actor, key)
        _seen(dossier, requirement, document)
        if number > _MOST:
            raise NotFound
        sha256 = await session.scalar(select(Preview.sha256).where(Preview.document_id == document, Preview.number == number))
        if sha256 is None:
            raise NotFound
        await actions.note_opening(session, dossier, actor, document_id=document)
    try:
        # A picture of ours has some hundred kilobytes at most.
        picture = b"".join([piece async for piece in storage.open(storage.clean, f"previews/{document}/{number}.webp", expected_sha256=sha256)])
    except Altered:
        raise NotFound from None
    return Response(picture, media_type="image/webp", headers=_HEADERS)


ROUTES = (view_document, preview)
