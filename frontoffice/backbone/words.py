"""Carries out what an authority said in a signed event: a step, a word about documents, or its answer to a message of ours."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from frontoffice.backbone import contract, outbox
from frontoffice.backbone.delivery import announced
from frontoffice.backbone.model import Message
from frontoffice.backbone.outbox import Delivered
from frontoffice.dossiers import access, actions, handed_over, judging
from frontoffice.dossiers.given import Participant
from frontoffice.dossiers.model import Event
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel import tracing
from frontoffice.kernel.errors import Conflict, Invalid, Refused
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.tokens import Claims
from frontoffice.procedures.vocabulary import Role

VALIDATED, REFUSED = "validated", "refused"
# What follows on an answer: the second receipt, and the mails.
FOLLOWING: Final = ("documents:validated", "notices:answered")
_ROLES: Final[Mapping[str, str]] = {
    "immigration-office": Role.IMMIGRATION_OFFICE, "diplomatic-post": Role.DIPLOMATIC_POST,
    "flanders": Role.REGION, "wallonia": Role.REGION, "brussels": Role.REGION, "german-speaking-community": Role.REGION,
}


_EARLIER = aliased(Event)
# The last thing that had happened before what a message tells of.
_BEFORE = (
    select(func.max(_EARLIER.happened_at)).where(_EARLIER.dossier_id == Event.dossier_id, _EARLIER.seq < Event.seq).correlate(Event).scalar_subquery()
).label("before")


class Review(Exception):
    """A person must look at this event; the text says why and holds no personal data."""


async def carry_out(session: AsyncSession, dossier: OpenDossier, claims: Claims, content: str) -> None:
    """Do what one event about a locked dossier says, as the authority that said it; raises Review when it does not fit.

    `claims` are those of the signed text `content`, and fit the contract."""
    word, told = contract.told(claims)
    acted_at = datetime.fromtimestamp(claims["toe"], UTC)
    if word in contract.ABOUT_MESSAGES:
        await _answer(session, dossier, word, told, acted_at=acted_at, content=content)
        return
    acting = _acting(dossier, told["authority"])
    if word in contract.ABOUT_DOCUMENTS:
        await _judge(session, dossier, word, told, acting)
    else:
        await _perform(session, dossier, told, acting, acted_at=acted_at, jti=claims["jti"])


def _acting(dossier: OpenDossier, authority: str, at: datetime | None = None) -> Participant:
    """The authority as it takes part in the dossier now, or took part at an instant or later."""
    role = _ROLES.get(authority, Role.MUNICIPALITY)
    mine = (one for one in dossier.participants if one.authority_code == authority and one.role == role)
    found = next((one for one in mine if one.ends_at is None or (at and at <= one.ends_at)), None)
    if found is None:
        raise Review("this authority takes no part in the dossier")
    return found


async def _perform(session: AsyncSession, dossier: OpenDossier, told: Mapping[str, Any], acting: Participant, *, acted_at: datetime, jti: str) -> None:
    procedure, action = dossier.procedure, told["action"]
    if places := contract.evidence_violations(procedure.code, procedure.edition, action, told["evidence"]):
        raise Review("against the contract: " + ", ".join(places))
    try:
        await actions.perform(session, dossier, action, None, evidence=_evidence(told["evidence"], acted_at), role=acting.role, message_id=jti)
    except (Refused, Conflict) as reason:
        raise Review(f"{type(reason).__name__}: {reason.message}") from reason
    except Invalid as reason:
        raise Review("Invalid: " + ", ".join(one.message for one in reason.problems)) from reason


def _evidence(told: Mapping[str, Any], acted_at: datetime) -> dict[str, Any]:
    """What the authority told, as it told it; one document alone is also named as the step's own question names it."""
    documents = told.get("documents", [])
    named = {"document": documents[0]} if len(documents) == 1 else {}
    return {**told, **named, "acted_at": acted_at.isoformat()}


