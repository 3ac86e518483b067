"""Documents that a person gave in an earlier dossier and may use again in this one, with their age counted anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, exists, func, insert, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import queue_check
from frontoffice.documents.slots import giving_role, next_place
from frontoffice.dossiers import completeness
from frontoffice.dossiers.access import effective_roles, may_fill, may_see, visible_to
from frontoffice.dossiers.ages import Age, ages
from frontoffice.dossiers.model import Document, Dossier, Participation
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import ARRIVED
from frontoffice.kernel.errors import Conflict
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.procedures import edition_of
from frontoffice.procedures.vocabulary import DocumentRequirement, Role

GONE: Final = _("This document can no longer be used again here: look at what was given")
_OLDEST: Final = timedelta(days=5 * 365 + 1)
_MOST_SHOWN: Final = 3
# Some of them may turn out to be hidden from the actor, or be the same file.
_MOST_READ: Final = 12


@dataclass(frozen=True, kw_only=True)
class Reusable:
    """A document of another dossier that the actor gave; `number` is that of the dossier, None for a draft, `age` is counted for this dossier."""

    id: UUID
    file_name: str
    media_type: str
    size: int
    given_at: datetime
    issued_on: date | None
    number: str | None
    worker_name: str
    procedure_title: str
    age: Age | None

    @property
    def is_too_old(self) -> bool:
        """Whether it cannot be used for this dossier any more."""
        return self.age is not None and self.age.is_too_old

    @property
    def verdict(self) -> Message | None:
        """What is known of its age; None where it has no greatest age."""
        if self.age is None:
            return None
        if self.issued_on is None:
            return Message(_("We do not know when it was issued: check that it is not too old."))
        return self.age.verdict or Message(_("Issued on %(issued)s, it is young enough."), {"issued": self.issued_on})


async def reusable(session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, actor: Actor) -> Sequence[Reusable]:
    """What the actor gave for the same requirement in other dossiers, the newest first, as long as this slot is empty; one statement.

    The caller has made sure that a document may be added. What is private is offered only where the actor may see it in both dossiers.
    """
    roles = dossier.filling_roles
    filled = any(one.state in ARRIVED or one.state == "uploading" for one in dossier.of_requirement(slot.code))
    if filled or not (may_see(roles, slot) and may_fill(roles, slot)):
        return []
    age = ages(dossier, completeness.facts(dossier), [slot]).get(slot.code)
    found: dict[str, Reusable] = {}
    for row in (await session.execute(_given_before(dossier, slot, actor))).all():
        if len(found) < _MOST_SHOWN and _is_open(row, slot.code):
            found.setdefault(row.sha256, _offer(row, age))
    return list(found.values())


def _given_before(dossier: OpenDossier, slot: DocumentRequirement, actor: Actor) -> Any:
    instant = now()
    current = (Participation.dossier_id == Dossier.id, Participation.starts_at <= instant,
               or_(Participation.ends_at.is_(None), Participation.ends_at > instant))
    roles = select(func.array_agg(Participation.role)).where(*current, Participation.party_id == actor.party_id).correlate(Dossier).scalar_subquery()
    joined = exists().where(*current, Participation.role == Role.WORKER).correlate(Dossier)
    columns = (Document.id, Document.file_name, Document.media_type, Document.size, Document.sha256, Document.given_at, Document.issued_on,
               Dossier.number, Dossier.procedure, Dossier.edition, Dossier.worker_name, roles.label("roles"), joined.label("worker_joined"))
    return (
        visible_to(actor, *columns).join(Document, Document.dossier_id == Dossier.id)
        .where(Document.given_by == actor.party_id, Document.requirement == slot.code, Document.given_at > instant - _OLDEST)
        .where(Document.state == "checked", Document.joined_into.is_(None), Document.not_taken_at.is_(None))
        .where(Dossier.id != dossier.id, Dossier.headline != "discarded", _of_the_same_worker(dossier, slot))
        .order_by(Document.given_at.desc(), Document.id).limit(_MOST_READ)
    )


def _of_the_same_worker(dossier: OpenDossier, slot: DocumentRequirement) -> ColumnElement[bool]:
    """An employer who brings a worker's papers is offered those of that worker, by name, and of nobody else."""
    if Role.WORKER not in slot.by or Role.WORKER in dossier.roles:
        return true()
    own = Dossier.__table__.alias("own")
    return Dossier.worker_key == select(own.c.worker_key).where(own.c.id == dossier.id, own.c.worker_key != "").scalar_subquery()


def _is_open(row: Row[Any], code: str) -> bool:
    """Whether the actor may see it where it was given."""
    requirement = edition_of(row.procedure, row.edition).requirement(code)
    return requirement is not None and may_see(effective_roles(row.roles or (), has_worker=row.worker_joined), requirement)


def _offer(row: Row[Any], age: Age | None) -> Reusable:
    return Reusable(
        id=row.id, file_name=row.file_name, media_type=row.media_type, size=row.size, given_at=row.given_at, issued_on=row.issued_on, number=row.number,
        worker_name=row.worker_name, procedure_title=edition_of(row.procedure, row.edition).title,
        age=replace(age, issued_on=row.issued_on) if age else None,
    )


async def use_again(session: AsyncSession, dossier: OpenDossier, slot: DocumentRequirement, actor: Actor, chosen: Reusable) -> UUID:
    """Give the same file in this locked dossier, as the actor agreed now; its bytes are copied and checked as if it had been uploaded.

    Raises Conflict when the file goes in this very moment, with the dossier in which it was given."""
    if await session.scalar(select(Document.id).where(Document.id == chosen.id).with_for_update(read=True, key_share=True)) is None:
        raise Conflict(GONE)
    key = uuid4()
    await session.execute(insert(Document).values(
        id=key, dossier_id=dossier.id, requirement=slot.code, file_name=chosen.file_name, media_type=chosen.media_type, size=chosen.size, state="received",
        given_by=actor.party_id, given_role=giving_role(dossier, slot), given_at=now(), issued_on=chosen.issued_on, reused_from=chosen.id,
        page_order=next_place(dossier, slot.code),
        reuse_agreed_at=now(), reuse_agreed_by=actor.person_id,
    ))
    await queue_check(session, key)
    return key
