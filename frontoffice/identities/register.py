"""Writing the register of persons, as the jobs do: search, then link or make an identity; move dossiers as officials decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Text, delete, exists, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Answer, Dossier, Event
from frontoffice.identities.golden import Record, stored
from frontoffice.identities.keys import EXACT, Key, keys_of
from frontoffice.identities.matching import Level, Match, best
from frontoffice.identities.model import Double, Identity, IdentityKey, IdentityName, IdentityOfDossier, IdentitySearch
from frontoffice.identities.particulars import Particulars, particulars_in
from frontoffice.kernel.time import now, today

_MOST_CANDIDATES = 200
_JOBS_RUN_WITHIN = timedelta(minutes=5)
# Whoever looks for the same person waits here, so that nobody is made twice for want of seeing what the other is making.
_LOCK = text("SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(one, 0) AS k FROM unnest(CAST(:keys AS text[])) one ORDER BY 1) s")


@dataclass(frozen=True)
class Candidate:
    """A person already known, and how well the applicant fits; `exact` names the exact keys shared."""

    identity: UUID
    match: Match
    exact: frozenset[str]


async def identify(session: AsyncSession, dossier_id: UUID) -> UUID | None:
    """Link a filed dossier to its applicant's identity, which is made only after a search found none; may be repeated.

    None when the dossier names no person. Raises IntegrityError when another transaction made the same person meanwhile.
    """
    if (known := await _linked(session, dossier_id)) is not None:
        return known
    filed, one = await _applicant(session, dossier_id)
    if one is None:
        if filed:
            await _log(session, dossier_id, (None, "nobody"), (), ())
        return None
    keys = keys_of(one)
    await session.execute(_LOCK, {"keys": [f"{key.kind} {key.value}" for key in keys]})
    if (known := await _linked(session, dossier_id)) is not None:
        return known
    found = await _search(session, one, keys)
    chosen = next((each for each in found if each.exact), None)
    if chosen:
        identity, outcome = await locked(session, chosen.identity), f"same-{max(chosen.exact)}"
    else:
        identity, outcome = await new_identity(session), "new"
    await session.execute(insert(IdentityOfDossier).values(
        dossier_id=dossier_id, identity_id=identity, provenance=outcome, particulars=one.stored(), at=now()))
    await project(session, identity, claims=chosen is None)
    await _log(session, dossier_id, (identity, outcome), keys, found)
    if chosen and chosen.match.is_doubtful:
        # Whether it is another known person is asked only once officials said that it is not this one.
        await _open(session, dossier_id, (identity, None), chosen.match)
    else:
        await _open_pairs(session, dossier_id, identity, found)
    return identity


async def look_again(session: AsyncSession, dossier_id: UUID, identity: UUID, *, but: UUID) -> None:
    """Search once more for the person of a dossier that was given an identity of its own, and open tasks; `but` is not that person."""
    stored_particulars = await session.scalar(select(IdentityOfDossier.particulars).where(IdentityOfDossier.dossier_id == dossier_id))
    assert stored_particulars is not None
    one = Particulars.read(stored_particulars)
    keys = keys_of(one)
    found = [each for each in await _search(session, one, keys) if each.identity not in (but, identity)]
    await _log(session, dossier_id, (identity, "split"), keys, found)
    await _open_pairs(session, dossier_id, identity, found)


async def unmatched(session: AsyncSession) -> Sequence[UUID]:
    """Dossiers of the last day, filed or changed some minutes ago, for whose applicant nobody looked; at most a hundred."""
    instant = now()
    statement = (
        select(Event.dossier_id).join(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.happened_at.between(instant - timedelta(days=1), instant - _JOBS_RUN_WITHIN), Dossier.filed_at.is_not(None),
               ~exists().where(IdentitySearch.dossier_id == Event.dossier_id))
        .distinct().limit(100)
    )
    return (await session.scalars(statement)).all()


async def _linked(session: AsyncSession, dossier_id: UUID) -> UUID | None:
    return await session.scalar(select(IdentityOfDossier.identity_id).where(IdentityOfDossier.dossier_id == dossier_id))


async def _applicant(session: AsyncSession, dossier_id: UUID) -> tuple[bool, Particulars | None]:
    """Whether the dossier is filed, and whom it names."""
    statement = select(Answer.content).join(Dossier, Dossier.id == Answer.dossier_id).where(Dossier.id == dossier_id, Dossier.filed_at.is_not(None))
    pages: Sequence[Mapping[str, str]] = (await session.scalars(statement)).all()
    return bool(pages), particulars_in({name: value for content in pages for name, value in content.items()}, today())


async def surviving(session: AsyncSession, identity: UUID) -> UUID:
    """The identity itself, or the one that it was merged into."""
    found = await session.scalar(select(func.surviving_identity(identity)))
    assert isinstance(found, UUID)
    return found


async def locked(session: AsyncSession, identity: UUID) -> UUID:
    """The surviving identity, which no other transaction changes until this one ends."""
    await session.execute(select(Identity.id).where(Identity.id == identity).with_for_update())
    found = await surviving(session, identity)
    return found if found == identity else await locked(session, found)


async def new_identity(session: AsyncSession) -> UUID:
    """A person of whom nothing is known yet."""
    key = uuid4()
    await session.execute(insert(Identity).values(id=key, created_at=now(), golden={}))
    return key


async def _search(session: AsyncSession, one: Particulars, keys: Sequence[Key]) -> list[Candidate]:
    """The persons who share a key, the best fit first: a register number before a passport before a likeness."""
    wanted = (
        func.unnest(literal([key.kind for key in keys], ARRAY(Text)), literal([key.value for key in keys], ARRAY(Text)))
        .table_valued("kind", "value", name="wanted").render_derived()
    )
    shared = (
        select(IdentityKey.identity_id, func.array_agg(IdentityKey.kind).label("kinds"))
        .join(wanted, (IdentityKey.kind == wanted.c.kind) & (IdentityKey.value == wanted.c.value)).group_by(IdentityKey.identity_id)
        .order_by(func.bool_or(IdentityKey.kind.in_(EXACT)).desc(), func.count().desc(), IdentityKey.identity_id).limit(_MOST_CANDIDATES)
    ).subquery("shared")
    statement = (
        select(IdentityOfDossier.identity_id, shared.c.kinds, IdentityOfDossier.particulars)
        .join(shared, shared.c.identity_id == IdentityOfDossier.identity_id)
    )
    said: dict[UUID, list[Particulars]] = {}
    exact: dict[UUID, frozenset[str]] = {}
    for identity, kinds, particulars in (await session.execute(statement)).all():
        said.setdefault(identity, []).append(Particulars.read(particulars))
        exact[identity] = frozenset(kinds) & frozenset(EXACT)
    found = [Candidate(identity, best(one, records), exact[identity]) for identity, records in said.items()]
    return sorted(found, key=lambda each: ("register" in each.exact, bool(each.exact), each.match.score, str(each.identity)), reverse=True)


async def _log(session: AsyncSession, dossier_id: UUID, outcome: tuple[UUID | None, str], keys: Iterable[Key], found: Iterable[Candidate]) -> None:
    listed = [{"identity": str(one.identity), "level": one.match.level.name.lower(), "score": one.match.score} for one in found if one.match.level]
    kinds = sorted({key.kind for key in keys})
    await session.execute(insert(IdentitySearch).values(
        id=uuid4(), dossier_id=dossier_id, identity_id=outcome[0], at=now(), outcome=outcome[1], kinds=kinds, found=listed))


async def _open_pairs(session: AsyncSession, dossier_id: UUID, identity: UUID, found: Iterable[Candidate]) -> None:
    """A task for officials for each other person who is probably this one."""
    for one in found:
        if one.identity != identity and one.match.level >= Level.PROBABLE:
            first, second = sorted((identity, one.identity))
            await _open(session, dossier_id, (first, second), one.match)


async def _open(session: AsyncSession, dossier_id: UUID, pair: tuple[UUID, UUID | None], match: Match) -> None:
    await session.execute(upsert(Double).values(
        id=uuid4(), identity_id=pair[0], other_id=pair[1], dossier_id=dossier_id, score=round(match.score * 100), reasons=list(match.reasons), opened_at=now(),
    ).on_conflict_do_nothing())


async def project(session: AsyncSession, *identities: UUID, claims: bool = False) -> None:
    """Make the names, keys and golden record of these identities anew from what their dossiers say.

    Of an exact key that two of them claim, the one named first keeps it. With `claims`, one that somebody else has raises IntegrityError.
    """
    kept = upsert(IdentityKey) if claims else upsert(IdentityKey).on_conflict_do_nothing()
    for table in (IdentityName, IdentityKey):
        await session.execute(delete(table).where(table.identity_id.in_(identities)))
    records = await _records(session, identities)
    for identity in identities:
        mine = records.get(identity, [])
        names = [{"id": uuid4(), "identity_id": identity, "dossier_id": one.dossier, **vars(name)} for one in mine for name in one.particulars.names]
        keys = {key for one in mine for key in keys_of(one.particulars)}
        if mine:
            await session.execute(insert(IdentityName), names)
            await session.execute(kept, [{"identity_id": identity, "kind": key.kind, "value": key.value} for key in sorted(keys)])
        await session.execute(update(Identity).where(Identity.id == identity).values(golden=stored(mine) if mine else {}))


async def _records(session: AsyncSession, identities: Iterable[UUID]) -> dict[UUID, list[Record]]:
    statement = (
        # What was taken back to correct it keeps its place among the others.
        select(IdentityOfDossier.identity_id, IdentityOfDossier.dossier_id, func.coalesce(Dossier.filed_at, Dossier.created_at), IdentityOfDossier.particulars)
        .join(Dossier, Dossier.id == IdentityOfDossier.dossier_id).where(IdentityOfDossier.identity_id.in_(list(identities)))
    )
    found: dict[UUID, list[Record]] = {}
    for identity, dossier, filed_at, particulars in (await session.execute(statement)).all():
        found.setdefault(identity, []).append(Record(dossier=dossier, filed_at=filed_at, particulars=Particulars.read(particulars)))
    return found
