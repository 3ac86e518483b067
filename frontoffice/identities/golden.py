"""The golden record of a person: of each attribute the best value that the dossiers give, and which dossier gave it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from frontoffice.identities.particulars import Particulars

# A zone is proved by its check digits; what it holds outranks what was typed, and then the newest counts (rule I8).
_IN_ZONE = frozenset({"born", "sex", "documents"})
_SINGLE = ("name", "born", "sex", "birth_place", "birth_country", "document_type")
_SEVERAL = ("names", "nationalities", "documents", "register_numbers", "emails", "phones", "guardians")


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one dossier says of a person."""

    dossier: UUID
    filed_at: datetime
    particulars: Particulars


@dataclass(frozen=True)
class Attribute:
    """A value of the golden record, the dossier that it comes from, and whether a zone or the applicant gave it."""

    value: Any
    dossier: UUID
    source: str


def golden(records: Sequence[Record]) -> Mapping[str, Attribute]:
    """The best value of each single attribute, by its name in Particulars; those that nobody gave are left out."""
    found: dict[str, Attribute] = {}
    for name in _SINGLE:
        giving = [one for one in records if _given(one.particulars, name)]
        if giving:
            best = max(giving, key=lambda one: (_rank(one, name), one.filed_at, str(one.dossier)))
            found[name] = Attribute(getattr(best.particulars, name), best.dossier, _source(best, name))
    return found


def gathered(records: Sequence[Record], name: str) -> tuple[Any, ...]:
    """Every value of an attribute that may have several, those of the newest dossier first, none twice."""
    newest_first = sorted(records, key=lambda one: (one.filed_at, str(one.dossier)), reverse=True)
    return tuple(dict.fromkeys(value for one in newest_first for value in getattr(one.particulars, name)))


def stored(records: Sequence[Record]) -> dict[str, Any]:
    """The golden record as it is kept beside the identity: plain values with their provenance."""
    single = {name: {"value": _plain(one.value), "dossier": str(one.dossier), "source": one.source} for name, one in golden(records).items()}
    return {**single, **{name: [_plain(value) for value in gathered(records, name)] for name in _SEVERAL}}


def _given(one: Particulars, name: str) -> bool:
    return one.born.year is not None if name == "born" else bool(getattr(one, name))


def _source(one: Record, name: str) -> str:
    return "zone" if one.particulars.from_zone and name in _IN_ZONE else "applicant"


def _rank(one: Record, name: str) -> tuple[bool, int]:
    """A date known to the day outranks one known in part, whoever gave it."""
    born = one.particulars.born
    return _source(one, name) == "zone", sum(part is not None for part in (born.month, born.day)) if name == "born" else 0


def _plain(value: Any) -> Any:
    return vars(value) if hasattr(value, "__dataclass_fields__") else list(value) if isinstance(value, tuple) else value
