"""Retention: which closed dossiers have been kept long enough, and their deletion in every place, written down before it begins."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import exists, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import storage_of
from frontoffice.documents.model import Deletion, Hold
from frontoffice.dossiers.model import Document, Dossier
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now, today
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.figures import Figure, Figures

logger = logging.getLogger("frontoffice.documents")

CLERK: Final = "nightly retention"
_BATCH: Final = 100
_FIGURE: Final = "retention"
# What of a dossier holds somebody's data, in an order that foreign keys allow. The dossier's own row stays, emptied: its number was
# given out, and its kind, Region and dates are what statistics are made of.
_ROWS: Final = (
    "DELETE FROM sealed_receipt WHERE dossier_id = :key",
    "DELETE FROM certificate WHERE dossier_id = :key",
    "DELETE FROM relief WHERE dossier_id = :key",
    "DELETE FROM receipt_check WHERE dossier_id = :key",
    "DELETE FROM message WHERE dossier_id = :key",
    "DELETE FROM hand_over_hold WHERE dossier_id = :key",
    "DELETE FROM hand_over_act WHERE dossier_id = :key",
    "DELETE FROM inbound_message WHERE dossier_number = :number",
    "DELETE FROM notice WHERE dossier_id = :key",
    "DELETE FROM second_address WHERE dossier_id = :key",
    "DELETE FROM opening WHERE dossier_id = :key",
    "DELETE FROM api_answer WHERE dossier_id = :key",
    "DELETE FROM authority_change WHERE dossier_id = :key",
    "DELETE FROM commitment WHERE dossier_id = :key",
    "DELETE FROM identity_name WHERE dossier_id = :key",
    "DELETE FROM identity_key k USING identity_of_dossier mine WHERE mine.dossier_id = :key AND k.identity_id = mine.identity_id"
    " AND NOT EXISTS (SELECT FROM identity_of_dossier other WHERE other.identity_id = mine.identity_id AND other.dossier_id <> :key)",
    "UPDATE identity i SET golden = '{}' FROM identity_of_dossier mine WHERE mine.dossier_id = :key AND i.id = mine.identity_id"
    " AND NOT EXISTS (SELECT FROM identity_of_dossier other WHERE other.identity_id = mine.identity_id AND other.dossier_id <> :key)",
    "DELETE FROM identity_of_dossier WHERE dossier_id = :key",
    "DELETE FROM document WHERE dossier_id = :key",
    "DELETE FROM event WHERE dossier_id = :key",
    "DELETE FROM answer WHERE dossier_id = :key",
    "DELETE FROM invitation WHERE dossier_id = :key",
    "DELETE FROM mandate WHERE dossier_id = :key",
    "DELETE FROM participation WHERE dossier_id = :key",
    "UPDATE dossier SET worker_name = '', employer_name = '' WHERE id = :key",
)
_OBJECTS: Final = """
    SELECT false AS quarantined, d.id::text AS name FROM document d WHERE d.dossier_id = :key
    UNION ALL SELECT true, s.key::text FROM segment s JOIN document d ON d.id = s.document_id WHERE d.dossier_id = :key
    UNION ALL SELECT false, 'previews/' || p.document_id || '/' || p.number || '.webp' FROM preview p JOIN document d ON d.id = p.document_id
     WHERE d.dossier_id = :key
    UNION ALL SELECT false, 'receipts/' || r.id || '.pdf' FROM sealed_receipt r WHERE r.dossier_id = :key
    UNION ALL SELECT false, 'certificates/' || c.id || '.pdf' FROM certificate c WHERE c.dossier_id = :key
