"""Sessions: begun after signing in, with a new secret at each change of hat, listed and ended by their person."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.database import visitor
from frontoffice.kernel.errors import Invalid, NotFound, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import greet
from frontoffice.signin.hats import Hat, Identity
from frontoffice.signin.model import Session

LONGEST = timedelta(hours=12)
IDLE_SECONDS = 60 * 60


class ClosedAccount(Exception):
    """The account was closed: nobody signs in with it any more."""


@dataclass(frozen=True, kw_only=True)
class NewSession:
    """What a session is begun with. Without a hat the person acts for nobody else yet."""

    person_id: UUID
    kind: str
    hats: Sequence[Hat] = ()
    hat: Hat | None = None
    issuer: str = ""
    subject: str = ""
    acr: str = ""
    browser: str = ""
    idle_seconds: int = IDLE_SECONDS
    ends_at: datetime | None = None


async def begin(session: AsyncSession, new: NewSession) -> str:
    """Begin a session and end the one that this browser had, in one transaction; gives the secret for its cookie."""
    token, instant = secrets.token_urlsafe(32), now()
    await session.execute(insert(Session).values(
        token_hash=hash_of(token), person_id=new.person_id, party_id=UUID(new.hat.party_id) if new.hat else new.person_id, kind=new.kind,
        capacity=new.hat.capacity if new.hat else "", issuer=new.issuer, subject=new.subject, acr=new.acr,
        hats=[one.stored() for one in new.hats], browser=new.browser, idle_seconds=new.idle_seconds, created_at=instant, seen_at=instant,
        ends_at=new.ends_at or instant + LONGEST,
    ))
    await end_this(session)
    return token


async def end_this(session: AsyncSession) -> None:
    """End the session that this transaction is bound to, if there is one."""
    row = visitor(session)
    if row is not None:
        await session.execute(update(Session).where(Session.token_hash == row["token_hash"], Session.ended_at.is_(None)).values(ended_at=now()))


def hats_in(session: AsyncSession) -> list[Hat]:
    """For whom the person of this transaction may act."""
    row = visitor(session)
    return [Hat.read(one) for one in row["hats"]] if row is not None else []


async def take_hat(session: AsyncSession, actor: Actor, party_id: str, *, browser: str) -> str:
    """Go on for another party under a new secret; the last moment of the session stays. Raises Invalid for a foreign hat."""
    hats, row = hats_in(session), visitor(session)
    assert row is not None
    hat = next((one for one in hats if one.party_id == party_id), None)
    if hat is None:
        raise Invalid(Problem("hat", _("Choose for whom you act")))
    return await begin(session, NewSession(
        person_id=actor.person_id, kind=row["kind"], hats=hats, hat=hat, issuer=row["issuer"], subject=row["subject"], acr=row["acr"],
        browser=browser, idle_seconds=row["idle_seconds"], ends_at=row["ends_at"],
    ))


_KNOWN = text("SELECT person_of_account(:issuer, :subject)")
_ADD = text("INSERT INTO account (issuer, subject, person_id) VALUES (:issuer, :subject, :person) ON CONFLICT DO NOTHING")


async def person_of(session: AsyncSession, identity: Identity, locale: str) -> UUID:
    """The person of an account, made at the first sign-in; raises ClosedAccount. Name and address follow the provider."""
    account = {"issuer": identity.issuer, "subject": identity.subject}
    known: UUID | None = await session.scalar(_KNOWN, account)
    person_id = known or uuid4()
    async with session.begin_nested() as savepoint:
        await greet(session, kind="person", name=identity.name, known=person_id, email=identity.email, locale=identity.locale or locale)
        if known:
            return person_id
        added = await session.execute(_ADD, {**account, "person": person_id})
        assert isinstance(added, CursorResult)
        if added.rowcount:
            return person_id
        # Somebody signed in with this account in the same moment, or it was closed: the person just made is not needed.
        await savepoint.rollback()
    known = await session.scalar(_KNOWN, account)
    if known is None:
        raise ClosedAccount
    return known


@dataclass(frozen=True)
class OpenSession:
    """One browser in which the person is signed in; `key` names it without telling anything of its secret."""

    key: str
    browser: str
    party_name: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


async def open_sessions(session: AsyncSession, actor: Actor) -> list[OpenSession]:
    """Where the actor is signed in now, latest first."""
    instant = now()
    statement = (
        select(Session.token_hash, Session.browser, Session.hats, Session.party_id, Session.created_at, Session.seen_at)
        .where(Session.person_id == actor.person_id, Session.ended_at.is_(None), Session.ends_at > instant,
               Session.seen_at + text("make_interval(secs => session.idle_seconds)") > instant)
        .order_by(Session.seen_at.desc()).limit(100)
    )
    return [
        OpenSession(_key(token_hash), browser, next((one["name"] for one in hats if one["party_id"] == str(party_id)), ""), created, seen,
                    token_hash == actor.session_hash)
        for token_hash, browser, hats, party_id, created, seen in (await session.execute(statement)).all()
    ]


_BESIDE = text("SELECT token_hash, person_name, browser, created_at, seen_at FROM sessions_beside()")
_END_BESIDE = text("SELECT end_session_beside(:token_hash)")


@dataclass(frozen=True)
class SessionBeside:
    """A browser in which somebody else acts for the same party."""

    key: str
    person_name: str
    browser: str
    created_at: datetime
    seen_at: datetime


async def sessions_beside(session: AsyncSession) -> list[SessionBeside]:
    """Who else acts now for the party whose access the actor manages; nobody for whoever manages none."""
    rows = (await session.execute(_BESIDE)).all()
    return [SessionBeside(_key(token_hash), *told) for token_hash, *told in rows]


async def _end_beside(session: AsyncSession, key: str) -> None:
    hashes = [row[0] for row in (await session.execute(_BESIDE)).all() if _key(row[0]) == key]
    if not hashes or not await session.scalar(_END_BESIDE, {"token_hash": hashes[0]}):
        raise NotFound


async def end_session(session: AsyncSession, actor: Actor, key: str) -> bool:
    """End one session of the actor or of the party whose access he or she manages, or all "others" of the actor.

    Tells whether it was the one of this browser. Raises NotFound.
    """
    mine = (Session.person_id == actor.person_id, Session.ended_at.is_(None))
    if key == "others":
        await session.execute(update(Session).where(*mine, Session.token_hash != actor.session_hash).values(ended_at=now()))
        return False
    hashes = (await session.scalars(select(Session.token_hash).where(*mine))).all()
    wanted = next((one for one in hashes if _key(one) == key), None)
    if wanted is None:
        await _end_beside(session, key)
        return False
    await session.execute(update(Session).where(*mine, Session.token_hash == wanted).values(ended_at=now()))
    return wanted == actor.session_hash


def _key(token_hash: bytes) -> str:
    return hash_of(token_hash.hex()).hex()[:16]


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
             ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("CrOS", "ChromeOS"),
            ("Linux", "Linux"))
_PRINTABLE = re.compile(r"[^ -~]")


def browser_of(user_agent: str) -> str:
    """The browser and system that a User-Agent names, such as "Firefox, Windows"; its first word when it names neither."""
    names = [next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    found = ", ".join(one for one in names if one)
    return found or _PRINTABLE.sub("", user_agent).split(" ")[0].split("/")[0][:40]
