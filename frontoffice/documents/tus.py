"""Resumable uploads by the tus protocol, version 1.0: what a bad link cuts goes on where it stopped. No cookie counts here."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final, cast
from uuid import UUID

from litestar import HttpMethod, Response, delete, get, patch, post, route
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents import unfinished
from frontoffice.documents.grants import UploadGrant, read_upload_grant
from frontoffice.documents.protocol import (
    CHECKSUMS,
    OFFSET,
    VERSION,
    Checksum,
    Told,
    check_content,
    check_version,
    described,
    has_content,
    metadata,
    number,
    progress,
    shown_name,
    shown_type,
    tell,
)
from frontoffice.documents.segments import StoredSegment, store
from frontoffice.documents.senders import SENDERS
from frontoffice.documents.showing import replaced
from frontoffice.documents.slots import EMPTY, LARGEST_DOCUMENT, TOO_LARGE, day_of_issue, may_bring, may_go_on, staying_awake
from frontoffice.documents.unfinished import Announced, Gone, Overtaken, Unfinished
from frontoffice.dossiers import queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, Invalid, Problem, Refused, SignedOut, TooLarge, Unavailable
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.i18n import show_size
from frontoffice.kernel.rendering import Web, addresses, locale_of
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from frontoffice.kernel.uploads import Listener, UploadCut, UploadLimits, read_body
from frontoffice.kernel.web import UPLOADS, mac
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.settings import Settings

_CONNECTIONS: Final = 5
# A fast sender does not make the database write for each stretch; what a killed server forgets is sent again.
_EVERY_SECONDS: Final = 2.0
LIMITS: Final = UploadLimits(file_bytes=LARGEST_DOCUMENT)
_MAX_SIZE: Final = {"Tus-Max-Size": str(LARGEST_DOCUMENT)}
_ABILITIES: Final = {
    "Tus-Version": VERSION, "Tus-Extension": "creation,creation-with-upload,expiration,checksum,termination", "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    **_MAX_SIZE,
}
_OVERTAKEN: Final = _("This upload went on from another place meanwhile. What has arrived is kept.")
_CUT: Final = _("The upload was cut off. What has arrived is kept.")
_GONE: Final = _("This upload has ended: upload the file again.")
_DIFFERENT: Final = _("This file did not arrive as it was sent. Upload it again.")


def _told(request: Web, error: Told) -> Response[bytes]:
    return tell(request, error)


def _overtaken(request: Web, _error: Overtaken) -> Response[bytes]:
    return tell(request, Told(409, _OVERTAKEN))


def _cut(request: Web, _error: UploadCut) -> Response[bytes]:
    # A sender that was only slow asks again how far it came, as after any conflict.
    return tell(request, Told(409, _CUT))


def _gone(request: Web, _error: Gone) -> Response[bytes]:
    return tell(request, Told(410, _GONE))


def _too_large(request: Web, _error: TooLarge) -> Response[bytes]:
    most = show_size(LARGEST_DOCUMENT, locale_of(request))
    return tell(request, Told(413, TOO_LARGE, params={"most": most}, headers=_MAX_SIZE))


def _locked(request: Web, _error: TimeoutError) -> Response[bytes]:
    return tell(request, Told(423, _OVERTAKEN))


_HANDLERS: Final[dict[Any, Any]] = {
    Told: _told, Overtaken: _overtaken, UploadCut: _cut, Gone: _gone, TooLarge: _too_large, TimeoutError: _locked,
}
# A machine's routes, whose bearer token stands for the session; there is no form and no cookie.
_OPEN: Final[dict[str, Any]] = {"public": True, "cookieless": True, "exception_handlers": _HANDLERS}


def _grant(request: Web, settings: Settings) -> UploadGrant:
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    try:
        return read_upload_grant(settings, token.strip() if kind.lower() == "bearer" else "", now())
    except Refused:
        raise SignedOut from None


def _few(request: Web) -> asyncio.Semaphore:
    """A place among the uploads that ask the database at the same time: however many come, pages find a connection."""
    state = request.app.state
    if "few_uploads" not in state:
        state.few_uploads = asyncio.Semaphore(_CONNECTIONS)
    return cast(asyncio.Semaphore, state.few_uploads)


@asynccontextmanager
async def _entered(request: Web, grant: UploadGrant, *, by_person: bool = True, lock: bool = False) -> AsyncIterator[tuple[AsyncSession, Actor, OpenDossier]]:
    """A transaction of the session that the token stands for, and the dossier as its person sees it."""
    async with _few(request), transaction(request.app.state.engine, grant.session_hash, by_person=by_person) as session:
        actor = signed_in(session)
        dossier = await queries.dossier(session, actor, str(grant.dossier_id), lock=lock)
        try:
            may_go_on(dossier, grant.requirement)
            yield session, actor, dossier
        except Conflict as conflict:
            # To tus a conflict is one of offsets, and its clients would try for ever.
            raise Refused(conflict.message, **conflict.params) from conflict


@route(UPLOADS, http_method=HttpMethod.OPTIONS, name="upload-abilities", status_code=204, sync_to_thread=False, **_OPEN)
def abilities() -> Response[None]:
    """What of the protocol we speak."""
    return Response(None, status_code=204, headers=_ABILITIES)


@get(UPLOADS, name="unfinished-uploads", **_OPEN)
async def listing(request: Web, settings: Settings) -> Response[bytes]:
    """The uploads of this slot that the person may go on with, as JSON: the page asks here where to resume, and keeps nothing itself."""
    grant = _grant(request, settings)
    async with _entered(request, grant, by_person=False) as (session, actor, _dossier):
        found = await unfinished.of_slot(session, actor, grant)
    body = [{"id": str(one.id), "url": _address(one.id), "name": one.file_name, "size": one.length, "offset": one.stored,
             "expires": one.expires.isoformat() if one.expires else None} for one in found]
    return Response(json.dumps(body).encode(), media_type="application/json")


def _address(document: UUID) -> str:
    return addresses.path("show-upload", document=document)


@post(UPLOADS, name="create-upload", status_code=201, **_OPEN)
async def create(request: Web, settings: Settings, storage: Storage) -> Response[None]:
    """Give a file its place in the slot, before its bytes or with the first of them."""
    grant = _grant(request, settings)
    check_version(request)
    checksum = Checksum.of(request)
    length, said = _length(request), metadata(request)
    async with _entered(request, grant, lock=True) as (session, actor, dossier):
        slot = may_bring(dossier, grant.requirement, [length])
        announced = Announced(
            length, shown_name(said), shown_type(said), day_of_issue(said.get("issued", "")),
            replaces=replaced(dossier, slot, said.get("replaces", "")), key=_known_again(settings, grant, actor, said.get("key", "")),
        )
        key = await unfinished.begin(session, dossier, slot, actor, announced)
        upload = await unfinished.find(session, actor, grant, key)
    stored = upload.stored
    if has_content(request) and not stored:
        stored = await _receive(request, storage, grant, upload, checksum)
    return Response(None, status_code=201, headers={"Location": _address(key), **progress(upload, stored)})


def _length(request: Web) -> int:
    """How long the file is to be; raises 501 for a sender who does not know, 413 above the limit, Invalid for an empty file."""
    if "upload-defer-length" in request.headers or request.headers.get("upload-concat"):
        raise Told(501)
    length = number(request, "upload-length")
    if length > LARGEST_DOCUMENT:
        raise TooLarge(LARGEST_DOCUMENT)
    if not length:
        raise Invalid(Problem("file", EMPTY))
    return length


def _known_again(settings: Settings, grant: UploadGrant, actor: Actor, key: str) -> UUID | None:
    """The upload that this announcement leads to each time that it is sent; the sender's own key leads nobody else anywhere."""
    if not key or len(key) > 100:
        return None
    return UUID(mac(settings, "upload", str(grant.dossier_id), grant.requirement, str(actor.person_id), str(actor.party_id), key)[:32])


