"""Tells people by mail what happened and what they must do: one row per receiver, sent until it is taken or given up."""

import asyncio
import logging
import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness, deadlines, queries
from frontoffice.dossiers.model import Document, Dossier, Event
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import Unsolved, unsolved
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import BRUSSELS, as_locale
from frontoffice.kernel.jobs import Job, Resources, defer
from frontoffice.kernel.time import now
from frontoffice.notices.mail import NotSent, send, write
from frontoffice.notices.model import Notice
from frontoffice.notices.receivers import Receiver, receivers_about, receivers_of
from frontoffice.notices.texts import Telling, telling_of
from frontoffice.parties.model import Invitation, Mandate, Party
from frontoffice.procedures.vocabulary import DocumentRequirement

logger = logging.getLogger("frontoffice.notices")

SEND: Final = "notices:send"
_GIVE_UP_AFTER: Final = timedelta(days=3)
_ASLEEP_AFTER: Final = timedelta(seconds=60)
_PAUSES: Final = (5, 30, 300, 1800, 7200)
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || notice.id)"
).bindparams(name=f"{SEND}/")


async def tell(resources: Resources, event_id: str) -> None:
    """Write down who is told of an event, and queue a mail to each."""
    async with transaction(resources.engine) as session:
        event = (await session.execute(select(Event.dossier_id, Event.action, Event.seq).where(Event.id == UUID(event_id)))).one()
        dossier = await queries.any_dossier(session, str(event.dossier_id))
        telling = telling_of(dossier.procedure, event.action)
        if telling is None:
            return
        day = await _last_day(session, dossier, telling, event.seq)
        for one in await receivers_of(session, dossier):
            if one.side in telling.told:
                facts = {"procedure": dossier.procedure.code, "edition": dossier.procedure.edition, "action": event.action,
                         "side": one.side, "key": dossier.key, "number": dossier.number or "",
                         "day": day.isoformat() if day else "", "may_open": "yes" if one.may_open else "no"}
                await _write_down(session, UUID(event_id), one, "event", facts, dossier_id=dossier.id)


async def document(resources: Resources, document_id: str, state: str) -> None:
    """Tell of a document that was refused, lapsed, not taken or will soon be too old, unless it has been put right; once for each time."""
    async with transaction(resources.engine) as session:
        row = (await session.execute(select(Document.dossier_id, Document.given_by).where(Document.id == UUID(document_id)))).one_or_none()
        if row is None:
            return
        dossier = await queries.any_dossier(session, str(row.dossier_id))
        found = _about(dossier, UUID(document_id), state)
        if found is None:
            return
        requirement, since = found
        cause = uuid5(UUID(document_id), f"{state} {since}")
        for one in await receivers_about(session, dossier, requirement, row.given_by, giver_only=state != "not-taken"):
            facts = {"state": state, "side": one.side, "key": dossier.key, "number": dossier.number or ""}
            await _write_down(session, cause, one, "document", facts, dossier_id=dossier.id)


def _about(dossier: OpenDossier, document_id: UUID, state: str) -> tuple[DocumentRequirement, str] | None:
    """What the document is for, and what tells this time from another; None when there is nothing to tell any more."""
    if dossier.position & dossier.procedure.life.final:
        return None
    if state == "expiring":
        one = next((one for one in dossier.documents if one.id == document_id and one.counts and one.state == "checked"), None)
        requirement = dossier.procedure.requirement(one.requirement) if one else None
        return (requirement, "") if requirement else None
    wrong = _still_wrong(dossier, document_id, state)
    return (wrong.requirement, str(wrong.document.not_taken_at or wrong.document.changed_at)) if wrong else None


def _still_wrong(dossier: OpenDossier, document_id: UUID, state: str) -> Unsolved | None:
    """The document, while somebody can and must put it right; of several refused for one requirement the newest tells for all."""
    same = [one for one in unsolved(dossier) if bool(one.document.not_taken_at) == (state == "not-taken") and one.document.state != "uploading"]
    wrong = next((one for one in same if one.document.id == document_id), None)
    if wrong and state != "not-taken" and any(one.requirement == wrong.requirement and one.document.given_at > wrong.document.given_at for one in same):
        return None
    return wrong


async def _last_day(session: AsyncSession, dossier: OpenDossier, telling: Telling, seq: int) -> date | None:
    """The last day of the period that the event started, as it stood then."""
    if not telling.clock:
        return None
    past = [one for one in await queries.history(session, dossier.id) if one.seq <= seq]
    day = past[-1].happened_at.astimezone(BRUSSELS).date()
    clocks = deadlines.running(dossier.procedure, past, day, dossier.region, completeness.facts(dossier))
    return next((one.last_day for one in clocks if one.clock.code == telling.clock), None)


async def _write_down(session: AsyncSession, cause: UUID, one: Receiver, template: str, facts: Mapping[str, str], *, dossier_id: UUID | None) -> None:
    key = uuid4()
    statement = upsert(Notice).values(id=key, cause=cause, dossier_id=dossier_id, party_id=one.party_id, address=one.address,
                                      locale=one.locale, template=template, facts=dict(facts), created_at=now())
    if await session.scalar(statement.on_conflict_do_nothing().returning(Notice.id)):
        await _queue(session, key)


async def _queue(session: AsyncSession, notice_id: UUID, wait: timedelta | None = None) -> None:
    at = now() + wait if wait else None
    await defer(session, SEND, lock=f"{SEND}/{notice_id}", at=at, notice_id=str(notice_id))


async def invite(resources: Resources, invitation_id: str) -> None:
    """Send an invited worker the link; only this mail holds its secret."""
    await _send_link(resources, UUID(invitation_id), "invite")


