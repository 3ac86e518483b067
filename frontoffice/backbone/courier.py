"""What a job needs to reach the backbone: its address and keys, our key, the documents, and restraint in asking."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import text

from frontoffice.backbone import outbox
from frontoffice.backbone.delivery import NotDelivered, Peer, Receipt, client, deliver
from frontoffice.backbone.envelope import MESSAGE_TYP
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.storage import Altered, Storage
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Claims, Key, sign

MOST_A_SECOND: Final = 5
_FAILURES_TO_OPEN: Final = 10
_OPEN_FOR: Final = 30.0
_COUNT: Final = text("SELECT count_hit(:key, date_trunc('second', CAST(:instant AS timestamptz)))")


class CircuitOpen(Exception):
    """The backbone failed many times in a row: nothing is sent for `wait`, so that other jobs are not held up."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("circuit open")
        self.wait = wait


@dataclass
class Circuit:
    """Counts failures in a row of this process, and opens for half a minute after ten."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    opened_at: float = field(default=float("-inf"))

    def check(self) -> None:
        """Raise CircuitOpen while it is open; after that one try at a time decides."""
        left = self.opened_at + _OPEN_FOR - self.clock()
        if left > 0:
            raise CircuitOpen(timedelta(seconds=left + random.uniform(0, 5)))  # noqa: S311 - spreads load, guards nothing

    def note(self, *, well: bool) -> None:
        """Count one try."""
        self.failures = 0 if well else self.failures + 1
        if self.failures >= _FAILURES_TO_OPEN:
            self.opened_at = self.clock()


@dataclass(frozen=True)
class Courier:
    """One process's way to the backbone."""

    peer: Peer
    key: Key
    storage: Storage
    circuit: Circuit = field(default_factory=Circuit)

    def sign(self, claims: Claims) -> bytes:
        """The claims as our signed message."""
        return sign(claims, self.key, MESSAGE_TYP).encode()

    async def bring(self, resources: Resources, event_id: UUID, content: bytes, digests: Mapping[UUID, str]) -> Receipt:
        """Deliver stored bytes, and of the documents those that the backbone lacks; raises NotDelivered or CircuitOpen."""
        self.circuit.check()
        await _wait_for_a_turn(resources)
        try:
            async with client() as http:
                receipt = await deliver(http, self.peer, content, event_id=event_id, open_document=lambda one: self._open(one, digests),
                                        handed_over=lambda documents: _note(resources, documents))
        except NotDelivered as failure:
            self.circuit.note(well=not _is_about_the_peer(failure))
            raise
        except (Unavailable, NotFound, Altered) as failure:
            # Our own storage failed while a document was on its way.
            raise NotDelivered(f"storage-{type(failure).__name__.lower()}") from failure
        self.circuit.note(well=True)
        return receipt

    def _open(self, document: UUID, digests: Mapping[UUID, str]) -> AsyncIterator[bytes]:
        return self.storage.open(self.storage.clean, str(document), expected_sha256=digests[document])


async def _note(resources: Resources, documents: Sequence[UUID]) -> None:
    """Each document is seen to be handed over from its own receipt on, also when the next one fails."""
    async with transaction(resources.engine) as session:
        await outbox.note_handed_over(session, documents)


def _is_about_the_peer(failure: NotDelivered) -> bool:
    return failure.reason in ("unreachable", "time-out", "no-keys") or failure.reason.startswith(("status-5", "status-429"))


async def _wait_for_a_turn(resources: Resources) -> None:
    """Let no more than five messages a second go, whatever the number of workers: the database counts."""
    while True:
        async with transaction(resources.engine) as session:
            hits = await session.scalar(_COUNT, {"key": "backbone", "instant": now()})
        if (hits or 0) <= MOST_A_SECOND:
            return
        await asyncio.sleep(random.uniform(0.2, 1.2))  # noqa: S311 - spreads load, guards nothing


@lru_cache(maxsize=4)
def courier_of(resources: Resources) -> Courier:
    """The courier of this process, made at its first errand."""
    settings = resources.settings
    keys = RemoteKeys(settings.backbone_jwks_url, name="backbone")
    peer = Peer(address=settings.backbone_url.rstrip("/"), keys=keys, issuer=settings.backbone_issuer, us=settings.issuer)
    private = json.loads(Path(settings.signing_key_file).read_text("utf-8"))
    return Courier(peer=peer, key=private["keys"][0], storage=Storage(settings))
