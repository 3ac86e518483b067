"""Whether this process can do its work: the database, the storage and the virus scanner, asked at most once in five seconds."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from frontoffice.kernel import scanner
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now

logger = logging.getLogger("frontoffice")

KEPT = timedelta(seconds=5)
_PATIENCE = 2.0
UP, DEGRADED, DOWN = "UP", "DEGRADED", "DOWN"


@dataclass(frozen=True)
class Health:
    """The answer of one check: DOWN without a database, DEGRADED without the storage or a scanner that is configured."""

    status: str
    parts: Mapping[str, str]


@dataclass
class Checkup:
    """Asks the parts and keeps the answer for a while, so that nobody can wear them out by asking."""

    engine: AsyncEngine
    storage: Storage
    scanner: str = ""
    _asked_at: datetime | None = None
    _last: Health = field(default_factory=lambda: Health(UP, {}))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def health(self) -> Health:
        """The state of the parts, at most five seconds old."""
        async with self._turn:
            if self._asked_at is None or not timedelta() <= now() - self._asked_at < KEPT:
                before, self._last = self._last, await self._ask()
                self._asked_at = now()
                if before.status != self._last.status:
                    logger.warning("health is %s: %s", self._last.status, dict(self._last.parts))
            return self._last

    async def _ask(self) -> Health:
        asked = {"database": _database_answers(self.engine), "storage": _storage_answers(self.storage)}
        if self.scanner:
            asked["scanner"] = scanner.answers(self.scanner)
        found = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
        status = DOWN if not found["database"] else UP if all(found.values()) else DEGRADED
        return Health(status, {name: UP if answers else DOWN for name, answers in found.items()})


async def _database_answers(engine: AsyncEngine) -> bool:
    # On a connection of its own: a pool that is full for a moment does not mean that the database is away.
    probe = create_async_engine(engine.url, poolclass=NullPool, connect_args={"connect_timeout": int(_PATIENCE), "application_name": "health"})
    try:
        async with asyncio.timeout(_PATIENCE), probe.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (TimeoutError, OSError, SQLAlchemyError):
        return False
    finally:
        await probe.dispose()
    return True


async def _storage_answers(storage: Storage) -> bool:
    try:
        await storage.check()
    except Unavailable:
        return False
    return True
