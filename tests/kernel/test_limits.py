"""Limits count together for all servers, and the count stands when the request fails."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.errors import TooMany, Unavailable
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.limits import is_first_use, limit
from frontoffice.kernel.time import now, stopped_at
from tests.engines import Database

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=BRUSSELS)


@pytest.fixture
async def engine(fresh_database: Database) -> AsyncIterator[AsyncEngine]:
    made = make_engine(fresh_database.web)
    yield made
    await made.dispose()


async def test_so_many_and_no_more(engine: AsyncEngine) -> None:
    with stopped_at(NOON + timedelta(seconds=60)):
        for _ in range(3):
            await limit(engine, "try", "ada", most=3, seconds=300)
        with pytest.raises(TooMany) as refused:
            await limit(engine, "try", "ada", most=3, seconds=300)
        assert refused.value.retry_after == 240
        await limit(engine, "try", "bob", most=3, seconds=300)
        await limit(engine, "other", "ada", most=3, seconds=300)
    with stopped_at(NOON + timedelta(seconds=300)):
        await limit(engine, "try", "ada", most=3, seconds=300)


async def test_the_count_survives_the_callers_rollback(engine: AsyncEngine) -> None:
    with stopped_at(NOON):
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                async with transaction(engine, b"") as session:
                    await limit(session, "try", "ada", most=2, seconds=60)
                    raise ZeroDivisionError
        with pytest.raises(TooMany):
            await limit(engine, "try", "ada", most=2, seconds=60)


async def test_the_table_tells_nothing_of_whose_tries_it_counts(engine: AsyncEngine, fresh_database: Database) -> None:
    await limit(engine, "try", "ada@example.org", most=2, seconds=60)
    owner = make_engine(fresh_database.owner)
    async with transaction(owner) as session:
        keys = (await session.connection()).exec_driver_sql("SELECT key FROM rate")
        assert ["ada" in row.key for row in (await keys).all()] == [False]
    await owner.dispose()


async def test_a_secret_is_new_once(engine: AsyncEngine) -> None:
    expires = now() + timedelta(minutes=10)
    assert [await is_first_use(engine, "state", one, expires) for one in ("a", "b", "a")] == [True, True, False]


async def test_without_a_database_the_door_stays_shut() -> None:
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(Unavailable):
        await limit(nowhere, "try", "ada", most=1, seconds=60)
    await nowhere.dispose()
