"""Fixtures that every test may ask for, and the guard over the logs that watches each of them."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS
from tests.canaries import Guard, guarded
from tests.engines import engines, fresh_database, shared_database

__all__ = ["engines", "fresh_database", "shared_database"]


@pytest.fixture(autouse=True)
def no_person_in_the_logs() -> Iterator[Guard]:
    """Every test: whatever it does, no line of the logs names a person."""
    with guarded() as guard:
        yield guard


@pytest.fixture(autouse=True)
def one_day() -> None:
    """Every test: what it does today it finds today. Shortly before midnight in Belgium it waits for the new day."""
    clock = datetime.now(BRUSSELS)
    left = 86_400 - (clock.hour * 60 + clock.minute) * 60 - clock.second
    if left <= 90:
        time.sleep(left + 1)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for a test that is itself no coroutine, such as one that hypothesis calls again and again."""
    with asyncio.Runner() as one:
        yield one
