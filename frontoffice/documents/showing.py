"""The page of one document that is asked for: what was given, how each stands and what happened to it, and what may be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from litestar import Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.grants import MAX_LIFETIME, upload_grant
from frontoffice.documents.model import DocumentChange
from frontoffice.documents.reusing import reusable
from frontoffice.documents.slots import ISSUED, LARGEST_DOCUMENT
from frontoffice.dossiers import access, completeness
from frontoffice.dossiers.ages import ages
from frontoffice.dossiers.given import GivenDocument, in_order
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import STANDINGS, WAITING, Standing, is_replaced, standing, wrong
from frontoffice.dossiers.summary import may_add_documents
from frontoffice.kernel.errors import Conflict, NotFound, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.rendering import Web, page, problems_by_field
from frontoffice.kernel.time import now
from frontoffice.kernel.web import scope_of
from frontoffice.parties.actor import signed_in
from frontoffice.procedures.vocabulary import READERS, DocumentRequirement

# Pictures of a document come moments after its check; later than that nobody waits for them before the page.
_PICTURES_COME: Final = timedelta(minutes=2)
_MOVING: Final = WAITING - {"uploading"}
_JOINED: Final = _("Became a page of one PDF")
_BEING_JOINED: Final = Standing("joining", _("Being put together"), "grey")


@dataclass(frozen=True)
class ShownDocument:
    """A document as its reader meets it: `history` are msgids with their moments, `why` says what is wrong with it.

    `may_take_apart` when it was made of pages that can become single pictures again."""

    document: GivenDocument
    standing: Standing
    why: Message | None
    history: Sequence[tuple[str, datetime]]
    pages: Sequence[GivenDocument]
    may_open: bool
    may_remove: bool
    may_take_apart: bool


def is_filed(dossier: OpenDossier, document: GivenDocument) -> bool:
    """Whether the document went out with the filed dossier, so that it can only be replaced by a newer one."""
    return not dossier.is_draft and not document.added


def may_be_removed(dossier: OpenDossier, document: GivenDocument) -> bool:
    """Whether it can simply be taken back: what the check refused, and so never measured, went out with no filing."""
    return (document.state == "refused" and not document.sha256) or not is_filed(dossier, document)


def _replaceable(dossier: OpenDossier, slot: DocumentRequirement) -> list[GivenDocument]:
    """The documents whose place a new one may take: those that were filed, and those that were refused and not replaced yet."""
    return [one for one in dossier.of_requirement(slot.code)
            if (one.state == "checked" and is_filed(dossier, one)) or (one.state == "refused" and not is_replaced(dossier, one))]


def given_in(dossier: OpenDossier, code: str, document: UUID) -> GivenDocument:
    """A document that counts in this slot; raises NotFound."""
    found = next((one for one in dossier.of_requirement(code) if one.id == document), None)
    if found is None:
        raise NotFound
    return found


def replaced(dossier: OpenDossier, slot: DocumentRequirement, typed: str) -> UUID | None:
    """The document whose place the new one takes, if one was chosen; raises Conflict when it was filed and no longer counts.

    One that never went out, and is solved by now, needs nothing in its place: then the new one is one more."""
    if typed in ("", "no"):
        return None
    found = next((one for one in _replaceable(dossier, slot) if str(one.id) == typed), None)
    if found is None:
        if any(str(one.id) == typed and one.requirement == slot.code and (not one.sha256 or not is_filed(dossier, one)) for one in dossier.documents):
            return None
        raise Conflict(_("The document that you wanted to replace no longer counts: look at what was given"))
    return found.id


def page_pictures(dossier: OpenDossier, code: str) -> list[GivenDocument]:
    """The pictures of a slot that the person may put in order and make one PDF of: checked, and not out with the filed dossier."""
    return in_order([one for one in dossier.of_requirement(code) if one.is_picture and one.state == "checked" and not is_filed(dossier, one)])


async def slot_page(request: Web, session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, *problems: Problem,
                    raw: Mapping[str, str] | None = None, status: int = 200) -> Response[str]:
    """The page of one document that is asked for; with problems, those of the form that was just sent."""
    given = [one for one in dossier.of_requirement(slot.code) if one.state != "refused" or not is_replaced(dossier, one)]
    may_add = may_add_documents(dossier) and access.may_fill(dossier.filling_roles, slot)
    told = await _histories(session, [one.id for one in dossier.documents if one.requirement == slot.code])
    pictures = page_pictures(dossier, slot.code) if may_add else []
    shown = [_shown(dossier, slot, one, told.get(one.id, []), may_add=may_add) for one in given if one not in pictures]
    replaceable = _replaceable(dossier, slot) if may_add else []
    earlier = [one for one in dossier.documents if one.requirement == slot.code and one.state == "replaced" and one.handed_over_at]
    return page(
        request, "documents/slot.html", status=status, dossier=dossier, slot=slot, given=given, shown=shown, may_add=may_add,
        pictures=[_shown(dossier, slot, one, told.get(one.id, []), may_add=may_add) for one in pictures],
        earlier=[_shown(dossier, slot, one, told.get(one.id, []), may_add=False) for one in earlier],
        replaceable=replaceable, replaces=next((str(one.id) for one in replaceable if str(one.id) == (raw or {}).get("replaces")), "no"),
        waiting=any(_still_moves(one) for one in given), checking=any(one.state in _MOVING for one in given),
        problems=problems_by_field(problems), most_bytes=LARGEST_DOCUMENT,
        age=ages(dossier, completeness.facts(dossier), [slot]).get(slot.code), issued=ISSUED, raw=raw or {},
        reusable=await reusable(session, dossier, slot, signed_in(session)) if may_add else [],
        grant=_grant(request, dossier, slot) if may_add else "", thumbnails=not dossier.roles & READERS,
    )


def _grant(request: Web, dossier: OpenDossier, slot: DocumentRequirement) -> str:
    """The bearer token with which the page's script brings files; the session's end is its end too."""
    session_hash: bytes = scope_of(request).get("frontoffice.session_hash", b"")
    return upload_grant(request.app.state.settings, dossier.id, slot.code, session_hash, now() + MAX_LIFETIME)


def _shown(dossier: OpenDossier, slot: DocumentRequirement, one: GivenDocument, history: Sequence[tuple[str, datetime]], *, may_add: bool) -> ShownDocument:
    pages = dossier.pages_of(one.id)
    return ShownDocument(
        one, _BEING_JOINED if pages and one.state in WAITING else standing(one), wrong(one), history, pages,
        may_open=one.is_kept and access.may_see(dossier.filling_roles, slot), may_remove=may_add and may_be_removed(dossier, one),
        may_take_apart=bool(pages) and may_add and not is_filed(dossier, one),
    )


def _still_moves(one: GivenDocument) -> bool:
    """Whether it is worth looking again in a moment; an upload moves only while its sender does, who shows it."""
    return one.state in _MOVING or (one.state == "checked" and not one.previews and now() - one.given_at < _PICTURES_COME)


async def _histories(session: AsyncSession, documents: Sequence[UUID]) -> dict[UUID, list[tuple[str, datetime]]]:
    """Every state that each of these documents was ever in, oldest first."""
    found: dict[UUID, list[tuple[str, datetime]]] = {}
    if not documents:
        return found
    statement = select(DocumentChange.document_id, DocumentChange.state, DocumentChange.at).where(DocumentChange.document_id.in_(documents))
    for row in (await session.execute(statement.order_by(DocumentChange.id))).all():
        found.setdefault(row.document_id, []).append((_JOINED if row.state == "joined" else STANDINGS[row.state].title, row.at))
    return found
