"""Names of people and enterprises as they are looked up, in expressions that the database computes."""

from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal_column

# Bytewise order: a range of it is a prefix, and its comparisons may use an index under row-level security, LIKE may not.
KEY = Text(collation="C")


def name_key(name: ColumnElement[Any]) -> ColumnElement[str]:
    """A name as people look it up: small letters, no accents, spaces for hyphens."""
    letters = func.normalize(func.translate(name, "-", " "), literal_column("NFD"))
    return func.lower(func.regexp_replace(letters, r"[\u0300-\u036f]", "", "g"))


def turned(name: ColumnElement[Any]) -> ColumnElement[str]:
    """The same with the last word first, since a worker is looked up by surname."""
    return func.regexp_replace(name_key(name), r"^(.*) (\S+)$", r"\2 \1")
