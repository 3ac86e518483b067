"""What an outage of ours does to a last day that somebody must keep with us: our own promise, no rule of law; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import add_working_days

# What did not work, as people read it.
AFFECTED: Mapping[str, str] = {
    "everything": _("The whole portal"), "sign-in": _("Signing in"), "filing": _("Filing and sending"), "uploads": _("Uploading documents"),
}


@dataclass(frozen=True)
class Outage:
    """A time when a part of the portal did not work, `until` left out; without it the outage still goes on."""

    id: UUID
    affects: str
    since: datetime
    until: datetime | None
    reason: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Outage":
        """The outage of a row as JSON holds it."""
        until = datetime.fromisoformat(row["until"]) if row["until"] else None
        return cls(UUID(row["id"]), row["affects"], datetime.fromisoformat(row["since"]), until, row["reason"])

    @property
    def title(self) -> str:
        """The msgid of what did not work."""
        return AFFECTED[self.affects]

    def end(self, today: date) -> datetime:
        """When it ended; for one that goes on the end of today, since tomorrow is not known."""
        return self.until or _begin_of(today + timedelta(days=1))


@dataclass(frozen=True)
class Granted:
    """A last day that was moved and told: it is never taken back, even when the outage is corrected later."""

    id: UUID
    clock: str
    started_on: date
    was_on: date
    last_day: date
    outages: Sequence[Outage]
    sealed: bool

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Granted":
        """The relief of a row as JSON holds it."""
        started_on, was_on, last_day = (date.fromisoformat(row[name]) for name in ("started_on", "was_on", "last_day"))
        return cls(UUID(row["id"]), row["clock"], started_on, was_on, last_day, tuple(map(Outage.of, row["outages"])), row["sealed"])


@dataclass(frozen=True)
class Moved:
    """A last day after relief, and the outages that moved it; none when it stays."""

    last_day: date
    outages: Sequence[Outage] = ()


def moved(last_day: date, outages: Iterable[Outage], today: date) -> Moved:
    """Where a last day goes when outages fall on it.

    A deadline is the end of its last day in Brussels. An outage falls on it when any part of it lies in that day, from midnight to
    midnight; one that ended at midnight before does not. Outages that overlap or touch count as one. The day then moves by the
    outage's whole length, each begun day counted by the clock on the wall, so that the change to summer time neither gives nor
    takes a day; and by one working day more. Outages are looked at in their order, each once, since the day to which one moved it
    may fall into the next. A day never moves back.
    """
    here, by = last_day, list[Outage]()
    for since, until, joined in _joined(outages, today):
        if since < _begin_of(here + timedelta(days=1)) and until > _begin_of(here):
            here = add_working_days(here + timedelta(days=_days(since, until)), 1)
            by += joined
    return Moved(here, tuple(by))


def moved_instant(instant: datetime, outage: Outage, today: date) -> datetime:
    """The same promise for something of ours that ends at an instant in an outage: as many days later, at the same hour."""
    local = instant.astimezone(BRUSSELS)
    day = add_working_days(local.date() + timedelta(days=_days(outage.since, outage.end(today))), 1)
    return datetime.combine(day, local.timetz().replace(tzinfo=None), BRUSSELS)


def within(outages: Iterable[Outage], first: date, last: date, today: date) -> list[Outage]:
    """The outages of which some part lies in these days, both included."""
    return [one for one in outages if one.since < _begin_of(last + timedelta(days=1)) and one.end(today) > _begin_of(first)]


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)


def _joined(outages: Iterable[Outage], today: date) -> list[tuple[datetime, datetime, list[Outage]]]:
    found: list[tuple[datetime, datetime, list[Outage]]] = []
    for one in sorted(outages, key=lambda one: (one.since, str(one.id))):
        end = one.end(today)
        if end <= one.since:
            continue  # announced for later without an end: nobody knows yet how long it will be
        if found and one.since <= found[-1][1]:
            since, until, joined = found[-1]
            found[-1] = (since, max(until, end), [*joined, one])
        else:
            found.append((one.since, end, [one]))
    return found


def _days(since: datetime, until: datetime) -> int:
    """How many times the calendar must be turned from the beginning to reach the end, at least once."""
    local = since.astimezone(BRUSSELS)
    days = max(1, (until.astimezone(BRUSSELS).date() - local.date()).days)
    # By instants: between two times of one zone Python compares what the clocks show, which an autumn night shows twice.
    reached = datetime.combine(local.date() + timedelta(days=days), local.timetz().replace(tzinfo=None), BRUSSELS)
    return days if reached.timestamp() >= until.timestamp() else days + 1
