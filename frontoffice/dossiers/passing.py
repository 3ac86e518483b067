"""A Region that is not competent passes a dossier on: another one takes part from then on, and the first reads what it held until then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.given import Participant
from frontoffice.dossiers.language import language_of
from frontoffice.dossiers.participating import leave, step_back, take_part
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.errors import Invalid, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.parties.directory import authority_party, authority_titled
from frontoffice.procedures.territory import REGION_TITLES
from frontoffice.procedures.vocabulary import Role


@dataclass(frozen=True)
class PassedOn:
    """How a dossier came to the Region that has it, or left one: `other` is the Region at the other end."""

    other: Message
    reason: str
    at: datetime


def changes_of(dossier: OpenDossier, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What of the dossier's row changes; raises Invalid for a Region that nobody knows, or that has the dossier already."""
    region = str(evidence.get("region", ""))
    if region not in [str(one) for one in REGION_TITLES]:
        raise Invalid(Problem("region", _("Choose the Region that is competent")))
    if region == dossier.region:
        raise Invalid(Problem("region", _("This Region has the dossier already: choose another one")))
    if not _words(evidence).strip():
        raise Invalid(Problem("reason", _("Say why that Region is competent")))
    # That the first Region could or could not work with it says nothing about the next one.
    return {"region": region, "language": language_of(dossier, region), "validated_at": None, "refused_at": None, "refusal": [], "answered_by": ""}


async def hand_on(session: AsyncSession, dossier: OpenDossier, evidence: Mapping[str, Any]) -> None:
    """Let the Region of the evidence in, and leave the one that had it as a reader; after the event, which both of them see."""
    joining, reason = await authority_party(session, str(evidence["region"])), _words(evidence)
    leaving = next(one for one in dossier.participants if one.role == Role.REGION and one.ends_at is None)
    if any(one.party_id == joining and one.has_left for one in dossier.participants):
        await leave(session, dossier.id, joining, Role.FORMER_REGION)
    await take_part(session, dossier.id, joining, Role.REGION, reason={"row": 0, "text": reason, "passed_on_by": leaving.authority_code})
    await step_back(session, dossier.id, leaving.party_id, Role.REGION, into=Role.FORMER_REGION,
                    reason={"text": reason, "passed_on_to": evidence["region"], "position": sorted(dossier.position),
                            "documents": [str(one.id) for one in dossier.documents if not one.added]})


def came_from(dossier: OpenDossier) -> PassedOn | None:
    """Who passed the dossier on to the Region that has it now, and why; None for the Region to which it came first."""
    return next((_told(one, "passed_on_by") for one in dossier.participants if one.ends_at is None and "passed_on_by" in one.reason), None)


def went_to(dossier: OpenDossier) -> PassedOn | None:
    """Where the reader passed the dossier on; None for everybody but a Region that did."""
    return _told(dossier.left, "passed_on_to") if dossier.left else None


def why(reason: Mapping[str, Any]) -> Message:
    """In a sentence, why the Region to which a dossier was passed on is competent; `reason` is that of its participation."""
    told = {"authority": authority_titled(reason["passed_on_by"]), "reason": reason["text"]}
    return Message(_("Passed on by: %(authority)s. Reason given: %(reason)s"), told)


def _told(one: Participant, end: str) -> PassedOn:
    return PassedOn(authority_titled(one.reason[end]), one.reason["text"], one.starts_at)


def _words(evidence: Mapping[str, Any]) -> str:
    """The reason; a message of the backbone may give it in parts."""
    said = evidence.get("reason", "")
    return "\n".join(said) if isinstance(said, list) else str(said)
