"""Bringing documents by a plain form: bytes stream to quarantine and never sit whole in memory."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import queue_check
from frontoffice.documents.model import Segment
from frontoffice.documents.segments import StoredSegment, store
from frontoffice.dossiers import access, completeness, queries
from frontoffice.dossiers.ages import ages
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import WAITING, standing
from frontoffice.dossiers.summary import may_add_documents
from frontoffice.forms.fields import Day
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import BadFormToken, BadRequest, Conflict, Invalid, NotFound, Problem, Refused, TooLarge
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.i18n import show_size
from frontoffice.kernel.rendering import Web, locale_of, page, problems_by_field, see_other
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now, today
from frontoffice.kernel.uploads import IncomingFile, Receive, UploadCut, UploadLimits, read_form_upload
from frontoffice.kernel.web import check_form_token, scope_of
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures.vocabulary import DocumentRequirement
from frontoffice.settings import Settings

LARGEST_DOCUMENT = 100_000_000
LARGEST_DOSSIER = 500_000_000
MOST_DOCUMENTS = 100
_TOO_LARGE = _("This file is too large: the most we can take is %(most)s. Scan it with fewer dots per inch, or split it.")
_SIGN_OF_LIFE = timedelta(minutes=2)
# Asked before the file, so that a wrong date is told before the bytes are kept.
ISSUED = Day(name="issued", label=_("Issued on"), optional=True,
             hint=_("The day on the document itself. With it we can tell you whether the document is too old, or will be when the decision is taken."))


@dataclass(frozen=True)
class _Taken:
    """A file all of whose bytes are in quarantine."""

    key: UUID
    incoming: IncomingFile
    segments: tuple[StoredSegment, ...]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.segments)


def _slot(dossier: OpenDossier, code: str) -> DocumentRequirement:
    found = dossier.procedure.requirement(code)
    roles = dossier.filling_roles
    if found is None or not (access.may_see(roles, found) or access.may_fill(roles, found)):
        raise NotFound
    return found


@get("/dossiers/{key:str}/documents/{requirement:str}", name="show-slot")
async def show_slot(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str) -> Response[str]:
    """One document that is asked for: what it must be, what was given, and the way to add it."""
    dossier = await queries.dossier(session, actor, key)
    return _slot_page(request, dossier, _slot(dossier, requirement))


def _slot_page(request: Web, dossier: OpenDossier, slot: DocumentRequirement, *problems: Problem, raw: Mapping[str, str] | None = None,
               status: int = 200) -> Response[str]:
    age = ages(dossier, completeness.facts(dossier), [slot]).get(slot.code)
    return page(request, "documents/slot.html", status=status, dossier=dossier, slot=slot, given=dossier.of_requirement(slot.code),
                may_add=may_add_documents(dossier) and access.may_fill(dossier.filling_roles, slot), problems=problems_by_field(problems),
                most_bytes=LARGEST_DOCUMENT, age=age, issued=ISSUED, raw=raw or {}, standing=standing, waiting=WAITING)


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
            slot = _may_bring(dossier, requirement)
        except Conflict as conflict:
            return await changed(request, session, dossier, conflict)
    typed: dict[str, str] = {}
    try:
        taken = await _take(request, storage, typed)
        issued_on = _issued(typed)
    except Invalid as invalid:
        return _slot_page(request, dossier, slot, *invalid.problems, raw=typed, status=422)
    except TooLarge:
        too_large = Problem("file", _TOO_LARGE, {"most": show_size(LARGEST_DOCUMENT, locale_of(request))})
        return _slot_page(request, dossier, slot, too_large, raw=typed, status=413)
    async with transaction(engine, token_hash) as session:
        dossier = await queries.dossier(session, actor, key, lock=True)
        try:
            _may_bring(dossier, requirement)
        except Conflict as conflict:
            return await changed(request, session, dossier, conflict)
        for one in taken:
            await _keep(session, dossier, slot, actor, one, issued_on=issued_on)
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code)


def _may_bring(dossier: OpenDossier, requirement: str) -> DocumentRequirement:
    slot = _slot(dossier, requirement)
    if not access.may_fill(dossier.filling_roles, slot):
        raise Refused(_("Someone else brings this document"))
    if not may_add_documents(dossier):
        raise Conflict(_("No document can be added at this moment: the authority has not asked for one"))
    counting = [one for one in dossier.documents if one.state != "replaced"]
    if len(counting) >= MOST_DOCUMENTS or sum(one.size for one in counting) >= LARGEST_DOSSIER:
        raise Refused(_("This dossier holds as many documents as it can: remove one first"))
    return slot


def _issued(typed: Mapping[str, str]) -> date | None:
    """The day of issue that was typed; raises Invalid for one that does not exist or has yet to come."""
    try:
        text = ISSUED.read(typed)
    except Wrong as wrong:
        raise Invalid(Problem(ISSUED.name, wrong.message, wrong.params)) from None
    if text and date.fromisoformat(text) > today():
        raise Invalid(Problem(ISSUED.name, _("This day has yet to come: check the date")))
    return date.fromisoformat(text) if text else None


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
        elif name in ISSUED.raw_names():
            typed[name] = value

    receive = _staying_awake(request)
    limits = UploadLimits(file_bytes=LARGEST_DOCUMENT, files=20)
    async for incoming in read_form_upload(receive, request.headers.get("content-type"), on_field=on_field, limits=limits):
        if not checked:
            raise BadFormToken
        if incoming.name is None or not _can_be(typed):
            continue
        taken = _Taken(uuid4(), incoming, tuple([one async for one in store(storage, incoming.chunks)]))
        if not taken.size:
            raise Invalid(Problem("file", _("This file is empty: choose another one")))
        yield taken


def _staying_awake(request: Web) -> Receive:
    """The body of a long upload, whose parts count as signs of life: the session must not fall asleep over it."""
    engine, token_hash = request.app.state.engine, scope_of(request).get("frontoffice.session_hash", b"")
    noted = now()

    async def receive() -> Any:
        nonlocal noted
        message = await request.receive()
        if now() - noted >= _SIGN_OF_LIFE:
            noted = now()
            async with transaction(engine, token_hash):
                pass
        return message

    return receive


async def _keep(session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, actor: Actor, taken: _Taken, *, issued_on: date | None) -> None:
    await session.execute(insert(Document).values(
        id=taken.key, dossier_id=dossier.id, requirement=slot.code, file_name=taken.incoming.name or "", media_type=taken.incoming.declared_type[:60],
        size=taken.size, state="received", given_by=actor.party_id, given_role=sorted(dossier.filling_roles & slot.by)[0], given_at=now(),
        issued_on=issued_on,
    ))
    await session.execute(insert(Segment), [
        {"document_id": taken.key, "starts_at": one.starts_at, "key": one.key, "size": one.size, "sha256": one.sha256} for one in taken.segments
    ])
    await queue_check(session, taken.key)


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/remove", name="remove-document")
async def remove(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str, document: UUID) -> Response[Any]:
    """Take a document back: it no longer counts, its row stays."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    slot = _may_bring_back(dossier, requirement, document)
    await session.execute(update(Document).where(Document.id == document, Document.dossier_id == dossier.id).values(state="replaced"))
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code)


def _may_bring_back(dossier: OpenDossier, requirement: str, document: UUID) -> DocumentRequirement:
    slot = _slot(dossier, requirement)
    found = next((one for one in dossier.of_requirement(requirement) if one.id == document), None)
    if found is None:
        raise NotFound
    if not access.may_fill(dossier.filling_roles, slot):
        raise Refused(_("Someone else brings this document"))
    handed_in = dossier.filed_at and found.given_at <= dossier.filed_at
    if not may_add_documents(dossier) or handed_in or found.handed_over_at:
        raise Conflict(_("This document was filed: it can be replaced by a newer one, not removed"))
    return slot


ROUTES = (show_slot, upload, remove)
