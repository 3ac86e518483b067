"""Keeps the public keys that a peer publishes at its configured address, and asks again when a new one appears."""

import asyncio
import contextlib
import time

import httpx

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.tokens import BadToken, Claims, KeySet, Use, read_keys, verify_strict

_TIME_OUT = 5.0
_MAX_BYTES = 64 * 1024


class RemoteKeys:
    """The key set at one address: kept `fresh_for` seconds; an unknown key renews it, at most every `pause` seconds."""

    def __init__(self, address: str, *, name: str, fresh_for: float = 600.0, pause: float = 30.0) -> None:
        self.address = address
        self.name = name
        self._fresh_for = fresh_for
        self._pause = pause
        self._keys: KeySet | None = None
        self._asked = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, client: httpx.AsyncClient, text: str, use: Use) -> Claims:
        """As verify_strict, with the peer's keys; raises Unavailable(name) while none could be had."""
        try:
            return verify_strict(text, await self._current(client, self._fresh_for), use)
        except BadToken as refusal:
            if refusal.reason != "unknown-key":
                raise
        return verify_strict(text, await self._current(client, self._pause), use)

    async def _current(self, client: httpx.AsyncClient, at_most_old: float) -> KeySet:
        async with self._lock:
            age = time.monotonic() - self._asked
            # Without any key an absent peer is asked again after a second; with old ones it is left in peace.
            if age > (at_most_old if self._keys is not None else 1.0):
                self._asked = time.monotonic()
                # A peer that is away must not shut out those whose keys are known: the old set stays.
                with contextlib.suppress(httpx.HTTPError, BadToken, TimeoutError):
                    self._keys = await self._fetch(client)
            if self._keys is None:
                raise Unavailable(self.name)
            return self._keys

    async def _fetch(self, client: httpx.AsyncClient) -> KeySet:
        async with (
            asyncio.timeout(_TIME_OUT),
            client.stream("GET", self.address, follow_redirects=False, timeout=_TIME_OUT) as response,
        ):
            if response.status_code != 200:
                raise BadToken("keys")
            raw = bytearray()
            async for chunk in response.aiter_bytes():
                raw += chunk
                if len(raw) > _MAX_BYTES:
                    raise BadToken("keys")
            return read_keys(bytes(raw))
