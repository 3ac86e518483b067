"""The published contract: valid, complete, with examples that are true; and the running API held against it with thousands of requests."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from litestar.routes import HTTPRoute
from openapi_spec_validator import validate
from schemathesis.generation import GenerationMode

from frontoffice.authorities import contract
from frontoffice.authorities.callers import SCOPES
from frontoffice.authorities.requests import MAX_BYTES
from frontoffice.backbone import contract as backbone_contract
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import AUTHORITIES
from tests.authorities.systems import ASSERTION, DOSSIERS, System, Town, a_town
from tests.engines import Database, Engines
from tests.guessing import CHECKS, made_up, send, told_with

OPENAPI = dict(contract.openapi())
# For each operation and each kind of data.
EXAMPLES = 30
# A body that is too long is told so before it is read.
CONFIG = told_with(400, 401, 403, 404, 406, 409, 413, 415, 422)


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in OPENAPI["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def test_the_description_is_valid() -> None:
    validate(OPENAPI)


async def test_it_describes_every_route_and_no_other(town: Town) -> None:
    running = set()
    for route in town.office.portal.app.app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if route.path_format.startswith("/api/") and handler.name:
                running |= {(route.path_format, method.lower(), handler.opt.get("scope", "")) for method in handler.http_methods - {"OPTIONS"}}
    told = {(path, method, next((one for entry in operation["security"] for one in entry["system"]), "")) for path, method, operation in operations()}
    assert running == told
    flows = OPENAPI["components"]["securitySchemes"]["system"]["flows"]["clientCredentials"]
    assert set(flows["scopes"]) == set(SCOPES) and flows["tokenUrl"] in OPENAPI["paths"]


def test_every_example_is_as_its_schema_says() -> None:
    seen = 0
    for path, method, operation in operations():
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (kind for body in bodies for kind in body.get("content", {}).values() if "$ref" in kind["schema"]):
            schema = content["schema"]["$ref"].rsplit("/", 1)[-1]
            examples = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
            assert examples or schema == "Problem", (path, method, schema)
            for one in examples:
                seen += 1
                assert not contract.violations(schema, one), (path, method, schema, contract.violations(schema, one))
    assert seen >= 9
    for name, one in OPENAPI["components"]["responses"].items():
        example = one["content"]["application/problem+json"].get("example")
        assert example is None or not contract.violations("Problem", example), name


def test_every_part_says_in_words_what_it_is() -> None:
    for name, schema in OPENAPI["components"]["schemas"].items():
        for member, one in schema.get("properties", {}).items():
            assert {"description", "$ref", "const", "example"} & set(one), (name, member)
    for path, method, operation in operations():
        assert operation["summary"] and operation["operationId"], (path, method)
    text = json.dumps(OPENAPI)
    assert f"{MAX_BYTES:,}" in text


def test_the_schemas_of_procedures_that_it_names_are_published() -> None:
    """What a dossier calls its schema is the name of a file of the other contract, and describes the same answers."""
    from frontoffice.authorities.representation import _SCHEMA

    for one in EDITIONS:
        published = backbone_contract._read(f"procedures/{one.code}-{one.edition}.json")
        assert published["$id"] == _SCHEMA.format(one.code, one.edition)


async def test_answers_are_as_the_schema_of_the_edition_says(town: Town) -> None:
    from jsonschema import Draft202012Validator

    _hat, number = await town.filed()
    told = await (await town.system("flanders")).collect(number)
    published = backbone_contract._read(f"procedures/{told['procedure']}-{told['edition']}.json")
    answers = {**published["properties"]["answers"], "$defs": published["$defs"], "required": []}
    assert not list(Draft202012Validator(answers).iter_errors(told["answers"]))


def test_an_authority_can_say_every_step_of_its_own() -> None:
    """Each question that a step asks is of a kind that this contract knows how to write."""
    kinds = {question.kind for one in EDITIONS for step in one.life.steps if step.by & AUTHORITIES for question in step.evidence}
    assert kinds <= {"text", "longtext", "day", "choice", "select", "choices", "yes-no", "agreement", "number", "money", "municipality"}


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_gets_an_answer_of_the_contract(
    runner: asyncio.Runner, fresh_database: Database, engines: Engines, monkeypatch: pytest.MonkeyPatch, mode: GenerationMode,
) -> None:
    async def no_limit(*_anything: object, **_more: object) -> None:
        """The limits have tests of their own."""

    monkeypatch.setattr("frontoffice.authorities.callers.MOST", 10**6)
    monkeypatch.setattr("frontoffice.authorities.token_pages.limit", no_limit)
    stack = AsyncExitStack()
    town = runner.run(stack.enter_async_context(a_town(fresh_database, engines)))
    try:
        _hat, number = runner.run(town.filed())
        region = runner.run(town.system("flanders"))
        dossier = runner.run(region.collect(number))
        document, version = dossier["documents"][0]["id"], dossier["version"]
        good_form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "scope": "dossiers:read"}
        told: Counter[tuple[str, int]] = Counter()
        schema = schemathesis.openapi.from_dict(OPENAPI, config=CONFIG)
        for result in schema.get_all_operations():
            operation = result.ok()

            @made_up(EXAMPLES, 9915)
            @given(case=operation.as_strategy(generation_mode=mode), own=st.booleans(), good=st.booleans())
            def hold(case: Any, own: bool, good: bool) -> None:
                if mode is GenerationMode.POSITIVE:
                    if own and "number" in (case.path_parameters or {}):
                        case.path_parameters = {**case.path_parameters, "number": number, **({"document": document} if "document" in case.path_parameters else {})}
                    if good:
                        # Bodies that nobody guesses: a signed assertion, and the version that the dossier has.
                        if case.operation.path == "/api/oauth2/token":
                            case.body = {**good_form, "client_assertion": runner.run(assertion(region))}
                        elif case.operation.path.endswith("/acknowledgements"):
                            case.body = {**case.body, "version": version, "documents": []}
                case.headers = {**(case.headers or {}), "Authorization": f"Bearer {region.token}"}
                answer = runner.run(send(region.client, case, "https://portal.example"))
                told[case.operation.definition.raw["operationId"], answer.status_code] += 1
                case.validate_response(answer, checks=CHECKS)

            hold()
        # The good requests went in, or nothing would have been tried.
        done = {operation for operation, status in told if status < 300}
        assert mode is not GenerationMode.POSITIVE or done >= {"getToken", "listDossiers", "getDossier", "acknowledgeDossier", "refuseDocument"}, told
        rows = runner.run(town.office.portal.sql("SELECT version FROM dossier WHERE number = :number", number=number))
        assert rows[0][0] >= version
        assert runner.run(region.get(f"{DOSSIERS}/{number}")).status_code == 200
    finally:
        runner.run(stack.aclose())


async def assertion(system: System) -> str:
    """A good assertion by the clock of the portal, which stands still where the runner runs."""
    return system.assertion()
