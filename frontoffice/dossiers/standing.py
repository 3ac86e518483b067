"""How a document stands, from the first byte to the authority, in one word; and which documents somebody must still put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import now
from frontoffice.procedures.vocabulary import DocumentRequirement

# On its way to being judged: filing waits for these, and names them.
WAITING: Final = frozenset({"uploading", "received", "checking"})
# All bytes are here and nothing speaks against it so far.
ARRIVED: Final = frozenset({"received", "checking", "checked"})
_CHECKED_BY_US: Final = WAITING - {"uploading"}
# A check takes moments; what waits longer waits for something that is away, such as the storage or the scanner.
LONG: Final = timedelta(minutes=5)
_NOT_SENT: Final = _("Added, but not sent yet: the authority gets it when you send what you added.")
_NOT_CHECKED: Final = _("Its check takes longer than usual. We check it as soon as we can; you need do nothing.")
_NOT_CHECKED_NOR_SENT: Final = _("Its check takes longer than usual. We check it as soon as we can; after that you can send what you added.")


@dataclass(frozen=True)
class Standing:
    """One state as the reader meets it: its code, the words and the colour of its tag."""

    code: str
    title: str
    colour: str


STANDINGS: Final = {
    one.code: one
    for one in (
        Standing("uploading", _("Being uploaded"), "yellow"),
        Standing("received", _("Received"), "grey"),
        Standing("checking", _("Being checked"), "grey"),
        Standing("checked", _("Checked"), "green"),
        Standing("added", _("Added, not sent yet"), "yellow"),
        Standing("refused", _("Refused"), "red"),
        Standing("handed-over", _("Handed over"), "green"),
        Standing("taken-over", _("The authority has it"), "green"),
        Standing("not-taken", _("Not taken by the authority"), "red"),
        Standing("replaced", _("Taken back"), "grey"),
    )
}


def standing(document: GivenDocument) -> Standing:
    """The one state that people read; the latest word of the authority counts most."""
    if document.state != "checked":
        return STANDINGS[document.state]
    if document.added:
        return STANDINGS["added"]
    if document.not_taken_at:
        return STANDINGS["not-taken"]
    if document.taken_over_at:
        return STANDINGS["taken-over"]
    return STANDINGS["handed-over" if document.handed_over_at else "checked"]


@dataclass(frozen=True)
class Unsolved:
    """A document that does not count yet, for which requirement, and what is wrong with it; `waits` when only we can help it."""

    document: GivenDocument
    requirement: DocumentRequirement
    what: Message
    waits: bool = False


def unsolved(dossier: OpenDossier) -> Sequence[Unsolved]:
    """Refused, not taken or unfinished documents that nobody has put right, and those whose check does not end, in the order of the procedure's list."""
    found = []
    for requirement in dossier.procedure.documents:
        given = dossier.of_requirement(requirement.code)
        for one in given:
            waits = one.state in _CHECKED_BY_US and now() - one.given_at > LONG
            what = wrong(one) or _waiting(dossier, one, long=waits)
            if what and not _is_right_again(dossier, one, given):
                found.append(Unsolved(one, requirement, what, waits))
    return found


def _waiting(dossier: OpenDossier, one: GivenDocument, *, long: bool) -> Message | None:
    """What a document waits for with which nothing is wrong, if there is anything to tell of it: a check that does not end, or to be sent."""
    to_send = one.added and one.state in ARRIVED and bool(dossier.position & dossier.procedure.life.adding_in)
    if long:
        return Message(_NOT_CHECKED_NOR_SENT if to_send else _NOT_CHECKED)
    return Message(_NOT_SENT) if to_send else None


def _is_right_again(dossier: OpenDossier, one: GivenDocument, given: Sequence[GivenDocument]) -> bool:
    """Whether a document that was refused or turned down has been put right."""
    if one.state == "refused":
        may_bring = dossier.is_draft or dossier.position & dossier.procedure.life.adding_in
        # Where nothing can be brought any more nobody can replace it: then it is over once something good stands beside it.
        return is_replaced(dossier, one) or (not may_bring and any(_stands(other) for other in given))
    since = one.not_taken_at
    return since is not None and any(_stands(later) and (later.replaces == one.id or later.given_at > since) for later in given)


def is_replaced(dossier: OpenDossier, refused: GivenDocument) -> bool:
    """Whether a document that arrived takes the place of this one by its giver's own word; if that is refused too, it is the one to put right.

    That something else came for the same requirement says nothing: it may be the next of several."""
    return any(one.replaces == refused.id and one.state not in ("uploading", "replaced") for one in dossier.documents)


def _stands(one: GivenDocument) -> bool:
    return one.state in ARRIVED and not one.not_taken_at


def wrong(one: GivenDocument) -> Message | None:
    """What is wrong with a document, as its reader is told; None for one that stands."""
    if one.state == "refused":
        return Message(one.reason, one.reason_params)
    if one.state == "uploading":
        return Message(_("The upload has not finished: choose the same file again to go on, or remove it."))
    if one.state == "checked" and one.not_taken_at:
        return Message(_("The authority did not take this document: %(reason)s"), {"reason": one.not_taken_reason})
    return None