@route(f"{UPLOADS}/{{document:uuid}}", http_method=HttpMethod.HEAD, name="show-upload", **_OPEN)
async def show(request: Web, settings: Settings, document: UUID) -> Response[None]:
    """How far an upload is. Whoever asks is about to go on: an earlier sender, over a link that may be dead, makes way."""
    grant = _grant(request, settings)
    check_version(request)
    upload = await _alone(request, grant, document)
    return Response(None, status_code=200, headers={**progress(upload), **described(upload)})


async def _alone(request: Web, grant: UploadGrant, document: UUID) -> Unfinished:
    """The upload as it stands once nobody else sends to it in this process."""
    upload = await _found(request, grant, document)
    return await _found(request, grant, document) if await SENDERS.make_way(document) else upload


async def _found(request: Web, grant: UploadGrant, document: UUID) -> Unfinished:
    async with _entered(request, grant) as (session, actor, _dossier):
        return await unfinished.find(session, actor, grant, document)


@patch(f"{UPLOADS}/{{document:uuid}}", name="continue-upload", status_code=204, **_OPEN)
async def proceed(request: Web, settings: Settings, storage: Storage, document: UUID) -> Response[None]:
    """Take the next bytes of an upload; what has arrived counts, however the request ends."""
    grant = _grant(request, settings)
    check_version(request)
    check_content(request)
    checksum, offset = Checksum.of(request), number(request, OFFSET)
    upload = await _alone(request, grant, document)
    if offset != upload.stored:
        raise Overtaken
    stored = await _receive(request, storage, grant, upload, checksum)
    return Response(None, status_code=204, headers=progress(upload, stored))


