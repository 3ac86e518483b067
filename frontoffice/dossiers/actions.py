"""All writes to a dossier: start it, answer, take a step, let others in and out; nothing else changes its position."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, exists, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import access, completeness, deadlines, queries
from frontoffice.dossiers.model import Answer, Dossier, Event, Opening, Participation, Serial
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.form import Reading
from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.database import instant_of
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, WeakSignIn
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now, today
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_party
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.single_permit.competence import Competence
from frontoffice.procedures.territory import municipality
from frontoffice.procedures.vocabulary import Page, Procedure, Role

_HAND_OVER = "backbone:hand_over"


async def start(session: AsyncSession, actor: Actor, procedure: Procedure, *, form_key: UUID, language: str) -> str:
    """Begin a draft and return its key; the same form key sent again gives the draft that it began."""
    if actor.party_kind != "enterprise":
        raise Refused(_("An employer files this application: choose first for which enterprise you act"))
    key, instant = uuid4(), now()
    start_position = procedure.life.start
    try:
        async with session.begin_nested():
            await session.execute(insert(Dossier).values(
                id=key, procedure=procedure.code, edition=procedure.edition, position=sorted(start_position), language=language, form_key=form_key,
                created_at=instant, updated_at=instant, headline=procedure.life.headline(start_position).state, employer_name=actor.party_name,
            ))
    except IntegrityError as error:
        # A second click waited here for the first, and finds what that one began.
        known = await session.scalar(select(Dossier.id).where(Dossier.form_key == form_key))
        if known is None:
            raise Conflict(_("This form was used before: open a new one")) from error
        return str(known)
    await take_part(session, key, actor.party_id, Role.EMPLOYER)
    prefilled = {"enterprise_number": actor.enterprise_number, "employer_name": actor.party_name}
    await session.execute(insert(Answer).values(
        dossier_id=key, page="employer", content=prefilled, raw=prefilled, complete=True, version=1, saved_at=instant, saved_by=actor.person_id,
    ))
    await _take_over(session, actor, procedure, key)
    return str(key)


async def _take_over(session: AsyncSession, actor: Actor, procedure: Procedure, key: UUID) -> None:
    """Copy what the same employer answered last time and would type again; it is read once more before filing."""
    pages = [page.code for page in procedure.pages if page.kept_for_next]
    last = (
        select(Dossier.id).join(Participation, Participation.dossier_id == Dossier.id)
        .where(Participation.party_id == actor.party_id, Participation.role == Role.EMPLOYER, Participation.ends_at.is_(None), Dossier.id != key)
        .order_by(Dossier.updated_at.desc()).limit(1).scalar_subquery()
    )
    copied = select(literal(key), Answer.page, Answer.content, Answer.raw, Answer.complete, literal(1), literal(now()), literal(actor.person_id)).where(
        Answer.dossier_id == last, Answer.page.in_(pages))
    columns = ["dossier_id", "page", "content", "raw", "complete", "version", "saved_at", "saved_by"]
    await session.execute(insert(Answer).from_select(columns, copied))


async def take_part(session: AsyncSession, dossier_id: UUID, party_id: UUID, role: str, *, reason: Mapping[str, Any] | None = None,
                    ends_at: datetime | None = None) -> None:
    """Relate a party to a dossier from now on."""
    await session.execute(insert(Participation).values(
        id=uuid4(), dossier_id=dossier_id, party_id=party_id, role=role, starts_at=instant_of(session), ends_at=ends_at, reason=dict(reason or {}),
    ))


async def leave(session: AsyncSession, dossier_id: UUID, party_id: UUID, role: str) -> None:
    """End a party's role in a dossier at this instant."""
    await session.execute(update(Participation).values(ends_at=now()).where(
        Participation.dossier_id == dossier_id, Participation.party_id == party_id, Participation.role == role,
        Participation.ends_at.is_(None) | (Participation.ends_at > now()),
    ))


# Built once, on the tables themselves: this is written for every page that somebody sends.
_ANSWER, _DOSSIER = cast(Table, Answer.__table__), cast(Table, Dossier.__table__)
_NEW = upsert(_ANSWER)
_SAVE = _NEW.on_conflict_do_update(
    index_elements=["dossier_id", "page"], where=_ANSWER.c.version == bindparam("known_version"),
    set_={**{name: _NEW.excluded[name] for name in ("content", "raw", "complete", "saved_at", "saved_by")}, "version": _ANSWER.c.version + 1},
).returning(_ANSWER.c.version)
_LIST = update(_DOSSIER).where(_DOSSIER.c.id == bindparam("dossier_key"))


