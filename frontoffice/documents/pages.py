"""Bringing documents by a plain form: bytes stream to quarantine and never sit whole in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from litestar import Response, get, post
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import CHECK
from frontoffice.documents.model import Segment, Upload
from frontoffice.documents.segments import StoredSegment, store
from frontoffice.documents.showing import given_in, may_be_removed, replaced, slot_page
from frontoffice.documents.slots import (
    EMPTY,
    FULL,
    ISSUED,
    LARGEST_DOCUMENT,
    LARGEST_DOSSIER,
    MOST_DOCUMENTS,
    TOO_LARGE,
    day_of_issue,
    giving_role,
    may_bring,
    next_place,
    room_in,
    slot_of,
    staying_awake,
)
from frontoffice.dossiers import access, actions, queries
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.summary import may_add_documents
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import BadFormToken, BadRequest, Conflict, Invalid, Problem, Refused, TooLarge
from frontoffice.kernel.i18n import Locale, show_size, translator
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer_many
from frontoffice.kernel.message import Message
from frontoffice.kernel.rendering import Web, locale_of, see_other
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from frontoffice.kernel.uploads import IncomingFile, TooManyFiles, UploadCut, UploadLimits, read_form_upload
from frontoffice.kernel.web import check_form_token, scope_of
from frontoffice.parties.actor import Actor, signed_in
from frontoffice.procedures.vocabulary import DocumentRequirement
from frontoffice.settings import Settings

_TYPED = (*ISSUED.raw_names(), "replaces")
# A form is read to its end, so that its sender sees the answer; beyond these it is not one that a person filled in.
_MOST_READ: Final = 1_000
_MOST_NAMED: Final = 10
_EMPTY_AMONG_OTHERS: Final = _("Empty files cannot be taken.")
_NOT_ALL: Final = _("%(why)s Not taken: %(left)s. These have arrived and are kept: %(taken)s.")


@dataclass(frozen=True)
class _Taken:
    """A file all of whose bytes are in quarantine."""

    key: UUID
    incoming: IncomingFile
    segments: tuple[StoredSegment, ...]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.segments)


def _full(locale: Locale) -> Problem:
    return Problem("file", FULL, {"most": MOST_DOCUMENTS, "size": show_size(LARGEST_DOSSIER, locale), "largest": show_size(LARGEST_DOCUMENT, locale)})


def _too_large(locale: Locale) -> Problem:
    return Problem("file", TOO_LARGE, {"most": show_size(LARGEST_DOCUMENT, locale)})


@dataclass
class _Haul:
    """What one form brings to a dossier with room for so many files and bytes: the files that arrived, and the names of those that are not taken.

    `why` is about the first of these, `reading` the name of the file that comes in; what arrived is kept whatever becomes of the others."""

    locale: Locale
    files: int
    size: int
    taken: list[_Taken] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    why: Problem | None = None
    status: int = 422
    reading: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether the dossier has no room for one more file."""
        return len(self.taken) >= self.files

    def take(self, one: _Taken) -> None:
        """Count a file that arrived, as far as there is room for it."""
        if self.is_full or sum(each.size for each in (*self.taken, one)) > self.size:
            self.leave(one.incoming.name, _full(self.locale))
        else:
            self.taken.append(one)

    def leave(self, name: str | None, why: Problem, *, status: int = 422) -> None:
        """Note a file that is not taken."""
        self.left.append(name or translator(self.locale)(_("a file without a name")))
        self.why, self.status = self.why or why, min(self.status, status)

    def fit(self, files: int, size: int) -> None:
        """Leave what there is no room for any more: documents may have come another way meanwhile."""
        arrived, self.taken, self.files, self.size = self.taken, [], files, size
        for one in arrived:
            self.take(one)

    @property
    def problem(self) -> Problem | None:
        """What to tell of the files that are not taken; None when all are."""
        if not self.why or not self.taken:
            return self.why
        why = Message(_EMPTY_AMONG_OTHERS if self.why.message == EMPTY else self.why.message, self.why.params)  # type: ignore[arg-type]
        names = [one.incoming.name or translator(self.locale)(_("a file without a name")) for one in self.taken]
        return Problem("file", _NOT_ALL, {"why": why, "left": self._listed(self.left), "taken": self._listed(names)})

    def _listed(self, names: Sequence[str]) -> str:
        named, more = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
        return translator(self.locale)(_("%(names)s and %(more)s more"), names=named, more=more) if more > 0 else named


@get("/dossiers/{key:str}/documents/{requirement:str}", name="show-slot")
async def show_slot(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str) -> Response[str]:
    """One document that is asked for: what it must be, what was given, and the way to add it; an authority's look is recorded."""
    dossier = await queries.dossier(session, actor, key)
    await actions.note_opening(session, dossier, actor)
    # Whoever comes to replace a document that was refused finds it chosen.
    return await slot_page(request, session, dossier, slot_of(dossier, requirement), raw={"replaces": request.query_params.get("replaces", "")})


