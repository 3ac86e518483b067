"""Which systems may come in: made, given other keys and ended by whoever runs the portal; every change is signed with who ordered it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.authorities.callers import SCOPES
from frontoffice.authorities.model import ApiClient
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, read_keys, usable
from frontoffice.parties.actor import REGIONS
from frontoffice.parties.directory import authority_party, greet
from frontoffice.parties.model import Party
from frontoffice.procedures.territory import municipality

# Authorities of the whole country: a system of theirs may be for one Region or municipality only.
_COUNTRYWIDE: Final = ("immigration-office", "diplomatic-post")
_LONGEST_BY: Final = 120
_TOWN: Final = "municipality-"


@dataclass(frozen=True, kw_only=True)
class NewClient:
    """A system to be let in; `keys` is a JWK Set, without `scopes` it may do everything."""

    name: str
    authority: str
    keys: bytes
    by: str
    territory: str = ""
    scopes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Client:
    """A system as an operator sees it."""

    id: UUID
    name: str
    authority: str
    territory: str
    scopes: Sequence[str]
    keys: Sequence[str]
    created_at: datetime
    created_by: str
    keys_at: datetime
    keys_by: str
    ended_at: datetime | None
    ended_by: str

    def described(self) -> dict[str, Any]:
        """As plain values."""
        return {name: value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
                for name, value in vars(self).items() if value}


async def add(session: AsyncSession, new: NewClient) -> UUID:
    """Let a system in and return its client_id; raises Conflict that says what is wrong."""
    _check_place(new.authority, new.territory)
    if strange := sorted(set(new.scopes) - set(SCOPES)):
        raise Conflict(f"{', '.join(strange)}: no such scope. Known: {', '.join(SCOPES)}")
    keys, instant = _keys(new.keys), now()
    await authority_party(session, new.authority)
    client = await greet(session, kind="system", name=new.name)
    await session.execute(insert(ApiClient).values(
        id=client, authority=new.authority, territory=new.territory, keys=keys, scopes=sorted(new.scopes or SCOPES), created_at=instant,
        created_by=new.by[:_LONGEST_BY], keys_at=instant, keys_by=new.by[:_LONGEST_BY],
    ))
    return client


def _check_place(authority: str, territory: str) -> None:
    if authority not in (*REGIONS, *_COUNTRYWIDE) and not _is_town(authority):
        raise Conflict(f"{authority}: no such authority. Known: {', '.join((*REGIONS, *_COUNTRYWIDE))} and {_TOWN}<NIS code>")
    if territory and authority not in _COUNTRYWIDE:
        raise Conflict(f"{authority} has a territory of its own")
    if territory and territory not in REGIONS and not _is_town(territory):
        raise Conflict(f"{territory}: neither a Region nor {_TOWN}<NIS code>")


def _is_town(code: str) -> bool:
    nis = code.removeprefix(_TOWN)
    found = municipality(nis) if code.startswith(_TOWN) else None
    return found is not None and found.nis == nis


def _keys(raw: bytes) -> dict[str, Any]:
    """One or two public keys, as they are kept; raises Conflict."""
    try:
        keys = read_keys(raw)
        usable(keys)
    except BadToken as problem:
        raise Conflict(f"The keys cannot be used ({problem.reason}): send a JWK Set with public ES256 keys, each with a kid of its own") from problem
    if not 1 <= len(keys["keys"]) <= 2:
        raise Conflict("Send one key, or during a change two")
    return {"keys": keys["keys"]}


async def change_keys(session: AsyncSession, client: str, keys: bytes, *, by: str) -> None:
    """Check the system's assertions by these keys from now on; raises NotFound for one that is not let in, Conflict for keys that cannot be used."""
    await _change(session, client, keys=_keys(keys), keys_at=now(), keys_by=by[:_LONGEST_BY])


async def end(session: AsyncSession, client: str, *, by: str) -> None:
    """Shut a system out, its access tokens included; raises NotFound for one that is not let in."""
    await _change(session, client, ended_at=now(), ended_by=by[:_LONGEST_BY])


async def _change(session: AsyncSession, client: str, **values: Any) -> None:
    try:
        mine = ApiClient.id == UUID(client)
    except ValueError as error:
        raise NotFound from error
    statement = update(ApiClient).where(mine, ApiClient.ended_at.is_(None)).values(**values).returning(ApiClient.id)
    if await session.scalar(statement) is None:
        raise NotFound


async def clients(session: AsyncSession) -> list[Client]:
    """Every system that was ever let in, by authority; of its keys the names."""
    statement = select(ApiClient, Party.name).join(Party, Party.id == ApiClient.id).order_by(ApiClient.authority, ApiClient.created_at)
    return [
        Client(id=one.id, name=name, authority=one.authority, territory=one.territory, scopes=one.scopes, keys=[key["kid"] for key in one.keys["keys"]],
               created_at=one.created_at, created_by=one.created_by, keys_at=one.keys_at, keys_by=one.keys_by, ended_at=one.ended_at, ended_by=one.ended_by)
        for one, name in (await session.execute(statement)).all()
    ]