async def answer(session: AsyncSession, dossier: OpenDossier, page: Page, reading: Reading, actor: Actor, *, version: int) -> None:
    """Keep one page as it was sent, problems included; raises Conflict when somebody saved the page meanwhile."""
    if not access.may_fill(dossier.filling_roles, page):
        raise Refused(_("Someone else fills in this page"))
    if not dossier.is_draft:
        raise Conflict(_("This dossier has been filed: its answers can no longer be changed here"))
    if page.by == frozenset({Role.WORKER}) and "worker-confirmed" in dossier.position:
        raise Conflict(_("The worker's part has been confirmed: open it again before you change it"))
    saved = {"content": reading.values, "raw": reading.raw, "complete": not reading.problems, "saved_at": now(), "saved_by": actor.person_id}
    if await session.scalar(_SAVE, {**saved, "dossier_id": dossier.id, "page": page.code, "version": 1, "known_version": version}) is None:
        raise Conflict(_("This page was saved in another window after you opened it: compare both before you save again"))
    await session.execute(_LIST, {"dossier_key": dossier.id, "updated_at": now(), **_listed(reading.values)})


def _listed(values: Mapping[str, str]) -> dict[str, str]:
    """The columns of lists that follow from these answers."""
    found = {}
    if "worker_surname" in values:
        found["worker_name"] = f"{values.get('worker_given_names', '')} {values['worker_surname']}".strip()
    if "surname" in values:
        found["worker_name"] = f"{values.get('given_names', '')} {values['surname']}".strip()
    if "employer_name" in values:
        found["employer_name"] = values["employer_name"]
    if "category" in values:
        found["category"] = values["category"]
    return found


async def perform(
    session: AsyncSession, dossier: OpenDossier, action: str, actor: Actor | None, *,
    evidence: Mapping[str, Any] | None = None, role: str | None = None, message_id: str | None = None,
) -> UUID:
    """Take one step in the life of a locked dossier and return its event. Nothing else changes its position.

    `role` and `message_id` are those of an authority whose signed message came in, then `actor` is None.
    Raises Refused for a role that never takes this step, Conflict when it is not open now, Invalid when something is missing,
    WeakSignIn when it goes out to other authorities and the actor's key is not strong enough for that.
    """
    roles = frozenset({role}) if role else dossier.roles
    step = _choose(dossier, action, roles)
    if actor:
        refuse_weak_key(step, actor)
    evidence = dict(evidence or {})
    async with session.begin_nested():
        changes = await _consequences(session, dossier, step, evidence)
        event_id = await _record(session, dossier, step, actor, roles, evidence, message_id, changes)
        for job in step.then:
            # An event that came in through the backbone is not sent back.
            if not (message_id and job == _HAND_OVER):
                await defer(session, job, lock=f"{job}/{dossier.id}", event_id=str(event_id))
    return event_id


def refuse_weak_key(step: Step, actor: Actor) -> None:
    """The level of assurance is checked where a step demands it, not at the door: raises WeakSignIn."""
    if _HAND_OVER in step.then and actor.weak_at:
        raise WeakSignIn(actor.weak_at)


def _choose(dossier: OpenDossier, action: str, roles: frozenset[str]) -> Step:
    life = dossier.procedure.life
    for step in life.available(dossier.position, roles):
        if step.action == action:
            return step
    known = [step for step in life.steps if step.action == action]
    if not known:
        raise NotFound
    if not any(step.by & roles for step in known):
        raise Refused(_("This step is not yours to take"))
    raise Conflict(_("This step is no longer open: the dossier has moved on since you opened the page"))


async def _consequences(session: AsyncSession, dossier: OpenDossier, step: Step, evidence: dict[str, Any]) -> dict[str, Any]:
    """What a step brings along beside the new position: a number, participants, dates; raises Invalid."""
    changes: dict[str, Any] = {}
    if step.action == "submit":
        changes = await _file(session, dossier)
    elif step.action == "confirm-worker-part" and (lacking := completeness.missing_for_worker(dossier)):
        raise Invalid(*(Problem(one.page or one.document, one.what.text, one.what.params) for one in lacking))
    elif step.action == "announce-arrival":
        changes["municipality"] = await _let_municipality_in(session, dossier, str(evidence.get("municipality", "")))
    elif step.action == "register":
        _compare_passport(dossier, evidence)
    elif step.action in ("complete", "complete-stay") and not await _has_new_document(session, dossier):
        raise Invalid(Problem("documents", _("Add the document first, then send it")))
    if step.lets_in:
        await _let_in(session, dossier, step.lets_in, step.lets_in)
    return changes


async def _let_municipality_in(session: AsyncSession, dossier: OpenDossier, nis: str) -> str:
    place = municipality(nis)
    if place is None:
        raise Invalid(Problem("municipality", _("Type the municipality")))
    code = f"municipality-{place.nis}"
    await _let_in(session, dossier, code, Role.MUNICIPALITY, name=place.names.nl)
    return code


async def _let_in(session: AsyncSession, dossier: OpenDossier, code: str, role: str, *, name: str = "", reason: Mapping[str, Any] | None = None) -> None:
    if any(one.role == role and one.authority_code == code and one.ends_at is None for one in dossier.participants):
        return
    await take_part(session, dossier.id, await authority_party(session, code, name), role, reason=reason)


