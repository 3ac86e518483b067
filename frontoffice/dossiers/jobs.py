"""Work on dossiers that nobody waits for: announce the end of drafts that nobody goes on with, and clear them away."""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, delete, func, select, text, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.idle import DISCARDED, sign_of_life, to_clear, to_warn
from frontoffice.dossiers.model import Answer, Document, Dossier, Event, Opening, Participation
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.jobs import Job, Resources, defer_many
from frontoffice.kernel.time import now
from frontoffice.parties.model import Invitation, Mandate

logger = logging.getLogger("frontoffice.dossiers")

_WARN: Final = "notices:draft"
_BATCH: Final = 100
# Tables of outer packages that hang on a dossier; named here because `dossiers` does not know those packages.
_OUTER: Final = (text("DELETE FROM message WHERE dossier_id = :key"), text("DELETE FROM notice WHERE dossier_id = :key"),
                 text("DELETE FROM second_address WHERE dossier_id = :key"))


def _batch(condition: ColumnElement[bool], after: Row[UUID, datetime] | None) -> Select[UUID, datetime]:
    """The next drafts of that kind, the longest untouched first."""
    place = (Dossier.updated_at, Dossier.id)
    later = tuple_(*place) > tuple_(after.updated_at, after.id) if after else Dossier.number.is_(None)
    return select(Dossier.id, Dossier.updated_at).where(condition, later).order_by(*place).limit(_BATCH)


async def warn(resources: Resources) -> None:
    """Have those told whose draft will be cleared in two weeks if nobody goes on with it; once, until somebody touches it again."""
    told, last = 0, None
    while True:
        async with transaction(resources.engine) as session:
            # A draft that somebody holds is being worked on.
            rows = (await session.execute(_batch(to_warn(), last).with_for_update(skip_locked=True, of=Dossier))).all()
            await session.execute(update(Dossier).where(Dossier.id.in_([one.id for one in rows])).values(warned_at=now()))
            await defer_many(session, _WARN, [(f"{_WARN}/{one.id}", {"dossier_id": str(one.id)}) for one in rows])
        told += len(rows)
        if len(rows) < _BATCH:
            break
        last = rows[-1]
    logger.info("warned of %d drafts", told)


async def clear(resources: Resources) -> None:
    """Delete drafts that were discarded, or left alone for their whole time; their objects follow, as all that belong to nothing.

    Each in a transaction of its own: one that cannot go keeps no other. The log says of each why it went."""
    gone, failed, last = 0, 0, None
    while True:
        async with transaction(resources.engine) as session:
            rows = (await session.execute(_batch(to_clear(), last))).all()
        for one in rows:
            try:
                async with transaction(resources.engine) as session:
                    gone += await _clear_draft(session, one.id)
            except (DBAPIError, Unavailable) as failure:
                failed += 1
                logger.error("draft %s is not cleared: %s", one.id, _reason(failure))
        if len(rows) < _BATCH:
            break
        last = rows[-1]
    logger.info("cleared %d drafts", gone)
    if failed:
        raise RuntimeError(f"{failed} drafts could not be cleared")


async def _clear_draft(session: AsyncSession, key: UUID) -> bool:
    """Delete one draft, unless somebody touched it meanwhile; rows first: an object whose row is gone belongs to nobody, and is found by the comparison."""
    # Locks are statements of their own: what was committed while they waited is seen by the next one.
    if await session.scalar(select(Dossier.id).where(Dossier.id == key).with_for_update(skip_locked=True)) is None:
        return False
    documents = (await session.scalars(select(Document.id).where(Document.dossier_id == key).with_for_update())).all()
    columns = (Dossier.procedure, Dossier.headline, func.date(sign_of_life()).label("since"))
    draft = (await session.execute(select(*columns).where(Dossier.id == key, to_clear()))).one_or_none()
    if draft is None:
        return False
    for statement in _OUTER:
        await session.execute(statement, {"key": key})
    for table in (Opening, Event, Document, Answer, Participation, Invitation, Mandate):
        await session.execute(delete(table).where(table.dossier_id == key))
    await session.execute(delete(Dossier).where(Dossier.id == key))
    why = "it was discarded" if draft.headline == DISCARDED else f"nobody worked on it since {draft.since}"
    logger.info("cleared draft %s (%s) with %d documents: %s", key, draft.procedure, len(documents), why)
    return True


def _reason(failure: DBAPIError | Unavailable) -> str:
    """What the database said, by name only: its words may quote a row."""
    if isinstance(failure, Unavailable):
        return "database away"
    named = getattr(getattr(failure.orig, "diag", None), "constraint_name", None)
    return f"{type(failure.orig).__name__} {named or ''}".strip()


JOBS = (
    Job(name="dossiers:warn", run=warn, every="11 2 * * *"),
    Job(name="dossiers:clear", run=clear, every="41 2 * * *"),
)
