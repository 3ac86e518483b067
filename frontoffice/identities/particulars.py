"""What one dossier says about its applicant, in the form in which persons are compared and kept; no input or output."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from frontoffice.forms.identifiers import PartialDate, Wrong
from frontoffice.forms.nationality import REFUGEES, STATELESS, UNSPECIFIED, nationality_of
from frontoffice.forms.partial_dates import read_partial
from frontoffice.forms.transliteration import mrz_key
from frontoffice.forms.travel_document import MachineReadableZone, read_zone

# Codes of Doc 9303 that name no State: they neither confirm nor contradict a nationality.
NO_STATE = frozenset({STATELESS, *REFUGEES, UNSPECIFIED, "XOM", "UNO", "UNA", "UNK", "EUE"})
# The British variants are one State's documents.
_BRITISH = frozenset({"GBD", "GBN", "GBO", "GBP", "GBS"})
# What people and registers write where a person has no given name.
_NO_NAME = frozenset({"", "-", "--", ".", "X", "XX", "X" * 3, "FNU", "LNU", "UNKNOWN", "ONBEKEND", "INCONNU"})
_LATER_NAMES = re.compile(r"[,;/\n]")
_GUARDIANS = ("guardian", "second_guardian", "father", "mother")


@dataclass(frozen=True, kw_only=True)
class Name:
    """One form of a name, never re-ordered; `kind` is legal, birth, former, usage or mrz."""

    kind: str
    surname: str
    given_names: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the whole name as a machine-readable zone would write them."""
        return (*words_of(self.surname), *words_of(self.given_names))

    @property
    def whole(self) -> str:
        """The name as it is shown, given names first."""
        return f"{self.given_names} {self.surname}".strip()


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """One applicant as one dossier describes him or her; an empty text or tuple means that nothing was said.

    `documents` are pairs of issuing State and number.
    """

    names: tuple[Name, ...]
    born: PartialDate
    sex: str = ""
    birth_place: str = ""
    birth_country: str = ""
    nationalities: tuple[str, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    document_type: str = ""
    register_numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    guardians: tuple[str, ...] = ()
    from_zone: bool = False

    @property
    def name(self) -> Name:
        """The name that the person goes by: the legal one when it is known."""
        return self.names[0]

    def stored(self) -> dict[str, Any]:
        """The particulars as plain values."""
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Particulars":
        """Particulars as they were stored."""
        values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
        values["names"] = tuple(Name(**one) for one in stored["names"])
        values["born"] = PartialDate(**stored["born"])
        values["documents"] = tuple((state, number) for state, number in stored["documents"])
        return cls(**values)


def particulars_in(answers: Mapping[str, str], today: date) -> Particulars | None:
    """The applicant in the answers of a dossier, by their standard names; None when no person is named."""
    zone = _zone(answers.get("passport_zone", ""), today)
    names = _names(answers, zone)
    if not names:
        return None
    return Particulars(
        names=names, born=_born(answers.get("birth_date", ""), zone), sex=answers.get("sex") or (zone.sex if zone else ""),
        birth_place=answers.get("birth_place", ""), birth_country=answers.get("birth_country", ""), nationalities=_nationalities(answers),
        documents=_documents(answers, zone), document_type=answers.get("document_type", ""), register_numbers=_given(answers, "national_number", "bis_number"),
        emails=tuple(one.casefold() for one in _given(answers, "person_email", "worker_email")), phones=_given(answers, "person_phone", "worker_phone"),
        guardians=_guardians(answers), from_zone=zone is not None,
    )


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as a machine-readable zone would write them; what stands for "no name" is left out."""
    return tuple(one for one in re.split(r"[^A-Z]+", mrz_key(name)) if one not in _NO_NAME)


def state_of(code: str) -> str:
    """The code of a State as ISO 3166 has it, from that of a machine-readable zone."""
    return "GBR" if code in _BRITISH else nationality_of(code)


def _zone(text: str, today: date) -> MachineReadableZone | None:
    try:
        return read_zone(text, today) if text else None
    except Wrong:
        return None


def _names(answers: Mapping[str, str], zone: MachineReadableZone | None) -> tuple[Name, ...]:
    surname, given = answers.get("surname", ""), answers.get("given_names", "")
    found = [Name(kind="legal", surname=surname, given_names="" if given.strip().upper() in _NO_NAME else given)]
    found.append(Name(kind="birth", surname=answers.get("birth_surname", ""), given_names=given))
    found += [Name(kind="former", surname=one.strip(), given_names=given) for one in _LATER_NAMES.split(answers.get("former_names", ""))]
    found.append(Name(kind="usage", surname=answers.get("usage_name", ""), given_names=given))
    if zone:
        found.append(Name(kind="mrz", surname=zone.surname, given_names=zone.given_names))
    return tuple(dict.fromkeys(one for one in found if one.surname))


def _born(text: str, zone: MachineReadableZone | None) -> PartialDate:
    """The date of birth, of which day or month may be written 00; never with a day that nobody gave."""
    typed = read_partial(text)
    return zone.birth_date if zone and not typed.year else typed


def _nationalities(answers: Mapping[str, str]) -> tuple[str, ...]:
    codes = [answers.get("nationality", ""), *answers.get("other_nationalities", "").split()]
    return tuple(dict.fromkeys(state_of(one) for one in codes if one))


def _documents(answers: Mapping[str, str], zone: MachineReadableZone | None) -> tuple[tuple[str, str], ...]:
    found = [(answers.get("passport_country", ""), answers.get("passport_number", ""))]
    if zone:
        found.append((zone.issuing_state, zone.number))
    return tuple(dict.fromkeys((state_of(state), _number(number)) for state, number in found if state and _number(number)))


def _number(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _given(answers: Mapping[str, str], *questions: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(answers[one] for one in questions if answers.get(one)))


def _guardians(answers: Mapping[str, str]) -> tuple[str, ...]:
    names = (f"{answers.get(f'{one}_given_names', '')} {answers.get(f'{one}_surname', '')}".strip() for one in _GUARDIANS if answers.get(f"{one}_surname"))
    return tuple(dict.fromkeys(names))


def others_named(names: Iterable[Name]) -> Sequence[Name]:
    """The names beside the first, those that only repeat it in capitals or another script left out."""
    kept: list[Name] = []
    known: set[tuple[str, ...]] = set()
    for one in names:
        if one.words not in known:
            kept.append(one)
            known.add(one.words)
    return kept[1:]
