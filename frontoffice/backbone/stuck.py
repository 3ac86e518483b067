"""What is stuck on its way to the authorities, or from them: since when, why, what was tried, and what operators did about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone.holding import told
from frontoffice.backbone.reasons import sentence
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import now
from frontoffice.procedures import edition_of

LATE_AFTER: Final = timedelta(minutes=10)
# By then it was asked for, and did not come.
MISSING_AFTER: Final = 2 * LATE_AFTER
HELD_LONG_AFTER: Final = timedelta(hours=24)
MOST_COUNTED: Final = 1000
PAGE_SIZE: Final = 50
PARTS: Final[Mapping[str, str]] = {"late": _("Not delivered"), "refused": _("Refused"), "review": _("To review"), "missing": _("Missing"), "held": _("Held")}
_OVERVIEW: Final = text("SELECT hand_over_overview(:told, :cutoff, :held_before, :most) || jsonb_build_object('missing',"
                        " (SELECT count(*) FROM missing_hand_overs(:missing_before, '-infinity', '', :most)))")
_LIST: Final = text("SELECT * FROM hand_overs(:part, :told, :cutoff, :after_at, :after_key, :most)")
_MISSING: Final = text("SELECT * FROM missing_hand_overs(:cutoff, :after_at, :after_key, :most)")
_SHOW: Final = text("SELECT show_hand_over(:number, :told)")
_BEGINNING: Final = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


@dataclass(frozen=True, kw_only=True)
class Act:
    """What an operator did: `kind` as in `hand_over_act`, `number` of the dossier or empty when it was about all."""

    kind: str
    reason: str
    by: str
    at: datetime
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Hindered:
    """Since when, why and by whom something is stopped or held."""

    at: datetime
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    """How many hand-overs need a person, by part, counted to MOST_COUNTED; `unheld` are the late ones that nobody holds."""

    late: int
    unheld: int
    refused: int
    review: int
    missing: int
    held: int
    held_long: int
    stop: Hindered | None
    acts: Sequence[Act]

    @property
    def needs_a_person(self) -> int:
        """How many wait for an operator: late ones that nobody holds, refused ones, messages to look at, and missing ones."""
        return self.unheld + self.refused + self.review + self.missing


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """One hand-over in a list. `what` is the step, `why` a sentence, or what an operator typed; `key` and `noted_at` are its place in the list."""

    key: str
    number: str
    what: str
    since: datetime
    why: Message | str
    tries: int
    tried_at: datetime | None
    next_try_at: datetime | None
    is_held: bool
    last_act: str
    last_acted_at: datetime | None
    noted_at: datetime

    @property
    def cursor(self) -> str:
        """Where the list goes on after this one."""
        return f"{self.noted_at.isoformat()}~{self.key}"


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One message of ours: what it tells, and how far it came."""

    event_id: UUID
    what: str
    happened_at: datetime
    is_signed: bool
    tries: int
    tried_at: datetime | None
    next_try_at: datetime | None
    why: Message
    concluded_at: datetime | None
    validated_at: datetime | None
    refused_at: datetime | None
    reasons: int
    answered_by: str
    reviewed_at: datetime | None

    @property
    def needs_review(self) -> bool:
        """Whether the authority refused it and no operator has looked since."""
        return self.refused_at is not None and self.reviewed_at is None


@dataclass(frozen=True, kw_only=True)
class Coming:
    """One message that came in: `outcome` is waiting, applied or review."""

    jti: str
    seq: int
    received_at: datetime
    outcome: str
    why: Message
    concluded_at: datetime | None
    reviewed_at: datetime | None

    @property
    def needs_review(self) -> bool:
        """Whether it was put aside and no operator has looked at it."""
        return self.outcome == "review" and self.reviewed_at is None


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """Everything that went out and came in about one number; without a dossier only what came in."""

    number: str
    dossier_id: UUID | None
    is_stopped: bool
    hold: Hindered | None
    sendings: Sequence[Sending]
    comings: Sequence[Coming]
    acts: Sequence[Act]

    @property
    def waiting(self) -> Sequence[Sending]:
        """What is not delivered yet, the newest first."""
        return [one for one in self.sendings if one.concluded_at is None]

    @property
    def is_missing_one(self) -> bool:
        """Whether a message that came in waits too long for the one before it."""
        came, before = {one.seq for one in self.comings}, now() - MISSING_AFTER
        return any(one.outcome == "waiting" and one.seq > 1 and one.seq - 1 not in came and one.received_at < before for one in self.comings)


