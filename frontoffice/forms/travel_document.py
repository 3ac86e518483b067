"""The machine-readable zone of a passport, a card or a visa: what it says, written again, and compared with what was typed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from frontoffice.forms import zones
from frontoffice.forms.identifiers import PartialDate, Wrong
from frontoffice.forms.transliteration import same_name
from frontoffice.forms.zones import PASSPORTS, Kind, Zone
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _


@dataclass(frozen=True, kw_only=True)
class MachineReadableZone:
    """What the lines say; names in capitals, `sex` M, F or X, states by their ICAO code, `code` the kind that the State gives.

    `optional` and `optional_2` are data of the State's own, such as a personal number. `filler_digit`: an empty personal
    number has no check digit."""

    kind: Kind
    code: str
    number: str
    issuing_state: str
    surname: str
    given_names: str
    nationality: str
    birth_date: PartialDate
    sex: str
    expiry: date
    names_cut: bool
    optional: str
    optional_2: str
    filler_digit: bool


def read_zone(text: str, today: date, kinds: Collection[Kind] = PASSPORTS) -> MachineReadableZone:
    """The machine-readable zone of a document of these kinds as typed or pasted; raises Wrong. `today` settles the centuries."""
    kind, parts = zones.cut(text, kinds)
    surname, _sep, given = parts["names"].partition("<<")
    return MachineReadableZone(
        kind=kind,
        code=parts["code"].rstrip("<"),
        number=parts["number"].rstrip("<"),
        issuing_state=parts["state"].rstrip("<"),
        surname=_words(surname),
        given_names=_words(given),
        nationality=parts["nationality"].rstrip("<"),
        birth_date=_birth_date(parts["birth"], today),
        sex="X" if parts["sex"] == "<" else parts["sex"],
        expiry=_expiry(parts["expiry"], today),
        names_cut=parts["names"][-1] != "<",
        optional=parts["optional"].rstrip("<"),
        optional_2=parts.get("optional_2", "").rstrip("<"),
        filler_digit=parts.get("optional_digit") == "<",
    )


def write_zone(zone: MachineReadableZone) -> str:
    """The lines that say this, as Doc 9303 writes them: what is unknown is a filler."""
    born = zone.birth_date
    names = f"{zone.surname}<<{zone.given_names}" if zone.given_names else zone.surname
    return zones.write(Zone(zone.kind, {
        "code": zone.code, "state": zone.issuing_state, "names": names.replace(" ", "<"), "number": zone.number, "nationality": zone.nationality,
        "birth": "".join("<<" if part is None else f"{part % 100:02d}" for part in (born.year, born.month, born.day)),
        "sex": "<" if zone.sex == "X" else zone.sex, "expiry": f"{zone.expiry:%y%m%d}", "optional": zone.optional, "optional_2": zone.optional_2,
        "optional_digit": "<" if zone.filler_digit else "",
    }))


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a person typed of the same document; what is None is not compared."""

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
    cut, alone = zone.names_cut, _same_single_name(zone, typed)
    number_message = _NUMBER if zone.kind in PASSPORTS else _OTHER_NUMBER
    checks: tuple[tuple[str, bool, object, str], ...] = (
        ("number", number is None or _same_number(number, zone), zone.number, number_message),
        ("birth_date", born is None or born.agrees_with(zone.birth_date), _written(zone.birth_date), _BIRTH),
        ("expiry", expiry is None or expiry == zone.expiry, zone.expiry, _EXPIRY),
        ("surname", surname is None or alone or same_name(surname, zone.surname, cut=cut), zone.surname, _SURNAME),
        ("given_names", given is None or alone or same_name(given, zone.given_names, cut=cut), zone.given_names, _GIVEN),
    )
    return tuple(Problem(name, message, {"passport": said}) for name, same, said, message in checks if not same)


_NUMBER = _("The machine-readable zone gives another passport number: %(passport)s")
_OTHER_NUMBER = _("The machine-readable zone gives another document number: %(passport)s")
_BIRTH = _("The machine-readable zone gives another date of birth: %(passport)s")
_EXPIRY = _("The machine-readable zone gives another date of expiry: %(passport)s")
_SURNAME = _("The machine-readable zone gives another surname: %(passport)s")
_GIVEN = _("The machine-readable zone gives other given names: %(passport)s")


def _same_single_name(zone: MachineReadableZone, typed: Typed) -> bool:
    """Whether both have one and the same single name: States put it in the place of the surname or in that of the given names."""
    if typed.surname is None or typed.given_names is None:
        return False
    if (typed.surname and typed.given_names) or (zone.surname and zone.given_names):
        return False
    return same_name(f"{typed.surname} {typed.given_names}", f"{zone.surname} {zone.given_names}", cut=zone.names_cut)


def _birth_date(digits: str, today: date) -> PartialDate:
    """The date of birth in the most recent century that does not put it in the future."""
    year, month, day = _two_digits(digits[0:2]), _two_digits(digits[2:4]) or None, _two_digits(digits[4:6]) or None
    if year is not None:
        year += 2000 if (2000 + year, month or 1, day or 1) <= (today.year, today.month, today.day) else 1900
    # A leap year when the year is unknown: 29 February may be right.
    if not _exists(year or 2000, month or 1, day or 1):
        raise Wrong(_("The machine-readable zone gives a date of birth that cannot be: compare it with the document"))
    return PartialDate(year, month, day)


def _expiry(digits: str, today: date) -> date:
    year, month, day = (_two_digits(digits[at : at + 2]) for at in (0, 2, 4))
    if year is not None and month and day:
        # Documents are valid for ten years or so: the century that brings the date nearest to today is the right one.
        full = min((century + year for century in (1900, 2000, 2100)), key=lambda one: abs(one - today.year))
        if _exists(full, month, day):
            return date(full, month, day)
    raise Wrong(_("The machine-readable zone gives a date of expiry that cannot be: compare it with the document"))


def _two_digits(text: str) -> int | None:
    """A number of two digits, None for two fillers; raises Wrong for anything else."""
    if text == "<<":
        return None
    if not text.isdigit():
        raise Wrong(
            _("A date in the second line of the machine-readable zone has a letter in it: compare it with the document")
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


def _same_number(typed: str, zone: MachineReadableZone) -> bool:
    """Whether two numbers are the same but for fillers and spaces; outside cards a zone holds nine characters at most."""
    plain = "".join(one for one in typed if one.isascii() and one.isalnum()).upper()
    in_zone = "".join(one for one in zone.number if one != "<")
    return plain == in_zone or (zone.kind not in zones.CARDS and len(in_zone) == 9 and plain[:9] == in_zone)


def _written(day: PartialDate) -> date | str:
    return day.whole() or "-".join(f"{part:02d}" if part else "??" for part in (day.year, day.month, day.day))
