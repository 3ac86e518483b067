"""Which Schengen State examines a journey: the countries, the days in each, and the main destination (Visa Code, article 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from frontoffice.procedures.figures import Figures

BELGIUM = "BEL"


@dataclass(frozen=True)
class Visit:
    """So many days in one State."""

    state: str
    days: int


@dataclass(frozen=True, kw_only=True)
class Destination:
    """The State that examines the application and the row that says so: 1 the only one, 2 the main one, 3 the first entry.

    `rival` is the State of the main purpose when most days are spent in another one: length or purpose may count.
    """

    state: str
    row: int
    rival: str = ""

    @property
    def is_belgian(self) -> bool:
        """Whether Belgium is the State, or one of the two that may be."""
        return BELGIUM in (self.state, self.rival)


def destination(visits: Iterable[Visit], *, purpose: str = "", first_entry: str = "") -> Destination | None:
    """The competent State: days are added up per State; None when nothing decides a tie."""
    totals: dict[str, int] = {}
    for one in visits:
        totals[one.state] = totals.get(one.state, 0) + one.days
    if not totals:
        return None
    if len(totals) == 1:
        return Destination(state=next(iter(totals)), row=1)
    most = max(totals.values())
    longest = [state for state, days in totals.items() if days == most]
    if len(longest) == 1:
        return Destination(state=longest[0], row=2, rival=purpose if purpose != longest[0] else "")
    if purpose in longest:
        return Destination(state=purpose, row=2)
    return Destination(state=first_entry, row=3) if first_entry else None


def schengen_states(day: date) -> Sequence[str]:
    """The States of the Schengen area on that day, by their three letters."""
    return str(Figures.at(day).get("schengen-states").value).split()
