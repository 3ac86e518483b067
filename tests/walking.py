"""The usual way through any procedure, found in its life: which steps lead from filing to a good end, by whom, with what said."""

from collections import deque
from collections.abc import Collection, Mapping

from frontoffice.forms.fields import Agreement, Choice, Choices, Day, Field, Money, Number
from frontoffice.kernel.time import today
from frontoffice.procedures.lifecycle import Position, Step
from frontoffice.procedures.places import MunicipalityName, PostalCode
from frontoffice.procedures.vocabulary import Procedure

_ASIDE = frozenset({"discard", "withdraw", "take-back", "add-documents", "reopen-worker-part", "report-address", "record-expiry", "record-replacement"})


def filed(procedure: Procedure) -> Position:
    """The position right after filing."""
    filing = procedure.life.filing
    return procedure.life.after(filing.takes, filing)


def good_ends(procedure: Procedure) -> frozenset[str]:
    """The final states that are called green; the last milestone where nothing ends so."""
    life = procedure.life
    return frozenset(one.state for one in life.headlines if one.state in life.final and one.colour == "green") or procedure.milestones[-1].states


def usual_way(procedure: Procedure) -> list[Step]:
    """The shortest row of steps from filing to a good end, without refusals; raises AssertionError when there is none."""
    life, start = procedure.life, filed(procedure)
    ends, seen = good_ends(procedure), {start}
    waiting: deque[tuple[Position, list[Step]]] = deque([(start, [])])
    while waiting:
        here, way = waiting.popleft()
        if here & ends:
            return way
        for step in life.open_steps(here):
            there = life.after(here, step)
            if step.refusing or step.action in _ASIDE or there in seen:
                continue
            seen.add(there)
            waiting.append((there, [*way, step]))
    raise AssertionError(f"{procedure.code}: no way from {sorted(start)} to {sorted(ends)}")


def taken_here(procedure: Procedure, step: Step, roles: Collection[str]) -> Step:
    """The same step as one of these roles takes it: a life may give one step to several authorities, in rows of their own."""
    same = [one for one in procedure.life.steps if (one.action, one.takes, one.gives) == (step.action, step.takes, step.gives)]
    return next((one for one in same if one.by & frozenset(roles)), step)


def said_with(step: Step, answers: Mapping[str, str]) -> dict[str, str]:
    """Plausible stored evidence for a step; what must equal an answer of the form is that answer."""
    return {one.name: answers.get(step.same_as.get(one.name, ""), "") or _plausible(one) for one in step.evidence
            if not one.optional or isinstance(one, Day | MunicipalityName)}


def _plausible(one: Field) -> str:
    if isinstance(one, Agreement):
        return "yes"
    if isinstance(one, Choice):
        return one.options[0][0]
    if isinstance(one, Day):
        return today().isoformat()
    if isinstance(one, PostalCode):
        return "2018"
    if isinstance(one, MunicipalityName):
        return "11002"
    if isinstance(one, Money | Number):
        return one.read({one.name: str(max(one.least, 10))})
    return "PZ 5345, 1234"


__all__ = ["Choices", "filed", "good_ends", "said_with", "taken_here", "usual_way"]
