"""Who sends which upload to this process at the moment; a link that is dead may be held open long after its owner came back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from frontoffice.kernel.uploads import Listener

# As long as it may take to store what the earlier sender brought.
PATIENCE_SECONDS: Final = 20.0


@dataclass(frozen=True)
class _Sender:
    listener: Listener
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Senders:
    """One sender an upload: the newest one, since a person who comes back is the same person.

    Another process knows nothing of these; that no file is mixed is seen to where stretches are kept."""

    def __init__(self) -> None:
        self._now: dict[UUID, _Sender] = {}

    async def make_way(self, upload: UUID) -> bool:
        """Let an earlier sender of this upload end, and what it brought be stored; whether there was one. Raises TimeoutError when it does not end."""
        found = False
        async with asyncio.timeout(PATIENCE_SECONDS):
            while sender := self._now.get(upload):
                found = True
                sender.listener.stop()
                await sender.ended.wait()
        return found

    @contextmanager
    def sending(self, upload: UUID, listener: Listener) -> Iterator[None]:
        """The stretch during which this listener hears the bytes of an upload."""
        sender = self._now[upload] = _Sender(listener)
        try:
            yield
        finally:
            if self._now.get(upload) is sender:
                del self._now[upload]
            sender.ended.set()


SENDERS: Final = Senders()
