"""The published contract of the API for authorities, and the check of what systems send by it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

VERSION: Final = "v1"


@cache
def openapi() -> Mapping[str, Any]:
    """The OpenAPI 3.1 description, as it is published."""
    content: dict[str, Any] = json.loads(files(__package__).joinpath(VERSION, "openapi.json").read_text("utf-8"))
    return content


def violations(schema: str, content: object) -> list[str]:
    """Where the content leaves one of the schemas of the contract: paths and rules only, never the values."""
    return sorted({f"{one.json_path}: {one.validator}" for one in _validator(schema).iter_errors(content)})


@cache
def _validator(schema: str) -> Draft202012Validator:
    return _Strict({"$ref": f"#/components/schemas/{schema}", "components": openapi()["components"]}, format_checker=FormatChecker(["date", "uuid"]))


def _pattern(validator: Any, pattern: str, text: object, schema: object) -> Iterator[ValidationError]:
    """In JSON Schema `$` is the end of the text; in Python it would let a line feed follow."""
    if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), text):
        yield ValidationError("the pattern does not match")


_Strict: type[Draft202012Validator] = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
