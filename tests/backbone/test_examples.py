"""The examples of the contract are real: signed by the keys beside them, valid by their schemas, and about one and the same dossier."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from frontoffice.backbone import contract
from frontoffice.kernel.tokens import Use, read_keys, verify_strict
from tests.backbone.examples import BACKBONE, FOLDER, PORTAL, VERSION

SCHEMAS = sorted(one.name for one in VERSION.glob("*.schema.json"))
SPEC = contract.openapi()
# Every schema by its place, as somebody who fetched the files would find it.
FILES = Registry().with_resources([  # type: ignore[var-annotated]
    (name, Resource.from_contents(json.loads((VERSION / name).read_text()), default_specification=DRAFT202012)) for name in SCHEMAS
])


def walk(value: Any, *place: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every object inside a value, with the names that lead to it."""
    if isinstance(value, dict):
        yield place, value
        for name, one in value.items():
            yield from walk(one, *place, name)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from walk(one, *place, str(number))


def media_types() -> list[Any]:
    """Everything that is sent or answered somewhere, with what may be sent there."""
    found = [(".".join(place), one) for place, one in walk(SPEC) if place and len(place) > 1 and place[-2] == "content"]
    return [pytest.param(one, id=name) for name, one in found]


def text_of(example: dict[str, Any]) -> str:
    return (VERSION / example["externalValue"]).read_text("utf-8")


def verified(text: str, typ: str) -> dict[str, Any]:
    """The claims, whichever party signed."""
    from_portal = typ in ("permit-window-message+jwt", "permit-window-request+jwt")
    keys = read_keys((FOLDER / f"{'portal' if from_portal else 'backbone'}-keys.json").read_bytes())
    names = (PORTAL, BACKBONE) if from_portal else (BACKBONE, PORTAL)
    return verify_strict(text, keys, Use.message(typ, issuer=names[0], audience=names[1], max_bytes=1024 * 1024))


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    validator = Draft202012Validator(schema, registry=FILES, format_checker=FormatChecker())
    return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(value)]


@pytest.mark.parametrize("content", media_types())
def test_every_body_has_an_example_that_holds(content: dict[str, Any]) -> None:
    if content.get("schema", {}).get("contentEncoding") == "binary":
        return
    assert content["examples"], "no example"
    for example in content["examples"].values():
        assert example["summary"] or example["externalValue"]
        if "x-jws-header" in content:
            text = text_of(example)
            assert errors(content["schema"], text) == []
            claims = verified(text, content["x-jws-header"]["typ"])
            assert errors({"$ref": content["x-jws-payload"]["$ref"]}, claims) == []
        else:
            value = example["value"] if "value" in example else json.loads(text_of(example))
            assert errors({"components": SPEC["components"], **content["schema"]}, value) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_shows_an_example_that_fits(name: str) -> None:
    schema = json.loads((VERSION / name).read_text())
    assert schema["examples"]
    assert [errors({"$ref": name}, one) for one in schema["examples"]] == [[] for _ in schema["examples"]]


@pytest.mark.parametrize("name", [*SCHEMAS, "openapi.json"])
def test_everything_is_described(name: str) -> None:
    content = json.loads((VERSION / name).read_text())
    inside = [(place, one) for place, one in walk(content) if "examples" not in place and "example" not in place]
    silent = [".".join(place) for place, one in inside if len(place) > 1 and place[-2] == "properties"
              and not ({"description", "$ref", "const"} & one.keys() or one.get("items", {}).get("$ref"))]
    assert silent == []
    assert [place for place, one in inside if "operationId" in one and not {"summary", "description"} <= one.keys()] == []


def test_nothing_else_is_needed() -> None:
    """Every file that is named is there, and every file that is there is named."""
    named = {one["externalValue"] for _place, one in walk(SPEC) if "externalValue" in one}
    named |= {one["$ref"] for _place, one in walk(SPEC) if isinstance(one.get("$ref"), str) and not one["$ref"].startswith("#")}
    assert [one for one in sorted(named) if not (VERSION / one).exists()] == []
    there = {f"examples/{one.name}" for one in FOLDER.iterdir()} | set(SCHEMAS)
    assert there == named
    for name in SCHEMAS:
        refs = [one["$ref"] for _place, one in walk(json.loads((VERSION / name).read_text())) if isinstance(one.get("$ref"), str)]
        assert all(one.startswith("#/$defs/") for one in refs)


def test_the_examples_tell_of_one_dossier() -> None:
    text = (FOLDER / "message.jws").read_text()
    message = verified(text, "permit-window-message+jwt")
    assert contract.violations("message", message) == contract.procedure_violations(message["body"]) == []
    digest = sha256(text.encode()).hexdigest()
    receipt = verified((FOLDER / "receipt.jws").read_text(), "permit-window-receipt+jwt")
    assert receipt["message_sha256"] == digest
    document = (FOLDER / "document.pdf").read_bytes()
    (missing,) = receipt["missing"]
    one = verified((FOLDER / "document-receipt.jws").read_text(), "permit-window-document-receipt+jwt")
    assert (one["document_sha256"], one["size"]) == (missing, len(document)) == (sha256(document).hexdigest(), message["documents"][0]["size"])
    events = [verified(place.read_text(), "secevent+jwt") for place in FOLDER.glob("event-*.jws")]
    assert sorted(one["seq"] for one in events) == list(range(1, len(events) + 1)) and {one["sub"] for one in events} == {message["sub"]}
    assert {contract.told(one)[0] for one in events} == {contract.STEP, *contract.ABOUT_DOCUMENTS, *contract.ABOUT_MESSAGES}
    for claims in events:
        word, told = contract.told(claims)
        assert contract.event_violations(claims) == []
        if word == contract.STEP:
            assert contract.evidence_violations(message["body"]["procedure"], message["body"]["edition"], told["action"], told["evidence"]) == []
        if word in contract.ABOUT_MESSAGES:
            assert (told["message"], told["message_sha256"]) == (message["txn"], digest)
    parameters = {one.get("name"): one.get("example") for _place, one in walk(SPEC) if "in" in one and "name" in one}
    assert (parameters["Idempotency-Key"], parameters["sha256"]) == (message["txn"], missing)


def test_the_questions_and_their_answers_belong_together() -> None:
    pull, ask = (verified((FOLDER / f"{name}.jws").read_text(), "permit-window-request+jwt") for name in ("pull", "ask-heads"))
    sets = json.loads((FOLDER / "pulled.json").read_text())["sets"]
    tokens = {jti: verified(text, "secevent+jwt") for jti, text in sets.items()}
    assert {jti: one["jti"] for jti, one in tokens.items()} == {jti: jti for jti in tokens}
    assert min(one["seq"] for one in tokens.values()) == pull["after"] + 1 and {one["sub"] for one in tokens.values()} == {pull["sub"]}
    heads = verified((FOLDER / "heads.jws").read_text(), "permit-window-heads+jwt")
    assert heads["request"] == ask["jti"] and sorted(heads["heads"]) == sorted(ask["dossiers"])
