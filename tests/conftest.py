"""Fixtures that every test may ask for, and the guard over the logs that watches each of them."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.canaries import Guard, guarded
from tests.engines import engines, fresh_database, shared_database

__all__ = ["engines", "fresh_database", "shared_database"]


@pytest.fixture(autouse=True)
def no_person_in_the_logs() -> Iterator[Guard]:
    """Every test: whatever it does, no line of the logs names a person."""
    with guarded() as guard:
        yield guard


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for a test that is itself no coroutine, such as one that hypothesis calls again and again."""
    with asyncio.Runner() as one:
        yield one
