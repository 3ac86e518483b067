"""Rule 35: the signature vectors of Project Wycheproof (Apache-2.0, kept as published): none that must fail is believed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from frontoffice.kernel.tokens import BadToken, Use, verify_strict

FOLDER = Path(__file__).parents[1] / "cases" / "wycheproof"
FILES = {"json_web_signature_test": 401, "json_web_key_test": 26, "json_web_crypto_test": 83}
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")
# The payloads are no claims: what is refused only for that had a signature that was believed.
AFTER_THE_SIGNATURE = ("payload", "depth", "missing-")
USES = {one: Use(issuer="i", audience="a", algorithm=one, typ="JWT", typ_may_be_absent=True) for one in ("ES256", "RS256")}


@dataclass(frozen=True)
class Vector:
    """One vector: a text, the keys with which it is checked, and what must come of it."""

    name: str
    text: str
    keys: Mapping[str, Any]
    valid: bool


def _public(key: Mapping[str, Any]) -> dict[str, Any]:
    # A symmetric key keeps its secret: it must be refused as it is.
    return {name: value for name, value in key.items() if name not in PRIVATE or key.get("kty") == "oct"}


def vectors(file: str) -> Iterator[Vector]:
    for group in json.loads((FOLDER / f"{file}.json").read_text("utf-8"))["testGroups"]:
        given = group.get("public") or group["private"]
        keys = {"keys": [_public(one) for one in given.get("keys", [given])]}
        for one in group["tests"]:
            text = one.get("jws", one.get("jwe"))
            assert text is not None
            yield Vector(f"{one['tcId']} {one['comment']}", text if isinstance(text, str) else json.dumps(text), keys, one["result"] == "valid")


def is_believed(vector: Vector, use: Use) -> bool:
    try:
        verify_strict(vector.text, vector.keys, use)
    except BadToken as refusal:
        return refusal.reason.startswith(AFTER_THE_SIGNATURE)
    return True


@pytest.mark.parametrize("file", FILES)
def test_no_vector_that_must_fail_is_believed(file: str) -> None:
    found = list(vectors(file))
    assert len(found) == FILES[file]
    assert not [(one.name, algorithm) for one in found if not one.valid for algorithm, use in USES.items() if is_believed(one, use)]


def test_good_signatures_of_our_two_algorithms_are_believed() -> None:
    """The counterpart: what was refused above was not refused for its looks alone."""
    good = [one for file in FILES for one in vectors(file) if one.valid]
    believed = {algorithm: [one.name for one in good if is_believed(one, use)] for algorithm, use in USES.items()}
    assert len(believed["ES256"]) >= 2 and len(believed["RS256"]) >= 4, believed
