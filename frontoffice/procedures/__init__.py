"""What the law says, as values; every procedure and every edition is listed here by hand."""

from datetime import date
from functools import cache

from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import Procedure

EDITIONS: tuple[Procedure, ...] = (SINGLE_PERMIT,)


@cache
def edition_of(code: str, edition: str) -> Procedure:
    """The procedure as released under that edition; raises LookupError."""
    for one in EDITIONS:
        if (one.code, one.edition) == (code, edition):
            return one
    raise LookupError(f"{code} {edition}")


def in_force(code: str, day: date) -> Procedure:
    """The edition in force on a day; raises LookupError when there is none yet."""
    known = [one for one in EDITIONS if one.code == code and one.valid_from <= day]
    if not known:
        raise LookupError(f"{code} on {day}")
    return max(known, key=lambda one: one.valid_from)
