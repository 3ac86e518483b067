"""What an authority did with a document: it has it, or it cannot use it and says why. Nothing else writes that."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import may_see
from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.model import Document
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import ARRIVED
from frontoffice.kernel.errors import Conflict, NotFound, Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import AUTHORITIES

TELL: Final = "notices:document"
# A word that was a slip, or a file that its owner replaces at once, is put right before anybody is told.
TELL_AFTER: Final = timedelta(minutes=2)
# A version that a newer one took the place of was handed over too, and may be judged.
KEPT: Final = ("checked", "replaced")
# As long as a reason may be that a person reads.
LONGEST_REASON: Final = 2000
_CLOSED: Final = _("The dossier is closed: documents are no longer judged")
_TURNED_DOWN: Final = _("Somebody else turned down this document, with another reason")
_SAID_AGAIN: Final = _("Something was said about this document since you opened the page")
_NEWER_CAME: Final = _("A newer document has come since: this one stays turned down")


def judged(dossier: OpenDossier, document: UUID) -> GivenDocument:
    """The document, if the actor's authority may say whether it can use it; raises NotFound, Refused, or Conflict for a closed dossier."""
    found = next((one for one in dossier.documents if one.id == document and one.counts and one.state == "checked"), None)
    slot = dossier.procedure.requirement(found.requirement) if found else None
    if found is None or slot is None or not may_see(dossier.filling_roles, slot):
        raise NotFound
    if not dossier.roles & AUTHORITIES:
        raise Refused(_("Only an authority says whether it can use a document"))
    if dossier.position & dossier.procedure.life.final:
        raise Conflict(_CLOSED)
    return found


def refuse_other_word(document: GivenDocument, reason: str | None) -> None:
    """Raise Conflict when the document was turned down already, for another reason than this one."""
    if document.not_taken_at and document.not_taken_reason != reason:
        raise Conflict(_TURNED_DOWN)


async def use_after_all(session: AsyncSession, dossier: OpenDossier, document: GivenDocument, by: UUID, *, since: str) -> None:
    """Use a document that was turned down at the instant `since` (ISO 8601); one that is not turned down stays as it is. Raises Conflict."""
    if document.not_taken_at:
        if since != document.not_taken_at.isoformat():
            raise Conflict(_SAID_AGAIN)
        if has_newer(dossier, document):
            raise Conflict(_NEWER_CAME)
        await take_over(session, dossier, [document.id], by)


async def queue_telling(session: AsyncSession, document: UUID, state: str) -> None:
    """Queue the mails about a document that came to stand like this (refused, lapsed or not-taken), for when it still does in two minutes."""
    await defer(session, TELL, lock=f"{TELL}/{document}", at=now() + TELL_AFTER, document_id=str(document), state=state)


async def take_over(session: AsyncSession, dossier: OpenDossier, documents: Collection[UUID], by: UUID | None) -> None:
    """The authority `by` has these documents of a locked dossier, all or none; raises NotFound when one of them is not there.

    Its word takes the place of an earlier one; a document that it has already stays as it is."""
    _require(dossier, documents)
    await session.execute(update(Document).where(
        Document.dossier_id == dossier.id, Document.id.in_(documents), Document.taken_over_at.is_(None),
    ).values(taken_over_at=now(), not_taken_at=None, not_taken_reason="", judged_by=by))


async def do_not_take(session: AsyncSession, dossier: OpenDossier, document: UUID, reason: str, by: UUID | None) -> None:
    """The authority `by` cannot use this document of a locked dossier, for a reason that people read as written; raises NotFound.

    Those concerned are told; the same word said again changes nothing."""
    _require(dossier, [document])
    statement = update(Document).where(
        Document.dossier_id == dossier.id, Document.id == document, or_(Document.not_taken_at.is_(None), Document.not_taken_reason != reason),
    ).values(taken_over_at=None, not_taken_at=now(), not_taken_reason=reason, judged_by=by)
    if await session.scalar(statement.returning(Document.id)):
        await queue_telling(session, document, "not-taken")


def _require(dossier: OpenDossier, documents: Collection[UUID]) -> None:
    if not set(documents) <= {one.id for one in dossier.documents if one.state in KEPT}:
        raise NotFound


async def have_what_was_sent(session: AsyncSession, dossier: OpenDossier, acting: Collection[str], actor: Actor | None) -> None:
    """An authority that takes a step has the documents on which it does: those sent before that it may see and did not turn down.

    Without an actor its message came in, and only what was handed over can have reached it."""
    roles = AUTHORITIES & frozenset(acting)
    if not roles:
        return
    seen = {one.code for one in dossier.procedure.documents if may_see(roles, one)}
    # By a message nothing can be known that was not handed over; our own pages show them before.
    reached = [one.id for one in dossier.documents if one.requirement in seen and one.counts and one.state == "checked" and not one.added
               and not one.taken_over_at and not one.not_taken_at and (actor or one.handed_over_at)]
    if reached:
        await take_over(session, dossier, reached, actor.party_id if actor else party_of(dossier, roles))


def party_of(dossier: OpenDossier, roles: Collection[str]) -> UUID | None:
    """The party that takes part now in one of these roles."""
    return next((one.party_id for one in dossier.participants if one.role in roles and one.ends_at is None), None)


def has_newer(dossier: OpenDossier, document: GivenDocument) -> bool:
    """Whether something came for the same requirement since the authority turned this document down."""
    since = document.not_taken_at
    return any(since and one.given_at > since and one.state in ARRIVED for one in dossier.of_requirement(document.requirement))
