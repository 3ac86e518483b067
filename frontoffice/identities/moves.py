"""Merging and splitting as officials decided, and undoing both: dossiers move between identities, what they say stays as it was."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID, uuid4

from sqlalchemy import and_, case, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.identities.keys import Key, keys_of
from frontoffice.identities.model import Double, Identity, IdentityMove, IdentityOfDossier
from frontoffice.identities.particulars import Particulars
from frontoffice.identities.register import locked, look_again, new_identity, project, surviving
from frontoffice.kernel.time import now


async def settle(session: AsyncSession, double_id: UUID) -> None:
    """Bring the register in line with the state of one double; may be repeated."""
    double = await session.scalar(select(Double).where(Double.id == double_id).with_for_update())
    if double is None:
        return
    moved = await session.scalar(select(IdentityMove).where(IdentityMove.double_id == double_id, IdentityMove.undone_at.is_(None)))
    changes = double.state == ("same" if double.other_id else "different")
    if moved is not None and not changes:
        await _undo(session, moved)
    elif moved is None and changes and double.other_id:
        await _merge(session, double, double.other_id)
    elif moved is None and changes:
        await _split(session, double)


async def unsettled(session: AsyncSession) -> Sequence[UUID]:
    """Doubles whose state and whose moves do not agree; at most a hundred."""
    changes = Double.state == case((Double.other_id.is_not(None), "same"), else_="different")
    moved = exists().where(IdentityMove.double_id == Double.id, IdentityMove.undone_at.is_(None))
    apart = or_(Double.other_id.is_(None), func.surviving_identity(Double.identity_id) != func.surviving_identity(Double.other_id))
    statement = select(Double.id).where(or_(and_(changes, ~moved, apart), and_(~changes, moved))).limit(100)
    return (await session.scalars(statement)).all()


async def _merge(session: AsyncSession, double: Double, other_id: UUID) -> None:
    """The older identity stays; what referred to the other leads to it from now on."""
    kept, gone = await _by_age(session, await surviving(session, double.identity_id), await surviving(session, other_id))
    if kept == gone:
        return
    moving = (await session.scalars(select(IdentityOfDossier.dossier_id).where(IdentityOfDossier.identity_id == gone))).all()
    await _note(session, double, "merge", (gone, kept), moving)
    await session.execute(update(Identity).where(Identity.id == gone).values(merged_into=kept))
    await _link(session, moving, kept)
    await project(session, kept, gone)


async def _split(session: AsyncSession, double: Double) -> None:
    """The dossier gets an identity of its own; the keys that it shares stay with the person whose they were."""
    old = await locked(session, double.identity_id)
    new = await new_identity(session)
    await _note(session, double, "split", (old, new), [double.dossier_id])
    await _link(session, [double.dossier_id], new)
    await project(session, old, new)
    await look_again(session, double.dossier_id, new, but=old)


async def _undo(session: AsyncSession, moved: IdentityMove) -> None:
    """Give the dossiers back, and with a merge those that came since by an exact key that only these have."""
    into = await locked(session, moved.into_id)
    there = (await session.scalars(select(IdentityOfDossier).where(IdentityOfDossier.identity_id == into))).all()
    back = {one.dossier_id for one in there if one.dossier_id in moved.dossiers}
    if moved.kind == "merge":
        home = moved.from_id
        back |= _followers(there, back, moved)
        await session.execute(update(Identity).where(Identity.id == home).values(merged_into=None))
    else:
        home = await locked(session, moved.from_id)
        if into == moved.into_id and len(back) == len(there):
            await session.execute(update(Identity).where(Identity.id == into).values(merged_into=home))
    await _link(session, back, home)
    await session.execute(update(IdentityMove).where(IdentityMove.id == moved.id).values(undone_at=now()))
    await project(session, home, into)


def _followers(there: Iterable[IdentityOfDossier], back: Collection[UUID], moved: IdentityMove) -> set[UUID]:
    theirs: set[Key] = set()
    others: set[Key] = set()
    came_since = []
    for one in there:
        exact = {key for key in keys_of(Particulars.read(one.particulars)) if key.is_exact}
        if one.dossier_id in back:
            theirs |= exact
        elif one.at <= moved.at:
            others |= exact
        else:
            came_since.append((one.dossier_id, exact))
    return {dossier for dossier, exact in came_since if exact & (theirs - others)}


async def _by_age(session: AsyncSession, one: UUID, other: UUID) -> tuple[UUID, UUID]:
    """Both identities, locked, the older first."""
    statement = select(Identity.id, Identity.created_at).where(Identity.id.in_((one, other))).order_by(Identity.id).with_for_update()
    rows = sorted((await session.execute(statement)).all(), key=lambda row: (row.created_at, str(row.id)))
    return rows[0].id, rows[-1].id


async def _note(session: AsyncSession, double: Double, kind: str, way: tuple[UUID, UUID], dossiers: Sequence[UUID]) -> None:
    await session.execute(insert(IdentityMove).values(
        id=uuid4(), double_id=double.id, kind=kind, from_id=way[0], into_id=way[1], dossiers=list(dossiers), at=now()))


async def _link(session: AsyncSession, dossiers: Iterable[UUID], identity: UUID) -> None:
    await session.execute(update(IdentityOfDossier).where(IdentityOfDossier.dossier_id.in_(list(dossiers))).values(identity_id=identity))
