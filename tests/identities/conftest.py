"""The identity desk, for every test of this package that asks for it."""

from collections.abc import AsyncIterator

import pytest

from tests.engines import Database, Engines
from tests.identities.office import Desk, a_desk


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines) -> AsyncIterator[Desk]:
    async with a_desk(fresh_database, engines) as one:
        yield one
