"""How many days of a stay are left under the rule of so many days in any period of so many, 90 in 180 today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

_ONE = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Stay:
    """From the day of entry to the day of exit; both count as days of stay."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """The number of days, both ends included."""
        return (self.last - self.first).days + 1

    def days_between(self, start: date, end: date) -> int:
        """How many days of the stay lie between two days, both included."""
        return max(0, (min(self.last, end) - max(self.first, start)).days + 1)


@dataclass(frozen=True)
class CountedDay:
    """One day of the stay that is asked: `used` days of its period have been spent, that day included."""

    day: date
    used: int
    left: int


@dataclass(frozen=True)
class Count:
    """The whole stay, day by day; `allowed` is how many of its days may be stayed in one go from the first on."""

    days: Sequence[CountedDay]
    allowed: int

    @property
    def last_allowed(self) -> date | None:
        """The last day that may be stayed, None when not even the first may."""
        return self.days[self.allowed - 1].day if self.allowed else None

    @property
    def fits(self) -> bool:
        """Whether the whole stay may be stayed."""
        return self.allowed == len(self.days)


def joined(stays: Iterable[Stay]) -> list[Stay]:
    """The same days with no day counted twice: stays that overlap or follow each other become one."""
    found: list[Stay] = []
    for one in sorted(stays):
        if found and one.first <= found[-1].last + _ONE:
            found[-1] = Stay(found[-1].first, max(found[-1].last, one.last))
        else:
            found.append(one)
    return found


def count(earlier: Iterable[Stay], asked: Stay, *, most: int, window: int) -> Count:
    """Look back from each day of the stay that is asked: at most `most` days in the `window` that ends on that day."""
    before = joined(earlier)
    days: list[CountedDay] = []
    allowed: int | None = None
    for number in range(asked.length):
        day = asked.first + number * _ONE
        start = day - (window - 1) * _ONE
        used = sum(one.days_between(start, day) for one in joined([*before, Stay(asked.first, day)]))
        days.append(CountedDay(day, used, max(0, most - used)))
        if used > most and allowed is None:
            allowed = number
    return Count(days, asked.length if allowed is None else allowed)
