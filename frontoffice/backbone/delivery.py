"""Brings one stored message and its documents to the backbone; only signed receipts over our own hashes conclude it."""

import asyncio
import base64
import hashlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import DOCUMENT_RECEIPT_TYP, RECEIPT_TYP
from frontoffice.kernel import tracing
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.tokens import MAX_BYTES, BadToken, Claims, Use

OpenDocument = Callable[[UUID], AsyncIterator[bytes]]
NoteHandedOver = Callable[[Sequence[UUID]], Awaitable[None]]

_TIME_OUT: Final = httpx.Timeout(20.0, connect=3.0)
# Shorter than servers wait before they close, so that no request meets a connection that is just being closed.
_IDLE: Final = 2.0
_WHOLE_ANSWER: Final = 60.0
_LONGEST_WAIT: Final = timedelta(hours=1)
_PAUSES: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=1),
)


class NotDelivered(Exception):
    """The hand-over is not concluded; `reason` is a word without personal data, `retry_after` the wish of the peer."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Peer:
    """The backbone as configured: where it is, which keys it signs with, its name and ours."""

    address: str
    keys: RemoteKeys
    issuer: str
    us: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The proof that the backbone has the message and every document: its own signed text, to be kept."""

    text: str
    jti: str
    outcome: str


@dataclass(frozen=True)
class _Document:
    id: UUID
    sha256: str
    size: int
    media_type: str


def client() -> httpx.AsyncClient:
    """The client for `deliver`: one per process, no redirects, no proxy taken from the environment."""
    return httpx.AsyncClient(timeout=_TIME_OUT, follow_redirects=False, trust_env=False, limits=httpx.Limits(keepalive_expiry=_IDLE))


async def deliver(
    client: httpx.AsyncClient, peer: Peer, message: bytes, *, event_id: UUID, open_document: OpenDocument, handed_over: NoteHandedOver
) -> Receipt:
    """Post the stored bytes as they are, then the documents that the receipt misses; raises NotDelivered.

    May be repeated with the same bytes any number of times. `open_document` streams one document by its id; `handed_over` is told
    of those that the backbone signed for when it does not sign for all of them.
    """
    headers = {"Content-Type": "application/jose", "Idempotency-Key": str(event_id)}
    post = client.build_request("POST", f"{peer.address}/messages", content=message, headers=headers, timeout=_TIME_OUT)
    text = await answer(client, post)
    claims = await _receipt(client, peer, text, RECEIPT_TYP)
    if claims["message_sha256"] != hashlib.sha256(message).hexdigest():
        raise NotDelivered("receipt-over-other-bytes")
    ours: dict[str, list[_Document]] = {}
    for one in _documents(message):
        ours.setdefault(one.sha256, []).append(one)
    there = [one.id for digest, same in ours.items() if digest not in claims["missing"] for one in same]
    try:
        for missing in claims["missing"]:
            if missing not in ours:
                raise NotDelivered("receipt-asks-unknown-document")
            await _deliver_document(client, peer, ours[missing][0], open_document)
            there += [one.id for one in ours[missing]]
    except Exception:
        # Whatever went wrong with one: those before it are known to be there.
        if there:
            await handed_over(there)
        raise
    return Receipt(text=text, jti=claims["jti"], outcome=claims["outcome"])


def retry_delay(attempt: int, draw: Callable[[float, float], float] = random.uniform) -> timedelta:
    """The wait before try `attempt` (0 is the first): full jitter below 0 s, 5 s, 30 s, 5 min, 30 min, then an hour."""
    longest = _PAUSES[min(attempt, len(_PAUSES) - 1)]
    return timedelta(seconds=draw(0.0, longest.total_seconds()))


async def _deliver_document(
    client: httpx.AsyncClient, peer: Peer, document: _Document, open_document: OpenDocument
) -> None:
    put = client.build_request(
        "PUT",
        f"{peer.address}/documents/{document.sha256}",
        content=_exactly(document, open_document(document.id)),
        headers={"Content-Type": document.media_type, "Content-Length": str(document.size)},
        timeout=_TIME_OUT,
    )
    claims = await _receipt(client, peer, await answer(client, put), DOCUMENT_RECEIPT_TYP)
    if (claims["document_sha256"], claims["size"]) != (document.sha256, document.size):
        raise NotDelivered("receipt-over-other-document")


async def _exactly(document: _Document, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes that the message announced and no others; a stored object that has changed must not leave."""
    seen, running = 0, hashlib.sha256()
    async for chunk in chunks:
        seen += len(chunk)
        running.update(chunk)
        is_last = seen >= document.size
        if is_last and (seen, running.hexdigest()) != (document.size, document.sha256):
            raise NotDelivered("document-differs")
        yield chunk
    if seen != document.size:
        raise NotDelivered("document-differs")


async def answer(client: httpx.AsyncClient, request: httpx.Request, *, media_type: str = "application/jose", longest: int = MAX_BYTES) -> str:
    """The text of a 2xx answer of the kind that the contract names, of so many bytes at most; anything else is NotDelivered."""
    if parent := tracing.traceparent():
        request.headers["traceparent"] = parent
    try:
        response = await client.send(request, stream=True, follow_redirects=False)
        try:
            async with asyncio.timeout(_WHOLE_ANSWER):
                raw = await _limited(response, longest)
        finally:
            await response.aclose()
    except (httpx.TimeoutException, TimeoutError) as error:
        raise NotDelivered("time-out") from error
    except httpx.HTTPError as error:
        raise NotDelivered("unreachable") from error
    if not 200 <= response.status_code < 300:
        raise NotDelivered(f"status-{response.status_code}", _retry_after(response))
    if response.headers.get("content-type", "").partition(";")[0].strip() != media_type:
        raise NotDelivered("no-receipt")
    return raw.decode("ascii", "replace")


async def _limited(response: httpx.Response, longest: int) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > longest:
            raise NotDelivered("answer-too-large")
    return bytes(raw)


async def _receipt(client: httpx.AsyncClient, peer: Peer, text: str, typ: str) -> Claims:
    use = Use.message(typ, issuer=peer.issuer, audience=peer.us)
    try:
        claims = await peer.keys.verify(client, text, use)
    except BadToken as refusal:
        raise NotDelivered(f"receipt-{refusal.reason}") from refusal
    except Unavailable as absent:
        raise NotDelivered("no-keys") from absent
    if contract.violations("receipt" if typ == RECEIPT_TYP else "document-receipt", claims):
        raise NotDelivered("receipt-against-contract")
    return claims


def announced(message: bytes) -> dict[UUID, str]:
    """The documents that our own stored message announces, each with its SHA-256."""
    return {one.id: one.sha256 for one in _documents(message)}


def _documents(message: bytes) -> list[_Document]:
    """What our own stored message announces; it is not checked here, since we signed it."""
    payload = message.split(b".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    return [
        _Document(UUID(one["id"]), one["sha256"], one["size"], one["media_type"]) for one in claims["body"]["documents"]
    ]


def _retry_after(response: httpx.Response) -> timedelta | None:
    """The seconds that the backbone asks for, an hour at most; the form with a date is not in the contract."""
    asked = response.headers.get("retry-after", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9):
        return None
    return min(timedelta(seconds=int(asked)), _LONGEST_WAIT)
