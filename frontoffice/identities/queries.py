"""Reading doubles, as officials of the Immigration Office: only through functions of the database, which answer nobody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.identities.golden import Record, golden
from frontoffice.identities.particulars import Particulars
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.procedures import edition_of

MOST_SHOWN = 50
_DOUBLES = text("SELECT * FROM identity_doubles(:part, :most)")
_DOUBLE = text("SELECT show_identity_double(:key, :instant)")


@dataclass(frozen=True, kw_only=True)
class Told(Record):
    """What one dossier says of a person, with the number and the title (a msgid) that officials know the dossier by.

    One that was taken back to correct it is not filed at the moment; `filed_at` is then the day on which it was begun."""

    number: str
    title: str
    taken_back: bool


@dataclass(frozen=True)
class Side:
    """One of the two persons of a double, as his or her dossiers describe them."""

    records: Sequence[Told]

    @property
    def name(self) -> str:
        """The name of the golden record."""
        best = golden(self.records).get("name")
        return str(best.value.whole) if best else ""

    @property
    def birth_date(self) -> Any:
        """The date of birth of the golden record, perhaps partial; None when unknown."""
        best = golden(self.records).get("born")
        return best.value if best else None


@dataclass(frozen=True, kw_only=True)
class Act:
    """What an official said of a double."""

    name: str
    said: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OpenDouble:
    """A double as officials see it. `waits` for a second official; `is_pair` is false when a dossier's link is in question."""

    id: UUID
    state: str
    score: int
    is_pair: bool
    waits: bool
    is_mine: bool
    opened_at: datetime
    settled_at: datetime | None = None
    version: int = 0
    reasons: Sequence[str] = ()
    left: Side = Side(())
    right: Side = Side(())
    acts: Sequence[Act] = ()


def require_clerk(actor: Actor) -> None:
    """Raises NotFound for whoever is no official of the Immigration Office: for others these pages do not exist."""
    if actor.kind != "official" or actor.authority_code != "immigration-office":
        raise NotFound


async def doubles(session: AsyncSession, actor: Actor, part: str) -> list[OpenDouble]:
    """Doubles that are open, the longest waiting first, or settled, the newest first; at most MOST_SHOWN."""
    require_clerk(actor)
    rows = (await session.execute(_DOUBLES, {"part": part, "most": MOST_SHOWN})).mappings().all()
    return [_double(dict(row)) for row in rows]


async def double(session: AsyncSession, actor: Actor, key: UUID) -> OpenDouble:
    """One double with all that is known on both sides; that it was looked at is recorded. Raises NotFound."""
    require_clerk(actor)
    row = await session.scalar(_DOUBLE, {"key": key, "instant": now()})
    if row is None:
        raise NotFound
    acts = [Act(name=one["name"], said=one["said"], at=datetime.fromisoformat(one["at"])) for one in row["acts"]]
    shown = _double({**row, "id": UUID(row["id"]), "opened_at": datetime.fromisoformat(row["opened_at"]), "settled_at": None})
    return replace(shown, version=row["version"], reasons=row["reasons"], acts=acts)


def _double(row: Mapping[str, Any]) -> OpenDouble:
    named = {name: row[name] for name in ("id", "state", "score", "is_pair", "waits", "is_mine", "opened_at", "settled_at")}
    return OpenDouble(**named, left=_side(row["left_records"]), right=_side(row["right_records"]))


def _side(rows: Sequence[Mapping[str, Any]]) -> Side:
    return Side([
        Told(dossier=UUID(one["dossier"]), filed_at=datetime.fromisoformat(one["filed_at"]), particulars=Particulars.read(one["particulars"]),
             number=one["number"], title=edition_of(one["procedure"], one["edition"]).title, taken_back=one["taken_back"])
        for one in rows
    ])
