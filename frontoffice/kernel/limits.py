"""Limits on how often something may be tried; counted in PostgreSQL, so that every web server counts together."""

import hashlib
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import TooMany
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.time import now
from frontoffice.kernel.web import mac
from frontoffice.settings import Settings

_COUNT = text("SELECT count_hit(:key, :window)")


async def limit(where: AsyncSession | AsyncEngine, what: str, whose: str, *, most: int, seconds: int) -> None:
    """Count one try of `what` by `whose`; raises TooMany after `most` tries in a stretch of `seconds`.

    The count stands whatever becomes of the caller's transaction: it is written in one of its own.
    """
    instant = int(now().timestamp())
    begun = instant - instant % seconds
    if await _count(_engine(where), what, whose, datetime.fromtimestamp(begun, UTC)) > most:
        raise TooMany(begun + seconds - instant)


async def is_first_use(where: AsyncSession | AsyncEngine, what: str, secret: str, expires: datetime) -> bool:
    """Whether nobody has used this secret before; asking uses it. It must be refused after `expires` anyway."""
    return await _count(_engine(where), what, secret, expires) == 1


async def _count(engine: AsyncEngine, what: str, whose: str, window: datetime) -> int:
    # Hashed, so that the table tells nobody's address; callers pass what is easily guessed as a keyed hash.
    key = f"{what}:{hashlib.sha256(whose.encode()).hexdigest()[:40]}"
    async with transaction(engine) as session:
        hits: int = await session.scalar(_COUNT, {"key": key, "window": window})
    return hits


def _engine(where: AsyncSession | AsyncEngine) -> AsyncEngine:
    if isinstance(where, AsyncEngine):
        return where
    assert isinstance(where.bind, AsyncEngine)
    return where.bind


def sender_of(request: Web, settings: Settings) -> str:
    """A keyed hash of where a request comes from: an IPv4 address, or the network of an IPv6 one."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
        if address.version == 6:
            host = str(ip_network(f"{address}/64", strict=False))
    except ValueError:
        pass  # a name, as test clients and Unix sockets give
    return mac(settings, "sender", host)
