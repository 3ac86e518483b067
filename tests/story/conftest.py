"""The stage once for a run, the stand-in and the mail server once for a file, a world for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.catching import Catcher, a_catcher
from tests.engines import Engines
from tests.peers import Backbone, a_backbone, a_portal
from tests.story.stage import Stage, World, a_stage, a_world


@pytest.fixture(scope="session")
def stage(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from a_stage(engines, tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture(scope="module")
def catcher() -> Iterator[Catcher]:
    with a_catcher() as catcher:
        yield catcher


@pytest.fixture
async def world(stage: Stage, engines: Engines, tmp_path: Path, stand_in: Backbone, catcher: Catcher) -> AsyncIterator[World]:
    stand_in.behave()
    catcher.mails.clear()
    catcher.refusals.clear()
    async with a_world(stage, engines, tmp_path, stand_in, catcher) as world:
        yield world
