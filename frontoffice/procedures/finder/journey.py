"""A way through the finder: what was answered, which page comes next, and where the answers lead; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from frontoffice.forms.fields import Choice
from frontoffice.kernel.errors import Problem
from frontoffice.procedures.finder.purposes import PURPOSES
from frontoffice.procedures.finder.questions import STEPS, Step, facts_of
from frontoffice.procedures.finder.result import CATEGORY, Elsewhere, Found, Result, elsewhere
from frontoffice.procedures.finder.work import at_work, birth_date_meant
from frontoffice.procedures.shared.questions import EEA_AND_SWITZERLAND
from frontoffice.procedures.single_permit.categories import category
from frontoffice.procedures.vocabulary import Procedure, field_of

_LONGEST = 120
# What an address holds for a question that was left empty: an absent one is a question not asked yet.
_SKIPPED = "-"


@dataclass(frozen=True)
class Journey:
    """How far somebody is: `steps` are answered, `asked` is the page to show; `result` is there once nothing is left to ask.

    `raw` are the answers as a browser sends them, of this way only; `values` are what of them is usable.
    """

    values: Mapping[str, str]
    raw: Mapping[str, str]
    steps: Sequence[Step]
    asked: Step | None = None
    problems: Sequence[Problem] = ()
    result: Result | None = None

    def before(self, step: Step) -> Mapping[str, str]:
        """The answers but those of one page, so that it is asked again."""
        own = {name for one in step.form.fields for name in one.raw_names()}
        return {name: text for name, text in self.raw.items() if name not in own}


def travel(sent: Mapping[str, str], day: date) -> Journey:
    """Read what a browser sent, in the order of the questions; what belongs to no question of this way is passed over."""
    values: dict[str, str] = {}
    raw: dict[str, str] = {}
    steps: list[Step] = []
    for step in STEPS:
        known = {**values, **facts_of(values)}
        asked = step.form.asked(known)
        if not asked or (step.when and not step.when.holds(known)):
            continue
        mine = {name: "" if sent[name] == _SKIPPED else sent[name][:_LONGEST] for one in asked for name in one.raw_names() if name in sent}
        # A browser leaves out a choice that nobody made: the page itself says that it was sent.
        if not mine and sent.get("asked") != step.code:
            return Journey(values, raw, steps, asked=step)
        reading = step.form.read(mine, known)
        if reading.problems:
            return Journey(values, {**raw, **mine}, steps, asked=step, problems=reading.problems)
        values.update(reading.values)
        raw.update({name: text or _SKIPPED for one in asked for name, text in one.raw_of(values[one.name]).items()})
        steps.append(step)
        if door := _door(values):
            return Journey(values, raw, steps, result=door)
    return Journey(values, raw, steps, result=_result(values, day))


def _door(values: Mapping[str, str]) -> Elsewhere | None:
    """Who needs no permit at all, as soon as the answers say so."""
    goal = values.get("goal")
    if values.get("nationality") in EEA_AND_SWITZERLAND and goal != "guarantor":
        return elsewhere("service-of-the-municipality" if goal == "arrival" else "no-permit-eea")
    if values.get("residence_status") == "unlimited" and goal in ("work", "hire", "renew", "research"):
        return elsewhere("unlimited-access")
    return None


def _result(values: Mapping[str, str], day: date) -> Result:
    made = PURPOSES.get(values["goal"], at_work)(values, day)
    if isinstance(made, Found) and values.get("nationality"):
        return replace(made, given={"nationality": values["nationality"], **made.given})
    return made


def chosen(journey: Journey, sent: Mapping[str, str]) -> str:
    """The category that somebody chose among the alternatives, if it is one that is filed here."""
    found = category(sent.get(CATEGORY, ""))
    return found.code if found and found.single_permit else ""


def given_to(procedure: Procedure, journey: Journey, sent: Mapping[str, str]) -> dict[str, str]:
    """The answers that a dossier of this procedure takes over: only of questions that it asks, and only answers that it offers."""
    result = journey.result
    wanted = dict(result.given) if isinstance(result, Found) and result.procedure == procedure.code else _same_names(journey)
    if code := chosen(journey, sent):
        wanted[CATEGORY] = code
    return {name: text for name, text in wanted.items() if _takes(procedure, name, text)}


def _same_names(journey: Journey) -> dict[str, str]:
    """What an alternative takes over: the answers to questions of the same name, and those that lead to it."""
    given = dict(journey.result.given) if isinstance(journey.result, Found) else {}
    return {**given, **{name: text for name, text in journey.values.items() if text}}


def _takes(procedure: Procedure, name: str, text: str) -> bool:
    found = field_of(procedure, name)
    if found is None or not text:
        return False
    return not isinstance(found, Choice) or text in {value for value, _label, _hint in found.options}


def known_to(procedure: Procedure, given: Mapping[str, str], journey: Journey, day: date) -> dict[str, str]:
    """What a page about the procedure may reckon with: the answers, and facts that follow when the place of work alone decides."""
    assumed: dict[str, str] = {}
    if "competent_region" in procedure.derived and (given.get("workplace_municipality") or given.get("workplace_postal_code")):
        assumed = {"has_office": "no", "has_unit": "no", "work_pattern": "one", "workplace_postal_code": "0000"}
    if born := birth_date_meant(journey.values, day):
        assumed["birth_date"] = born.isoformat()
    known = {**assumed, **given}
    facts = procedure.derive(known, day)
    return {**given, **({"birth_date": assumed["birth_date"]} if "birth_date" in assumed else {}), **facts}