"""
_FINAL: Final[Mapping[str, Sequence[str]]] = {
    code: sorted(set().union(*(one.life.final for one in EDITIONS if one.code == code))) for code in {one.code for one in EDITIONS}
}


@dataclass(frozen=True)
class Due:
    """A closed dossier whose period is over, and the figure that says so."""

    id: UUID
    number: str
    figure: Figure


async def due(session: AsyncSession, *, limit: int = _BATCH) -> list[Due]:
    """The closed dossiers whose period of retention is over and that nobody holds, whether or not the period is confirmed."""
    figures, found = Figures.at(today()), []
    for code, final in _FINAL.items():
        if figure := figures.find(_FIGURE, category=code):
            before = datetime.combine(figure.before(today()), time(), UTC)
            statement = select(Dossier.id, Dossier.number).where(
                Dossier.procedure == code, Dossier.number.is_not(None), Dossier.updated_at < before, Dossier.position.overlap(list(final)),
                ~exists().where(Deletion.dossier_id == Dossier.id), ~exists().where(Hold.dossier_id == Dossier.id, Hold.released_at.is_(None)),
            ).order_by(Dossier.updated_at).limit(limit)
            found += [Due(row.id, row.number, figure) for row in (await session.execute(statement)).all()]
    return found


async def order(session: AsyncSession, number: str, *, reason: str, by: str) -> UUID:
    """Write down that a closed dossier is to be deleted; raises NotFound for none of that number, Conflict for an open or held one."""
    row = (await session.execute(select(Dossier.id, Dossier.procedure, Dossier.position).where(Dossier.number == number).with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    if not set(row.position) & set(_FINAL[row.procedure]):
        raise Conflict("this dossier is not closed")
    if await session.scalar(select(exists().where(Hold.dossier_id == row.id, Hold.released_at.is_(None)))):
        raise Conflict("this dossier is held")
    documents = select(func.count()).where(Document.dossier_id == row.id).scalar_subquery()
    statement = upsert(Deletion).values(dossier_id=row.id, number=number, kind=row.procedure, reason=reason[:300], ordered_by=by[:80], ordered_at=now(),
                                        documents=documents)
    await session.execute(statement.on_conflict_do_nothing())
    return row.id  # type: ignore[no-any-return]


async def hold(session: AsyncSession, number: str, *, reason: str, by: str) -> None:
    """Keep a dossier from being deleted until it is released; raises NotFound."""
    statement = upsert(Hold).from_select(
        ["dossier_id", "held_at", "reason", "held_by"],
        select(Dossier.id, literal(now()), literal(reason[:300]), literal(by[:80])).where(Dossier.number == number),
    )
    if await session.scalar(statement.returning(Hold.dossier_id)) is None:
        raise NotFound


async def release(session: AsyncSession, number: str) -> None:
    """Let the periods count again; raises NotFound when nobody holds it."""
    mine = select(Dossier.id).where(Dossier.number == number).scalar_subquery()
    statement = update(Hold).where(Hold.dossier_id == mine, Hold.released_at.is_(None)).values(released_at=now())
    if await session.scalar(statement.returning(Hold.dossier_id)) is None:
        raise NotFound


async def retain(resources: Resources) -> None:
    """Order what a confirmed period asks for, and carry out every order that is not finished; the log tells the figures."""
    async with transaction(resources.engine) as session:
        found = await due(session)
        confirmed = [one for one in found if one.figure.confidence != "U"]
        for one in confirmed:
            await order(session, one.number, reason=f"{one.figure.count} {one.figure.unit} after the last event: {one.figure.source}", by=CLERK)
    done = await carry_out(resources)
    logger.info("retention: %d dossiers deleted, %d wait for a confirmed period", done, len(found) - len(confirmed))


async def carry_out(resources: Resources) -> int:
    """Delete what was ordered, objects before rows, so that a half done deletion is found again; how many were finished."""
    done = 0
    while True:
        async with transaction(resources.engine) as session:
            open_orders = select(Deletion.dossier_id, Deletion.number).where(Deletion.finished_at.is_(None)).order_by(Deletion.ordered_at).limit(1)
            one = (await session.execute(open_orders)).one_or_none()
        if one is None:
            return done
        await _delete(resources, one.dossier_id, one.number)
        done += 1


async def _delete(resources: Resources, key: UUID, number: str) -> None:
    storage = storage_of(resources)
    async with transaction(resources.engine) as session:
        objects = await _objects(session, storage, key)
    for bucket, name in objects:
        await storage.delete(bucket, name)
    async with transaction(resources.engine) as session:
        for statement in _ROWS:
            names = {name: value for name, value in (("key", key), ("number", number)) if f":{name}" in statement}
            await session.execute(text(statement), names)
        await session.execute(update(Deletion).where(Deletion.dossier_id == key).values(finished_at=now()))


async def _objects(session: AsyncSession, storage: Storage, key: UUID) -> list[tuple[str, str]]:
    """Every object of a dossier, as (bucket, key): documents, their stretches and previews, sealed receipts and certificates."""
    rows = await session.execute(text(_OBJECTS), {"key": key})
    return [(storage.quarantine if one.quarantined else storage.clean, one.name) for one in rows.all()]


async def unfinished(session: AsyncSession) -> int:
    """How many ordered deletions are not finished."""
    return await session.scalar(select(func.count()).select_from(Deletion).where(Deletion.finished_at.is_(None))) or 0
