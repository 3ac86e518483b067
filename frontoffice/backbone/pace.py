"""How fast the backbone may be asked, and whether at all: one row tells every worker process, so that all of them together keep to it."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, and_, case, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from frontoffice.backbone.model import HandOverPace
from frontoffice.kernel.database import transaction
from frontoffice.kernel.time import now

PEER: Final = "backbone"
_FAILURES_TO_OPEN: Final = 10
_OPEN_FOR: Final = timedelta(seconds=30)
_MOST_AT_ONCE: Final = 20
# Clocks of two machines may differ by so much; a row that lies further ahead was written by a clock that was wrong.
_CLOCKS_DIFFER: Final = timedelta(seconds=5)
_PACE = cast(Table, HandOverPace.__table__).c


class CircuitOpen(Exception):
    """The backbone failed many times in a row: nothing is sent for a while, whatever waits."""


@dataclass
class Pace:
    """One process's share of the turns; `most` messages go out a second, those of all processes together.

    After ten failures in a row the circuit opens: for half a minute nobody sends, then one try decides, by whichever process.
    """

    most: int
    _second: datetime | None = None
    _left: int = 0
    _troubled: bool = False
    _in_a_row: int = 0
    _one_asks: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def bunch(self) -> int:
        """How many messages are made ready together: few where few may go, so that no more is begun than can be sent at once."""
        return max(1, min(_MOST_AT_ONCE, self.most // 10))

    async def turn(self, engine: AsyncEngine) -> None:
        """Return when one message may go; raises CircuitOpen."""
        async with self._one_asks:
            while True:
                instant = now()
                if self._left and self._second == instant.replace(microsecond=0):
                    self._left -= 1
                    return
                if not await self._ask(engine, instant):
                    # Until the next second begins; not all processes at the same moment.
                    await asyncio.sleep(1.0 - instant.microsecond / 1e6 + random.uniform(0, 0.2))  # noqa: S311 - spreads load, guards nothing

    async def _ask(self, engine: AsyncEngine, instant: datetime) -> bool:
        """Take turns of this second, a bunch if there are so many; whether there were any."""
        second, wanted = instant.replace(microsecond=0), self.bunch
        async with transaction(engine) as session:
            taken, failures, open_until = (await session.execute(_take(second, instant, wanted))).one()
        self._troubled = failures > 0
        if self._in_a_row >= _FAILURES_TO_OPEN > failures:
            # They are not noted yet, but this process knows.
            raise CircuitOpen
        if open_until is not None and open_until > instant and open_until != instant + _OPEN_FOR:
            raise CircuitOpen
        granted = min(wanted, self.most - (taken - wanted))
        if failures >= _FAILURES_TO_OPEN:
            granted = min(granted, 1)
        self._second, self._left = second, max(granted, 0)
        return self._left > 0

    def tried(self, *, well: bool) -> None:
        """What came of one try, before it is noted for all: after a failure the turns that were taken before it are void."""
        self._in_a_row = 0 if well else self._in_a_row + 1
        if not well:
            self._left = 0

    async def note(self, session: AsyncSession, *, delivered: int, failures: int) -> bool:
        """Count what came of some tries, for all; whether the backbone is back after the circuit was open."""
        self._in_a_row = 0
        if delivered and (self._troubled or failures):
            self._troubled = failures > 0
            before = await session.scalar(select(_PACE.failures).where(_PACE.peer == PEER).with_for_update())
            await session.execute(update(HandOverPace).where(HandOverPace.peer == PEER).values(failures=failures, open_until=None))
            return (before or 0) >= _FAILURES_TO_OPEN
        if failures:
            self._troubled = True
            counted = HandOverPace.failures + failures
            opened = case((counted >= _FAILURES_TO_OPEN, now() + _OPEN_FOR), else_=HandOverPace.open_until)
            await session.execute(update(HandOverPace).where(HandOverPace.peer == PEER).values(failures=counted, open_until=opened))
        return False


def _take(second: datetime, instant: datetime, wanted: int) -> Any:
    """One statement: so many turns more in this second, and the one try after the circuit was open if nobody has it yet."""
    new = upsert(HandOverPace).values(peer=PEER, second=second, taken=wanted, failures=0)
    is_now = _PACE.second.between(second, second + _CLOCKS_DIFFER)
    is_over = and_(_PACE.failures >= _FAILURES_TO_OPEN, _PACE.open_until <= instant)
    return new.on_conflict_do_update(index_elements=["peer"], set_={
        "second": case((is_now, _PACE.second), else_=literal(second)), "taken": case((is_now, _PACE.taken), else_=0) + wanted,
        "open_until": case((is_over, literal(instant + _OPEN_FOR)), else_=_PACE.open_until),
    }).returning(_PACE.taken, _PACE.failures, _PACE.open_until)


async def most_now(session: AsyncSession, most: int) -> int:
    """How many of `most` hand-overs make sense now: none while the circuit is open, one when its half minute is over."""
    row = (await session.execute(select(_PACE.failures, _PACE.open_until).where(_PACE.peer == PEER))).one_or_none()
    if row is None or row.failures < _FAILURES_TO_OPEN:
        return most
    return 0 if row.open_until and row.open_until > now() else 1
