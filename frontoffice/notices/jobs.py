"""Tells people what happened and what they must do: decides on each occasion who is told, and writes it down."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness, deadlines, idle, queries
from frontoffice.dossiers.model import Document, Dossier, Event
from frontoffice.dossiers.outage_model import ReliefRow
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import Unsolved, unsolved
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import BRUSSELS, as_locale
from frontoffice.kernel.jobs import Job, Resources
from frontoffice.notices import alarms
from frontoffice.notices.model import Notice, SecondAddress
from frontoffice.notices.receivers import Receiver, is_warned_of, receivers_about, receivers_of
from frontoffice.notices.second import ASK
from frontoffice.notices.sending import SEND, send_notice, sweep, write_down
from frontoffice.notices.texts import Telling, is_formal, telling_of
from frontoffice.parties.model import Invitation, Mandate, Party
from frontoffice.procedures.vocabulary import AUTHORITIES, DocumentRequirement

# What one mail tells of several: the state of their texts.
_OF_ALL: Final = {"refused": "several-refused", "lapsed": "several-lapsed"}


async def tell(resources: Resources, event_id: str) -> None:
    """Write down who is told of an event, and queue a mail to each."""
    async with transaction(resources.engine) as session:
        event = (await session.execute(select(Event.dossier_id, Event.action, Event.seq).where(Event.id == UUID(event_id)))).one()
        dossier = await queries.any_dossier(session, str(event.dossier_id))
        telling = telling_of(dossier.procedure, event.action)
        if telling is None:
            return
        day = await _last_day(session, dossier, telling, event.seq)
        facts = {"procedure": dossier.procedure.code, "edition": dossier.procedure.edition, "action": event.action,
                 "day": day.isoformat() if day else "", "papers": dossier.language if is_formal(dossier.procedure, event.action) else ""}
        told = [one for one in await receivers_of(session, dossier) if one.side in telling.told]
        await _tell_all(session, dossier, told, UUID(event_id), "event", **facts)


async def document(resources: Resources, document_id: str, state: str) -> None:
    """Tell of a document that was refused, lapsed, not taken or will soon be too old, unless it has been put right; once for each time.

    Of those that were refused or lapsed one mail tells of all that were not told yet."""
    async with transaction(resources.engine) as session:
        row = (await session.execute(select(Document.dossier_id, Document.given_by).where(Document.id == UUID(document_id)))).one_or_none()
        if row is None:
            return
        # Locked, so that those refused together are told together, whichever worker comes first.
        dossier = await queries.any_dossier(session, str(row.dossier_id), lock=True)
        found = _about(dossier, UUID(document_id), state)
        if found is None:
            return
        requirement, since = found
        cause = uuid5(UUID(document_id), f"{state} {since}")
        told = await receivers_about(session, dossier, requirement, row.given_by, giver_only=state != "not-taken")
        facts = {"state": state, "papers": dossier.language if state == "not-taken" else ""}
        if state in _OF_ALL:
            givers_only = all(one.party_id == row.given_by for one in told)
            causes = await _untold(session, dossier, row.given_by, state, among=() if givers_only else (requirement.code,))
            if cause not in causes:
                return
            facts |= {"state": _OF_ALL[state] if len(causes) > 1 else state, "causes": " ".join(map(str, causes))}
        await _tell_all(session, dossier, told, cause, "document", **facts)


async def _untold(session: AsyncSession, dossier: OpenDossier, given_by: UUID, state: str, *, among: Collection[str]) -> list[UUID]:
    """The causes for a mail about each refused document of this giver that no mail told of yet, for any requirement unless these are named."""
    given = set((await session.scalars(select(Document.id).where(Document.dossier_id == dossier.id, Document.given_by == given_by))).all())
    told = set[str]()
    for row in (await session.execute(select(Notice.cause, Notice.facts).where(Notice.dossier_id == dossier.id, Notice.template == "document"))).all():
        told |= {str(row.cause), *row.facts.get("causes", "").split()}
    refused = [one.document for one in unsolved(dossier)
               if one.document.state == "refused" and one.document.id in given and (not among or one.requirement.code in among)]
    causes = [uuid5(one.id, f"{state} {one.changed_at}") for one in refused]
    return [one for one in causes if str(one) not in told]


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
    """The document, while somebody can and must put it right."""
    found = next((one for one in unsolved(dossier) if one.document.id == document_id), None)
    return found if found and (found.document.not_taken_at if state == "not-taken" else found.document.state == "refused") else None


async def answered(resources: Resources, event_id: str, outcome: str) -> None:
    """Tell that the authority can work with what an event sent ("validated"), or could not take it over ("refused").

    Of what is sent after the filing that is news when documents went along, and a refusal; of what an authority did it never is."""
    async with transaction(resources.engine) as session:
        event = (await session.execute(select(Event.dossier_id, Event.action, Event.role).where(Event.id == UUID(event_id)))).one()
        dossier = await queries.any_dossier(session, str(event.dossier_id))
        since = dossier.validated_at if outcome == "validated" else dossier.refused_at
        life = dossier.procedure.life
        if since is None or event.role in AUTHORITIES or (outcome == "validated" and event.action not in life.sending):
            return
        later = outcome == "validated" and event.action != life.filing.action
        cause = uuid5(UUID(event_id), f"{outcome} {since}")
        await _tell_all(session, dossier, await receivers_of(session, dossier), cause, "answered",
                        state="documents-validated" if later else outcome, papers="" if later else dossier.language)


async def relief(resources: Resources, dossier_id: str, outage_id: str) -> None:
    """Tell where a last day of a dossier moved because of an outage of ours; once for each day that it moved to."""
    async with transaction(resources.engine) as session:
        dossier = await queries.any_dossier(session, dossier_id)
        by_outage = (ReliefRow.dossier_id == dossier.id, ReliefRow.outages.contains([{"id": outage_id}]))
        day = await session.scalar(select(ReliefRow.last_day).where(*by_outage).order_by(ReliefRow.granted_at.desc()).limit(1))
        if day is None:
            return
        cause = uuid5(UUID(outage_id), f"{dossier_id} {day}")
        await _tell_all(session, dossier, await receivers_of(session, dossier), cause, "relief", state="moved", day=day.isoformat())


async def draft(resources: Resources, dossier_id: str) -> None:
    """Warn those who can work on a draft that it will be deleted, unless somebody touched it meanwhile; an own mail for each warning."""
    async with transaction(resources.engine) as session:
        try:
            dossier = await queries.any_dossier(session, dossier_id)
        except NotFound:
            return
        until = idle.kept_until(dossier)
        if until is None or not idle.is_warned(dossier):
            return
        told = [one for one in await receivers_of(session, dossier) if is_warned_of(dossier, one)]
        await _tell_all(session, dossier, told, uuid5(dossier.id, f"idle {dossier.warned_at}"), "draft", state="idle", until=until.isoformat())


async def _tell_all(session: AsyncSession, dossier: OpenDossier, receivers: Sequence[Receiver], cause: UUID, template: str, **facts: str) -> None:
    for one in receivers:
        known = {"side": one.side, "key": dossier.key, "number": dossier.number or "", "may_open": "yes" if one.may_open else "no"}
        await write_down(session, cause, one, template, {**known, **facts}, dossier_id=dossier.id)


async def _last_day(session: AsyncSession, dossier: OpenDossier, telling: Telling, seq: int) -> date | None:
    """The last day of the period that the event started, as it stood then."""
    if not telling.clock:
        return None
    past = [one for one in await queries.history(session, dossier.id) if one.seq <= seq]
    day = past[-1].happened_at.astimezone(BRUSSELS).date()
    clocks = deadlines.running(dossier.procedure, past, day, dossier.region, completeness.facts(dossier), around=dossier.around)
    return next((one.last_day for one in clocks if one.clock.code == telling.clock), None)


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
        await write_down(session, invitation_id, receiver, template, facts, dossier_id=row.dossier_id)


async def ask_address(resources: Resources, address_id: str) -> None:
    """Ask the owner of a second address whether mails may go there; only this mail holds the secret that says yes."""
    async with transaction(resources.engine) as session:
        one = (await session.execute(select(SecondAddress).where(SecondAddress.id == UUID(address_id)))).scalar_one_or_none()
        if one is None:
            return
        receiver = Receiver("", one.email, as_locale(one.locale) or "en", one.party_id, may_open=False)
        facts = {"until": one.expires_at.astimezone(BRUSSELS).date().isoformat()}
        await write_down(session, one.id, receiver, "ask-address", facts, dossier_id=one.dossier_id)


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
            await write_down(session, cause, receiver, "mandate", {"state": state, "number": number}, dossier_id=one.dossier_id)


async def _concerned(session: AsyncSession, one: Mandate, state: str) -> list[Party]:
    """An offer goes to the office, and to those who accepted for it before; what became of it to who offered it."""
    wanted: ColumnElement[bool]
    if state == "offered":
        earlier = select(Mandate.accepted_by).where(Mandate.mandatary_id == one.mandatary_id, Mandate.accepted_by.is_not(None))
        wanted = or_(Party.id.in_(earlier), Party.id == one.mandatary_id)
    else:
        wanted = Party.id.in_([party for party in (one.offered_by, one.accepted_by if state == "ended" else None) if party])
    return list((await session.scalars(select(Party).where(wanted, Party.email.is_not(None)).order_by(Party.id).limit(20))).all())


JOBS = (
    Job(name="notices:tell", run=tell),
    Job(name=SEND, run=send_notice),
    Job(name="notices:invite", run=invite),
    Job(name="notices:return-link", run=return_link),
    Job(name="notices:mandate", run=mandate),
    Job(name="notices:document", run=document),
    Job(name="notices:answered", run=answered),
    Job(name="notices:relief", run=relief),
    Job(name="notices:draft", run=draft),
    Job(name=ASK, run=ask_address),
    *alarms.JOBS,
    Job(name="notices:sweep", run=sweep, every="* * * * *"),
)
