"""How the characters of a machine-readable zone are laid out, and what its check digits prove (ICAO Doc 9303 parts 3 to 7).

Cards have three lines of 30 (TD1) or two of 36 (TD2), passports two of 44 (TD3), visa stickers two of 44 (MRV-A) or of 36 (MRV-B).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.i18n import mark as _

Kind = Literal["TD1", "TD2", "TD3", "MRV-A", "MRV-B"]
PASSPORTS: frozenset[Kind] = frozenset({"TD3"})
CARDS: frozenset[Kind] = frozenset({"TD1", "TD2"})
VISAS: frozenset[Kind] = frozenset({"MRV-A", "MRV-B"})
EVERY_KIND = PASSPORTS | CARDS | VISAS

_Widths = tuple[tuple[str, int], ...]
_LONGEST = 400
_ZONE = re.compile(r"\A[A-Z0-9<]+\Z")
_LETTERS = re.compile(r"\A[A-Z<]+\Z")
_PROVED = ("number", "birth", "expiry", "optional")
# Neither these nor what proves the whole belong to what the last digit is computed over.
_OUTSIDE = frozenset({"code", "state", "names", "nationality", "sex", "composite"})


@dataclass(frozen=True)
class _Layout:
    """The parts of a zone in their order, with the letters that its first line may start with."""

    lines: int
    starts: str
    parts: _Widths

    def length(self) -> int:
        return sum(width for _name, width in self.parts)

    def cut(self, zone: str) -> dict[str, str]:
        found, at = {}, 0
        for name, width in self.parts:
            found[name], at = zone[at : at + width], at + width
        return found

    def composite(self, parts: Mapping[str, str]) -> str:
        return "".join(parts[name] for name, _width in self.parts if name not in _OUTSIDE)


def _head(names: int) -> _Widths:
    return (("code", 2), ("state", 3), ("names", names))


_PERSON: _Widths = (("birth", 6), ("birth_digit", 1), ("sex", 1), ("expiry", 6), ("expiry_digit", 1))
_NUMBER: _Widths = (("number", 9), ("number_digit", 1))
_SECOND: _Widths = (*_NUMBER, ("nationality", 3), *_PERSON)
_LAYOUTS: Mapping[Kind, _Layout] = {
    "TD1": _Layout(3, "ACI", (("code", 2), ("state", 3), *_NUMBER, ("optional", 15),
                              *_PERSON, ("nationality", 3), ("optional_2", 11), ("composite", 1), ("names", 30))),
    "TD2": _Layout(2, "ACI", (*_head(31), *_SECOND, ("optional", 7), ("composite", 1))),
    "TD3": _Layout(2, "P", (*_head(39), *_SECOND, ("optional", 14), ("optional_digit", 1), ("composite", 1))),
    "MRV-A": _Layout(2, "V", (*_head(39), *_SECOND, ("optional", 16))),
    "MRV-B": _Layout(2, "V", (*_head(31), *_SECOND, ("optional", 8))),
}


class Zone(NamedTuple):
    """The kind of a zone and its parts by name, fillers included; its check digits fit, and `number` is whole however long it is."""

    kind: Kind
    parts: dict[str, str]


def cut(text: str, kinds: Collection[Kind]) -> Zone:
    """The parts of a zone as typed or pasted, if it is one of these kinds and its check digits fit; raises Wrong."""
    zone = "".join(text[:_LONGEST].split())
    if not zone.isascii() or not _ZONE.match(zone := zone.upper()):
        raise _not_a_zone(zone, kinds)
    fitting = [kind for kind in sorted(kinds) if _LAYOUTS[kind].length() == len(zone)]
    if not fitting:
        raise _not_a_zone(zone, kinds)
    kind = next((one for one in fitting if zone[0] in _LAYOUTS[one].starts), None)
    if kind is None:
        raise Wrong(_ANOTHER if kinds != PASSPORTS else _NO_PASSPORT)
    parts = _LAYOUTS[kind].cut(zone)
    _prove(kind, parts)
    _check_letters(parts)
    return Zone(kind, _joined(kind, parts))


def write(zone: Zone) -> str:
    """The lines of a zone whose parts are known; fillers and check digits are put in."""
    layout = _LAYOUTS[zone.kind]
    parts = {name: zone.parts.get(name, "").ljust(width, "<") for name, width in layout.parts}
    number, optional = zone.parts["number"], zone.parts.get("optional", "")
    if len(number) > 9:
        parts["number"], parts["number_digit"] = number[:9], "<"
        width = dict(layout.parts)["optional"]
        parts["optional"] = f"{number[9:]}{check_digit(number)}<{optional}".ljust(width, "<")[:width]
    else:
        parts["number_digit"] = str(check_digit(parts["number"]))
    for name in _PROVED[1:]:
        if f"{name}_digit" in parts and not zone.parts.get(f"{name}_digit"):
            parts[f"{name}_digit"] = str(check_digit(parts[name]))
    if "composite" in parts:
        parts["composite"] = str(check_digit(layout.composite(parts)))
    joined = "".join(parts[name] for name, _width in layout.parts)
    width = len(joined) // layout.lines
    return "\n".join(joined[at : at + width] for at in range(0, len(joined), width))


def check_digit(part: str) -> int:
    """The check digit of a part of a zone: weights 7, 3, 1; letters count from A = 10, a filler is 0."""
    return sum((7, 3, 1)[at % 3] * (0 if one == "<" else int(one, 36)) for at, one in enumerate(part)) % 10


def _not_a_zone(zone: str, kinds: Collection[Kind]) -> Wrong:
    if kinds == PASSPORTS:
        message = _(
            "Copy the two lines at the bottom of the photo page of the passport: together they have 88 letters, "
            "digits and < signs; you typed %(count)s"
        )
    else:
        message = _(
            "Copy every line of the machine-readable zone: three lines of 30, two lines of 36 or two lines of 44 letters, "
            "digits and < signs; you typed %(count)s in all"
        )
    return Wrong(message, {"count": len(zone)})


_NO_PASSPORT = _("This is not the machine-readable zone of a passport: its first line starts with P")
_ANOTHER = _("This is the machine-readable zone of another kind of document: check its first letter, or copy the right document")


def _long_number(kind: Kind, parts: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The whole of a number of more than nine characters, its check digit and what follows; None for a shorter one.

    Such a number goes on in the optional data of a card, with its check digit behind it and a filler in the place of that digit."""
    if kind not in CARDS or parts["number_digit"] != "<" or parts["number"].endswith("<"):
        return None
    rest, _filler, after = parts["optional"].partition("<")
    return (parts["number"] + rest[:-1], rest[-1], after) if len(rest) > 1 else None


