"""The tables of cases: each situation of tests/cases/*.toml, and what the declaration of its procedure makes of it.

A case names its source and how sure it is, its procedure, the day of filing and the answers that matter (as they are
stored); with `base` it starts from a whole dossier of tests/procedures/samples and changes it. Every other key is an
expectation and has its function in EXPECTATIONS.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from frontoffice.dossiers.deadlines import running
from frontoffice.forms.fields import Choice
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.message import Message, say
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures import EDITIONS, in_force
from frontoffice.procedures.competence import AskAPerson, Competence, OtherDoor
from frontoffice.procedures.fees import charges, sum_of, total
from frontoffice.procedures.figures import CONFIDENCES, Figures
from frontoffice.procedures.vocabulary import Page, Procedure, field_of

TABLES = Path(__file__).parent.parent / "cases"
DESCRIPTION = {"name", "source", "confidence", "procedure", "day", "answers", "base", "note"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One situation; `expected` holds all that is said of its outcome."""

    name: str
    source: str
    confidence: str
    code: str
    day: date
    answers: Mapping[str, str]
    expected: Mapping[str, Any] = field(repr=False)

    @cached_property
    def procedure(self) -> Procedure:
        """The edition in force; before the first one, the first: the figures of older days are known too."""
        try:
            return in_force(self.code, self.day)
        except LookupError:
            return next(one for one in EDITIONS if one.code == self.code)

    @cached_property
    def known(self) -> Mapping[str, str]:
        """The answers and the facts that follow from them."""
        return {**self.answers, **self.procedure.derive(self.answers, self.day)}

    def pages(self) -> list[Page]:
        """The pages that this situation must answer."""
        return [one for one in self.procedure.pages if one.when is None or one.when.holds(self.known)]

    def problems(self, pages: Sequence[Page]) -> Iterator[Problem]:
        """What these pages say of the answers, read as if they were typed now."""
        for one in pages:
            yield from one.form.read(one.form.raw_of(self.answers), self.known).problems


def read(raw: Mapping[str, Any]) -> Case:
    """One row of a table."""
    answers = {**_base(raw["procedure"], raw.get("base", "")), **raw.get("answers", {})}
    return Case(
        name=raw["name"], source=raw["source"], confidence=raw["confidence"], code=raw["procedure"], day=_day(raw["day"]),
        answers={name: value for name, value in answers.items() if value}, expected={key: value for key, value in raw.items() if key not in DESCRIPTION})


def _base(procedure: str, name: str) -> Mapping[str, str]:
    """All answers of a sample, whatever their page: `base = "answers"` takes ANSWERS, `base = "renewal"` takes RENEWAL."""
    if not name:
        return {}
    sample = getattr(import_module(f"tests.procedures.samples.{procedure.replace('-', '_')}"), name.upper().replace("-", "_"))
    return {question: value for page in sample.values() for question, value in page.items()}


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def load() -> list[Any]:
    """The cases of every table that is about procedures."""
    found = []
    for path in sorted(TABLES.glob("*.toml")):
        for raw in tomllib.loads(path.read_text(encoding="utf-8")).get("case", []):
            if "procedure" in raw:
                found.append(pytest.param(raw, id=f"{path.stem}: {raw['name']}"))
    return found


def _outcome_is(case: Case, kind: type[Any]) -> Any:
    outcome = case.procedure.competent(case.answers)
    assert isinstance(outcome, kind), outcome
    return outcome


def authority(case: Case, expected: str) -> None:
    assert _outcome_is(case, Competence).authority == expected


def row(case: Case, expected: int) -> None:
    outcome = case.procedure.competent(case.answers)
    assert outcome and (outcome.rows[-1] if isinstance(outcome, Competence) else outcome.row) == expected


def door(case: Case, expected: str) -> None:
    """Part of what the other door is called."""
    _holds(expected, _outcome_is(case, OtherDoor).title)


def ask(case: Case, expected: str) -> None:
    """Part of the reason why a person must decide."""
    _holds(expected, _outcome_is(case, AskAPerson).reason)


