"""What must be put right about documents, as one list for each reader: what is wrong and who can help it."""

from collections.abc import Sequence
from dataclasses import dataclass

from frontoffice.dossiers.access import may_fill, may_see
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import unsolved
from frontoffice.dossiers.track import ROLE_TITLES
from frontoffice.kernel.message import Message
from frontoffice.procedures.vocabulary import READERS, DocumentRequirement


@dataclass(frozen=True)
class ToSolve:
    """One document that does not count as it is; `what` and `file_name` are empty for those from whom its content is hidden.

    `who` is the msgid of the role that brings it, empty when that is the reader; `replaces` is the document whose place a new one takes, if any.
    With `waits` there is nothing that anybody can do but wait."""

    requirement: DocumentRequirement
    file_name: str
    what: Message | None
    who: str
    replaces: str = ""
    waits: bool = False


def to_solve(dossier: OpenDossier) -> Sequence[ToSolve]:
    """The documents to put right, then those that wait for us, in the order of the procedure's list.

    Authorities are not shown the list, and it ends with the dossier."""
    if dossier.roles & READERS or dossier.position & dossier.procedure.life.final:
        return []
    roles, found = dossier.filling_roles, []
    for one in unsolved(dossier):
        seen = may_see(roles, one.requirement)
        if one.waits:
            found.append(ToSolve(one.requirement, one.document.file_name if seen else "", one.what, "", waits=True))
            continue
        who = "" if may_fill(roles, one.requirement) else ROLE_TITLES.get(one.document.given_role, "")
        replaces = str(one.document.id) if one.document.state == "refused" else ""
        found.append(ToSolve(one.requirement, one.document.file_name if seen else "", one.what if seen else None, who, replaces))
    return sorted(found, key=lambda one: one.waits)
