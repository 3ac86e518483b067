"""What a slot takes, from whom and how much, whichever way the documents come."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from frontoffice.dossiers import access
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.summary import may_add_documents
from frontoffice.forms.fields import Day
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import now, today
from frontoffice.kernel.uploads import Receive
from frontoffice.procedures.vocabulary import DocumentRequirement

LARGEST_DOCUMENT: Final = 100_000_000
LARGEST_DOSSIER: Final = 500_000_000
MOST_DOCUMENTS: Final = 100
TOO_LARGE: Final = _("This file is too large: the most we can take is %(most)s. Scan it with fewer dots per inch, or split it.")
EMPTY: Final = _("This file is empty: choose another one")
FULL: Final = _("A dossier holds at most %(most)s documents, of %(size)s together, and one file may be %(largest)s at most.")
# Asked before the file, so that a wrong date is told before the bytes are kept.
ISSUED: Final = Day(
    name="issued", label=_("Issued on"), optional=True,
    hint=_("The day on the document itself. With it we can tell you whether the document is too old, or will be when the decision is taken."),
)
_SIGN_OF_LIFE: Final = timedelta(minutes=2)


def slot_of(dossier: OpenDossier, code: str) -> DocumentRequirement:
    """The requirement of that code; raises NotFound when the procedure has none, or none for this reader."""
    found = dossier.procedure.requirement(code)
    roles = dossier.filling_roles
    if found is None or not (access.may_see(roles, found) or access.may_fill(roles, found)):
        raise NotFound
    return found


def may_bring(dossier: OpenDossier, requirement: str, sizes: Sequence[int] = (0,)) -> DocumentRequirement:
    """The slot, to which the actor may add files of so many bytes each now; raises NotFound, Refused or Conflict."""
    slot = may_go_on(dossier, requirement)
    files, size = room_in(dossier)
    # What is about to come is not known of a form: then it may still begin as long as there is some room.
    if len(sizes) > files or sum(one or 1 for one in sizes) > size:
        raise Refused(_("This dossier holds as many documents as it can: remove one first"))
    return slot


def room_in(dossier: OpenDossier) -> tuple[int, int]:
    """How many more documents a dossier holds, and of how many bytes together."""
    counting = [one.size for one in dossier.documents if one.counts]
    return MOST_DOCUMENTS - len(counting), LARGEST_DOSSIER - sum(counting)


def may_go_on(dossier: OpenDossier, requirement: str) -> DocumentRequirement:
    """The slot, of whose documents the actor may bring the rest, or put them in order, now; raises NotFound, Refused or Conflict."""
    slot = slot_of(dossier, requirement)
    if not access.may_fill(dossier.filling_roles, slot):
        raise Refused(_("Someone else brings this document"))
    if not may_add_documents(dossier):
        raise Conflict(_("No document can be added at this moment: the authority has not asked for one"))
    return slot


def giving_role(dossier: OpenDossier, slot: DocumentRequirement) -> str:
    """The role in which the actor brings a document to this slot."""
    return sorted(dossier.filling_roles & slot.by)[0]


def next_place(dossier: OpenDossier, requirement: str) -> int:
    """The place of one more document of this slot, after those that there are."""
    return max((one.page_order or 0 for one in dossier.of_requirement(requirement)), default=0) + 1


def day_of_issue(text: str) -> date | None:
    """A day of issue written as YYYY-MM-DD, or none; raises Invalid for one that does not exist or has yet to come."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(Problem(ISSUED.name, _("This date does not exist: check the day and the month"))) from None
    if day and day > today():
        raise Invalid(Problem(ISSUED.name, _("This day has yet to come: check the date")))
    return day


def staying_awake(receive: Receive, engine: AsyncEngine, token_hash: bytes) -> Receive:
    """The messages of a long body, which count as signs of life: the session must not fall asleep over it."""
    noted: datetime = now()

    async def heard() -> Any:
        nonlocal noted
        message = await receive()
        if now() - noted >= _SIGN_OF_LIFE:
            noted = now()
            async with transaction(engine, token_hash):
                pass
        return message

    return heard