def edition(case: Case, expected: str) -> None:
    assert case.procedure.edition == expected


def documents(case: Case, expected: Sequence[str]) -> None:
    assert set(expected) <= _asked(case)


def not_documents(case: Case, expected: Sequence[str]) -> None:
    assert set(expected) <= {one.code for one in case.procedure.documents}, "no such document"
    assert not set(expected) & _asked(case)


def _asked(case: Case) -> set[str]:
    return {one.code for one in case.procedure.documents if one.when is None or one.when.holds(case.known)}


def fees(case: Case, expected: Mapping[str, str]) -> None:
    """Code of the fee: an amount, "exempt", "unknown", or "none" when it is not asked."""
    found = {one.fee.code: "exempt" if one.exemption else "unknown" if one.amount is None else f"{one.amount:f}"
             for one in charges(case.procedure, case.known, Figures.at(case.day))}
    assert {code: found.get(code, "none") for code in expected} == dict(expected)


def total_of_fees(case: Case, expected: str) -> None:
    found = total(charges(case.procedure, case.known, Figures.at(case.day)))
    assert ("unknown" if found is None else f"{found:f}") == expected


def at_most(case: Case, expected: str) -> None:
    """What the fees come to at the most."""
    assert f"{sum_of(charges(case.procedure, case.known, Figures.at(case.day))).most:f}" == expected


def may_be_missing(case: Case, expected: Sequence[str]) -> None:
    """Documents that are asked for here, and without which one can file all the same."""
    asked = {one.code: one.required for one in case.procedure.documents if one.when is None or one.when.holds(case.known)}
    assert {code: asked.get(code) for code in expected} == dict.fromkeys(expected, False)


def marks(case: Case, expected: Mapping[str, str]) -> None:
    """Question: how sure the remarks about it are."""
    found = case.procedure.remarks(case.known, case.day)
    assert {name: "".join(sorted({one.confidence for one in found if one.about == name})) for name in expected} == dict(expected)


def problems(case: Case, expected: Mapping[str, str]) -> None:
    """Question: part of what is wrong with its answer. An empty table says that no page has a problem."""
    pages = [one for one in case.pages() if not expected or any(each.name in expected for each in one.form.fields)]
    found = list(case.problems(pages))
    if not expected:
        assert [(one.field, one.message) for one in found] == []
    for question, part in expected.items():
        assert any(one.field == question and part in one.message for one in found), [(one.field, one.message) for one in found]


def no_problems(case: Case, expected: Sequence[str]) -> None:
    """Questions whose pages have no problem about them."""
    pages = [one for one in case.pages() if any(each.name in expected for each in one.form.fields)]
    assert not [(one.field, one.message) for one in case.problems(pages) if one.field in expected]


def remarks(case: Case, expected: Mapping[str, str]) -> None:
    """Question: part of a remark about it, as its msgid or as an English reader sees it."""
    found = [(one.about, one.message) for one in case.procedure.remarks(case.known, case.day)]
    for question, part in expected.items():
        texts = [f"{message.text}\n{say(message, 'en')}" for about, message in found if about == question]
        assert any(part in text for text in texts), texts


def not_remarks(case: Case, expected: Sequence[str]) -> None:
    """Questions about which nothing doubtful is said."""
    assert not [one for one in case.procedure.remarks(case.known, case.day) if one.about in expected and one.doubtful]


def facts(case: Case, expected: Mapping[str, str]) -> None:
    derived = case.procedure.derive(case.answers, case.day)
    assert {name: derived.get(name, "") for name in expected} == dict(expected)


def pages(case: Case, expected: Sequence[str]) -> None:
    assert set(expected) <= {one.code for one in case.pages()}


def not_pages(case: Case, expected: Sequence[str]) -> None:
    assert all(case.procedure.page(code) for code in expected), "no such page"
    assert not set(expected) & {one.code for one in case.pages()}


