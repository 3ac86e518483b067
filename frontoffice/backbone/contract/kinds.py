"""What each kind of question may hold, as JSON Schema; stored answers are texts, so most of it is patterns."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import singledispatch
from typing import Any, Final

from frontoffice.forms import identifiers
from frontoffice.forms.fields import Agreement, Checked, Choice, Choices, Countries, Country, Day, Email, Field, LongText, Number, PartialDay, Text
from frontoffice.procedures.choices import Occupation, Post
from frontoffice.procedures.places import MunicipalityName

Schema = dict[str, Any]

CODE: Final = "^[a-z0-9]+(-[a-z0-9]+)*$"
DAY: Final[Mapping[str, Any]] = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
INSTANT: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"
_PARTIAL_DAY: Final = "^[0-9]{4}-(00-00|(0[1-9]|1[0-2])-(0[0-9]|[12][0-9]|3[01]))$"
_LONGEST_PART: Final = 4000
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")

# What the readers of numbers and addresses give; a reader that is not here gives some text.
_GIVEN_BY: Final[Mapping[Callable[[str], str], str]] = {
    identifiers.enterprise_number: "^[01][0-9]{9}$",
    identifiers.establishment_unit_number: "^[2-8][0-9]{9}$",
    identifiers.national_number: "^[0-9]{11}$",
    identifiers.bis_number: "^[0-9]{11}$",
    identifiers.national_or_bis_number: "^[0-9]{11}$",
    identifiers.structured_reference: "^[0-9]{12}$",
    identifiers.iban: "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
    identifiers.phone: "^\\+[1-9][0-9]{3,17}$",
    identifiers.postal_code: "^[1-9][0-9]{3}$",
    identifiers.travel_document_number: "^[A-Z0-9]{1,20}$",
    identifiers.read_dossier_number: "^[A-Z]{2}-[0-9]{4}-[0-9]{7,9}-[0-9A-Z]$",
}


@singledispatch
def schema_of(question: Field) -> Schema:
    """What a stored answer to this question looks like; any text up to its length where nothing more is certain."""
    return text_of(max(question.longest, 200))


def text_of(longest: int) -> Schema:
    """A text that is not empty."""
    return {"type": "string", "minLength": 1, "maxLength": longest}


def words_of(longest: int) -> Schema:
    """A text, or several one after the other."""
    return {"type": ["string", "array"], "minLength": 1, "maxLength": longest, "minItems": 1, "maxItems": 20, "items": text_of(min(longest, _LONGEST_PART))}


def said(question: Field) -> Schema:
    """What another authority may answer to a question of a step: texts may come in parts."""
    return words_of(question.longest) if isinstance(question, Text | LongText) else schema_of(question)


@schema_of.register
def _text(question: Text) -> Schema:
    return text_of(question.longest)


@schema_of.register
def _long_text(question: LongText) -> Schema:
    return text_of(question.longest)


@schema_of.register
def _checked(question: Checked) -> Schema:
    pattern = _GIVEN_BY.get(question.reader)
    return {"type": "string", "pattern": pattern} if pattern else text_of(max(question.longest, 200))


@schema_of.register
def _email(question: Email) -> Schema:
    return {"type": "string", "pattern": "^[!-~]+@[!-~]+$", "maxLength": 254}


@schema_of.register
def _choice(question: Choice) -> Schema:
    return {"enum": [code for code, _label, _hint in question.choices]}


@schema_of.register
def _choices(question: Choices) -> Schema:
    one = f"({_either([code for code, _label, _hint in question.choices])})"
    return {"type": "string", "pattern": f"^{one}( {one})*$"}


@schema_of.register
def _agreement(question: Agreement) -> Schema:
    return {"const": "yes"}


@schema_of.register
def _number(question: Number) -> Schema:
    decimals = f"\\.[0-9]{{{question.decimals}}}" if question.decimals else ""
    return {"type": "string", "pattern": f"^{'-?' if question.least < 0 else ''}[0-9]{{1,{len(str(question.most))}}}{decimals}$"}


@schema_of.register
def _day(question: Day) -> Schema:
    return dict(DAY)


@schema_of.register
def _partial_day(question: PartialDay) -> Schema:
    return {"type": "string", "pattern": _PARTIAL_DAY}


@schema_of.register
def _country(question: Country) -> Schema:
    return {"type": "string", "pattern": "^[A-Z]{3}$"}


@schema_of.register
def _countries(question: Countries) -> Schema:
    return {"type": "string", "pattern": f"^[A-Z]{{3}}( [A-Z]{{3}}){{0,{question.most - 1}}}$"}


@schema_of.register
def _municipality(question: MunicipalityName) -> Schema:
    return {"type": "string", "pattern": "^[0-9]{5}$"}


@schema_of.register
def _occupation(question: Occupation) -> Schema:
    return {"type": "string", "pattern": "^[0-9]{4}$"}


@schema_of.register
def _post(question: Post) -> Schema:
    # The list of posts is no part of an edition: it changes as posts open and close.
    return {"type": "string", "pattern": CODE, "maxLength": 64}


def _either(codes: Sequence[str]) -> str:
    if strange := [one for one in codes if not _PLAIN.fullmatch(one)]:
        raise ValueError(f"{strange}: a code is of letters, digits and dashes")
    return "|".join(codes)
