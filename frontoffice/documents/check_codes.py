"""The codes on receipts by which a stranger checks them: made at random, read from paper and typed by hand."""

import secrets
from typing import Final

# Crockford's base 32: no letter that looks like a digit. 28 of them are 140 random bits.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 28
_GROUP: Final = 4
_READ_AS: Final = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\u00ad\t")


def new_code() -> str:
    """A code that nobody has yet."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def in_groups(code: str) -> str:
    """A code as it is printed: ABCD-EFGH-…"""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def read_code(typed: str) -> str | None:
    """The code that somebody typed, with or without hyphens, in capitals or not; None for what cannot be one."""
    code = typed[:200].upper().translate(_READ_AS)
    return code if len(code) == _LENGTH and set(code) <= set(_ALPHABET) else None
