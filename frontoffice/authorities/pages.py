"""Collecting over HTTP: the authority's dossiers in the order of their changes, one dossier, and the bytes of its documents."""

import base64
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.response import Stream

from frontoffice.authorities.callers import READ, READ_DOCUMENTS, Caller, Knock, api
from frontoffice.authorities.changes import changes
from frontoffice.authorities.representation import address, listed, seen_documents, whole
from frontoffice.authorities.requests import asked_changes, no_queries
from frontoffice.dossiers import actions, queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.errors import NotFound, Refused, Unavailable
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.uploads import file_name as shown_file_name
from frontoffice.procedures.vocabulary import READERS
from frontoffice.settings import Settings

logger = logging.getLogger("frontoffice.authorities")

_NUMBER: Final = re.compile(r"[A-Z]{2}-[0-9]{4}-[0-9]{7,9}-[0-9A-Z]")
_TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png", "image/heic"})


def known_number(number: str) -> str:
    """The number, if a dossier could have it; raises NotFound."""
    if not _NUMBER.fullmatch(number):
        raise NotFound
    return number


async def readable(caller: Caller, number: str, *, lock: bool = False) -> OpenDossier:
    """A filed dossier in which the system's authority takes part, inside its territory, or that it passed on; raises NotFound."""
    dossier = await queries.dossier(caller.session, caller.actor, known_number(number), lock=lock)
    outside = caller.territory and caller.territory not in (dossier.region, dossier.municipality)
    if outside or not dossier.number or not dossier.roles & READERS:
        raise NotFound
    return dossier


async def opened(caller: Caller, number: str) -> OpenDossier:
    """A dossier in which the authority may act, locked; raises NotFound, or Refused for one that it passed on and only reads."""
    dossier = await readable(caller, number, lock=True)
    if dossier.left:
        raise Refused(_("This step is not yours to take"))
    return dossier


def answered(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """An answer in JSON."""
    return Response(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), status_code=status, media_type="application/json",
                    headers=headers or {})


@get("/api/v1/dossiers", name="api-dossiers", **api(READ))
async def list_dossiers(request: Web, knock: Knock, settings: Settings) -> Response[bytes]:
    """The dossiers of the system's authority, the longest unchanged first; whoever goes on from `follow` later misses no change."""
    asked, origin = asked_changes(request), settings.public_url
    async with knock.caller() as caller:
        found = await changes(caller, asked)
    rows, more = found[: asked.size], len(found) > asked.size
    filters: dict[str, object] = {"headline": asked.headline, "pageSize": asked.size}
    last = rows[-1].cursor if rows else asked.after
    on = address(origin, "api-dossiers", after=last or "", **filters, **({} if last or not asked.since else {"changedSince": asked.since.isoformat()}))
    here = {"after": asked.after or "", "changedSince": asked.since.isoformat() if asked.since else ""}
    content = {"self": address(origin, "api-dossiers", **here, **filters), "items": [listed(origin, one) for one in rows], "pageSize": asked.size, "follow": on}
    return answered({**content, "next": on} if more else content)


@get("/api/v1/dossiers/{number:str}", name="api-dossier", **api(READ))
async def collect(request: Web, knock: Knock, settings: Settings, number: str) -> Response[bytes]:
    """All of one dossier that the authority may see; that it was collected is recorded, as an official's look is."""
    no_queries(request)
    async with knock.caller() as caller:
        dossier = await readable(caller, number)
        await actions.note_opening(caller.session, dossier, caller.actor)
        content = whole(settings.public_url, dossier, await queries.history(caller.session, dossier.id))
    answer = answered(content)
    tag = f'"{hashlib.sha256(answer.content).hexdigest()}"'
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return Response(b"", status_code=304, headers={"ETag": tag}) if tag in known else answered(content, headers={"ETag": tag})


@get("/api/v1/dossiers/{number:str}/documents/{document:uuid}", name="api-document", **api(READ_DOCUMENTS, gives="*/*"))
async def document_content(request: Web, knock: Knock, storage: Storage, number: str, document: UUID) -> Response[Any]:
    """The bytes of one document, exactly as they were brought; the opening is recorded, and no transaction is open while they travel."""
    no_queries(request)
    async with knock.caller() as caller:
        dossier = await readable(caller, number)
        found = next((one for one in seen_documents(dossier) if one.id == document), None)
        if found is None:
            raise NotFound
        await actions.note_download(caller.session, dossier.id, document, caller.actor)
    chunks = storage.open(storage.clean, str(document), expected_sha256=found.sha256)
    # The first piece before the answer begins: a storage that is away is told as a problem.
    try:
        first = await anext(chunks, b"")
    except Altered as error:
        logger.error("document %s is not what was checked", document)
        raise Unavailable("storage") from error
    name = "".join(one if one.isascii() and one not in '"\\%' else "_" for one in shown_file_name(found.file_name) or "document")
    headers = {
        "Content-Length": str(found.size), "Content-Disposition": f'attachment; filename="{name}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(found.sha256)).decode()}:", "ETag": f'"{found.sha256}"',
    }
    media_type = found.media_type if found.media_type in _TYPES else "application/octet-stream"
    return Stream(_all(first, chunks), headers=headers, media_type=media_type)


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


ROUTES = (list_dossiers, collect, document_content)
