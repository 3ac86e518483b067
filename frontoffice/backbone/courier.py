"""What a process needs to reach the backbone: its address and keys, our key, connections, the documents, and restraint in asking."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

from frontoffice.backbone import outbox
from frontoffice.backbone.delivery import NotDelivered, Peer, Receipt, client, deliver
from frontoffice.backbone.envelope import MESSAGE_TYP
from frontoffice.backbone.pace import Pace
from frontoffice.kernel import metrics, tracing
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.signing import SigningKey
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.tokens import Claims, sign

EXAMINE: Final = "documents:examine"
_MOST_ON_THE_WAY: Final = 10


@dataclass(frozen=True)
class Courier:
    """One process's way to the backbone: connections that are kept open, and lanes so that not too many are."""

    peer: Peer
    key: SigningKey
    storage: Storage
    pace: Pace
    http: httpx.AsyncClient = field(default_factory=client)
    lanes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MOST_ON_THE_WAY))

    def sign(self, claims: Claims) -> bytes:
        """The claims as our signed message."""
        return sign(claims, self.key.current(), MESSAGE_TYP).encode()

    async def bring(self, resources: Resources, event_id: UUID, content: bytes, digests: Mapping[UUID, str], *, trace: str = "") -> Receipt:
        """Deliver stored bytes in their turn, and of the documents those that the backbone lacks; raises NotDelivered or CircuitOpen."""
        opened: list[UUID] = []

        def open_document(document: UUID) -> AsyncIterator[bytes]:
            opened.append(document)
            return self.storage.open(self.storage.clean, str(document), expected_sha256=digests[document])

        async with self.lanes:
            await self.pace.turn(resources.engine)
            with tracing.span("hand over", "client", parent=trace or None, event_id=str(event_id)), metrics.hand_over_try():
                try:
                    return await deliver(self.http, self.peer, content, event_id=event_id, open_document=open_document,
                                         handed_over=lambda documents: _note(resources, documents))
                except (Unavailable, NotFound, Altered) as failure:
                    # Our own storage failed while a document was on its way.
                    if not isinstance(failure, Unavailable):
                        await _examine(resources, opened[-1])
                    raise NotDelivered(f"storage-{type(failure).__name__.lower()}") from failure

    async def close(self) -> None:
        """Give back connections and threads."""
        await self.http.aclose()
        self.storage.close()


async def _note(resources: Resources, documents: Sequence[UUID]) -> None:
    """Each document that the backbone signed for is seen to be handed over, also when the next one fails."""
    async with transaction(resources.engine) as session:
        await outbox.note_handed_over(session, documents)


async def _examine(resources: Resources, document: UUID) -> None:
    """Whoever gave a document that we no longer have as it was must hear of it: trying again does not bring it back."""
    async with transaction(resources.engine) as session:
        await defer(session, EXAMINE, lock=f"examine/{document}", document_id=str(document))


def is_about_the_peer(failure: NotDelivered) -> bool:
    """Whether the backbone itself is in trouble, so that others need not try."""
    return failure.reason in ("unreachable", "time-out", "no-keys") or failure.reason.startswith(("status-5", "status-429"))


@lru_cache(maxsize=4)
def courier_of(resources: Resources) -> Courier:
    """The courier of this process, made at its first errand and closed with the resources."""
    settings = resources.settings
    keys = RemoteKeys(settings.backbone_jwks_url, name="backbone")
    peer = Peer(address=settings.backbone_url.rstrip("/"), keys=keys, issuer=settings.backbone_issuer, us=settings.issuer)
    courier = Courier(peer=peer, key=SigningKey(Path(settings.signing_key_file)), storage=Storage(settings), pace=Pace(int(settings.backbone_rate)))
    resources.at_end.push_async_callback(courier.close)
    return courier
