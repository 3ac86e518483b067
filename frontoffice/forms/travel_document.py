"""The machine-readable zone of a passport: read, proved by its check digits, and compared with what was typed.

Two lines of 44 characters (TD3), check digits with weights 7-3-1, and transliteration, as ICAO Doc 9303 parts 3 and 4
say.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from frontoffice.forms.identifiers import PartialDate, Wrong
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _

_ZONE = re.compile(r"\A[A-Z0-9<]{88}\Z")
_LONGEST = 400
# fmt: off
# Letters that Doc 9303 writes otherwise than without their accent; where it allows several, all are listed.
_LATIN: Mapping[str, tuple[str, ...]] = {
    "Ä": ("AE", "A"), "Å": ("AA", "A"), "Æ": ("AE",), "Ð": ("D",), "Đ": ("D",), "Ħ": ("H",), "Ĳ": ("IJ",),
    "ı": ("I",), "Ł": ("L",), "Ñ": ("N", "NXX"), "Ŋ": ("N",), "Ö": ("OE", "O"), "Ø": ("OE", "O"), "Œ": ("OE",),
    "ẞ": ("SS",), "ß": ("SS",), "Þ": ("TH",), "Ŧ": ("T",), "Ü": ("UE", "UXX", "U"), "ĸ": ("Q",), "Ə": ("E",),
}
# Cyrillic as Doc 9303 has it, then as passports of before, or of one State, have it.
_CYRILLIC: Mapping[str, tuple[str, ...]] = {
    "А": ("A",), "Б": ("B",), "В": ("V",), "Г": ("G", "H"), "Д": ("D",), "Е": ("E", "IE"), "Ё": ("E", "IO"),
    "Ж": ("ZH", "Z"), "З": ("Z",), "И": ("I", "Y"), "Й": ("I", "Y"), "К": ("K",), "Л": ("L",), "М": ("M",),
    "Н": ("N",), "О": ("O",), "П": ("P",), "Р": ("R",), "С": ("S",), "Т": ("T",), "У": ("U",), "Ф": ("F",),
    "Х": ("KH", "H"), "Ц": ("TS", "C"), "Ч": ("CH", "C"), "Ш": ("SH", "S"), "Щ": ("SHCH", "SHT"), "Ъ": ("IE", ""),
    "Ы": ("Y",), "Ь": ("", "I"), "Э": ("E",), "Ю": ("IU", "YU"), "Я": ("IA", "YA"), "І": ("I",), "Ї": ("I", "YI"),
    "Є": ("IE", "YE"), "Ґ": ("G",), "Ў": ("U",), "Ѓ": ("G",), "Ђ": ("D",), "Ѕ": ("DZ",), "Ј": ("J",), "Љ": ("LJ",),
    "Њ": ("NJ",), "Ќ": ("K",), "Ћ": ("C",), "Џ": ("DZ",), "Ѫ": ("U",), "Ѵ": ("Y",), "Ѳ": ("F",),
}
# fmt: on
_LETTERS: Mapping[str, tuple[str, ...]] = {**_LATIN, **_CYRILLIC}
# Left out or turned into a filler by Doc 9303; fillers between names do not count in a comparison.
_SILENT = frozenset(" -'’‘ʼʻ`´.,‐‑–·<")


@dataclass(frozen=True, kw_only=True)
class MachineReadableZone:
    """What the two lines say; names in capitals, `sex` M, F or X, states by their ICAO code."""

    number: str
    issuing_state: str
    surname: str
    given_names: str
    nationality: str
    birth_date: PartialDate
    sex: str
    expiry: date
    names_cut: bool


def read_zone(text: str, today: date) -> MachineReadableZone:
    """The machine-readable zone of a passport as typed or pasted; raises Wrong. `today` settles the centuries."""
    zone = _zone(text)
    first, second = zone[:44], zone[44:]
    if first[0] != "P":
        raise Wrong(_("This is not the machine-readable zone of a passport: its first line starts with P"))
    _prove(second)
    surname, _sep, given = first[5:].partition("<<")
    return MachineReadableZone(
        number=second[0:9].rstrip("<"),
        issuing_state=first[2:5].rstrip("<"),
        surname=_words(surname),
        given_names=_words(given),
        nationality=second[10:13].rstrip("<"),
        birth_date=_birth_date(second[13:19], today),
        sex={"M": "M", "F": "F"}.get(second[20], "X"),
        expiry=_expiry(second[21:27], today),
        names_cut=first[-1] != "<",
    )


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a person typed of the same passport; what is None is not compared."""

    number: str | None = None
    birth_date: PartialDate | None = None
    expiry: date | None = None
    surname: str | None = None
    given_names: str | None = None


def compare(zone: MachineReadableZone, typed: Typed) -> tuple[Problem, ...]:
    """Where the typed answers differ from the zone, each under its name in Typed.

    A name in a script without a common transliteration is not compared: nobody is held up by it."""
    number, born, expiry, surname, given = (
        typed.number,
        typed.birth_date,
        typed.expiry,
        typed.surname,
        typed.given_names,
    )
    cut = zone.names_cut
    checks: tuple[tuple[str, bool, object, str], ...] = (
        ("number", number is None or _same_number(number, zone.number), zone.number, _NUMBER),
        ("birth_date", born is None or born.agrees_with(zone.birth_date), _written(zone.birth_date), _BIRTH),
        ("expiry", expiry is None or expiry == zone.expiry, zone.expiry, _EXPIRY),
        ("surname", surname is None or same_name(surname, zone.surname, cut=cut), zone.surname, _SURNAME),
        ("given_names", given is None or same_name(given, zone.given_names, cut=cut), zone.given_names, _GIVEN),
    )
    return tuple(Problem(name, message, {"passport": said}) for name, same, said, message in checks if not same)


