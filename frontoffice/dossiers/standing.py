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
    for requirement in dossier.procedure.documents:
        given = dossier.of_requirement(requirement.code)
        for one in given:
            what = _wrong(one)
            if what and not any(later.given_at > one.given_at and later.state in ARRIVED and not later.not_taken_at for later in given):
                found.append(Unsolved(one, requirement, what))
    return found


def _wrong(one: GivenDocument) -> Message | None:
    if one.state == "refused":
        return Message(one.reason, one.reason_params)
    if one.state == "uploading":
        return Message(_("The upload has not finished: choose the same file again to go on, or remove it."))
    if one.state == "checked" and one.not_taken_at:
        return Message(_("The authority did not take this document: %(reason)s"), {"reason": one.not_taken_reason})
    return None
