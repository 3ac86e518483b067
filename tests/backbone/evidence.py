"""What could be said with any step of any procedure, for those who test messages and schemas."""

import re
from datetime import timedelta
from functools import singledispatch
from typing import Any, Final

from frontoffice.forms.fields import Agreement, Checked, Choice, Country, Day, Field, Number
from frontoffice.forms.identifiers import Wrong, dossier_number
from frontoffice.kernel.time import today
from frontoffice.procedures.choices import OTHER_POST, Occupation, Post
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.places import MunicipalityName
from frontoffice.procedures.vocabulary import Procedure, Role

FEDERAL: Final = (Role.IMMIGRATION_OFFICE, Role.DIPLOMATIC_POST)
_TEXT: Final = "A sample of the stand-in."
_NUMBERS: Final = ("Z1234567", "1000", "1999999943", "2999999989", "85073003328", dossier_number(2026, 123), "person@post.example", "+3225018111")
_ANNEX: Final = re.compile(r"annex ([0-9]+[a-z]*)")


def sample_evidence(procedure: Procedure, step: Step) -> dict[str, Any]:
    """What could be said with the step, dated today: the first choice of each question that must be answered."""
    told: dict[str, Any] = {}
    for one in step.evidence:
        if one.optional or (one.when is not None and not one.when.holds(told)):
            continue
        told[one.name] = [_first_document(procedure)] if one.name == "documents" else [_TEXT] if one.name == "reasons" else _sample(one)
    if found := _ANNEX.search(step.label):
        told["annex"] = found[1]
    if step.refusing or "valid_until" in told:
        told["decision_date"] = today().isoformat()
    return told


def _first_document(procedure: Procedure) -> str:
    return next((one.code for one in procedure.documents if one.required), "other")


@singledispatch
def _sample(question: Field) -> str:
    return _TEXT[:question.longest]


@_sample.register
def _day(question: Day) -> str:
    return (today() + timedelta(days=365 if question.name.endswith("until") else 0)).isoformat()


@_sample.register
def _choice(question: Choice) -> str:
    return question.options[0][0]


@_sample.register
def _agreement(question: Agreement) -> str:
    return "yes"


@_sample.register
def _number(question: Number) -> str:
    return question.parse(str(max(question.least, 1)))


@_sample.register
def _country(question: Country) -> str:
    return "IND"


@_sample.register
def _municipality(question: MunicipalityName) -> str:
    return "21004"


@_sample.register
def _post(question: Post) -> str:
    return OTHER_POST


@_sample.register
def _occupation(question: Occupation) -> str:
    return "2512"


@_sample.register
def _checked(question: Checked) -> str:
    for one in _NUMBERS:
        try:
            return question.reader(one)
        except Wrong:
            continue
    raise ValueError(f"no sample for the question {question.name}")
