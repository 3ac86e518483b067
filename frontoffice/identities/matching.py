"""How alike two persons are: a score over names, date of birth and the rest, and the level that it amounts to.

Rules I3 to I5 of the notes on identity data: exact is linked, probable becomes a task for two officials, possible is a hint.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import jellyfish

from frontoffice.forms.identifiers import PartialDate
from frontoffice.identities.keys import keys_of
from frontoffice.identities.particulars import NO_STATE, Particulars, words_of


class Level(IntEnum):
    """What a comparison amounts to; the higher, the surer."""

    NONE = 0
    POSSIBLE = 1
    PROBABLE = 2
    EXACT = 3


# Measured on the labelled pairs of tests/cases/identities.toml, where precision and recall of both are asserted.
PROBABLE_FROM: Final = 0.86
POSSIBLE_FROM: Final = 0.72
# Names at least so alike count as one name written twice.
SAME_NAME: Final = 0.92
# Words less alike than this have nothing in common: Jaro-Winkler gives any two names about a half.
_UNLIKE: Final = 0.7
_MISSING_WORD: Final = 0.04
_ONE_WORD_ONLY: Final = 0.8
# Consonants alone: fewer than these say nothing.
_SHORTEST_SOUND: Final = 5
_SOUND_ONLY: Final = 0.85
# From so many letters on, a name that goes on as the other ends was cut off by a zone.
_CUT_OFF: Final = 10
_OTHER_SEX: Final = 0.1
_WEIGHTS: Final = {"name": 0.50, "birth": 0.30, "place": 0.08, "nationality": 0.07, "contact": 0.08, "guardians": 0.07}


@dataclass(frozen=True)
class Match:
    """The outcome of a comparison: `reasons` are codes, `score` goes from 0 to 1 and leaves exact keys out."""

    level: Level
    score: float
    reasons: tuple[str, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        """Whether an exact key says one person and everything else says two."""
        return self.level is Level.EXACT and self.score < POSSIBLE_FROM


def compare(left: Particulars, right: Particulars) -> Match:
    """Compare two persons."""
    parts, reasons = _parts(left, right)
    score = sum(_WEIGHTS[name] * value for name, value in parts.items()) / sum(_WEIGHTS[name] for name in parts)
    if {left.sex, right.sex} == {"F", "M"}:
        score, reasons = max(0.0, score - _OTHER_SEX), [*reasons, "other-sex"]
    shared = {one.kind for one in keys_of(left) if one.is_exact} & {one.kind for one in set(keys_of(left)) & set(keys_of(right))}
    if shared:
        return Match(Level.EXACT, round(score, 3), (*(f"same-{one}" for one in sorted(shared)), *reasons))
    most, why = _most(left, right, parts)
    level = min(most, Level.PROBABLE if score >= PROBABLE_FROM else Level.POSSIBLE if score >= POSSIBLE_FROM else Level.NONE)
    return Match(level, round(score, 3), (*reasons, *why))


def best(one: Particulars, others: Iterable[Particulars]) -> Match:
    """The surest of the comparisons with what several dossiers say of one person."""
    return max((compare(one, other) for other in others), key=lambda match: (match.level, match.score), default=Match(Level.NONE, 0.0))


def _parts(left: Particulars, right: Particulars) -> tuple[dict[str, float], list[str]]:
    """What is known on both sides, each from 0 to 1, and what strikes the eye."""
    parts = {"name": max(max(alike(one.words, other.words), _sound_alike(one.words, other.words)) for one in left.names for other in right.names)}
    reasons = ["same-name"] if parts["name"] >= SAME_NAME else []
    birth, why = _births(left.born, right.born)
    if birth is not None:
        parts["birth"] = birth
        reasons.append(why)
    if left.birth_place and right.birth_place:
        parts["place"] = alike(words_of(left.birth_place), words_of(right.birth_place))
    mine, theirs = set(left.nationalities) - NO_STATE, set(right.nationalities) - NO_STATE
    if mine and theirs:
        parts["nationality"] = 1.0 if mine & theirs else 0.0
        reasons += [] if mine & theirs else ["other-nationality"]
    if {*left.emails, *left.phones} & {*right.emails, *right.phones}:
        parts["contact"] = 1.0
        reasons.append("same-contact")
    if left.guardians and right.guardians:
        parts["guardians"] = _guardians(left, right)
        reasons += ["same-guardians"] if parts["guardians"] >= SAME_NAME else []
    if not set(left.documents) & set(right.documents) and {number for _state, number in left.documents} & {number for _state, number in right.documents}:
        reasons.append("same-number")
    return parts, reasons


def _guardians(left: Particulars, right: Particulars) -> float:
    return max(alike(words_of(one), words_of(other)) for one in left.guardians for other in right.guardians)


def alike(left: Sequence[str], right: Sequence[str]) -> float:
    """How alike two names are, from 0 to 1, whatever the order of their words and whether these are written together."""
    if not left or not right:
        return 0.0
    fewest, most = sorted((len(left), len(right)))
    value = _paired(left, right) - _MISSING_WORD * min(most - fewest, 3)
    if fewest == 1 and most > 1:
        value = min(value, _ONE_WORD_ONLY)
    # Together, so that Abdel Rahman is Abdelrahman; in the given order, so that no new name is made up.
    return max(0.0, value, 0.98 * _words_alike("".join(left), "".join(right)))


def _paired(left: Sequence[str], right: Sequence[str]) -> float:
    """How alike the words are once each has its partner, the most alike first; long words weigh more."""
    pairs = sorted(((_words_alike(one, other), len(one) + len(other), at, to) for at, one in enumerate(left) for to, other in enumerate(right)), reverse=True)
    taken, partners, gained, weight = set[int](), set[int](), 0.0, 0
    for likeness, length, at, to in pairs:
        if at not in taken and to not in partners:
            taken.add(at)
            partners.add(to)
            gained, weight = gained + likeness * length, weight + length
    return gained / weight


def _sound_alike(left: Sequence[str], right: Sequence[str]) -> float:
    """How alike two names sound, for scripts that leave vowels out; never as sure as the letters, and nothing for short names."""
    mine, theirs = ([sound for one in side if (sound := jellyfish.metaphone(one))] for side in (left, right))
    enough = min(sum(map(len, mine)), sum(map(len, theirs))) >= _SHORTEST_SOUND
    return _SOUND_ONLY * alike(mine, theirs) if enough else 0.0


def _words_alike(one: str, other: str) -> float:
    likeness = jellyfish.jaro_winkler_similarity(one, other)
    return 1.0 if one == other else max(0.0, (likeness - _UNLIKE) / (1 - _UNLIKE)) if likeness < 0.9 else likeness


def _births(left: PartialDate, right: PartialDate) -> tuple[float | None, str]:
    """How alike two dates of birth are, and a code that says why; None when one of them is unknown."""
    if not left.year or not right.year:
        return None, ""
    mine, theirs = left.whole(), right.whole()
    if mine is None or theirs is None or _is_new_year(left) != _is_new_year(right):
        return _vague(left, right)
    if mine == theirs:
        return (0.6, "new-year") if _is_new_year(left) else (1.0, "same-birth-date")
    if (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month):
        return 0.85, "day-month-swapped"
    if jellyfish.damerau_levenshtein_distance(f"{mine:%Y%m%d}", f"{theirs:%Y%m%d}") == 1:
        return 0.8, "one-digit-off"
    return 0.0, "other-birth-date"


def _vague(left: PartialDate, right: PartialDate) -> tuple[float, str]:
    """A date that is known in part, or 1 January, which many registers write for an unknown day: only what both know counts."""
    if left.year != right.year:
        return 0.0, "other-birth-date"
    months = {one.month for one in (left, right) if one.month and not _is_new_year(one)}
    return (0.4, "other-birth-month") if len(months) > 1 else (0.6, "new-year" if _is_new_year(left) or _is_new_year(right) else "part-of-birth-date")


def _is_new_year(born: PartialDate) -> bool:
    return (born.month, born.day) == (1, 1)


def _most(left: Particulars, right: Particulars, parts: dict[str, float]) -> tuple[Level, tuple[str, ...]]:
    """The highest level that the rules allow whatever the score (I5): nobody is one because of a birthday that many share."""
    if _both_registered(left, right):
        return Level.NONE, ("other-register-number",)
    if _may_be_twins(left, right):
        return Level.POSSIBLE, ("twins",)
    supported = parts.get("place", 0.0) >= SAME_NAME or parts.get("guardians", 0.0) >= SAME_NAME or "contact" in parts
    telling = parts.get("birth", 0.0) > 0.6
    return (Level.PROBABLE if telling or supported else Level.POSSIBLE), ()


def _both_registered(left: Particulars, right: Particulars) -> bool:
    """Whether both have a National Register number: then these differ. A BIS number may have been replaced by one later."""
    mine, theirs = ([one for one in side.register_numbers if one[2:4] < "20"] for side in (left, right))
    return bool(mine and theirs)


def _may_be_twins(left: Particulars, right: Particulars) -> bool:
    """The same surname and day of birth, and another given name."""
    if left.born.whole() is None or left.born != right.born:
        return False
    mine, theirs = left.name, right.name
    given, others = words_of(mine.given_names), words_of(theirs.given_names)
    return bool(given and others) and alike(words_of(mine.surname), words_of(theirs.surname)) >= SAME_NAME and not _same_given(given, others)


def _same_given(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether given names may be one person's: nearly the same, some of them left out, or cut off."""
    short, long = sorted(("".join(left), "".join(right)), key=len)
    return (
        alike(left, right) >= SAME_NAME or set(left) <= set(right) or set(right) <= set(left)
        or (len(short) >= _CUT_OFF and long.startswith(short))
    )
