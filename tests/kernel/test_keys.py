"""A peer's keys are fetched seldom, renewed when a new one signs, and outlive the peer's absence."""

import json
import time
from collections.abc import Callable

import httpx
import pytest

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.tokens import BadToken, Use, new_key, public_jwks, sign

USE = Use.message("test+jwt", issuer="peer", audience="us")
FIRST, SECOND = new_key(), new_key()


class Peer:
    """Answers with `answer`, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Callable[[], httpx.Response] = lambda: publishing(FIRST)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer()

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


def publishing(*keys: dict[str, str]) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(public_jwks({"keys": list(keys)})))


def away() -> httpx.Response:
    raise httpx.ConnectError("away")


def signed_by(key: dict[str, str]) -> str:
    return sign({"iss": "peer", "aud": "us", "iat": int(time.time()), "jti": "1"}, key, "test+jwt")


async def test_keys_are_fetched_once_for_many_tokens() -> None:
    peer, keys = Peer(), RemoteKeys("https://peer.example/jwks", name="peer")
    async with peer.client() as client:
        for _ in range(3):
            await keys.verify(client, signed_by(FIRST), USE)
    assert peer.asked == 1


async def test_a_new_key_is_found_without_a_restart() -> None:
    peer, keys = Peer(), RemoteKeys("https://peer.example/jwks", name="peer", pause=0)
    async with peer.client() as client:
        await keys.verify(client, signed_by(FIRST), USE)
        peer.answer = lambda: publishing(SECOND, FIRST)
        assert await keys.verify(client, signed_by(SECOND), USE)
        assert await keys.verify(client, signed_by(FIRST), USE)
    assert peer.asked == 2


async def test_tokens_with_unknown_keys_do_not_make_us_flood_the_peer() -> None:
    peer, keys = Peer(), RemoteKeys("https://peer.example/jwks", name="peer")
    async with peer.client() as client:
        for _ in range(20):
            with pytest.raises(BadToken, match="unknown-key"):
                await keys.verify(client, signed_by(new_key()), USE)
    assert peer.asked == 1


async def test_known_keys_outlive_an_absent_peer() -> None:
    peer, keys = Peer(), RemoteKeys("https://peer.example/jwks", name="peer", fresh_for=0)
    async with peer.client() as client:
        await keys.verify(client, signed_by(FIRST), USE)
        peer.answer = away
        assert await keys.verify(client, signed_by(FIRST), USE)


@pytest.mark.parametrize(
    "answer",
    [
        away,
        lambda: httpx.Response(500),
        lambda: httpx.Response(302, headers={"location": "https://evil.example/jwks"}),
        lambda: httpx.Response(200, content=b"<html>"),
        lambda: httpx.Response(200, content=b" " * 70_000),
    ],
    ids=["away", "500", "redirect", "html", "huge"],
)
async def test_no_keys_means_unavailable_not_refused(answer: Callable[[], httpx.Response]) -> None:
    peer, keys = Peer(), RemoteKeys("https://peer.example/jwks", name="backbone")
    peer.answer = answer
    async with peer.client() as client:
        with pytest.raises(Unavailable, match="backbone"):
            await keys.verify(client, signed_by(FIRST), USE)
    assert peer.asked == 1
