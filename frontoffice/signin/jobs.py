"""Nightly clearing of what signing in leaves behind: ended sessions, parked answers, counts and spent links."""

import logging
from datetime import timedelta

from sqlalchemy import CursorResult, delete, or_

from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources
from frontoffice.kernel.time import now
from frontoffice.parties.model import Invitation
from frontoffice.signin.model import Counter, ParkedForm, Session

logger = logging.getLogger("frontoffice.signin")

# An expired session is kept that long so that a form sent with it can be parked (security rule 3).
_KEPT = timedelta(hours=12)
_SPENT_LINKS = timedelta(days=30)


async def clear(resources: Resources) -> None:
    """Delete what is of no use any more; the log tells how many rows, never whose."""
    instant = now()
    statements = (
        delete(ParkedForm).where(ParkedForm.parked_at < instant - _KEPT),
        delete(Counter).where(Counter.window_start < instant - timedelta(days=1)),
        delete(Session).where(or_(Session.ended_at < instant - _KEPT, Session.ends_at < instant - _KEPT)),
        delete(Invitation).where(Invitation.expires_at < instant - _SPENT_LINKS),
    )
    gone = 0
    async with transaction(resources.engine) as session:
        for statement in statements:
            result = await session.execute(statement)
            gone += result.rowcount if isinstance(result, CursorResult) else 0
    logger.info("cleared %d rows that signing in left behind", gone)


JOBS = (Job(name="signin:clear", run=clear, every="23 3 * * *"),)