_NUMBER = _("The machine-readable zone gives another passport number: %(passport)s")
_BIRTH = _("The machine-readable zone gives another date of birth: %(passport)s")
_EXPIRY = _("The machine-readable zone gives another date of expiry: %(passport)s")
_SURNAME = _("The machine-readable zone gives another surname: %(passport)s")
_GIVEN = _("The machine-readable zone gives other given names: %(passport)s")


def same_name(typed: str, in_zone: str, *, cut: bool = False) -> bool:
    """Whether a name in any script may be written so in a zone; `cut` when the zone had no room for all of it.

    True when a letter has no common transliteration, because then nothing can be said."""
    letters = [_spellings(one) for one in unicodedata.normalize("NFC", typed)]
    if any(spelling is None for spelling in letters):
        return True
    target = in_zone.replace(" ", "").replace("<", "")
    ends = {0}
    for spellings in letters:
        ends = {
            at + len(one)
            for at in ends
            for one in spellings or ()
            if target.startswith(one, at) or (cut and _runs_out(one, at, target))
        }
        if cut and any(at >= len(target) for at in ends):
            return True
    return len(target) in ends


def _runs_out(spelling: str, at: int, target: str) -> bool:
    return len(target) - at < len(spelling) and spelling.startswith(target[at:])


def _spellings(letter: str) -> Sequence[str] | None:
    """How Doc 9303 may write one letter; None when it does not say."""
    capital = letter if letter in _LETTERS else letter.upper() if len(letter.upper()) == 1 else letter
    if capital in _LETTERS:
        return _LETTERS[capital]
    if capital in _SILENT or unicodedata.combining(capital):
        return ("",)
    plain = unicodedata.normalize("NFD", capital)[0]
    return (plain,) if "A" <= plain <= "Z" else None


def _zone(text: str) -> str:
    zone = "".join(text[:_LONGEST].split())
    if not zone.isascii() or not _ZONE.match(zone := zone.upper()):
        raise Wrong(
            _(
                "Copy the two lines at the bottom of the photo page of the passport: together they have 88 letters, "
                "digits and < signs; you typed %(count)s"
            ),
            {"count": len(zone)},
        )
    return zone


def _prove(second: str) -> None:
    """Check the five check digits of the second line."""
    parts = (
        (second[0:9], second[9], _("The passport number in the second line was misread: its check digit does not fit")),
        (
            second[13:19],
            second[19],
            _("The date of birth in the second line was misread: its check digit does not fit"),
        ),
        (
            second[21:27],
            second[27],
            _("The date of expiry in the second line was misread: its check digit does not fit"),
        ),
        (second[28:42], second[42], _MISREAD),
        (second[0:10] + second[13:20] + second[21:43], second[43], _MISREAD),
    )
    for part, digit, message in parts:
        # An empty personal number may have a filler in the place of its check digit.
        if digit != str(check_digit(part)) and not (digit == "<" and not part.strip("<")):
            raise Wrong(message)


_MISREAD = _(
    "A character in the second line was misread: its check digits do not fit. Watch for O and 0, I and 1, B and 8"
)


def check_digit(part: str) -> int:
    """The check digit of a part of a zone: weights 7, 3, 1; letters count from A = 10, a filler is 0."""
    return sum((7, 3, 1)[at % 3] * (0 if one == "<" else int(one, 36)) for at, one in enumerate(part)) % 10


def _birth_date(digits: str, today: date) -> PartialDate:
    year = _two_digits(digits[0:2])
    if year is not None:
        year += 2000 if 2000 + year <= today.year else 1900
    month, day = _two_digits(digits[2:4]), _two_digits(digits[4:6])
    known = (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31)
    born = PartialDate(year, month, day)
    if not known or (year and month and day and not _exists(year, month, day)) or _later(born, today):
        raise Wrong(_("The machine-readable zone gives a date of birth that cannot be: compare it with the passport"))
    return born


def _expiry(digits: str, today: date) -> date:
    year, month, day = (_two_digits(digits[at : at + 2]) for at in (0, 2, 4))
    if year is not None and month and day:
        # Passports are valid for ten years or so: the century that brings the date nearest to today is the right one.
        full = min((century + year for century in (1900, 2000, 2100)), key=lambda one: abs(one - today.year))
        if _exists(full, month, day):
            return date(full, month, day)
    raise Wrong(_("The machine-readable zone gives a date of expiry that cannot be: compare it with the passport"))


def _later(born: PartialDate, today: date) -> bool:
    whole = born.whole()
    return whole is not None and whole > today


def _two_digits(text: str) -> int | None:
    """A number of two digits, None for two fillers; raises Wrong for anything else."""
    if text == "<<":
        return None
    if not text.isdigit():
        raise Wrong(
            _("A date in the second line of the machine-readable zone has a letter in it: compare it with the passport")
        )
    return int(text)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _words(names: str) -> str:
    return " ".join(part for part in names.split("<") if part)


def _same_number(typed: str, in_zone: str) -> bool:
    """Whether two numbers are the same but for fillers and spaces; a zone holds nine characters at most."""
    plain = "".join(one for one in typed if one.isascii() and one.isalnum()).upper()
    return plain == in_zone or (len(in_zone) == 9 and plain[:9] == in_zone)


def _written(day: PartialDate) -> date | str:
    return day.whole() or "-".join(f"{part:02d}" if part else "??" for part in (day.year, day.month, day.day))
