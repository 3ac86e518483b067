"""Reading single dossiers with all that hangs on them, in one statement; always through `visible_to`."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Select, Table, Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import IS_VISIBLE, acting, effective_roles
from frontoffice.dossiers.deadlines import ORDINARY, Circumstances
from frontoffice.dossiers.given import GivenAnswers, GivenDocument, Participant, document_of, in_order, participant_of
from frontoffice.dossiers.model import Answer, Document, Dossier, Event, Opening, Participation
from frontoffice.dossiers.openings import BY_AUTHORITY
from frontoffice.dossiers.outages import circumstances, granted_to, outages_since
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.parties.model import Party
from frontoffice.procedures import EDITIONS, edition_of
from frontoffice.procedures.lifecycle import Headline, Position, Step
from frontoffice.procedures.vocabulary import AUTHORITIES, READERS, Procedure, Role

# The page of answers to questions that the edition no longer asks; nobody fills it in, and nothing of it is filed.
FORMER = "former"
_GOES_ROUND = 3


@dataclass(frozen=True, kw_only=True)
class OpenDossier:
    """A dossier as one actor sees it, with answers, documents and participants; a value, read in one statement."""

    id: UUID
    number: str | None
    procedure: Procedure
    position: Position
    version: int
    language: str
    created_at: datetime
    filed_at: datetime | None
    updated_at: datetime
    worker_name: str
    employer_name: str
    region: str | None
    municipality: str | None
    due_on: date | None
    confirmed_at: datetime | None
    validated_at: datetime | None
    refused_at: datetime | None
    refusal: tuple[str, ...]
    verified_at: datetime | None
    answered_by: str = ""
    told_until: datetime | None = None
    warned_at: datetime | None = None
    opened_at: datetime | None = None
    roles: frozenset[str]
    answers: Mapping[str, GivenAnswers] = field(default_factory=dict)
    documents: Sequence[GivenDocument] = ()
    participants: Sequence[Participant] = ()
    around: Circumstances = ORDINARY
    left: Participant | None = None

    @property
    def key(self) -> str:
        """What its address carries: the number once it has one, the UUID before."""
        return self.number or str(self.id)

    @property
    def is_draft(self) -> bool:
        """Whether it has not been filed."""
        return "draft" in self.position

    @property
    def headline(self) -> Headline:
        """The single status that people read."""
        return self.procedure.life.headline(self.position)

    @property
    def authority(self) -> str:
        """The code of the authority that was found competent when the dossier was filed; empty before."""
        return next((one.authority_code or "" for one in self.participants if one.is_competent and one.ends_at is None), "")

    @property
    def goes_round(self) -> bool:
        """Whether Regions passed it on so often that people should settle who is competent before it moves once more."""
        return sum(one.role == Role.FORMER_REGION for one in self.participants) >= _GOES_ROUND

    @property
    def has_worker_part(self) -> bool:
        """Whether a worker answers a part of the questions beside the employer."""
        return "worker-confirmed" in self.procedure.life.filing.takes

    @property
    def worker_joined(self) -> bool:
        """Whether the worker takes part in person."""
        return any(one.role == Role.WORKER and one.ends_at is None for one in self.participants)

    @property
    def filling_roles(self) -> frozenset[str]:
        """The roles that the actor wears when answering questions and bringing documents."""
        return effective_roles(self.roles, has_worker=self.worker_joined)

    @property
    def values(self) -> dict[str, str]:
        """All answers together, by question."""
        return {name: text for code, page in self.answers.items() if code != FORMER for name, text in page.content.items()}

    @property
    def steps(self) -> list[Step]:
        """The steps that the actor may take now."""
        return [one for one in self.procedure.life.available(self.position, self.roles) if self.allows(one) and (not one.adds or self.added)]

    def allows(self, step: Step) -> bool:
        """Whether the dossier allows a step of its position: some need one that was filed before, or that no authority has opened."""
        return not (step.takes_back and self.opened_at) and step.numbered in (None, self.number is not None)

    @property
    def added(self) -> list[GivenDocument]:
        """What was brought after the filing, and not sent to the authority yet."""
        return [one for one in self.documents if one.added and one.counts]

    def of_requirement(self, code: str) -> list[GivenDocument]:
        """The documents given for one requirement; those taken back, and the pages of a joined one, are left out."""
        return [one for one in self.documents if one.requirement == code and one.counts]

    def pages_of(self, document: UUID) -> list[GivenDocument]:
        """The pictures that were joined into one document, in the order that the person gave them."""
        return in_order([one for one in self.documents if one.joined_into == document])


# The tables themselves, not the mapped classes: the object mapper would look at each row, and this statement is run for every page.
_DOSSIER, _ANSWER, _DOCUMENT, _PARTICIPATION, _PARTY = (cast(Table, one.__table__) for one in (Dossier, Answer, Document, Participation, Party))
_EVENT, _OPENING = (cast(Table, one.__table__) for one in (Event, Opening))


def _json_rows(table: Table, *names: str, **more: Any) -> Any:
    # Names as literals, or each of them would go over the wire as a parameter every time.
    columns = {name: table.c[name] for name in names} | more
    pairs = itertools.chain.from_iterable((literal_column(f"'{name}'"), column) for name, column in columns.items())
    rows = func.coalesce(func.json_agg(func.json_build_object(*pairs)), literal_column("'[]'::json"))
    return select(rows).where(table.c.dossier_id == _DOSSIER.c.id)


_ANSWERS = _json_rows(_ANSWER, "page", "content", "raw", "complete", "version")
_DOCUMENTS = _json_rows(_DOCUMENT, "id", "requirement", "file_name", "media_type", "size", "sha256", "state", "reason", "reason_params", "given_role",
                        "given_at", "handed_over_at", "issued_on", "pages", "previews", "taken_over_at", "not_taken_at", "not_taken_reason", "page_order",
                        "joined_into", "replaces", "reused_from", "changed_at")
_PARTICIPANTS = _json_rows(
    _PARTICIPATION, "party_id", "role", "starts_at", "ends_at", "reason", "bounced", name=_PARTY.c.name, authority_code=_PARTY.c.authority_code,
).select_from(_PARTICIPATION.join(_PARTY, _PARTY.c.id == _PARTICIPATION.c.party_id))


def _one_of(names: Iterable[str]) -> list[Any]:
    return [literal_column(f"'{one}'") for one in sorted(names)]


def _latest(moment: Any, *conditions: Any) -> Any:
    return select(func.max(moment)).where(*conditions).correlate(_DOSSIER).scalar_subquery()


# When an authority last looked at the dossier, or did something about it, since it was filed.
_OPENED_AT = func.greatest(
    _latest(_OPENING.c.opened_at, _OPENING.c.dossier_id == _DOSSIER.c.id, _OPENING.c.opened_at >= _DOSSIER.c.filed_at, BY_AUTHORITY),
    _latest(_EVENT.c.happened_at, _EVENT.c.dossier_id == _DOSSIER.c.id, _EVENT.c.happened_at >= _DOSSIER.c.filed_at,
            _EVENT.c.role.in_(_one_of(AUTHORITIES))),
).label("opened_at")
# When documents went out last: what came later has not been sent.
_SENT_AT = _latest(
    _EVENT.c.happened_at, _EVENT.c.dossier_id == _DOSSIER.c.id,
    _EVENT.c.action.in_(_one_of(frozenset[str]().union(*(one.life.sending for one in EDITIONS)))),
).label("sent_at")
_COLUMNS = ("id", "number", "procedure", "edition", "position", "version", "language", "created_at", "filed_at", "updated_at", "worker_name",
            "employer_name", "region", "municipality", "due_on", "confirmed_at", "told_until", "validated_at", "refused_at", "refusal",
            "answered_by", "verified_at", "warned_at")
# Those that an OpenDossier holds as they were read.
_AS_READ = (*(one for one in _COLUMNS if one not in ("procedure", "edition", "position", "refusal")), "opened_at")
_WHOLE: Select[Any] = select(*(_DOSSIER.c[name] for name in _COLUMNS), _OPENED_AT, _SENT_AT, *(
    rows.correlate(_DOSSIER).scalar_subquery().label(name)
    for name, rows in (("answers", _ANSWERS), ("documents", _DOCUMENTS), ("participants", _PARTICIPANTS),
                       ("outages", outages_since(_DOSSIER.c.filed_at)), ("granted", granted_to(_DOSSIER.c.id)))
))


def _named(key: str) -> tuple[str, UUID | str]:
    """The column and the value by which a dossier goes under this key; raises NotFound for one that is neither number nor UUID."""
    try:
        return "id", UUID(key)
    except ValueError:
        if len(key) > 30 or not (key.isascii() and key.isprintable()):
            raise NotFound from None
        return "number", key.upper()


@cache
def _statement(column: str, *, for_actor: bool, lock: bool) -> Select[Any]:
    # The lock is a statement of its own: one that waited for it would read the documents as they were before it waited.
    statement = select(_DOSSIER.c.id).with_for_update() if lock else _WHOLE
    return statement.where(_DOSSIER.c[column] == bindparam("key"), *([IS_VISIBLE] if for_actor else []))


async def _row(session: AsyncSession, key: str, who: Mapping[str, Any], *, lock: bool) -> RowMapping:
    column, value = _named(key)
    given = {"key": value, **who}
    if lock:
        await session.execute(_statement(column, for_actor=bool(who), lock=True), given)
    row: RowMapping | None = (await session.execute(_statement(column, for_actor=bool(who), lock=False), given)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return row


async def dossier(session: AsyncSession, actor: Actor, key: str, *, lock: bool = False) -> OpenDossier:
    """The dossier of that number or UUID as the actor sees it, its row locked until the transaction ends with `lock`; raises NotFound when invisible."""
    return _opened(await _row(session, key, acting(actor), lock=lock), actor)


async def any_dossier(session: AsyncSession, key: str, *, lock: bool = False) -> OpenDossier:
    """The dossier of that number or UUID without an actor; for jobs, whose database role passes the policies."""
    return _opened(await _row(session, key, {}, lock=lock), None)


async def any_dossiers(session: AsyncSession, keys: Collection[UUID]) -> dict[UUID, OpenDossier]:
    """Those of these dossiers that are there, by UUID, without an actor; for jobs, which go through many."""
    rows = await session.execute(_WHOLE.where(_DOSSIER.c.id == any_(bindparam("keys", type_=ARRAY(Uuid)))), {"keys": list(keys)})
    return {row["id"]: _opened(row, None) for row in rows.mappings()}


def _opened(row: RowMapping, actor: Actor | None) -> OpenDossier:
    participants = sorted(map(participant_of, row["participants"]), key=lambda one: (one.starts_at, one.role))
    instant = now()
    roles = frozenset(
        one.role for one in participants
        if actor and one.party_id == actor.party_id and one.starts_at <= instant and (one.ends_at is None or one.ends_at > instant)
    )
    answers = {one["page"]: GivenAnswers(one["content"], one["raw"], one["complete"], one["version"]) for one in row["answers"]}
    sent_at = row["sent_at"] if row["filed_at"] else None
    documents = sorted((document_of(one, sent_at) for one in row["documents"]), key=lambda one: one.given_at)
    if roles and roles <= READERS:
        # What has not been sent is nobody else's yet.
        documents = [one for one in documents if not one.added]
    found = OpenDossier(
        **{name: row[name] for name in _AS_READ}, procedure=edition_of(row["procedure"], row["edition"]), position=frozenset(row["position"]),
        refusal=tuple(row["refusal"]), roles=roles, answers=answers, documents=documents, participants=participants,
        around=circumstances(row["outages"], row["granted"], participants),
    )
    left = next((one for one in participants if actor and one.party_id == actor.party_id and one.has_left), None)
    return _as_left(found, left) if left else found


def _as_left(dossier: OpenDossier, left: Participant) -> OpenDossier:
    """The dossier as a Region reads it that passed it on: where it stood then, with what it held and who took part."""
    at = left.starts_at
    return replace(
        dossier, position=frozenset(left.reason["position"]), updated_at=at, due_on=None, municipality=None, region=left.reason["passed_on_to"],
        confirmed_at=dossier.confirmed_at if dossier.confirmed_at and dossier.confirmed_at <= at else None,
        documents=[one.as_at(at) for one in dossier.documents if str(one.id) in left.reason["documents"]],
        participants=[one.as_at(at) for one in dossier.participants if one.starts_at <= at], left=left,
    )


@dataclass(frozen=True)
class HappenedEvent:
    """One line of the timeline; with a `message_id` it came in as an authority's message."""

    id: UUID
    seq: int
    action: str
    past: str
    role: str
    party_name: str
    person_name: str
    happened_at: datetime
    evidence: Mapping[str, Any]
    takes: Sequence[str]
    gives: Sequence[str]
    message_id: str | None = None


async def history(session: AsyncSession, dossier_id: UUID) -> list[HappenedEvent]:
    """What happened to a dossier that the caller was allowed to open, oldest first."""
    party, person = Party.__table__.alias("acting"), Party.__table__.alias("doing")
    statement = (
        select(Event.id, Event.seq, Event.action, Event.past, Event.role, func.coalesce(party.c.name, ""),
               func.coalesce(person.c.name, ""), Event.happened_at, Event.evidence, Event.takes, Event.gives, Event.message_id)
        .outerjoin(party, party.c.id == Event.party_id).outerjoin(person, person.c.id == Event.person_id)
        .where(Event.dossier_id == dossier_id).order_by(Event.seq)
    )
    return [HappenedEvent(*row) for row in (await session.execute(statement)).all()]
