"""Reads a JSON object that strangers sent, and takes none that could mean two things or cannot be stored."""

import json
import math
from collections.abc import Iterator
from typing import Any, Final

DEPTH: Final = 10


class NotStrict(ValueError):
    """Not UTF-8, not JSON, no object, a name twice, a number beyond numbers, or a text that cannot be stored."""


class TooDeep(NotStrict):
    """Nested more than DEPTH levels."""


def read_object(raw: bytes) -> dict[str, Any]:
    """The object that these bytes are; raises NotStrict, TooDeep among them."""
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_without_duplicates, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise NotStrict("not such JSON") from error
    if not isinstance(found, dict) or not all(_is_storable(one) for one in _texts(found, DEPTH)):
        raise NotStrict("no such object")
    return found


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _finite(text: str) -> float:
    """Infinity and NaN are not JSON, and a number as large as 1e999 becomes one of them."""
    if not math.isfinite(found := float(text)):
        raise ValueError("not a finite number")
    return found


def _texts(value: object, depth: int) -> Iterator[str]:
    """Every text inside the value, names included; refuses what is nested more than `depth` levels."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        if depth == 0:
            raise TooDeep("nested too deep")
        for one in value if isinstance(value, list) else [*value, *value.values()]:
            yield from _texts(one, depth - 1)


def _is_storable(text: str) -> bool:
    """Half a surrogate pair cannot be encoded, and PostgreSQL stores no NUL."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)
