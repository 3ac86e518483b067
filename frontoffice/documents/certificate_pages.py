"""Certificates of unavailability over HTTP: for everybody who takes part in the dossier, in the dossier's language or as a translation."""

import asyncio
from typing import Final
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.certificates import certificate_of, object_of
from frontoffice.dossiers import actions, queries
from frontoffice.dossiers.language import official
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.i18n import as_locale
from frontoffice.kernel.storage import Storage
from frontoffice.parties.actor import Actor

_SECONDS_TO_FETCH: Final = 10


@get("/dossiers/{key:str}/certificates/{relief:uuid}", name="certificate")
async def certificate(session: AsyncSession, actor: Actor, storage: Storage, key: str, relief: UUID, language: str = "") -> Response[bytes]:
    """The sealed PDF about one last day that moved, or its translation into `language`; raises NotFound as long as it is not sealed."""
    dossier = await queries.dossier(session, actor, key)
    found = await certificate_of(session, dossier.id, relief, as_locale(language) or official(dossier.language))
    if found is None:
        raise NotFound
    await actions.note_opening(session, dossier, actor)
    try:
        async with asyncio.timeout(_SECONDS_TO_FETCH):
            content = b"".join([piece async for piece in storage.open(storage.clean, object_of(found.id), expected_sha256=found.sha256)])
    except TimeoutError as error:
        raise Unavailable("storage") from error
    name = f"{dossier.number}.certificate-{found.locale}.pdf"
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (certificate,)
