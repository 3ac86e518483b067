"""The published contract between the portal and the backbone, frozen per version, and the check of claims by it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

VERSION: Final = "v3"
EVENTS: Final = "urn:permit-window:event:"
STEP: Final = "step"
# What an authority says of documents or of a message is no step of a life: it holds in every procedure.
TAKEN_OVER: Final = "documents-taken-over"
NOT_TAKEN: Final = "document-not-taken"
ABOUT_DOCUMENTS: Final = (TAKEN_OVER, NOT_TAKEN)
RECEIVED: Final = "message-received"
VALIDATED: Final = "message-validated"
REFUSED: Final = "message-refused"
ABOUT_MESSAGES: Final = (RECEIVED, VALIDATED, REFUSED)
CLOCKS_DIFFER: Final = 60
_UNKNOWN: Final = "no procedure and edition of this contract"


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description of both sides."""
    return _read("openapi.json")


def violations(schema: str, claims: object) -> list[str]:
    """Where the claims leave the schema ("message", "event", "receipt"…): paths and rules only, never the values."""
    return _places("$", _validator(f"{schema}.schema.json").iter_errors(claims))


def event_violations(claims: Mapping[str, Any]) -> list[str]:
    """Where the claims of an event leave the contract: its schema, or that nobody acts later than it is signed."""
    found = violations("event", claims)
    # Two clocks may differ as much as a signature may come from the future.
    return found or (["$.toe: later than iat"] if claims["toe"] > claims["iat"] + CLOCKS_DIFFER else [])


def procedure_violations(body: Mapping[str, Any]) -> list[str]:
    """Where the body of a message leaves the schema of its procedure and edition, or that there is no such schema."""
    name = _name(str(body.get("procedure")), str(body.get("edition")))
    return _places("$.body", _validator(name).iter_errors(body)) if name in published() else [f"$.body: {_UNKNOWN}"]


def told(claims: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The one event of a token that fits the contract: its word (STEP, TAKEN_OVER…) and what is said with it."""
    ((name, payload),) = claims["events"].items()
    return name.removeprefix(EVENTS), payload


def evidence_violations(procedure: str, edition: str, action: str, evidence: object) -> list[str]:
    """Where the evidence of a step leaves what an authority may say with it in that procedure."""
    name = _name(procedure, edition)
    if name not in published():
        return [f"$: {_UNKNOWN}"]
    if f"told-{action}" not in _read(name)["$defs"]:
        return ["$.action: enum"]
    return _places("$.evidence", _validator(name, f"told-{action}").iter_errors(evidence))


@cache
def published() -> frozenset[str]:
    """The schemas of procedures, by their names in the contract."""
    return frozenset(f"procedures/{one.name}" for one in files(__package__).joinpath(VERSION, "procedures").iterdir())


def _name(procedure: str, edition: str) -> str:
    return f"procedures/{procedure}-{edition}.json"


def _places(root: str, errors: Iterable[ValidationError]) -> list[str]:
    return sorted({f"{root}{one.json_path[1:]}: {one.validator}" for one in errors})


@cache
def _validator(name: str, part: str = "") -> Draft202012Validator:
    schema = _read(name)
    if part:
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
    return _Strict(schema, format_checker=FormatChecker(["date", "uuid"]))


@cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files(__package__).joinpath(VERSION, name).read_text("utf-8"))
    return content


def _pattern(validator: Any, pattern: str, text: object, schema: object) -> Iterator[ValidationError]:
    """In JSON Schema `$` is the end of the text; in Python it would let a line feed follow."""
    if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), text):
        yield ValidationError("the pattern does not match")


_Strict: type[Draft202012Validator] = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
