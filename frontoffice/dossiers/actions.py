"""All writes to a dossier: start it, answer, take a step, let others in and out; nothing else changes its position."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, bindparam, exists, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import access, commitments, completeness, deadlines, filings, judging, passing, queries
from frontoffice.dossiers.consequences import consequences
from frontoffice.dossiers.corrections import OPENED
from frontoffice.dossiers.model import Answer, Dossier, Event, Opening, Participation
from frontoffice.dossiers.participating import take_part
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.form import Reading
from frontoffice.kernel.errors import Conflict, NotFound, Refused, WeakSignIn
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now, today
from frontoffice.parties.actor import Actor
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import READERS, Page, Procedure, Role

_HAND_OVER = "backbone:hand_over"
_KNOW_THE_PERSON = "identities:match"
# The version of a page that was filled in for somebody and not sent by anybody yet.
PREFILLED = 0
_LOOKS_COUNT_ONCE = timedelta(minutes=15)


async def start(session: AsyncSession, actor: Actor, procedure: Procedure, *, form_key: UUID, language: str,
                given: Mapping[str, str] | None = None) -> str:
    """Begin a draft and return its key; the same form key sent again gives the draft that it began.

    `given` are answers known already, by question: those of the finder. Raises Refused for a hat that may not file it.
    """
    role = procedure.first_role
    refuse_hat(procedure, actor)
    key, instant = uuid4(), now()
    start_position = procedure.life.start
    employer_name = actor.party_name if role == Role.EMPLOYER else ""
    try:
        async with session.begin_nested():
            await session.execute(insert(Dossier).values(
                id=key, procedure=procedure.code, edition=procedure.edition, position=sorted(start_position), language=language, form_key=form_key,
                created_at=instant, updated_at=instant, headline=procedure.life.headline(start_position).state, employer_name=employer_name,
            ))
    except IntegrityError as error:
        # A second click waited here for the first, and finds what that one began.
        known = await session.scalar(select(Dossier.id).where(Dossier.form_key == form_key))
        if known is None:
            raise Conflict(_("This form was used before: open a new one")) from error
        return str(known)
    await take_part(session, key, actor.party_id, role)
    filled = prefilled(procedure, {**(given or {}), **_known_of(actor, role)}, today())
    if filled:
        await session.execute(insert(Answer).values([
            {"dossier_id": key, "page": code, "content": reading.values, "raw": reading.raw, "complete": not reading.problems, "version": PREFILLED,
             "saved_at": instant, "saved_by": actor.person_id} for code, reading in filled.items()
        ]))
    await _take_over(session, actor, procedure, key, set(filled))
    return str(key)


def refuse_hat(procedure: Procedure, actor: Actor) -> None:
    """Raise Refused when the party that one acts for does not file this procedure."""
    if procedure.first_role == Role.EMPLOYER and actor.party_kind != "enterprise":
        raise Refused(_("An employer files this application: choose first for which enterprise you act"))
    if procedure.first_role != Role.EMPLOYER and (actor.party_kind != "person" or actor.kind == "official"):
        raise Refused(_("A person files this application in his or her own name: choose first to act for yourself"))


def _known_of(actor: Actor, role: str) -> Mapping[str, str]:
    """What the sign-in tells of whoever begins."""
    if role == Role.EMPLOYER:
        return {"enterprise_number": actor.enterprise_number, "employer_name": actor.party_name}
    return {"person_email": actor.email} if actor.email else {}


def prefilled(procedure: Procedure, values: Mapping[str, str], day: date) -> dict[str, Reading]:
    """The pages that these answers begin to fill in."""
    known = {**values, **procedure.derive(values, day)}
    found = {}
    for page in procedure.pages:
        mine = {one.name: values[one.name] for one in page.form.fields if values.get(one.name)}
        if mine:
            found[page.code] = page.form.read(page.form.raw_of(mine), known)
    return found


async def _take_over(session: AsyncSession, actor: Actor, procedure: Procedure, key: UUID, filled: Collection[str]) -> None:
    """Copy what the same party answered last time and would type again; it is read once more before filing."""
    pages = [page.code for page in procedure.pages if page.kept_for_next and page.code not in filled]
    last = (
        select(Dossier.id).join(Participation, Participation.dossier_id == Dossier.id)
        .where(Participation.party_id == actor.party_id, Participation.role == procedure.first_role, Participation.ends_at.is_(None), Dossier.id != key)
        .where(Dossier.procedure == procedure.code).order_by(Dossier.updated_at.desc()).limit(1).scalar_subquery()
    )
    copied = select(literal(key), Answer.page, Answer.content, Answer.raw, Answer.complete, literal(1), literal(now()), literal(actor.person_id)).where(
        Answer.dossier_id == last, Answer.page.in_(pages))
    columns = ["dossier_id", "page", "content", "raw", "complete", "version", "saved_at", "saved_by"]
    await session.execute(insert(Answer).from_select(columns, copied))


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
    step = choose(dossier, action, roles)
    if actor:
        refuse_weak_key(step, actor)
    evidence = dict(evidence or {})
    async with session.begin_nested():
        changes = await consequences(session, dossier, step, evidence)
        event_id = await _record(session, dossier, step, actor, roles, evidence, message_id, changes)
        await judging.have_what_was_sent(session, dossier, step.by & roles, actor)
        if step.files:
            await defer(session, _KNOW_THE_PERSON, lock=f"{_KNOW_THE_PERSON}/{dossier.id}", dossier_id=str(dossier.id))
            await filings.keep(session, dossier, event_id, actor, changes)
        await commitments.follow(session, dossier, step, evidence, changes)
        if step.passes_on:
            await passing.hand_on(session, dossier, evidence)
        for job in step.then:
            # An event that came in through the backbone is not sent back.
            if not (message_id and job == _HAND_OVER):
                # Of many hand-overs that wait none keeps a person waiting: what a page shows goes first.
                await defer(session, job, lock=f"{job}/{dossier.id}", priority=-1 if job == _HAND_OVER else 0, event_id=str(event_id))
    return event_id


def refuse_weak_key(step: Step, actor: Actor) -> None:
    """The level of assurance is checked where a step demands it, not at the door: raises WeakSignIn."""
    if _HAND_OVER in step.then and actor.weak_at:
        raise WeakSignIn(actor.weak_at)


def choose(dossier: OpenDossier, action: str, roles: frozenset[str]) -> Step:
    """The step of that name, if these roles may take it now; raises NotFound, Refused or Conflict."""
    life = dossier.procedure.life
    for step in life.available(dossier.position, roles):
        if step.action == action and dossier.allows(step):
            return step
        if step.action == action and step.takes_back:
            raise Conflict(OPENED)
    known = [step for step in life.steps if step.action == action]
    if not known:
        raise NotFound
    if not any(step.by & roles for step in known):
        raise Refused(_("This step is not yours to take"))
    raise Conflict(_("This step is no longer open: the dossier has moved on since you opened the page"))


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
    # A clock that runs goes on as the Region began it to which the dossier came first.
    region = changes.get("region", dossier.region) if step.files else dossier.region
    events = await queries.history(session, dossier.id)
    clocks = deadlines.running(dossier.procedure, events, today(), region, completeness.facts(dossier), around=dossier.around)
    await session.execute(update(Dossier).where(Dossier.id == dossier.id, Dossier.version == dossier.version).values(
        position=sorted(position), version=dossier.version + 1, headline=life.headline(position).state, updated_at=instant,
        due_on=None if position & life.final else deadlines.next_due(clocks), **changes,
    ))
    return event_id


async def note_opening(session: AsyncSession, dossier: OpenDossier, actor: Actor, *, document_id: UUID | None = None) -> None:
    """Leave an access record, once in fifteen minutes, when it is an authority that looks at the dossier or at pictures of a document; else nothing."""
    if not dossier.roles & READERS:
        return
    row = _opening(dossier.id, actor, document_id)
    columns = [bindparam(name, value, getattr(Opening, name).type) for name, value in row.items()]
    since = row["opened_at"] - _LOOKS_COUNT_ONCE
    # A look at an earlier filing says nothing of this one: it could still be taken back.
    since = max(since, dossier.filed_at) if dossier.filed_at else since
    recent = exists().where(Opening.dossier_id == dossier.id, Opening.person_id == actor.person_id, Opening.party_id == actor.party_id,
                            Opening.opened_at >= since, Opening.document_id.is_not_distinct_from(document_id))
    await session.execute(insert(Opening).from_select(list(row), select(*columns).where(~recent)))


async def note_download(session: AsyncSession, dossier_id: UUID, document_id: UUID, actor: Actor) -> None:
    """Leave an access record of the bytes of a document that go out: each time, whoever gets them."""
    await session.execute(insert(Opening).values(_opening(dossier_id, actor, document_id)))


def _opening(dossier_id: UUID, actor: Actor, document_id: UUID | None) -> dict[str, Any]:
    return {"id": uuid4(), "dossier_id": dossier_id, "document_id": document_id, "party_id": actor.party_id, "person_id": actor.person_id, "opened_at": now()}


async def was_taken(session: AsyncSession, dossier: OpenDossier, action: str, actor: Actor, *, since: str) -> bool:
    """Whether this very actor took the step after the version that the form was made from: a double click, a reload."""
    if not (since.isascii() and since.isdigit() and len(since) < 9):
        return False
    statement = select(Event.id).where(Event.dossier_id == dossier.id, Event.seq == int(since) + 1, Event.action == action, Event.person_id == actor.person_id)
    return await session.scalar(statement) is not None
