"""Messages that the backbone sends: kept at the door, carried out later as the authority that acted, each exactly once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import httpx
from sqlalchemy import exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.backbone.model import Arrival
from frontoffice.dossiers import access, actions, judging, queries
from frontoffice.dossiers.given import Participant
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Refused
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims, Use
from frontoffice.procedures.vocabulary import Role
from frontoffice.settings import Settings

APPLY: Final = "backbone:apply"
_ROLES: Final[Mapping[str, str]] = {
    "immigration-office": Role.IMMIGRATION_OFFICE, "diplomatic-post": Role.DIPLOMATIC_POST,
    "flanders": Role.REGION, "wallonia": Role.REGION, "brussels": Role.REGION, "german-speaking-community": Role.REGION,
}
_KEEP: Final = text("SELECT keep_arrival(:issuer, :jti, :number, :seq, :content, :instant)")
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')"
    " AND j.lock = :name || inbound_message.dossier_number)"
).bindparams(name=f"{APPLY}/")


class _Review(Exception):
    """A person must look at this message; the text says why and holds no personal data."""


def use_of(settings: Settings) -> Use:
    """What a message of the backbone must look like."""
    return Use.message(EVENT_TYP, issuer=settings.backbone_issuer, audience=settings.issuer)


async def keep(session: AsyncSession, claims: Claims, content: str) -> str:
    """Keep a checked message and queue it: "accepted", "already-known", or "other-bytes" under a known identifier."""
    outcome = await session.scalar(_KEEP, {"issuer": claims["iss"], "jti": claims["jti"], "number": claims["sub"], "seq": claims["seq"],
                                           "content": content, "instant": now()})
    if outcome == "accepted":
        await queue(session, claims["iss"], claims["jti"], claims["sub"])
    return str(outcome)


async def queue(session: AsyncSession, issuer: str, jti: str, number: str) -> None:
    """Queue the carrying out of one message; those about one dossier wait for each other."""
    await defer(session, APPLY, lock=f"{APPLY}/{number}", issuer=issuer, jti=jti)


async def apply(resources: Resources, issuer: str, jti: str) -> None:
    """Carry out one kept message; one that comes early waits, one that does not fit goes to a person and changes nothing."""
    key = (Arrival.issuer == issuer, Arrival.jti == jti)
    async with transaction(resources.engine) as session:
        content = await session.scalar(select(Arrival.content).where(*key, Arrival.outcome == "waiting"))
    if content is None:
        return
    claims = await _verified(resources.settings, content)
    async with transaction(resources.engine) as session:
        dossier = await _locked(session, claims)
        arrival = (await session.execute(select(Arrival.seq, Arrival.outcome, Arrival.dossier_number).where(*key).with_for_update())).one()
        expected = await _expected(session, issuer, arrival.dossier_number)
        if arrival.outcome != "waiting" or (dossier and arrival.seq > expected):
            return
        try:
            await _carry_out(session, dossier, claims, late=arrival.seq < expected)
            outcome, remark = "applied", ""
        except _Review as reason:
            outcome, remark = "review", str(reason)
        await session.execute(update(Arrival).where(*key).values(outcome=outcome, remark=remark[:300], concluded_at=now()))
        await _wake_next(session, issuer, arrival.dossier_number, arrival.seq + 1)


async def _verified(settings: Settings, content: str) -> Claims | None:
    """The claims, their signature checked once more: what a broken web process might have written decides nothing."""
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            return await _keys(settings.backbone_jwks_url).verify(client, content, use_of(settings))
        except BadToken:
            return None


@lru_cache(maxsize=4)
def _keys(address: str) -> RemoteKeys:
    return RemoteKeys(address, name="backbone")


async def _locked(session: AsyncSession, claims: Claims | None) -> OpenDossier | None:
    try:
        return await queries.any_dossier(session, claims["sub"], lock=True) if claims else None
    except NotFound:
        return None


async def _expected(session: AsyncSession, issuer: str, number: str) -> int:
    """The sequence number that comes next for this dossier."""
    done = (Arrival.issuer == issuer, Arrival.dossier_number == number, Arrival.outcome != "waiting")
    return (await session.scalar(select(func.max(Arrival.seq)).where(*done)) or 0) + 1


async def _carry_out(session: AsyncSession, dossier: OpenDossier | None, claims: Claims | None, *, late: bool) -> None:
    if claims is None:
        raise _Review("the signature no longer holds")
    if dossier is None:
        raise _Review("no such dossier")
    if late:
        raise _Review("came after a later message about this dossier")
    acting, procedure = _acting(dossier, claims["authority"]), dossier.procedure
    if places := contract.evidence_violations(procedure.code, procedure.edition, claims["action"], claims["evidence"]):
        raise _Review("against the contract: " + ", ".join(places))
    if claims["action"] in contract.ABOUT_DOCUMENTS:
        await _judge(session, dossier, claims, acting)
        return
    try:
        await actions.perform(session, dossier, claims["action"], None, evidence=_evidence(claims), role=acting.role, message_id=claims["jti"])
    except (Refused, Conflict) as reason:
        raise _Review(f"{type(reason).__name__}: {reason.message}") from reason
    except Invalid as reason:
        raise _Review("Invalid: " + ", ".join(one.message for one in reason.problems)) from reason


def _acting(dossier: OpenDossier, authority: str) -> Participant:
    """The authority as it takes part in the dossier now."""
    role = _ROLES.get(authority, Role.MUNICIPALITY)
    found = next((one for one in dossier.participants if one.authority_code == authority and one.role == role and one.ends_at is None), None)
    if found is None:
        raise _Review("this authority takes no part in the dossier")
    return found


async def _judge(session: AsyncSession, dossier: OpenDossier, claims: Claims, acting: Participant) -> None:
    """What the authority says of documents; about one that it cannot mean nothing is written."""
    told = claims["evidence"]
    if claims["action"] == contract.TAKE_OVER:
        await judging.take_over(session, dossier, _meant(dossier, told["documents"], acting.role), acting.party_id)
        return
    (document,) = _meant(dossier, [told["document"]], acting.role)
    reason = told["reason"].strip()
    if not reason:
        raise _Review("no reason given")
    await judging.do_not_take(session, dossier, document, reason, acting.party_id)


def _meant(dossier: OpenDossier, named: Sequence[Mapping[str, str]], role: str) -> list[UUID]:
    """The documents named by identifier and SHA-256, which the authority must be allowed to see."""
    seen = {one.code for one in dossier.procedure.documents if access.may_see([role], one)}
    known = {(str(one.id), one.sha256) for one in dossier.documents if one.requirement in seen and one.state in judging.KEPT}
    if not {(one["id"], one["sha256"]) for one in named} <= known:
        raise _Review("a document that was not handed over to this authority")
    return [UUID(one["id"]) for one in named]


def _evidence(claims: Claims) -> dict[str, Any]:
    """What the authority told, as it told it; one document alone is also named as the step's own question names it."""
    told: dict[str, Any] = {**claims["evidence"], "acted_at": claims["at"]}
    documents = told.get("documents", [])
    return {**told, "document": documents[0]} if len(documents) == 1 else told


