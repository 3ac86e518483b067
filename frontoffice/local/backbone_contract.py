"""The published contract as the backbone stand-in knows it: its JSON files and nothing else, read by path."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

FILES: Final = Path(__file__).parents[1] / "backbone" / "contract" / "v3"
# What stands in openapi.json and event.schema.json under these names.
EVENTS: Final = "urn:permit-window:event:"
STEP: Final = "step"
TAKEN_OVER, NOT_TAKEN = ABOUT_DOCUMENTS = ("documents-taken-over", "document-not-taken")
RECEIVED, VALIDATED, REFUSED = ABOUT_MESSAGES = ("message-received", "message-validated", "message-refused")
# What an authority says that is no step of a procedure.
WORDS: Final = frozenset((*ABOUT_DOCUMENTS, *ABOUT_MESSAGES))


def violations(name: str, value: object, *, at: str = "$", part: str = "") -> list[str]:
    """Where a value leaves the schema in a file, or in that part of its $defs: places and rules, never what stands there."""
    return sorted({f"{at}{one.json_path[1:]}: {one.validator}" for one in _validator(name, part).iter_errors(value)})


def body_violations(body: Mapping[str, Any]) -> list[str]:
    """Where the body of a message leaves the schema of its procedure and edition, or that there is none."""
    name = of_procedure(body["procedure"], body["edition"])
    return violations(name, body, at="$.body") if name else ["$.body.edition: not known"]


def of_procedure(code: str, edition: str) -> str:
    """The file with the schema of that edition; empty when there is none."""
    name = f"procedures/{code}-{edition}.json"
    return name if name in procedures() else ""


@cache
def procedures() -> frozenset[str]:
    """The schemas of procedures, by their names in the contract."""
    return frozenset(f"procedures/{one.name}" for one in FILES.joinpath("procedures").glob("*.json"))


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema that a file holds."""
    content: dict[str, Any] = json.loads(FILES.joinpath(name).read_text("utf-8"), object_hook=_anchored)
    return content


@cache
def _validator(name: str, part: str) -> Draft202012Validator:
    whole = schema(name)
    wanted = {"$defs": whole["$defs"], "$ref": f"#/$defs/{part}"} if part else whole
    return Draft202012Validator(wanted, format_checker=FormatChecker(["date", "uuid"]))


def _anchored(made: dict[str, Any]) -> dict[str, Any]:
    """In JSON Schema `$` is the end of the text; in Python it would let a line feed follow."""
    if isinstance(made.get("pattern"), str):
        made["pattern"] = re.sub(r"\$$", r"\\Z", made["pattern"])
    return made
