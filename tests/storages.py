"""Storage for tests, once the engine lets its identities in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.storage import Storage
from tests.engines import Engines


@asynccontextmanager
async def storage_as(engines: Engines, name: str) -> AsyncIterator[Storage]:
    """Storage as `web` or `worker` reaches it; a fresh SeaweedFS answers a moment before it knows its identities."""
    storage = Storage(engines.s3(name))
    for _ in range(100):
        try:
            await storage.check()
            break
        except Unavailable:
            await asyncio.sleep(0.1)
    yield storage
    storage.close()
