"""A portal behind a real server meets the stranger; scenes and steps for the tests of both."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import uvicorn

from frontoffice.app import create_app
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.routes import QUEUED
from tests.backbone.stranger import Stranger, a_stranger
from tests.backbone.stranger_seals import fits, schema
from tests.engines import Database, Engines
from tests.scene import JOBS, Filed, Scene, a_scene

HAND_OVER, APPLY = "backbone:hand_over", "backbone:apply"
# Names need not be addresses.
STRANGER, PORTAL = "urn:example:stranger", "urn:example:portal"


def our_key(scene: Scene) -> dict[str, str]:
    keys: list[dict[str, str]] = json.loads(Path(scene.settings.signing_key_file).read_text())["keys"]
    return keys[0]


def payload(text: str) -> dict[str, Any]:
    part = text.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


@dataclass
class Meeting:
    """A portal behind a real server, the worker of it, and the stranger."""

    scene: Scene
    stranger: Stranger
    app: Any

    @property
    def portal_keys(self) -> RemoteKeys:
        """The stranger's keys, as the portal's door keeps them."""
        return cast(RemoteKeys, self.app.app.state.backbone[0])

    async def handed_over(self) -> Filed:
        filed = await self.scene.filed()
        await self.scene.run(HAND_OVER)
        return filed

    async def post(self, token: str) -> int:
        return (await self.answer(token)).status_code

    async def answer(self, token: str) -> httpx.Response:
        return await asyncio.to_thread(self.stranger.post, token)

    async def ask(self, method: str, path: str, content: bytes | str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.request(method, f"{self.stranger.address}{path}", content=content, headers=headers)
        if answer.status_code >= 400:
            fits(schema("problem.schema.json"), answer.json())
        return answer

    async def outcomes(self) -> list[tuple[int, str, str]]:
        return [tuple(row) for row in await self.scene.sql("SELECT seq, outcome, remark FROM inbound_message ORDER BY seq")]


@asynccontextmanager
async def served(app: Any, door: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[door]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def meeting(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Meeting]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        with a_stranger(tmp_path, name=STRANGER, portal_name=PORTAL, portal=address) as stranger:
            changes: dict[str, Any] = {"backbone_url": stranger.address, "backbone_jwks_url": f"{stranger.address}/.well-known/jwks.json", "backbone_issuer": STRANGER, "issuer": PORTAL}
            async with a_scene(fresh_database, engines, tmp_path, **changes) as scene:
                app: Any = create_app(replace(scene.settings, database_url=fresh_database.web, public_url=address))
                make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
                async with served(app, door):
                    yield Meeting(scene, stranger, app)
                await app.app.state.engine.dispose()
                app.app.state.storage.close()
