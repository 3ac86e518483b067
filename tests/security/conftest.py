"""The stage of the security tests, and a guard that reads every log line for names of persons."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.engines import Engines
from tests.security.stage import Play, Stage, playing, stage_of

# Parts of made-up persons that no log line may hold: names, addresses, numbers, file names, secrets of links.
CANARIES = ("canary", "z1234567", "rajesh", "noorderlaan", "mg road", "411001", "havenlogistiek.example", "60.000", "60000")


class Guard(logging.Handler):
    """Keeps each line that names a person; the test that caused it fails."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__(logging.INFO)
        self.caught: list[str] = []
        self.secrets = secrets

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("httpx"):
            return  # the test's own client
        line = f"{record.getMessage()} {logging.Formatter().formatException(record.exc_info) if record.exc_info else ''}"
        if any(one in line.lower() for one in CANARIES) or any(one in line for one in self.secrets):
            self.caught.append(f"{record.name}: {line}")


@pytest.fixture(scope="session")
def stage(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from stage_of(engines, tmp_path_factory.mktemp("stage"))


@pytest.fixture(autouse=True)
def no_person_in_the_logs(stage: Stage) -> Iterator[Guard]:
    guard, root = Guard((*stage.tokens.values(), stage.invitation)), logging.getLogger()
    level = root.level
    root.addHandler(guard)
    root.setLevel(logging.INFO)
    yield guard
    root.removeHandler(guard)
    root.setLevel(level)
    assert not guard.caught


@pytest.fixture
async def play(stage: Stage, engines: Engines) -> AsyncIterator[Play]:
    async with playing(stage, engines) as running:
        yield running