@post("/dossiers/{key:str}/documents/{requirement:str}", name="upload-document", upload=True)
async def upload(request: Web, settings: Settings, storage: Storage, key: str, requirement: str) -> Response[Any]:
    """Take documents: access is checked in one short transaction, the rows are written in another, none is open between.

    What arrived of a form is kept, also when the rest of it cannot be taken: then the page says which."""
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
    haul = _Haul(locale_of(request), *room_in(dossier))
    problem = await _take(request, storage, typed, haul)
    async with transaction(engine, token_hash) as session:
        dossier = await queries.dossier(session, actor, key, lock=True)
        if problem or not haul.taken:
            return await slot_page(request, session, dossier, slot, *filter(None, [problem or haul.problem]), raw=typed,
                                   status=422 if problem else haul.status)
        try:
            may_bring(dossier, requirement)
            haul.fit(*room_in(dossier))
            replaces = replaced(dossier, slot, typed.get("replaces", ""))
        except Conflict as conflict:
            return await changed(request, session, dossier, conflict)
        if haul.taken:
            await _keep(session, dossier, slot, actor, haul.taken, issued_on=_issued(typed), replaces=replaces)
        if haul.problem:
            dossier = await queries.dossier(session, actor, key)
            return await slot_page(request, session, dossier, slot, haul.problem, raw=typed, status=haul.status)
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


async def _take(request: Web, storage: Storage, typed: dict[str, str], haul: _Haul) -> Problem | None:
    """Store what comes, and note what was typed beside it; what is wrong with the form itself, so that nothing of it is kept."""
    if int(request.headers.get("content-length", "0")) > LARGEST_DOSSIER:
        # It says itself that it is, so that nothing of it is read.
        haul.leave(None, _full(haul.locale), status=413)
        return None
    try:
        await _store(request, storage, typed, haul)
    except UploadCut:
        raise BadRequest("the upload was cut") from None
    except TooLarge as large:
        haul.leave(haul.reading, _full(haul.locale) if large.limit == LARGEST_DOSSIER else _too_large(haul.locale), status=413)
        haul.left.append(translator(haul.locale)(_("everything after it")))
    except TooManyFiles:
        haul.leave(translator(haul.locale)(_("everything after it")), _full(haul.locale))
    try:
        _issued(typed)
    except Invalid as invalid:
        return invalid.problems[0]
    return None if haul.taken or haul.left else Problem("file", _("Choose a file first"))


async def _store(request: Web, storage: Storage, typed: dict[str, str], haul: _Haul) -> None:
    """Read the form to its end, or to the file that is too large: what follows cannot be reached then."""
    checked = False

    def on_field(field_name: str, value: str) -> None:
        nonlocal checked
        if field_name == "csrf":
            check_form_token(scope_of(request), value)
            checked = True
        elif field_name in _TYPED:
            typed[field_name] = value

    receive = staying_awake(request.receive, request.app.state.engine, scope_of(request).get("frontoffice.session_hash", b""))
    limits = UploadLimits(file_bytes=LARGEST_DOCUMENT, files=_MOST_READ, form_bytes=LARGEST_DOSSIER)
    async for incoming in read_form_upload(receive, request.headers.get("content-type"), on_field=on_field, limits=limits):
        if not checked:
            raise BadFormToken
        haul.reading = incoming.name
        if _can_be(typed):
            await _store_one(storage, incoming, haul)


async def _store_one(storage: Storage, incoming: IncomingFile, haul: _Haul) -> None:
    """Take one file, unless it is empty or there is no room for it."""
    if haul.is_full and incoming.is_named:
        haul.leave(incoming.name, _full(haul.locale))
        return
    taken = _Taken(uuid4(), incoming, tuple([one async for one in store(storage, incoming.chunks)]))
    # A place for a file that nobody touched has neither name nor bytes; whatever has one of them was meant to be sent.
    if taken.size:
        haul.take(taken)
    elif incoming.is_named:
        haul.leave(incoming.name, Problem("file", EMPTY))


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
    await defer_many(session, CHECK, [(f"document/{one.key}", {"document_id": str(one.key)}) for one in taken])


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/remove", name="remove-document")
async def remove(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str, document: UUID) -> Response[Any]:
    """Take a document back with the pages that it was made of: they no longer count, their rows stay."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    slot, found = slot_of(dossier, requirement), given_in(dossier, requirement, document)
    if not access.may_fill(dossier.filling_roles, slot):
        raise Refused(_("Someone else brings this document"))
    if not may_add_documents(dossier) or not may_be_removed(dossier, found):
        raise Conflict(_("This document was filed: it can be replaced by a newer one, not removed"))
    gone = [document, *(one.id for one in dossier.pages_of(document))]
    await session.execute(update(Document).where(Document.id.in_(gone), Document.dossier_id == dossier.id).values(state="replaced"))
    # What was still on its way ends here: no further piece of it is taken.
    await session.execute(delete(Upload).where(Upload.document_id == document))
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor="given")


ROUTES = (show_slot, upload, remove)
