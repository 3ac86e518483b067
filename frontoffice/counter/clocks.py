"""What the clock column of a work list says: days left or late where a legal period runs, else how long it has waited."""

from dataclasses import dataclass
from datetime import date, datetime

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.vocabulary import Procedure

# The clock that sets the last day in a state; in every other state it is the decision's.
_CLOCK_IN = {"complement": "complement", "stay-complement": "stay-complement", "arrived": "municipal-report"}


@dataclass(frozen=True)
class QueueClock:
    """`kind` is left, late, queue (filed, nobody took it up), waiting or closed; `used` is a share of 100 or None."""

    kind: str
    days: int
    used: int | None = None
    state: str = "running"


def clock_of(procedure: Procedure, headline: str, *, due_on: date | None, since: datetime, today: date, region: str | None) -> QueueClock:
    """The clock of one row; `since` is when it was filed, or when it last moved."""
    if headline in procedure.life.final:
        return QueueClock("closed", 0)
    if due_on is None:
        waited = max(0, (today - since.astimezone(BRUSSELS).date()).days)
        return QueueClock("queue" if headline == "filed" else "waiting", waited)
    left = (due_on - today).days
    if left < 0:
        return QueueClock("late", -left, 100, "late")
    total = _length(procedure, _CLOCK_IN.get(headline, "decision"), today, region)
    used = 100 - round(100 * left / total) if total >= left else 0
    return QueueClock("left", left, used, "soon" if left <= max(2, total // 5) else "running")


def _length(procedure: Procedure, code: str, day: date, region: str | None) -> int:
    """How many calendar days the period of a clock lasts when it starts about now; 0 when no figure is known."""
    clock = next((one for one in procedure.clocks if one.code == code), None)
    figure = Figures.at(day).find(clock.figure, region=region) if clock else None
    return (figure.after(day) - day).days if figure else 0
