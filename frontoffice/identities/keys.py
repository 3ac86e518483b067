"""The normalised keys by which a person is looked up before a new identity is made (rules I1 and I2 of the notes on identity data)."""

from dataclasses import dataclass

import jellyfish

from frontoffice.forms.identifiers import PartialDate
from frontoffice.identities.particulars import Name, Particulars

# Two dossiers that share one of these are of one person: the database holds each of them once.
EXACT = ("passport", "register")
_SHORTEST_WORD = 3


@dataclass(frozen=True, order=True)
class Key:
    """A normalised key: `kind` is passport or register (exact), or one of those that only find candidates."""

    kind: str
    value: str

    @property
    def is_exact(self) -> bool:
        """Whether only one person can have it."""
        return self.kind in EXACT


def keys_of(one: Particulars) -> tuple[Key, ...]:
    """Every key of a person, in a fixed order, so that whoever locks them locks in that order."""
    found = {Key("passport", f"{state}:{number}") for state, number in one.documents}
    found |= {Key("register", number) for number in one.register_numbers}
    found |= {Key("number", number) for _state, number in one.documents}
    found |= {Key("contact", value) for value in (*one.emails, *one.phones)}
    for name in one.names:
        found |= _of_name(name, one.born, one.sex)
    if (whole := _telling(one.born)) is not None:
        found.add(Key("born", whole))
    return tuple(sorted(found))


def _of_name(name: Name, born: PartialDate, sex: str) -> set[Key]:
    words = name.words
    # A person who has one name only, however short, must be found by it too.
    sounds = sorted({jellyfish.metaphone(one) for one in words if len(one) >= _SHORTEST_WORD or len(words) == 1} - {""})
    found: set[Key] = set()
    if born.year:
        found |= {Key("sound", f"{one} {born.year}") for one in sounds}
    if words and (whole := born.whole()):
        found.add(Key("person", f"{' '.join(sorted(words))} {whole} {sex}"))
        # The year mistyped: the whole name as it sounds, and the day of the year.
        found.add(Key("day", f"{' '.join(sounds)} {whole:%m-%d}"))
    return found


def _telling(born: PartialDate) -> str | None:
    """A whole date of birth with the smaller of day and month first, so that swapping them changes nothing; none for 1 January."""
    whole = born.whole()
    if whole is None or (whole.month, whole.day) == (1, 1):
        return None
    first, second = sorted((whole.month, whole.day))
    return f"{whole.year}-{first:02d}-{second:02d}"
