"""The clocks that run on a dossier: computed from its events, with the text each rests on; they never decide anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from frontoffice.dossiers.relief import Granted, Outage, moved, within
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.vocabulary import Clock, Procedure


class Happened(Protocol):
    """What a clock reads of an event."""

    @property
    def action(self) -> str:
        """The step that was taken."""

    @property
    def role(self) -> str:
        """Whose step it was."""

    @property
    def happened_at(self) -> datetime:
        """When it was taken."""

    @property
    def takes(self) -> Sequence[str]:
        """The states that it ended."""

    @property
    def gives(self) -> Sequence[str]:
        """The states that it began."""


@dataclass(frozen=True)
class Pause:
    """The days during which a clock waited, and the role whose question it waited for; without `until` it still waits."""

    since: date
    until: date | None
    by: str
    days: int


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What the clocks of a dossier depend on besides its events and answers.

    `outages` are ours since it was filed, `granted` the last days that were moved and told. `regions` are the Regions that were
    competent one after the other, each with the instant since when, once it was passed on.
    """

    outages: Sequence[Outage] = ()
    granted: Sequence[Granted] = ()
    regions: Sequence[tuple[datetime, str]] = ()

    def region_at(self, instant: datetime, now: str | None) -> str | None:
        """The Region that was competent at an instant; the one of now for a dossier that was never passed on."""
        held = [code for since, code in self.regions if since <= instant]
        return held[-1] if held else self.regions[0][1] if self.regions else now


ORDINARY = Circumstances()


@dataclass(frozen=True, kw_only=True)
class RunningClock:
    """A legal period that runs or is paused: `last_day` moves by the days paused.

    Where the period is kept by sending something here, outages of ours move it from `was_on` (None when none did). `outages` are
    those, or for a period of others the ones that fell in it and moved nothing.
    """

    clock: Clock
    figure: Figure
    started_on: date
    last_day: date
    pauses: Sequence[Pause]
    today: date
    was_on: date | None = None
    outages: Sequence[Outage] = ()

    @property
    def paused_since(self) -> date | None:
        """Since when it waits; None while it runs."""
        return self.pauses[-1].since if self.pauses and self.pauses[-1].until is None else None

    @property
    def days_paused(self) -> int:
        """For how many days it has waited until today."""
        return sum(one.days for one in self.pauses)

    @property
    def legal_days(self) -> int:
        """How many calendar days there are, pauses left out: those of the law, and those that an outage of ours added."""
        return max(1, self.days_total - self.days_paused)

    @property
    def legal_days_used(self) -> int:
        """How many of them have gone by."""
        return max(0, min(self.legal_days, (self.today - self.started_on).days - self.days_paused))

    @property
    def days_total(self) -> int:
        """How many calendar days the period lasts, pauses included."""
        return max(1, (self.last_day - self.started_on).days)

    @property
    def days_used(self) -> int:
        """How many of them have gone by, pauses left out."""
        return min(self.days_total, (min(self.today, self.paused_since or self.today) - self.started_on).days)

    @property
    def days_left(self) -> int:
        """Days until the last day; negative when it has passed."""
        return (self.last_day - self.today).days

    @property
    def is_late(self) -> bool:
        """Whether the last day has passed."""
        return self.days_left < 0 and self.paused_since is None

    @property
    def is_soon(self) -> bool:
        """Whether less than a fifth of the time is left."""
        return 0 <= self.days_left <= max(2, self.days_total // 5) and self.paused_since is None


def running(procedure: Procedure, events: Sequence[Happened], today: date, region: str | None, known: Mapping[str, str] | None = None, *,
            around: Circumstances = ORDINARY) -> list[RunningClock]:
    """The clocks that run on a dossier today, the nearest last day first; `known` are its answers and what follows from them.

    A period is that of the Region that was competent when it began. An outage of ours moves a last day as `relief.moved` says, and only
    where the applicant's side keeps it by sending something here; it never moves the time in which an authority must decide.
    """
    clocks = [one for one in procedure.clocks if one.when is None or one.when.holds(known or {})]
    found = [_relieved(procedure, run, around) for one in clocks if (run := _run(one, events, today, region, around))]
    return sorted(found, key=lambda one: one.last_day)


def is_kept_here(procedure: Procedure, clock: Clock) -> bool:
    """Whether a period is kept by sending something here: then it ends by a step that sends."""
    return bool(clock.stops & procedure.life.sending)


def _run(clock: Clock, events: Sequence[Happened], today: date, region: str | None, around: Circumstances) -> RunningClock | None:
    began, pauses = _read(clock, events)
    if began is None:
        return None
    started = _day_of(began)
    figure = Figures.at(started).find(clock.figure, region=around.region_at(began, region), category=clock.category or None)
    if figure is None:
        return None
    pauses = [one if one.until else replace(one, days=(today - one.since).days) for one in pauses]
    # The days paused come before the move to a working day, so that a period never ends on a Sunday.
    last_day = replace(figure, plus_days=figure.plus_days + sum(one.days for one in pauses)).after(started)
    return RunningClock(clock=clock, figure=figure, started_on=started, last_day=last_day, pauses=pauses, today=today)


def _relieved(procedure: Procedure, run: RunningClock, around: Circumstances) -> RunningClock:
    """The same clock after outages of ours; while it is paused its last day is not known, so nothing can fall on it."""
    if run.paused_since:
        return run
    if not is_kept_here(procedure, run.clock):
        return replace(run, outages=within(around.outages, run.started_on, run.last_day, run.today))
    after = moved(run.last_day, around.outages, run.today)
    told = max((one for one in around.granted if (one.clock, one.started_on) == (run.clock.code, run.started_on)), key=lambda one: one.last_day, default=None)
    if told and told.last_day > after.last_day:
        return replace(run, was_on=told.was_on, last_day=told.last_day, outages=told.outages)
    return replace(run, was_on=run.last_day, last_day=after.last_day, outages=after.outages) if after.outages else run


def _day_of(instant: datetime) -> date:
    return instant.astimezone(BRUSSELS).date()


def _read(clock: Clock, events: Sequence[Happened]) -> tuple[datetime | None, list[Pause]]:
    """Since when the clock runs, if it does, and its pauses, the last of which may be open."""
    started: datetime | None = None
    pauses: list[Pause] = []
    for event in events:
        day = _day_of(event.happened_at)
        waits = bool(pauses) and pauses[-1].until is None
        # What was taken back is a draft again: every clock of its filing is over.
        if event.action in clock.stops | clock.starts or "draft" in event.gives:
            started, pauses, waits = (event.happened_at if event.action in clock.starts else None), [], False
        if started and clock.paused_in & frozenset(event.gives):
            pauses = pauses if waits else [*pauses, Pause(day, None, event.role, 0)]
        elif waits and clock.paused_in & frozenset(event.takes):
            pauses[-1] = replace(pauses[-1], until=day, days=(day - pauses[-1].since).days)
    return started, pauses


def next_due(clocks: Iterable[RunningClock]) -> date | None:
    """The nearest last day among clocks that are not paused; for lists."""
    return min((one.last_day for one in clocks if one.paused_since is None), default=None)