async def _judge(session: AsyncSession, dossier: OpenDossier, word: str, told: Mapping[str, Any], acting: Participant) -> None:
    """What the authority says of documents; about one that it cannot mean nothing is written."""
    if word == contract.TAKEN_OVER:
        await judging.take_over(session, dossier, _meant(dossier, told["documents"], acting.role), acting.party_id)
        return
    (document,) = _meant(dossier, [told["document"]], acting.role)
    (reason,) = _reasons([told["reason"]])
    await judging.do_not_take(session, dossier, document, reason, acting.party_id)


def _meant(dossier: OpenDossier, named: Sequence[Mapping[str, str]], role: str) -> list[UUID]:
    """The documents named by identifier and SHA-256, which the authority must be allowed to see."""
    seen = {one.code for one in dossier.procedure.documents if access.may_see([role], one)}
    known = {(str(one.id), one.sha256) for one in dossier.documents if one.requirement in seen and one.state in judging.KEPT}
    if not {(one["id"], one["sha256"]) for one in named} <= known:
        raise Review("a document that was not handed over to this authority")
    return [UUID(one["id"]) for one in named]


def _reasons(told: Sequence[str]) -> list[str]:
    reasons = [one.strip() for one in told]
    if not all(reasons):
        raise Review("no reason given")
    return reasons


async def _answer(session: AsyncSession, dossier: OpenDossier, word: str, told: Mapping[str, Any], *, acted_at: datetime, content: str) -> None:
    """What an authority says of a message of ours; events of a dossier come here in the order of `seq`, so that the last word counts.

    One that has left the dossier may still answer what it was sent before, and the message which says that it leaves."""
    reasons = _reasons(told.get("reasons", []))
    columns = (Message.event_id, Message.content, Message.concluded_at, Message.validated_at, Message.refused_at, Message.refusal, Message.trace)
    one = (await session.execute(select(*columns, _BEFORE).join(Event, Event.id == Message.event_id).with_for_update(of=Message).where(
        Message.event_id == UUID(told["message"]), Message.dossier_id == dossier.id, Message.sha256 == told["message_sha256"],
    ))).one_or_none()
    if one is None:
        raise Review("a message that was not sent like that")
    _acting(dossier, told["authority"], one.before or dossier.created_at)
    # An answer belongs to the trace of the click that it answers, and so does what follows on it; the request that brought it is linked.
    with tracing.span(word, "consumer", parent=one.trace or None, links=[tracing.traceparent()], event_id=str(one.event_id)):
        if word != contract.REFUSED and one.concluded_at is None:
            # Who has received it, or can work with it, has it: also when the receipt was lost, or it went over another path.
            await outbox.conclude(session, [Delivered(one.event_id, content, list(announced(one.content)))])
        if word == contract.VALIDATED and one.validated_at is None:
            await _note(session, one.event_id, VALIDATED, validated_at=acted_at, refused_at=None, refusal=[], answered_by=told["authority"])
            await handed_over.note_validated(session, dossier.id, one.event_id, acted_at, by=told["authority"])
        elif word == contract.REFUSED and (one.refused_at is None or one.refusal != reasons):
            await _note(session, one.event_id, REFUSED, validated_at=None, refused_at=acted_at, refusal=reasons, answered_by=told["authority"],
                        reviewed_at=None)  # Operators look at every refusal anew.
            await handed_over.note_refused(session, dossier.id, one.event_id, acted_at, reasons, by=told["authority"])


async def _note(session: AsyncSession, event_id: UUID, outcome: str, **answered: Any) -> None:
    """Write an answer that is new beside the message, and queue what follows on it."""
    await session.execute(update(Message).where(Message.event_id == event_id).values(**answered))
    for job in FOLLOWING:
        await defer(session, job, lock=f"{job}/{event_id}", event_id=str(event_id), outcome=outcome)
