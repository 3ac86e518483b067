"""The running portal and the running stand-in, each held against its side of the published contract with hundreds of made-up requests."""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack, nullcontext, suppress
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode

from frontoffice.app import create_app
from frontoffice.backbone import contract
from frontoffice.backbone.envelope import EVENT_TYP
from frontoffice.kernel.tokens import Key, sign
from tests.engines import Database, Engines
from tests.guessing import CHECKS, made_up, send, told_with
from tests.peers import Backbone, a_token
from tests.scene import a_scene

PORTAL, BACKBONE = "https://portal.example", "https://backbone.example"
# For each operation and each kind of data.
EXAMPLES = 40
# Whatever is no signed token is told so first, before anything that the request may lack beside.
CONFIG = told_with(400, 401, 403, 404, 405, 406, 409, 413, 415)
MEDIA_TYPES = ("application/jose", "application/secevent+jwt", "application/pdf", "image/jpeg", "image/png", "image/heic", "image/heif")


@pytest.fixture(scope="module", autouse=True)
def bodies() -> None:
    """What is made up for a body that is no JSON goes out as it is."""
    for one in MEDIA_TYPES:
        @schemathesis.serializer(one)
        def as_it_is(_context: Any, value: Any) -> bytes:
            return value if isinstance(value, bytes) else str(value).encode()


def operations(server: str) -> list[Any]:
    """What the contract asks of that side."""
    schema = schemathesis.openapi.from_path(str(files(contract).joinpath(contract.VERSION, "openapi.json")), config=CONFIG)
    every = [result.ok() for result in schema.get_all_operations()]
    return [one for one in every if contract.openapi()["paths"][one.path]["servers"][0]["url"] == server]


def test_both_sides_are_all_of_it() -> None:
    paths = [{one.path for one in operations(side)} for side in (PORTAL, BACKBONE)]
    assert paths[0] | paths[1] == set(contract.openapi()["paths"]) and paths[0] >= {"/backbone/messages"} and paths[1] >= {"/messages", "/heads"}


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_portal_answers_by_the_contract(
    runner: asyncio.Runner, fresh_database: Database, engines: Engines, tmp_path: Path, stand_in: Backbone, mode: GenerationMode,
) -> None:
    key: Key = json.loads((stand_in.folder / "key.json").read_text())
    told: Counter[int] = Counter()
    stack = AsyncExitStack()
    scene = runner.run(stack.enter_async_context(a_scene(fresh_database, engines, tmp_path, stand_in)))
    app: Any = create_app(replace(scene.settings, database_url=scene.database.web, public_url=PORTAL))
    client = runner.run(stack.enter_async_context(httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=PORTAL)))
    stack.push_async_callback(app.app.state.engine.dispose)
    stack.callback(app.app.state.storage.close)
    try:
        for operation in operations(PORTAL):
            @made_up(EXAMPLES, 5003)
            @given(case=operation.as_strategy(generation_mode=mode), good=st.booleans())
            def hold(case: Any, good: bool) -> None:
                if good and mode is GenerationMode.POSITIVE and case.operation.path == "/backbone/messages":
                    # What nobody guesses: a token of the backbone, each with a place of its own in the line.
                    case.body = sign(a_token(stand_in, "SP-2026-0000123-T", "immigration-office", "grant-stay", {}, sum(told.values()) + 1), key, EVENT_TYP)
                answer = runner.run(send(client, case, PORTAL))
                told[answer.status_code] += case.operation.path == "/backbone/messages"
                case.validate_response(answer, checks=CHECKS)

            hold()
        kept = runner.run(scene.value("SELECT count(*) FROM inbound_message"))
        assert kept == told[202] and (kept > 0) == (mode is GenerationMode.POSITIVE) and told[400], told
    finally:
        runner.run(stack.aclose())


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_stand_in_answers_by_the_contract(runner: asyncio.Runner, stand_in: Backbone, mode: GenerationMode) -> None:
    told: Counter[tuple[str, int]] = Counter()
    stand_in.behave()
    client = httpx.AsyncClient(base_url=stand_in.address, timeout=60, trust_env=False)
    try:
        for operation in operations(BACKBONE):
            @made_up(EXAMPLES, 5004)
            @given(case=operation.as_strategy(generation_mode=mode))
            def hold(case: Any) -> None:
                answer = runner.run(send(client, case, stand_in.address))
                told[case.operation.path, answer.status_code] += 1
                case.validate_response(answer, checks=CHECKS)

            # Of a request whose body may be any bytes there is no wrong one.
            with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
                hold()
    finally:
        runner.run(client.aclose())
    wrong = {"/messages", "/events/pull", "/heads"}
    assert {path for path, _status in told} >= (wrong if mode is GenerationMode.NEGATIVE else {one.path for one in operations(BACKBONE)}), told