async def _receive(request: Web, storage: Storage, grant: UploadGrant, upload: Unfinished, checksum: Checksum | None) -> int:
    """Store what comes; how much of the file there is then. No transaction is open while bytes travel."""
    room = upload.length - upload.stored
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > room:
        raise TooLarge(room)
    listener = Listener(staying_awake(request.receive, request.app.state.engine, grant.session_hash), LIMITS)
    chunks = read_body(listener, room)
    with SENDERS.sending(upload.id, listener):
        async with aclosing(store(storage, checksum.over(chunks) if checksum else chunks, starts_at=upload.stored)) as segments:
            if checksum:
                return await _keep_if_right(request, grant, upload, checksum, [one async for one in segments])
            return await _keep_as_it_comes(request, grant, upload, segments)


async def _keep_if_right(request: Web, grant: UploadGrant, upload: Unfinished, checksum: Checksum, held: Sequence[StoredSegment]) -> int:
    """Let all of it count or nothing; what does not count lies in quarantine for a day."""
    if not checksum.fits:
        raise Told(460, _DIFFERENT)
    return await _keep(request, grant, upload, held)


async def _keep_as_it_comes(request: Web, grant: UploadGrant, upload: Unfinished, segments: AsyncIterator[StoredSegment]) -> int:
    """Let stretches count as they come, those of a moment together; also those that came before a failure."""
    held, kept_at, stored = list[StoredSegment](), -_EVERY_SECONDS, upload.stored
    try:
        async for one in segments:
            held.append(one)
            if time.monotonic() - kept_at >= _EVERY_SECONDS:
                stored = await _keep(request, grant, upload, held)
                held, kept_at = [], time.monotonic()
    except (UploadCut, TooLarge, Unavailable):
        await _keep(request, grant, upload, held)
        raise
    return await _keep(request, grant, upload, held) if held else stored


async def _keep(request: Web, grant: UploadGrant, upload: Unfinished, segments: Sequence[StoredSegment]) -> int:
    """Let these stretches count; how much of the file there is then."""
    if not segments:
        return upload.stored
    async with _few(request):
        await unfinished.keep(request.app.state.engine, grant, upload, segments)
    return segments[-1].starts_at + segments[-1].size


@delete(f"{UPLOADS}/{{document:uuid}}", name="end-upload", status_code=204, **_OPEN)
async def end(request: Web, settings: Settings, document: UUID) -> None:
    """Take an unfinished upload back; its bytes are cleared away by a job."""
    grant = _grant(request, settings)
    check_version(request)
    await _alone(request, grant, document)
    async with _entered(request, grant) as (session, actor, _dossier):
        await unfinished.give_up(session, await unfinished.find(session, actor, grant, document))


ROUTES = (abilities, listing, create, show, proceed, end)
