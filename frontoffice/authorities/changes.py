"""Which dossiers an authority has and what changed: in the order of changes, so that a system can follow without missing one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Text, cast, exists, false, func, literal, or_, select, true, tuple_

from frontoffice.authorities.callers import Caller
from frontoffice.authorities.model import AuthorityChange
from frontoffice.authorities.requests import Asked, Cursor
from frontoffice.dossiers.access import is_visible_to
from frontoffice.dossiers.model import Dossier, Participation
from frontoffice.kernel.time import now
from frontoffice.procedures.vocabulary import AUTHORITIES

# Of transactions that overlap, the later one may have noted its changes at an earlier instant; never so many of them overlap.
_OVERLAPPING: Final = 1000
# What an open transaction has written cannot be seen yet: nothing that is as young as the oldest of them is told, or it would be overtaken.
# Inside coalesce the planner makes no guess from statistics; its low guess led it to read and sort everything.
_SETTLED: Final = func.coalesce(AuthorityChange.change < cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger), false())


@dataclass(frozen=True)
class Change:
    """The latest change of one dossier. Without a procedure the authority no longer takes part in it: number and instant are all that is told."""

    cursor: Cursor
    number: str
    changed_at: datetime
    procedure: str | None
    edition: str | None
    position: Sequence[str] | None
    version: int | None
    filed_at: datetime | None
    due_on: date | None


async def changes(caller: Caller, asked: Asked) -> list[Change]:
    """The changes asked for, oldest first, one more than a page holds when there are more; at the same price for a hundred dossiers or a million."""
    mine = AuthorityChange.party_id == caller.actor.party_id
    here = tuple_(AuthorityChange.change, AuthorityChange.dossier_id)
    conditions: list[ColumnElement[bool]] = [mine, _SETTLED, *_narrowed(caller.territory)]
    if asked.after:
        conditions.append(here > tuple_(literal(asked.after.change), literal(asked.after.dossier, AuthorityChange.dossier_id.type)))
    if asked.headline:
        conditions.append(AuthorityChange.headline == asked.headline)
    if asked.since:
        conditions += [AuthorityChange.changed_at >= asked.since, AuthorityChange.change >= _first_since(mine, asked.since)]
    columns = (AuthorityChange.change, AuthorityChange.dossier_id, AuthorityChange.number, AuthorityChange.changed_at)
    page = select(*columns).where(*conditions).order_by(AuthorityChange.change, AuthorityChange.dossier_id).limit(asked.size + 1).subquery("page")
    # One by one, by their key: or everything that the authority sees would be joined to the few rows of a page.
    told = (
        select(Dossier.procedure, Dossier.edition, Dossier.position, Dossier.version, Dossier.filed_at, Dossier.due_on)
        .where(Dossier.id == page.c.dossier_id, is_visible_to(caller.actor), _takes_part(caller)).limit(1).lateral("told")
    )
    statement = select(*page.c, *told.c).outerjoin_from(page, told, true()).order_by(page.c.change, page.c.dossier_id)
    return [Change(Cursor(change, dossier), *rest) for change, dossier, *rest in (await caller.session.execute(statement)).all()]


def _takes_part(caller: Caller) -> ColumnElement[bool]:
    """Whether the authority still acts in the dossier: one that passed it on reads what it held until then, and hears of no change."""
    return exists().where(Participation.dossier_id == Dossier.id, Participation.party_id == caller.actor.party_id, Participation.role.in_(AUTHORITIES),
                          Participation.starts_at <= now(), or_(Participation.ends_at.is_(None), Participation.ends_at > now())).correlate(Dossier)


def _narrowed(territory: str) -> list[ColumnElement[bool]]:
    return [or_(AuthorityChange.region == territory, AuthorityChange.municipality == territory)] if territory else []


def _first_since(mine: ColumnElement[bool], instant: datetime) -> Any:
    """The smallest number of a change at or after an instant: without it every older change would be read and left out."""
    first = (
        select(AuthorityChange.change).where(mine, AuthorityChange.changed_at >= instant).order_by(AuthorityChange.changed_at).limit(_OVERLAPPING)
        .correlate(None).subquery("first")
    )
    return select(func.min(first.c.change)).scalar_subquery()
