"""Handing documents out: through the access rule, recorded, and from an address that holds no pages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.response import Stream
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.downloads import download_headers, download_token, read_download_token
from frontoffice.dossiers import access, actions, queries
from frontoffice.dossiers.model import Document
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.settings import Settings

SECONDS_TO_OPEN = 60


@get("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}", name="open-document")
async def open_document(session: AsyncSession, actor: Actor, settings: Settings, key: str, requirement: str, document: UUID) -> Response[None]:
    """Lead to the document at the download address, where each download is recorded."""
    dossier = await queries.dossier(session, actor, key)
    slot = dossier.procedure.requirement(requirement)
    found = next((one for one in dossier.documents if one.id == document and one.requirement == requirement), None)
    if slot is None or found is None or not found.is_kept or not access.may_see(dossier.filling_roles, slot):
        raise NotFound
    token = download_token(settings.secret_key.encode(), document, actor.session_hash, now() + timedelta(seconds=SECONDS_TO_OPEN))
    where = f"{settings.download_url.rstrip('/')}/documents/download?{urlencode({'token': token})}"
    return Response(None, status_code=303, headers={"Location": where})


@get("/documents/download", name="download", public=True, cookieless=True)
async def download(request: Web, settings: Settings, storage: Storage, token: str = "") -> Response[Any]:
    """The bytes of one checked document, for the short life of a token, recorded each time; from an address that holds no pages."""
    grant = read_download_token(settings.secret_key.encode(), token, now())
    async with transaction(request.app.state.engine, grant.session_hash) as session:
        actor = signed_in(session)
        columns = (Document.dossier_id, Document.file_name, Document.media_type, Document.size, Document.sha256)
        # An earlier version that was handed over can still be read by whoever may read the later one.
        kept = or_(Document.state == "checked", and_(Document.state == "replaced", Document.handed_over_at.is_not(None)))
        row = (await session.execute(select(*columns).where(Document.id == grant.document_id, kept))).one_or_none()
        if row is None:
            raise NotFound
        await actions.note_download(session, row.dossier_id, grant.document_id, actor)
    chunks = await _begun(storage.open(storage.clean, str(grant.document_id), expected_sha256=row.sha256))
    return Stream(chunks, headers=download_headers(row.file_name, row.media_type, row.size), media_type=row.media_type)


async def _begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, the first of them fetched already: a storage that is away is told before the answer begins."""
    first = await anext(chunks, b"")

    async def pieces() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return pieces()


ROUTES = (open_document,)