async def overview(session: AsyncSession) -> Overview:
    """What waits for operators, in one statement; raises NotFound for who is none."""
    instant = now()
    values = {"told": told(), "cutoff": instant - LATE_AFTER, "missing_before": instant - MISSING_AFTER,
              "held_before": instant - HELD_LONG_AFTER, "most": MOST_COUNTED}
    row = await session.scalar(_OVERVIEW, values)
    if row is None:
        raise NotFound
    return Overview(**{**row, "stop": _hindered(row["stop"]), "acts": _acts(row["acts"])})


async def stuck(session: AsyncSession, part: str, *, after: tuple[datetime, str] | None = None) -> list[Stuck]:
    """One part of the list, the longest waiting first; one more than PAGE_SIZE when it goes on. For others than operators it is empty."""
    at, key = after or (_BEGINNING, "")
    values = {"after_at": at, "after_key": key, "most": PAGE_SIZE + 1}
    if part == "missing":
        rows = await session.execute(_MISSING, {**values, "cutoff": now() - MISSING_AFTER})
    else:
        rows = await session.execute(_LIST, {**values, "part": part, "told": told(), "cutoff": now() - LATE_AFTER})
    return [_stuck(part, row) for row in rows.mappings()]


async def is_known(session: AsyncSession, number: str) -> bool:
    """Whether there is a dossier of that number, or a message that came in names it; never for others than operators."""
    return await session.scalar(_SHOW, {"number": number, "told": told()}) is not None


async def hand_over(session: AsyncSession, number: str) -> HandOver:
    """One dossier's messages both ways, with their history; raises NotFound for an unknown number and for who is no operator."""
    row = await session.scalar(_SHOW, {"number": number, "told": told()})
    if row is None:
        raise NotFound
    return HandOver(
        number=row["number"], dossier_id=UUID(row["dossier_id"]) if row["dossier_id"] else None, is_stopped=row["stopped"], hold=_hindered(row["hold"]),
        sendings=[_sending(one, row["procedure"], row["edition"]) for one in row["messages"]], comings=[_coming(one) for one in row["arrivals"]],
        acts=_acts(row["acts"]),
    )


def title_of(procedure: str | None, edition: str | None, action: str | None) -> str:
    """The msgid of what a step did; nothing for a message that came in, and for a dossier that is held as a whole."""
    if not (procedure and edition and action):
        return ""
    return next((one.done for one in edition_of(procedure, edition).life.steps if one.action == action), action)


def _stuck(part: str, row: Mapping[Any, Any]) -> Stuck:
    return Stuck(
        what=title_of(row["procedure"], row["edition"], row["action"]), since=row["happened_at"], last_act=row["last_act"] or "",
        # Why a dossier is held was written by an operator; all else is a word of ours.
        why=row["last_error"] if part == "held" else sentence(row["last_error"]),
        **{name: row[name] for name in ("key", "number", "tries", "tried_at", "next_try_at", "is_held", "last_acted_at", "noted_at")},
    )


def _sending(row: Mapping[str, Any], procedure: str, edition: str) -> Sending:
    instants: dict[str, Any] = {
        name: _instant(row[name]) for name in ("tried_at", "next_try_at", "concluded_at", "validated_at", "refused_at", "reviewed_at")}
    plain = {name: row[name] for name in ("is_signed", "tries", "reasons", "answered_by")}
    return Sending(event_id=UUID(row["event_id"]), what=title_of(procedure, edition, row["action"]), happened_at=datetime.fromisoformat(row["happened_at"]),
                   why=sentence(row["last_error"]), **instants, **plain)


def _coming(row: Mapping[str, Any]) -> Coming:
    instants = {name: _instant(row[name]) for name in ("concluded_at", "reviewed_at")}
    return Coming(jti=row["jti"], seq=row["seq"], received_at=datetime.fromisoformat(row["received_at"]), outcome=row["outcome"],
                  why=sentence(row["remark"]), **instants)


def _acts(rows: Sequence[Mapping[str, str]]) -> list[Act]:
    return [Act(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in rows]  # type: ignore[arg-type]


def _hindered(row: Mapping[str, str] | None) -> Hindered | None:
    return Hindered(at=datetime.fromisoformat(row["at"]), reason=row["reason"], by=row["by"]) if row else None


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
