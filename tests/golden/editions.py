"""A released edition as plain data, to compare with what was released; run as a module it writes what is not there yet."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from frontoffice.forms.conditions import Condition
from frontoffice.forms.fields import Choice
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.fees import charges
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.vocabulary import Procedure

FOLDER = Path(__file__).parent


def file_of(procedure: Procedure) -> Path:
    """Where the golden file of an edition stands."""
    return FOLDER / f"{procedure.code}-{procedure.edition}.json"


def described(procedure: Procedure) -> dict[str, Any]:
    """The declaration of an edition, and what its rules answer for a table of cases."""
    return {"numbers": procedure.prefix, "declared": plain(procedure), "decided": decided(procedure)}


# Wording and looks may be bettered; what is asked of whom may not.
_WORDING = frozenset({
    "label", "hint", "title", "intro", "done", "missing", "summary", "decides", "rules", "information", "payer", "where", "mentions", "item", "autocomplete", "inputmode", "width", "prefix", "suffix", "colour", "prominent", "legal_basis",
    "advice", "key_facts", "rows", "read_as", "show",
})


def plain(value: object) -> Any:
    """A value of ours as JSON knows it, without its wording; rules are named, conditions printed."""
    if isinstance(value, Condition):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"kind": type(value).__name__}
        told = {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.name not in _WORDING}
        return kind | told | ({"choices": [code for code, _label, _hint in value.choices]} if isinstance(value, Choice) else {})
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return str(value) if isinstance(value, date | Decimal) else value


_TOWNS = {"flanders": ("2030", "11002"), "brussels": ("1000", "21004"), "wallonia": ("4000", "62063"), "german-speaking-community": ("4700", "63023")}
_DAY = date(2026, 11, 21)


def decided(procedure: Procedure) -> dict[str, Any]:
    """Authority, documents and fees: for a single permit over workplaces, units, posting and age; for all, what each answer to a choice changes."""
    found = {}
    for where, unit, posted, born in product(_TOWNS, ("yes", "no"), ("yes", "no"), ("1990-02-01", "2010-02-01")) if procedure.code == "single-permit" else ():
        code, nis = _TOWNS[where]
        found[f"{where}, unit {unit}, posted {posted}, born {born}"] = _outcome(procedure, {
            "has_office": "no", "has_unit": unit, "posted": posted, "work_pattern": "one", "birth_date": born, "workplace_postal_code": code,
            "workplace_municipality": nis, "workplace_unit": "2123456789", "receiving_postal_code": "9000", "receiving_municipality": "44021",
        })
    found["nothing answered"] = plain_case = _outcome(procedure, {})
    for page in procedure.pages:
        for one in page.form.fields:
            for value, _label, _hint in one.options if isinstance(one, Choice) and len(one.options) <= 12 else ():
                changed = _outcome(procedure, {one.name: value})
                found[f"{one.name} {value}"] = {name: told for name, told in changed.items() if told != plain_case[name]}
    return {case: told for case, told in found.items() if told}


def _outcome(procedure: Procedure, values: Mapping[str, str]) -> dict[str, Any]:
    known = {**values, **procedure.derive(values, _DAY)}
    outcome = procedure.competent(values)
    return {
        "authority": outcome.authority if isinstance(outcome, Competence) else None,
        "rows": list(outcome.rows) if isinstance(outcome, Competence) else None,
        "pages": [one.code for one in procedure.pages if one.when is not None and one.when.holds(known)],
        "documents": [one.code for one in procedure.documents if one.when is None or one.when.holds(known)],
        "fees": {one.fee.code: plain(one.amount) if one.amount is not None else None for one in charges(procedure, known, Figures.at(_DAY))},
    }


def written(procedure: Procedure) -> str:
    """The text of a golden file: one line for each page, step, document or case, so that a difference is read at a glance."""
    return _lines(described(procedure), depth=3) + "\n"


def _lines(value: Any, depth: int) -> str:
    if depth and isinstance(value, dict) and value:
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {_lines(one, depth - 1)}" for key, one in sorted(value.items())]
        return "{\n" + ",\n".join(rows) + "\n}"
    if depth and isinstance(value, list) and value:
        return "[\n" + ",\n".join(_lines(one, depth - 1) for one in value) + "\n]"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


if __name__ == "__main__":
    for one in EDITIONS:
        if not file_of(one).exists():
            file_of(one).write_text(written(one))
