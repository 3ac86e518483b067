"""Two persons side by side, attribute by attribute, with what differs marked; in words that a page can show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from frontoffice.forms.identifiers import PartialDate, show_register_number
from frontoffice.forms.nationality import nationality_names
from frontoffice.forms.partial_dates import is_minor, show_partial, store_partial
from frontoffice.identities.golden import gathered, golden
from frontoffice.identities.matching import SAME_NAME, alike
from frontoffice.identities.particulars import Name, others_named, words_of
from frontoffice.identities.queries import Side
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.kernel.time import today

Line = Message | Names | str

# Why two persons were thought to be one, or not; the codes are those of `matching`.
REASONS: Final[Mapping[str, str]] = {
    "same-passport": _("Both have the same passport number of the same country."),
    "same-register": _("Both have the same National Register or BIS number."),
    "same-name": _("The names are the same or nearly the same."),
    "same-birth-date": _("The dates of birth are the same."),
    "new-year": _("One date of birth is 1 January, which often stands for a day that is not known."),
    "part-of-birth-date": _("The parts of the date of birth that both give are the same."),
    "day-month-swapped": _("Day and month of birth are swapped."),
    "one-digit-off": _("The dates of birth differ in one digit, or in two that changed places."),
    "other-birth-date": _("The dates of birth differ."),
    "other-birth-month": _("The months of birth differ."),
    "other-nationality": _("They have no nationality in common."),
    "other-sex": _("The sex differs."),
    "same-contact": _("They gave the same telephone number or e-mail address."),
    "same-guardians": _("They have a parent or guardian of the same name."),
    "same-number": _("Their passports have the same number."),
    "asked-by-official": _("An official asked whether this dossier is this person's."),
}
_KINDS: Final[Mapping[str, str]] = {
    "legal": "%(name)s", "birth": _("%(name)s (name at birth)"), "former": _("%(name)s (former name)"), "usage": _("%(name)s (name used)"),
    "mrz": _("%(name)s (machine-readable zone)"),
}
_SEX: Final[Mapping[str, str]] = {"F": _("F"), "M": _("M"), "X": _("X")}


@dataclass(frozen=True)
class _Words:
    """A name or a place as it is compared, whatever the order of its words."""

    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attribute of both persons; `mark` is same, alike, other, or empty when one side says nothing."""

    label: str
    left: Sequence[Line]
    right: Sequence[Line]
    mark: str


def compared(left: Side, right: Side) -> list[Row]:
    """The attributes that at least one side has, in the order in which an official reads a passport."""
    mine, theirs = _shown(left), _shown(right)
    return [
        Row(label=label, left=mine[label][1], right=theirs[label][1], mark=_mark(mine[label][0], theirs[label][0]))
        for label in mine if mine[label][1] or theirs[label][1]
    ]


def _mark(left: frozenset[Any], right: frozenset[Any]) -> str:
    if not left or not right:
        return ""
    if left & right:
        return "same"
    return "alike" if any(_near(one, other) for one in left for other in right) else "other"


def _near(one: Any, other: Any) -> bool:
    if isinstance(one, _Words):
        return alike(one.words, other.words) >= SAME_NAME
    return isinstance(one, PartialDate) and one.agrees_with(other)


def _shown(side: Side) -> dict[str, tuple[frozenset[Any], list[Line]]]:
    """By label: what is compared, and what is read."""
    best = {name: one.value for name, one in golden(side.records).items()}
    names = gathered(side.records, "names")
    name, born = best.get("name"), best.get("born")
    place, country = best.get("birth_place", ""), best.get("birth_country", "")
    found = {
        _("Surname"): (_key(name.surname), [name.surname]) if name else _NOTHING,
        _("Given names"): _given_names(name),
        _("Other names"): _other_names(others_named(names)),
        _("Date of birth"): (frozenset({born}), _birth(born)) if born else _NOTHING,
        _("Place of birth"): (_key(place), [place]) if place else _NOTHING,
        _("Country of birth"): _countries((country,) if country else ()),
        _("Sex, as in the passport"): _single(best.get("sex", ""), _SEX),
        _("Nationality"): _countries(gathered(side.records, "nationalities")),
        _("Passports"): _documents(gathered(side.records, "documents")),
        _("National register number or BIS number"): _several(gathered(side.records, "register_numbers"), show_register_number),
        _("E-mail address"): _several(gathered(side.records, "emails")),
        _("Telephone"): _several(gathered(side.records, "phones")),
        _("Parents and guardians"): _persons(gathered(side.records, "guardians")),
    }
    return {label: (compared_by, list(lines)) for label, (compared_by, lines) in found.items()}


_NOTHING: tuple[frozenset[Any], list[Line]] = (frozenset(), [])


def _key(text: str) -> frozenset[Any]:
    return frozenset({_Words(tuple(sorted(words_of(text))))}) if text else frozenset()


def _given_names(name: Name | None) -> tuple[frozenset[Any], list[Line]]:
    if name is None:
        return _NOTHING
    return (_key(name.given_names), [name.given_names]) if name.given_names else (frozenset({_Words(())}), [Message(_("The document shows one name only."))])


def _other_names(names: Sequence[Name]) -> tuple[frozenset[Any], list[Line]]:
    return frozenset(_Words(tuple(sorted(one.words))) for one in names), [Message(_KINDS[one.kind], {"name": one.whole}) for one in names]


def _persons(names: Sequence[str]) -> tuple[frozenset[Any], list[Line]]:
    return frozenset().union(*(_key(one) for one in names)), list(names)


def _birth(born: PartialDate) -> list[Line]:
    lines: list[Line] = [show_partial(store_partial(born))]
    return [*lines, Message(_("Under 18 today"))] if is_minor(born, today()) else lines


def _countries(codes: Sequence[str]) -> tuple[frozenset[Any], list[Line]]:
    return frozenset(codes), [nationality_names(one) for one in codes]


def _documents(documents: Sequence[tuple[str, str]]) -> tuple[frozenset[Any], list[Line]]:
    return frozenset(documents), [Message(_("%(number)s, issued by %(country)s"), {"number": number, "country": nationality_names(state)})
                                  for state, number in documents]


def _single(value: str, titles: Mapping[str, str]) -> tuple[frozenset[Any], list[Line]]:
    return (frozenset({value}), [Message(titles.get(value, value))]) if value else _NOTHING


def _several(values: Sequence[str], show: Any = str) -> tuple[frozenset[Any], list[Line]]:
    return frozenset(values), [show(one) for one in values]