def _joined(kind: Kind, parts: dict[str, str]) -> dict[str, str]:
    """The parts with a long number made whole, and what it took from the optional data left out."""
    found = _long_number(kind, parts)
    return parts if found is None else {**parts, "number": found[0], "optional": found[2]}


def _prove(kind: Kind, parts: Mapping[str, str]) -> None:
    number, digit, _after = _long_number(kind, parts) or (parts["number"], parts["number_digit"], "")
    if not number.strip("<") or digit != str(check_digit(number)):
        raise Wrong(_NUMBER_MISREAD[kind])
    for name in _PROVED[1:]:
        proof = parts.get(f"{name}_digit")
        if proof is not None and not _fits(parts[name], proof):
            raise Wrong(_MISREAD[name])
    if "composite" in parts and not _fits(_LAYOUTS[kind].composite(parts), parts["composite"]):
        raise Wrong(_ONE_OF_TWO_MISREAD if kind == "TD1" else _ONE_MISREAD)


def _fits(part: str, digit: str) -> bool:
    # An empty part, such as a personal number that nobody has, may have a filler in the place of its check digit.
    return digit == str(check_digit(part)) or (digit == "<" and not part.strip("<"))


_PASSPORT_NUMBER = _("The passport number in the second line was misread: its check digit does not fit")
_SECOND_LINE_NUMBER = _("The document number in the second line was misread: its check digit does not fit")
_NUMBER_MISREAD: Mapping[Kind, str] = {
    "TD1": _("The document number in the first line was misread: its check digit does not fit"),
    "TD2": _SECOND_LINE_NUMBER, "TD3": _PASSPORT_NUMBER, "MRV-A": _SECOND_LINE_NUMBER, "MRV-B": _SECOND_LINE_NUMBER,
}
_MISREAD: Mapping[str, str] = {
    "birth": _("The date of birth in the second line was misread: its check digit does not fit"),
    "expiry": _("The date of expiry in the second line was misread: its check digit does not fit"),
    "optional": _("The personal number in the second line was misread: its check digit does not fit"),
}
_ONE_MISREAD = _("A character in the second line was misread: its check digits do not fit. Watch for O and 0, I and 1, B and 8")
_ONE_OF_TWO_MISREAD = _("A character in the first or the second line was misread: the check digits do not fit. Watch for O and 0, I and 1, B and 8")


def _check_letters(parts: Mapping[str, str]) -> None:
    """No check digit proves names, countries and sex: there a digit for a letter is the slip that can be seen."""
    if not _LETTERS.match(parts["names"]) or not parts["names"].strip("<"):
        raise Wrong(_("The name in the machine-readable zone is empty or has a digit in it: compare it with the document"))
    if not (_LETTERS.match(parts["state"]) and _LETTERS.match(parts["nationality"])):
        raise Wrong(_("A country code in the machine-readable zone has a digit in it: compare it with the document"))
    if parts["sex"] not in "MFX<":
        raise Wrong(_("The sex in the second line of the machine-readable zone is M, F or <: compare it with the document"))