async def return_link(resources: Resources, invitation_id: str) -> None:
    """Send a worker who comes back the link that he or she asked for."""
    await _send_link(resources, UUID(invitation_id), "return-link")


async def _send_link(resources: Resources, invitation_id: UUID, template: str) -> None:
    async with transaction(resources.engine) as session:
        row = (await session.execute(
            select(Invitation.email, Invitation.locale, Invitation.expires_at, Invitation.dossier_id, Dossier.employer_name)
            .join(Dossier, Dossier.id == Invitation.dossier_id).where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
        )).one_or_none()
        if row is None:
            return
        facts = {"until": row.expires_at.astimezone(BRUSSELS).date().isoformat()}
        if template == "invite":
            facts["employer"] = row.employer_name
        receiver = Receiver("worker", row.email, as_locale(row.locale) or "en")
        await _write_down(session, invitation_id, receiver, template, facts, dossier_id=row.dossier_id)


async def mandate(resources: Resources, mandate_id: str) -> None:
    """Tell those concerned that a mandate was offered, accepted, declined or ended, whichever is the case now."""
    async with transaction(resources.engine) as session:
        one = (await session.execute(select(Mandate).where(Mandate.id == UUID(mandate_id)))).scalar_one()
        state = ("ended" if one.accepted_at else "declined") if one.ended_at else "accepted" if one.accepted_at else "offered"
        number = await session.scalar(select(Dossier.number).where(Dossier.id == one.dossier_id)) or ""
        # Each state is told once: the row's own key is that of the mandate in that state.
        cause = uuid5(one.id, state)
        for party in await _concerned(session, one, state):
            receiver = Receiver("employer", party.email or "", as_locale(party.locale) or "en", party.id)
            await _write_down(session, cause, receiver, "mandate", {"state": state, "number": number}, dossier_id=one.dossier_id)


async def _concerned(session: AsyncSession, one: Mandate, state: str) -> list[Party]:
    """An offer goes to the office, and to those who accepted for it before; what became of it to who offered it."""
    wanted: ColumnElement[bool]
    if state == "offered":
        earlier = select(Mandate.accepted_by).where(Mandate.mandatary_id == one.mandatary_id, Mandate.accepted_by.is_not(None))
        wanted = or_(Party.id.in_(earlier), Party.id == one.mandatary_id)
    else:
        wanted = Party.id.in_([party for party in (one.offered_by, one.accepted_by if state == "ended" else None) if party])
    return list((await session.scalars(select(Party).where(wanted, Party.email.is_not(None)).order_by(Party.id).limit(20))).all())


async def send_notice(resources: Resources, notice_id: str) -> None:
    """Send one mail; a failure queues the job again, with growing pauses, for three days."""
    async with transaction(resources.engine) as session:
        notice = (await session.execute(select(Notice).where(Notice.id == UUID(notice_id)))).scalar_one_or_none()
        if notice is None or notice.sent_at or notice.given_up_at or (notice.next_try_at and notice.next_try_at > now()):
            return
        outdated = await _is_outdated(session, notice)
    try:
        if outdated:
            raise NotSent("link-outdated", for_good=True)
        await asyncio.to_thread(send, write(notice, resources.settings), resources.settings.smtp_url)
    except NotSent as failure:
        await _fail(resources, notice, failure)
        return
    async with transaction(resources.engine) as session:
        sent = {"sent_at": now(), "tries": Notice.tries + 1, "next_try_at": None, "last_error": ""}
        await session.execute(update(Notice).where(Notice.id == notice.id).values(sent))


async def _is_outdated(session: AsyncSession, notice: Notice) -> bool:
    """Whether the link in the mail could no longer be used: a newer one took its place, or its time is over."""
    if notice.template not in ("invite", "return-link"):
        return False
    usable = select(Invitation.id).where(Invitation.id == notice.cause, Invitation.used_at.is_(None), Invitation.expires_at > now())
    return await session.scalar(usable) is None


async def _fail(resources: Resources, notice: Notice, failure: NotSent) -> None:
    pause = _PAUSES[min(notice.tries, len(_PAUSES) - 1)]
    wait = timedelta(seconds=pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
    given_up = failure.for_good or now() - notice.created_at > _GIVE_UP_AFTER
    logger.log(logging.ERROR if given_up else logging.WARNING, "notice %s not sent, try %d%s: %s", notice.id, notice.tries + 1,
               ", given up" if given_up else "", failure.reason)
    tried = {"tries": Notice.tries + 1, "last_error": failure.reason[:300], "next_try_at": None if given_up else now() + wait,
             "given_up_at": now() if given_up else None}
    async with transaction(resources.engine) as session:
        await session.execute(update(Notice).where(Notice.id == notice.id).values(tried))
        if not given_up:
            await _queue(session, notice.id, wait)


async def sweep(resources: Resources) -> None:
    """Queue again the mails that wait longer than a minute without a job."""
    late = select(Notice.id).where(
        Notice.sent_at.is_(None), Notice.given_up_at.is_(None), func.coalesce(Notice.next_try_at, Notice.created_at) < now() - _ASLEEP_AFTER, _WITHOUT_JOB,
    )
    async with transaction(resources.engine) as session:
        for notice_id in (await session.scalars(late.limit(500))).all():
            await _queue(session, notice_id)


JOBS = (
    Job(name="notices:tell", run=tell),
    Job(name=SEND, run=send_notice),
    Job(name="notices:invite", run=invite),
    Job(name="notices:return-link", run=return_link),
    Job(name="notices:mandate", run=mandate),
    Job(name="notices:document", run=document),
    Job(name="notices:sweep", run=sweep, every="* * * * *"),
)
