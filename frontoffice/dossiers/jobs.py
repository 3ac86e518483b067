"""Work on dossiers that nobody waits for: clear drafts that nobody goes on with."""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, or_, select, text

from frontoffice.dossiers.model import Answer, Document, Dossier, Event, Opening, Participation
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources
from frontoffice.kernel.time import now
from frontoffice.parties.model import Invitation, Mandate

logger = logging.getLogger("frontoffice.dossiers")

IDLE_DRAFT: Final = timedelta(days=90)
_BATCH: Final = 100
# Tables of outer packages that hang on a dossier; named here because `dossiers` does not know those packages.
_OUTER: Final = (text("DELETE FROM message WHERE dossier_id = ANY(:keys)"), text("DELETE FROM notice WHERE dossier_id = ANY(:keys)"),
                 text("DELETE FROM second_address WHERE dossier_id = ANY(:keys)"))


async def clear(resources: Resources) -> None:
    """Delete drafts that were discarded or left idle for 90 days; their objects follow, as all that belong to nothing."""
    logger.info("cleared %d drafts", await _clear_drafts(resources))


async def _clear_drafts(resources: Resources) -> int:
    """Rows first: an object whose row is gone belongs to nobody, and is found by the comparison that follows."""
    gone = 0
    while True:
        async with transaction(resources.engine) as session:
            idle = or_(Dossier.headline == "discarded", Dossier.updated_at < now() - IDLE_DRAFT)
            chosen = select(Dossier.id).where(Dossier.number.is_(None), idle).limit(_BATCH).with_for_update(skip_locked=True)
            keys = list((await session.scalars(chosen)).all())
            for statement in _OUTER:
                await session.execute(statement, {"keys": keys})
            for table in (Opening, Event, Document, Answer, Participation, Invitation, Mandate):
                await session.execute(delete(table).where(table.dossier_id.in_(keys)))
            await session.execute(delete(Dossier).where(Dossier.id.in_(keys)))
        gone += len(keys)
        if len(keys) < _BATCH:
            return gone


JOBS = (
    Job(name="dossiers:clear", run=clear, every="41 2 * * *"),
)
