"""How much waits, since when, and what needs a person: asked of the database in one statement, at most every five seconds."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.metrics import Gauge
from frontoffice.kernel.time import now
from frontoffice.procedures import EDITIONS

KEPT: Final = timedelta(seconds=5)
_HAND_OVER: Final = "backbone:hand_over"
_PATIENCE: Final = 4.0
_MOST: Final = 100_000
_ASK: Final = text("SELECT figures_for_monitoring(:told, :instant, :most)").bindparams(bindparam("told", type_=ARRAY(TEXT)))
_Row = tuple[str, str, str, tuple[tuple[str, str], ...]]


def _one(figure: str, name: str, about: str, **labels: str) -> _Row:
    return figure, f"frontoffice_{name}", about, tuple(labels.items())


# The key of the database's answer, the metric, what it means. A figure that is null (nothing waits) is told as 0.
_TABLE: Final[tuple[_Row, ...]] = (
    _one("hand_over_waiting", "hand_over_waiting", "Events that the backbone has not signed for; at most 100,000 are counted of anything."),
    _one("hand_over_oldest", "hand_over_oldest_waiting_seconds", "Age of the oldest event that the backbone has not signed for."),
    _one("hand_over_failing", "hand_over_failing", "Messages that were tried at least once without success and still wait."),
    _one("hand_over_lost", "hand_over_lost", "Messages that the backbone signed for, no longer has, and is sent again."),
    _one("hand_over_pausing", "hand_over_pausing", "1 while nobody sends because the backbone failed too often in a row."),
    _one("hand_over_unverified_oldest", "hand_over_oldest_unverified_seconds", "Since when the open dossier that was compared longest ago waits for it."),
    _one("hand_over_refused", "hand_over_refused", "Messages that an authority refused and that no operator has looked at since."),
    _one("hand_over_unanswered", "hand_over_unanswered", "Messages that were delivered and that the authority neither validated nor refused."),
    _one("hand_over_unanswered_oldest", "hand_over_oldest_unanswered_seconds", "Time since the oldest of these was delivered."),
    _one("hand_over_held", "hand_over_held", "Dossiers that an operator holds back."),
    _one("hand_over_stopped", "hand_over_stopped", "1 while the stop switch is on and nothing is sent."),
    _one("inbound_waiting", "inbound_waiting", "Messages that came in and are not carried out yet."),
    _one("inbound_oldest", "inbound_oldest_waiting_seconds", "Time since the oldest of these came in."),
    _one("inbound_review", "inbound_review", "Messages that came in, did not fit, and that no operator has looked at."),
    _one("notices_waiting", "notices_waiting", "Mails that are not sent yet."),
    _one("notices_oldest", "notices_oldest_waiting_seconds", "Age of the oldest mail that is not sent yet."),
    _one("notices_given_up", "notices_given_up_last_day", "Mails given up in the last 24 hours."),
    _one("notices_bounced", "notices_bounced_last_day", "Mails that came back in the last 24 hours."),
    _one("documents_waiting", "documents_waiting", "Documents that wait for their check."),
    _one("documents_oldest", "documents_oldest_waiting_seconds", "How long the oldest of these has waited."),
    _one("outages", "outages_running", "Recorded outages that still go on."),
    _one("jobs_due", "jobs_queued", "Jobs in the queue: due now, for later, running, or failed for good in the last month.", state="due"),
    _one("jobs_later", "jobs_queued", "", state="later"),
    _one("jobs_running", "jobs_queued", "", state="running"),
    _one("jobs_failed", "jobs_queued", "", state="failed"),
)
_KNOWN: Final = ("frontoffice_figures_known", "1 when the figures of the database could be asked, 0 when it did not answer.")


def outgoing() -> list[str]:
    """The steps that are told to the other authorities, in every life there is."""
    return sorted({step.action for one in EDITIONS for step in one.life.steps if _HAND_OVER in step.then})


@dataclass
class Figures:
    """The figures of one database, kept for a while so that nobody can wear it out by asking."""

    engine: AsyncEngine
    _asked_at: datetime | None = None
    _last: tuple[Gauge, ...] = ()
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def gauges(self) -> tuple[Gauge, ...]:
        """The figures, at most five seconds old; without a database only the one that says so."""
        async with self._turn:
            if self._asked_at is None or not timedelta() <= now() - self._asked_at < KEPT:
                self._last, self._asked_at = await self._ask(), now()
            return self._last

    async def _ask(self) -> tuple[Gauge, ...]:
        try:
            async with asyncio.timeout(_PATIENCE), transaction(self.engine) as session:
                found: Mapping[str, Any] = await session.scalar(_ASK, {"told": outgoing(), "instant": now(), "most": _MOST}) or {}
        except (TimeoutError, Unavailable, SQLAlchemyError):
            return (Gauge(*_KNOWN, 0),)
        told = (Gauge(name, about, max(0.0, float(found[figure] or 0)), labels) for figure, name, about, labels in _TABLE)
        return (*told, Gauge(*_KNOWN, 1))
