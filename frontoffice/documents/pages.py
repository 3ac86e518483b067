"""Bringing documents by a plain form: bytes stream to quarantine and never sit whole in memory."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import queue_check
from frontoffice.documents.model import Segment, Upload
from frontoffice.documents.segments import StoredSegment, store
from frontoffice.documents.showing import given_in, is_filed, replaced, slot_page
from frontoffice.documents.slots import (
    EMPTY,
    ISSUED,
    LARGEST_DOCUMENT,
    LARGEST_DOSSIER,
    TOO_LARGE,
    day_of_issue,
    giving_role,
    may_bring,
    next_place,
    slot_of,
    staying_awake,
)
from frontoffice.dossiers import access, queries
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.summary import may_add_documents
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import BadFormToken, BadRequest, Conflict, Invalid, Problem, Refused, TooLarge
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.i18n import show_size
from frontoffice.kernel.rendering import Web, locale_of, see_other
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from frontoffice.kernel.uploads import IncomingFile, UploadCut, UploadLimits, read_form_upload
from frontoffice.kernel.web import check_form_token, scope_of
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures.vocabulary import DocumentRequirement
from frontoffice.settings import Settings

_TYPED = (*ISSUED.raw_names(), "replaces")


@dataclass(frozen=True)
class _Taken:
    """A file all of whose bytes are in quarantine."""

    key: UUID
    incoming: IncomingFile
    segments: tuple[StoredSegment, ...]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.segments)


@get("/dossiers/{key:str}/documents/{requirement:str}", name="show-slot")
async def show_slot(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str) -> Response[str]:
    """One document that is asked for: what it must be, what was given, and the way to add it."""
    dossier = await queries.dossier(session, actor, key)
    return await slot_page(request, session, dossier, slot_of(dossier, requirement))


@post("/dossiers/{key:str}/documents/{requirement:str}", name="upload-document", upload=True)
async def upload(request: Web, settings: Settings, storage: Storage, key: str, requirement: str) -> Response[Any]:
    """Take a document: access is checked in one short transaction, the row is written in another, none is open between."""
    scope = scope_of(request)
    engine, token_hash = request.app.state.engine, scope.get("frontoffice.session_hash", b"")
    async with transaction(engine, token_hash) as session:
        actor = signed_in(session)
        scope["frontoffice.actor"] = actor
        dossier = await queries.dossier(session, actor, key)
        try:
            slot = may_bring(dossier, requirement)
        except Conflict as conflict:
            return await changed(request, session, dossier, conflict)
    typed: dict[str, str] = {}
    problem, status, taken = None, 422, list[_Taken]()
    try:
        taken = await _take(request, storage, typed)
    except Invalid as invalid:
        problem = invalid.problems[0]
    except TooLarge:
        problem, status = Problem("file", TOO_LARGE, {"most": show_size(LARGEST_DOCUMENT, locale_of(request))}), 413
    async with transaction(engine, token_hash) as session:
        dossier = await queries.dossier(session, actor, key, lock=True)
        if problem:
            return await slot_page(request, session, dossier, slot, problem, raw=typed, status=status)
        try:
            may_bring(dossier, requirement, [one.size for one in taken])
            replaces = replaced(dossier, slot, typed.get("replaces", ""))
        except Conflict as conflict:
            return await changed(request, session, dossier, conflict)
        await _keep(session, dossier, slot, actor, taken, issued_on=_issued(typed), replaces=replaces)
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code)


def _issued(typed: Mapping[str, str]) -> date | None:
    """The day of issue that was typed; raises Invalid for one that does not exist or has yet to come."""
    try:
        return day_of_issue(ISSUED.read(typed) or "")
    except Wrong as wrong:
        raise Invalid(Problem(ISSUED.name, wrong.message, wrong.params)) from None


def _can_be(typed: Mapping[str, str]) -> bool:
    """Whether the day of issue is right so far: a file beside a wrong one is read to its end and not kept."""
    try:
        _issued(typed)
    except Invalid:
        return False
    return True


async def _take(request: Web, storage: Storage, typed: dict[str, str]) -> list[_Taken]:
    """Store what comes, and note what was typed beside it; raises Invalid when that is nothing, TooLarge at once when the form says itself that it is."""
    if int(request.headers.get("content-length", "0")) > LARGEST_DOSSIER:
        raise TooLarge(LARGEST_DOSSIER)
    try:
        taken = [one async for one in _store(request, storage, typed)]
    except UploadCut:
        raise BadRequest("the upload was cut") from None
    _issued(typed)
    if not taken:
        raise Invalid(Problem("file", _("Choose a file first")))
    return taken


async def _store(request: Web, storage: Storage, typed: dict[str, str]) -> AsyncGenerator[_Taken]:
    checked = False

    def on_field(name: str, value: str) -> None:
        nonlocal checked
        if name == "csrf":
            check_form_token(scope_of(request), value)
            checked = True
        elif name in _TYPED:
            typed[name] = value

    receive = staying_awake(request.receive, request.app.state.engine, scope_of(request).get("frontoffice.session_hash", b""))
    limits = UploadLimits(file_bytes=LARGEST_DOCUMENT, files=20)
    async for incoming in read_form_upload(receive, request.headers.get("content-type"), on_field=on_field, limits=limits):
        if not checked:
            raise BadFormToken
        if incoming.name is None or not _can_be(typed):
            continue
        taken = _Taken(uuid4(), incoming, tuple([one async for one in store(storage, incoming.chunks)]))
        if not taken.size:
            raise Invalid(Problem("file", EMPTY))
        yield taken


async def _keep(session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, actor: Actor, taken: Sequence[_Taken], *,
                issued_on: date | None, replaces: UUID | None) -> None:
    """Write the rows of files that have arrived, and queue their checks."""
    place, instant, role = next_place(dossier, slot.code), now(), giving_role(dossier, slot)
    await session.execute(insert(Document), [
        {"id": one.key, "dossier_id": dossier.id, "requirement": slot.code, "file_name": one.incoming.name or "",
         "media_type": one.incoming.declared_type[:60], "size": one.size, "state": "received", "given_by": actor.party_id, "given_role": role,
         "given_at": instant, "issued_on": issued_on, "page_order": place + index, "replaces": replaces} for index, one in enumerate(taken)
    ])
    await session.execute(insert(Segment), [
        {"document_id": one.key, "starts_at": part.starts_at, "key": part.key, "size": part.size, "sha256": part.sha256}
        for one in taken for part in one.segments
    ])
    for one in taken:
        await queue_check(session, one.key)


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/remove", name="remove-document")
async def remove(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str, document: UUID) -> Response[Any]:
    """Take a document back with the pages that it was made of: they no longer count, their rows stay."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    slot, found = slot_of(dossier, requirement), given_in(dossier, requirement, document)
    if not access.may_fill(dossier.filling_roles, slot):
        raise Refused(_("Someone else brings this document"))
    if not may_add_documents(dossier) or is_filed(dossier, found):
        raise Conflict(_("This document was filed: it can be replaced by a newer one, not removed"))
    gone = [document, *(one.id for one in dossier.pages_of(document))]
    await session.execute(update(Document).where(Document.id.in_(gone), Document.dossier_id == dossier.id).values(state="replaced"))
    # What was still on its way ends here: no further piece of it is taken.
    await session.execute(delete(Upload).where(Upload.document_id == document))
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor="given")


ROUTES = (show_slot, upload, remove)
