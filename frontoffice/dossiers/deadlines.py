"""The clocks that run on a dossier: computed from its events, with the text each rests on; they never decide anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.vocabulary import Clock, Procedure


class Happened(Protocol):
    """What a clock reads of an event."""

    @property
    def action(self) -> str:
        """The step that was taken."""

    @property
    def happened_at(self) -> datetime:
        """When it was taken."""

    @property
    def takes(self) -> Sequence[str]:
        """The states that it ended."""

    @property
    def gives(self) -> Sequence[str]:
        """The states that it began."""


@dataclass(frozen=True, kw_only=True)
class RunningClock:
    """A legal period that runs or is paused: `last_day` moves by the days paused, `None` while it is paused."""

    clock: Clock
    figure: Figure
    started_on: date
    last_day: date
    paused_since: date | None
    days_paused: int
    today: date

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


def running(procedure: Procedure, events: Sequence[Happened], today: date, region: str | None) -> list[RunningClock]:
    """The clocks that run on a dossier today, the nearest last day first."""
    found = [clock for one in procedure.clocks if (clock := _run(one, events, today, region))]
    return sorted(found, key=lambda one: one.last_day)


def _run(clock: Clock, events: Sequence[Happened], today: date, region: str | None) -> RunningClock | None:
    started: date | None = None
    paused_since: date | None = None
    days_paused = 0
    for event in events:
        day = event.happened_at.astimezone(BRUSSELS).date()
        if event.action in clock.stops:
            started = paused_since = None
        if event.action in clock.starts:
            started, days_paused, paused_since = day, 0, None
        if started and clock.paused_in & frozenset(event.gives):
            paused_since = day
        elif started and paused_since and clock.paused_in & frozenset(event.takes):
            days_paused += (day - paused_since).days
            paused_since = None
    if started is None:
        return None
    figure = Figures.at(started).find(clock.figure, region=region)
    if figure is None:
        return None
    waiting = (today - paused_since).days if paused_since else 0
    # The days paused come before the move to a working day, so that a period never ends on a Sunday.
    last_day = replace(figure, plus_days=figure.plus_days + days_paused + waiting).after(started)
    return RunningClock(clock=clock, figure=figure, started_on=started, last_day=last_day, paused_since=paused_since,
                        days_paused=days_paused + waiting, today=today)


def next_due(clocks: Iterable[RunningClock]) -> date | None:
    """The nearest last day among clocks that are not paused; for lists."""
    return min((one.last_day for one in clocks if one.paused_since is None), default=None)