def last_day(case: Case, expected: Mapping[str, Mapping[str, Any]]) -> None:
    """Clock: the day it started, the last day expected, and perhaps `paused`, the days on which it stopped and went on."""
    clocks = [one for one in case.procedure.clocks if one.when is None or one.when.holds(case.known)]
    for code, said in expected.items():
        clock = next(one for one in clocks if one.code == code)
        started, pause = _day(said["started"]), [_day(one) for one in said.get("paused", ())]
        waits = tuple(sorted(clock.paused_in)[:1])
        events = [Event(next(iter(clock.starts)), started)]
        events += [Event("pause", pause[0], gives=waits), Event("go-on", pause[1], takes=waits)] if pause else []
        alone = replace(case.procedure, clocks=[replace(clock, when=None)])
        [found] = running(alone, events, max(started, *pause) if pause else started, case.known.get("competent_region"))
        assert found.last_day == _day(said["expected"]), found.last_day


def options(case: Case, expected: Mapping[str, Sequence[str]]) -> None:
    """Question: the values that it offers, all of them."""
    for name, values in expected.items():
        question = field_of(case.procedure, name)
        assert isinstance(question, Choice)
        assert {one[0] for one in question.offered(case.known)} == set(values)


def offers(case: Case, expected: Mapping[str, Sequence[str]]) -> None:
    """Question: values that are among those it offers; one with a "-" before it is not."""
    for name, values in expected.items():
        question = field_of(case.procedure, name)
        assert isinstance(question, Choice)
        found = {one[0] for one in question.offered(case.known)}
        assert [one for one in values if (one.removeprefix("-") in found) is one.startswith("-")] == []


def clocks(case: Case, expected: Mapping[str, str]) -> None:
    """Clock: its length as a number and a unit, such as "90 days"."""
    for code, said in expected.items():
        clock = next(one for one in case.procedure.clocks if one.code == code and (one.when is None or one.when.holds(case.known)))
        figure = Figures.at(case.day).get(clock.figure, region=case.known.get("competent_region"), category=clock.category or None)
        assert f"{figure.count} {figure.unit}" == said


def appeal(case: Case, expected: Mapping[str, Mapping[str, str]]) -> None:
    """Refusing step: the day on which the refusal was `told`, and the `last` day to appeal."""
    for action, said in expected.items():
        figure = Figures.at(_day(said["told"])).get(case.procedure.appeals[action].figure, region=case.known.get("competent_region"))
        assert figure.after(_day(said["told"])) == _day(said["last"])


@dataclass(frozen=True)
class Event:
    """Something that happened at noon of a day."""

    action: str
    day: date
    takes: Sequence[str] = ()
    gives: Sequence[str] = ()
    role: str = "immigration-office"

    @property
    def happened_at(self) -> datetime:
        return datetime.combine(self.day, time(12), BRUSSELS)


def _holds(part: str, message: Message) -> None:
    assert part in f"{message.text}\n{say(message, 'en')}"


EXPECTATIONS: Mapping[str, Callable[[Case, Any], None]] = {
    "authority": authority, "region": authority, "row": row, "door": door, "ask": ask, "edition": edition, "documents": documents,
    "not_documents": not_documents, "fees": fees, "total": total_of_fees, "problems": problems, "no_problems": no_problems, "remarks": remarks,
    "not_remarks": not_remarks, "facts": facts, "pages": pages, "not_pages": not_pages, "last_day": last_day, "options": options, "offers": offers,
    "clocks": clocks, "appeal": appeal, "at_most": at_most, "may_be_missing": may_be_missing, "marks": marks,
}


@pytest.mark.parametrize("raw", load())
def test_case(raw: Mapping[str, Any]) -> None:
    case = read(raw)
    assert case.source and case.confidence in CONFIDENCES
    assert case.expected, "nothing is expected"
    assert case.expected.keys() <= EXPECTATIONS.keys(), case.expected.keys() - EXPECTATIONS.keys()
    with stopped_at(datetime.combine(case.day, time(12), BRUSSELS)):
        asked = {one.name for page in case.procedure.pages for one in page.form.fields} | case.procedure.derived
        assert case.answers.keys() <= asked, case.answers.keys() - asked
        for key, expected in case.expected.items():
            EXPECTATIONS[key](case, expected)