async def _wake_next(session: AsyncSession, issuer: str, number: str, seq: int) -> None:
    waiting = select(Arrival.jti).where(
        Arrival.issuer == issuer, Arrival.dossier_number == number, Arrival.outcome == "waiting", Arrival.seq <= seq,
    )
    for jti in (await session.scalars(waiting)).all():
        await queue(session, issuer, jti, number)


async def asleep(session: AsyncSession, *, older_than: timedelta) -> list[tuple[str, str, str]]:
    """The (issuer, identifier, dossier number) of messages whose turn it is and that no job is there to carry out."""
    done = aliased(Arrival)
    expected = (
        select(func.coalesce(func.max(done.seq), 0) + 1)
        .where(done.issuer == Arrival.issuer, done.dossier_number == Arrival.dossier_number, done.outcome != "waiting").scalar_subquery()
    )
    statement = select(Arrival.issuer, Arrival.jti, Arrival.dossier_number).where(
        Arrival.outcome == "waiting", Arrival.received_at < now() - older_than, Arrival.seq <= expected, _WITHOUT_JOB,
    )
    return [(row[0], row[1], row[2]) for row in (await session.execute(statement.limit(500))).all()]


async def count_gaps(session: AsyncSession, *, older_than: timedelta) -> int:
    """How many messages wait that long for an earlier one that did not come."""
    before = aliased(Arrival)
    came = exists().where(before.issuer == Arrival.issuer, before.dossier_number == Arrival.dossier_number, before.seq == Arrival.seq - 1)
    statement = select(func.count()).select_from(Arrival).where(
        Arrival.outcome == "waiting", Arrival.seq > 1, Arrival.received_at < now() - older_than, ~came,
    )
    return await session.scalar(statement) or 0
