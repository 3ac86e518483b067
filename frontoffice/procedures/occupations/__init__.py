"""The occupations of ISCO-08: 436 unit groups under ten major groups, named in the four languages.

One file a language, each with where its names come from, under which licence, and how sure they are (see `figures`).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from frontoffice.kernel.i18n import LOCALES, Locale
from frontoffice.kernel.message import Names
from frontoffice.procedures.figures import CONFIDENCES


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The names in one language, by code: one digit for a major group, four for a unit group.

    Those of the codes in `ours` are our own rendering: the source has none, or one that fits only its own country.
    """

    source: str
    licence: str
    confidence: str
    ours: Sequence[str]
    names: Mapping[str, str]


def read(text: str) -> Wording:
    """One file of names; a ValueError when it lacks its source."""
    wording = Wording(**tomllib.loads(text))
    if not (wording.source and wording.licence and wording.confidence in CONFIDENCES):
        raise ValueError("names need a source, a licence and a confidence")
    return wording


WORDINGS: Mapping[Locale, Wording] = {one: read((files(__package__) / f"{one}.toml").read_text("utf-8")) for one in LOCALES}

# A KeyError here says that a language lacks a code that another one has.
_CODES = sorted(set[str]().union(*(one.names for one in WORDINGS.values())))
_NAMED: Mapping[str, Names] = {code: Names(*(WORDINGS[one].names[code] for one in LOCALES)) for code in _CODES}

MAJOR_GROUPS: Mapping[str, Names] = {code: names for code, names in _NAMED.items() if len(code) == 1}
OCCUPATIONS: Mapping[str, Names] = {code: names for code, names in _NAMED.items() if len(code) == 4}
