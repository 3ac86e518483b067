"""The real stand-in, once for each file of tests, and a scene on a database of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engines import Database, Engines
from tests.peers import Backbone, a_backbone, a_portal
from tests.scene import Scene, a_scene


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, stand_in: Backbone) -> AsyncIterator[Scene]:
    stand_in.behave()
    async with a_scene(fresh_database, engines, tmp_path, stand_in) as scene:
        yield scene
