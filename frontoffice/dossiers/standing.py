"""How a document stands, from the first byte to the authority, in one word; and which documents somebody must still put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.procedures.vocabulary import DocumentRequirement

# On its way to being judged: filing waits for these, and names them.
WAITING: Final = frozenset({"uploading", "received", "checking"})
# All bytes are here and nothing speaks against it so far.
ARRIVED: Final = frozenset({"received", "checking", "checked"})


_NOT_SENT: Final = _("Added, but not sent yet: the authority gets it when you send what you added.")


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
    """A document that somebody must put right, for which requirement, and what is wrong with it."""

    document: GivenDocument
    requirement: DocumentRequirement
    what: Message


def unsolved(dossier: OpenDossier) -> Sequence[Unsolved]:
    """Refused, not taken or unfinished documents that no later one has put right, in the order of the procedure's list."""
    found = []
    may_send = bool(dossier.position & dossier.procedure.life.adding_in)
    for requirement in dossier.procedure.documents:
        given = dossier.of_requirement(requirement.code)
        for one in given:
            what = wrong(one)
            if what and not any(_puts_right(later, one) for later in given):
                found.append(Unsolved(one, requirement, what))
            elif may_send and one.added and one.state in ARRIVED:
                found.append(Unsolved(one, requirement, Message(_NOT_SENT)))
    return found


def _puts_right(later: GivenDocument, wrong: GivenDocument) -> bool:
    """Whether a document came since it was known that the other one is wrong, or takes its place: the files of one slot may come together."""
    if later.state not in ARRIVED or later.not_taken_at or wrong.state == "uploading":
        return False
    return later.replaces == wrong.id or later.given_at > (wrong.not_taken_at or wrong.changed_at or wrong.given_at)


def wrong(one: GivenDocument) -> Message | None:
    """What is wrong with a document, as its reader is told; None for one that stands."""
    if one.state == "refused":
        return Message(one.reason, one.reason_params)
    if one.state == "uploading":
        return Message(_("The upload has not finished: choose the same file again to go on, or remove it."))
    if one.state == "checked" and one.not_taken_at:
        return Message(_("The authority did not take this document: %(reason)s"), {"reason": one.not_taken_reason})
    return None
