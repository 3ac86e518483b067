"""Messages that the backbone sends: kept at the door, carried out later as the authority that acted, each exactly once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from frontoffice.backbone import contract
from frontoffice.backbone.courier import courier_of
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.backbone.model import Arrival
from frontoffice.backbone.words import Review, carry_out
from frontoffice.dossiers import queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims, Use
from frontoffice.settings import Settings

APPLY: Final = "backbone:apply"
_KEEP: Final = text("SELECT keep_arrival(:issuer, :jti, :number, :seq, :content, :instant)")
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')"
    " AND j.lock = :name || inbound_message.dossier_number)"
).bindparams(name=f"{APPLY}/")


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
    claims = await _verified(resources, content)
    async with transaction(resources.engine) as session:
        dossier = await _locked(session, claims)
        columns = (Arrival.issuer, Arrival.jti, Arrival.dossier_number, Arrival.seq, Arrival.outcome)
        arrival = (await session.execute(select(*columns).where(*key).with_for_update())).one()
        if claims and (claims["iss"], claims["jti"], claims["sub"], claims["seq"]) != tuple(arrival)[:4]:
            claims = dossier = None
        expected = await _expected(session, issuer, arrival.dossier_number)
        if arrival.outcome != "waiting" or (dossier and arrival.seq > expected):
            return
        try:
            await _carry_out(session, dossier, claims, content, late=arrival.seq < expected)
            outcome, remark = "applied", ""
        except Review as reason:
            outcome, remark = "review", str(reason)
        await session.execute(update(Arrival).where(*key).values(outcome=outcome, remark=remark[:300], concluded_at=now()))
        await _wake_next(session, issuer, arrival.dossier_number, arrival.seq + 1)


async def _verified(resources: Resources, content: str) -> Claims | None:
    """The claims, their signature checked once more: what a broken web process might have written decides nothing."""
    courier = courier_of(resources)
    try:
        claims = await courier.peer.keys.verify(courier.http, content, use_of(resources.settings))
    except BadToken:
        return None
    return None if contract.event_violations(claims) else claims


async def _locked(session: AsyncSession, claims: Claims | None) -> OpenDossier | None:
    try:
        return await queries.any_dossier(session, claims["sub"], lock=True) if claims else None
    except NotFound:
        return None


async def _expected(session: AsyncSession, issuer: str, number: str) -> int:
    """The sequence number that comes next for this dossier."""
    done = (Arrival.issuer == issuer, Arrival.dossier_number == number, Arrival.outcome != "waiting")
    return (await session.scalar(select(func.max(Arrival.seq)).where(*done)) or 0) + 1


async def _carry_out(session: AsyncSession, dossier: OpenDossier | None, claims: Claims | None, content: str, *, late: bool) -> None:
    if claims is None:
        raise Review("the signature no longer holds")
    if dossier is None:
        raise Review("no such dossier")
    if late:
        raise Review("came after a later message about this dossier")
    await carry_out(session, dossier, claims, content)


async def _wake_next(session: AsyncSession, issuer: str, number: str, seq: int) -> None:
    waiting = select(Arrival.jti).where(
        Arrival.issuer == issuer, Arrival.dossier_number == number, Arrival.outcome == "waiting", Arrival.seq <= seq,
    )
    for jti in (await session.scalars(waiting)).all():
        await queue(session, issuer, jti, number)


async def complete_until(session: AsyncSession, issuer: str, numbers: Collection[str]) -> dict[str, int]:
    """The sequence number up to which all events of each of these dossiers are here; one without the first is left out."""
    of_dossier = func.dense_rank().over(partition_by=Arrival.dossier_number, order_by=Arrival.seq).label("place")
    mine = select(Arrival.dossier_number, Arrival.seq, of_dossier).where(Arrival.issuer == issuer, Arrival.dossier_number.in_(numbers)).subquery()
    statement = select(mine.c.dossier_number, func.max(mine.c.seq)).where(mine.c.seq == mine.c.place).group_by(mine.c.dossier_number)
    return {row[0]: row[1] for row in await session.execute(statement)}


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
