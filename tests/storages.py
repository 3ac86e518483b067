"""Storage for tests, once the engine lets its identities in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.storage import Storage
from tests.engines import Engines


@asynccontextmanager
async def storage_as(engines: Engines, name: str) -> AsyncIterator[Storage]:
    """Storage as `web` or `worker` reaches it; a fresh SeaweedFS answers a moment before it knows its identities."""
    storage = await ready(Storage(engines.s3(name)))
    yield storage
    storage.close()


async def ready(storage: Storage) -> Storage:
    """The same, once it answers."""
    for _ in range(100):
        try:
            await storage.check()
            break
        except Unavailable:
            await asyncio.sleep(0.1)
    return storage


@contextmanager
def sparing(storage: Storage, *mine: object) -> Iterator[None]:
    """Let this storage delete only what has one of these in its key: the tests beside this one keep their objects in the same buckets,
    and by a clock that was put forward all of them are old."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("delete_object", "abort_multipart_upload"):
            patched.setattr(storage._client, name, _only(mine, getattr(storage._client, name)))
        yield


def _only(mine: tuple[object, ...], deed: Callable[..., Any]) -> Callable[..., Any]:
    def called(**asked: Any) -> Any:
        return deed(**asked) if any(str(one) in asked["Key"] for one in mine) else {}

    return called
