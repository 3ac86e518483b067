"""The published contract between the portal and the backbone, frozen per version, and the check of claims by it."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

VERSION = "v1"


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description of both sides."""
    return _read("openapi.json")


def violations(schema: str, claims: object) -> list[str]:
    """Where the claims leave the schema ("message", "event", "receipt"…): paths and rules only, never the values."""
    found = _validator(schema).iter_errors(claims)
    return sorted({f"{one.json_path}: {one.validator}" for one in found})


@cache
def _validator(schema: str) -> Draft202012Validator:
    return _Strict(_read(f"{schema}.schema.json"), format_checker=FormatChecker(["date", "uuid"]))


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files(__package__).joinpath(VERSION, name).read_text("utf-8"))
    return content


def _pattern(validator: Any, pattern: str, text: object, schema: object) -> Iterator[ValidationError]:
    """In JSON Schema `$` is the end of the text; in Python it would let a line feed follow."""
    if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), text):
        yield ValidationError("the pattern does not match")


_Strict: type[Draft202012Validator] = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
