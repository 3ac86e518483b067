"""What the tests of the API for authorities stand on."""

from collections.abc import AsyncIterator

import pytest

from tests.authorities.systems import Town, a_town
from tests.engines import Database, Engines


@pytest.fixture
async def town(fresh_database: Database, engines: Engines) -> AsyncIterator[Town]:
    async with a_town(fresh_database, engines) as one:
        yield one
