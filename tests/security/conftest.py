"""The stage of the security tests, and a guard that knows its secrets."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.canaries import Guard, guarded
from tests.engines import Engines
from tests.security.stage import Play, Stage, playing, stage_of


@pytest.fixture(scope="session")
def stage(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from stage_of(engines, tmp_path_factory.mktemp("stage"))


@pytest.fixture(autouse=True)
def no_person_in_the_logs(stage: Stage) -> Iterator[Guard]:
    """As everywhere, and no secret of the stage either."""
    with guarded((*stage.tokens.values(), stage.invitation)) as guard:
        yield guard


@pytest.fixture
async def play(stage: Stage, engines: Engines) -> AsyncIterator[Play]:
    async with playing(stage, engines) as running:
        yield running