async def _file(session: AsyncSession, dossier: OpenDossier) -> dict[str, Any]:
    """Number and route a draft; raises Invalid with everything that is missing."""
    if lacking := completeness.missing(dossier):
        raise Invalid(*(Problem(one.page or one.document or "dossier", one.what.text, one.what.params) for one in lacking))
    outcome = completeness.outcome_of(dossier)
    if not isinstance(outcome, Competence):
        raise Invalid(Problem("workplace", _("It is not clear which Region is competent")))
    instant = now()
    series = f"{dossier.procedure.prefix}-{instant.year}"
    statement = upsert(Serial).values(series=series, last=1).on_conflict_do_update(index_elements=["series"], set_={"last": Serial.last + 1})
    serial = await session.scalar(statement.returning(Serial.last))
    reason = {"row": outcome.row, "text": outcome.reason.text, "source": outcome.source, "confidence": outcome.confidence}
    await _let_in(session, dossier, str(outcome.region), Role.REGION, reason=reason)
    return {"number": dossier_number(instant.year, serial or 1, dossier.procedure.prefix), "filed_at": instant, "region": str(outcome.region)}


def _compare_passport(dossier: OpenDossier, evidence: Mapping[str, Any]) -> None:
    known = dossier.values.get("passport_number", "")
    if known and evidence.get("passport_seen") != known:
        raise Invalid(Problem("passport_seen", _("The dossier holds another passport number: compare it with the passport before you")))


async def _has_new_document(session: AsyncSession, dossier: OpenDossier) -> bool:
    asked = await session.scalar(select(Event.happened_at).where(
        Event.dossier_id == dossier.id, Event.action.in_(("ask-documents", "ask-stay-documents"))).order_by(Event.seq.desc()).limit(1))
    return any(one.state in ("received", "checked") and (asked is None or one.given_at >= asked) for one in dossier.documents)


async def _record(
    session: AsyncSession, dossier: OpenDossier, step: Step, actor: Actor | None, roles: frozenset[str], evidence: Mapping[str, Any],
    message_id: str | None, changes: Mapping[str, Any],
) -> UUID:
    life = dossier.procedure.life
    position, instant, event_id = life.after(dossier.position, step), now(), uuid4()
    acting = next((one for one in sorted(step.by & roles)), "")
    party_id = actor.party_id if actor else next((one.party_id for one in dossier.participants if one.role == acting and one.ends_at is None), None)
    await session.execute(insert(Event).values(
        id=event_id, dossier_id=dossier.id, seq=dossier.version + 1, action=step.action, past=step.past, takes=sorted(step.takes),
        gives=sorted(step.gives), role=acting, party_id=party_id, person_id=actor.person_id if actor else None, happened_at=instant,
        evidence=dict(evidence), message_id=message_id,
    ))
    region = changes.get("region", dossier.region)
    clocks = deadlines.running(dossier.procedure, await queries.history(session, dossier.id), today(), region)
    await session.execute(update(Dossier).where(Dossier.id == dossier.id, Dossier.version == dossier.version).values(
        position=sorted(position), version=dossier.version + 1, headline=life.headline(position).state, updated_at=instant,
        due_on=None if position & life.final else deadlines.next_due(clocks), **changes,
    ))
    return event_id


async def note_opening(session: AsyncSession, dossier: OpenDossier, actor: Actor, *, document_id: UUID | None = None) -> None:
    """Leave an access record: an authority looked at the dossier (once in fifteen minutes) or opened a document of it."""
    instant = now()
    row = {"id": uuid4(), "dossier_id": dossier.id, "document_id": document_id, "party_id": actor.party_id, "person_id": actor.person_id, "opened_at": instant}
    columns = [bindparam(name, value, getattr(Opening, name).type) for name, value in row.items()]
    recent = exists().where(Opening.dossier_id == dossier.id, Opening.person_id == actor.person_id, Opening.opened_at > instant - timedelta(minutes=15),
                            Opening.document_id.is_not_distinct_from(document_id))
    await session.execute(insert(Opening).from_select(list(row), select(*columns).where(~recent)))


async def confirm_receipt(session: AsyncSession, dossier_id: UUID) -> None:
    """The authority has the latest version: the backbone confirmed it with a signed receipt."""
    await session.execute(update(Dossier).where(Dossier.id == dossier_id).values(confirmed_at=now()))




async def was_taken(session: AsyncSession, dossier: OpenDossier, action: str, actor: Actor, *, since: str) -> bool:
    """Whether this very actor took the step after the version that the form was made from: a double click, a reload."""
    if not (since.isascii() and since.isdigit() and len(since) < 9):
        return False
    statement = select(Event.id).where(Event.dossier_id == dossier.id, Event.seq == int(since) + 1, Event.action == action, Event.person_id == actor.person_id)
    return await session.scalar(statement) is not None
