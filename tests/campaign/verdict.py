"""The end of a campaign: every file is where it should be, byte for byte, or visibly not; said from the tables and the buckets."""

import asyncio
import hashlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.storage import Altered, Storage
from tests.campaign.senders import Outcome

_QUIET = 240.0
_ROWS = text("""
    SELECT d.id, d.file_name, d.state, d.sha256, d.size, d.reason,
           (SELECT count(*) FROM segment s WHERE s.document_id = d.id) AS segments,
           (SELECT array_agg(c.state ORDER BY c.id) FROM document_change c
             WHERE c.document_id = d.id AND c.state NOT IN ('handed-over', 'taken-over', 'not-taken')) AS history
      FROM document d
""")


class Verdict:
    """Looks behind the service with the worker's own rights."""

    def __init__(self, settings: dict[str, str]) -> None:
        names = ("S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_QUARANTINE", "S3_CLEAN")
        self._storage = Storage(SimpleNamespace(**{name.lower(): settings[f"FRONTOFFICE_{name}"] for name in names}))  # type: ignore[arg-type]
        self._engine: AsyncEngine = make_engine(settings["FRONTOFFICE_DATABASE_URL"])

    async def rest(self) -> int:
        """Wait until nothing is being checked any more; how many documents were left when patience ended."""
        waiting, deadline = -1, asyncio.get_running_loop().time() + _QUIET
        while waiting and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(2)
            try:
                async with transaction(self._engine) as session:
                    waiting = await session.scalar(text("SELECT count(*) FROM document WHERE state IN ('received', 'checking')")) or 0
            except Unavailable:
                waiting = -1
        return waiting

    async def faults(self, outcomes: Sequence[Outcome]) -> list[str]:
        """What is wrong with the files that were sent, one line each."""
        async with transaction(self._engine) as session:
            rows = (await session.execute(_ROWS)).all()
        found = []
        for outcome in outcomes:
            mine = [one for one in rows if one.file_name == outcome.file.name]
            found += [f"{outcome.file.name} ({outcome.way}, {outcome.told}): {fault}" for fault in await self._judge(outcome, mine)]
        return found + [f"{one.file_name}: history {one.history} ends otherwise than {one.state}" for one in rows if one.history[-1] != one.state]

    async def _judge(self, outcome: Outcome, rows: Sequence[Any]) -> list[str]:
        sent, digest = outcome.file, hashlib.sha256(outcome.file.content).hexdigest()
        good = "checked" if sent.honest else "refused"
        faults = [f"{one.state}, should be {good} or unfinished ({one.reason})" for one in rows if one.state not in (good, "uploading")]
        faults += [f"{one.segments} stretches left in quarantine" for one in rows if one.state in ("checked", "refused") and one.segments]
        if outcome.told == "confirmed" and not any(one.state == good for one in rows):
            faults.append(f"confirmed, and {[one.state for one in rows] or 'nowhere'}")
        for one in rows:
            if one.state == "checked" and (one.sha256, one.size) != (digest, len(sent.content)):
                faults.append("other bytes than were sent")
            faults += await self._in_bucket(one, len(sent.content))
        return faults

    async def _in_bucket(self, row: Any, size: int) -> list[str]:
        """Whether the clean bucket holds exactly what the row says, and nothing of what was refused."""
        try:
            length = 0
            async for piece in self._storage.open(self._storage.clean, str(row.id), expected_sha256=row.sha256):
                length += len(piece)
        except NotFound:
            return ["no clean object"] if row.state == "checked" else []
        except Altered:
            return ["the clean object has other bytes"] if row.state == "checked" else ["an object of a file that was refused"]
        if row.state != "checked":
            return ["an object of a file that was not found good"]
        return [] if length == size else [f"{length} of {size} bytes in the clean bucket"]

    async def close(self) -> None:
        """Give back what was opened."""
        self._storage.close()
        await self._engine.dispose()
