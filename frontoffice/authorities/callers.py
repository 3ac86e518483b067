"""Who calls: a system with an access token, what the token was given for, and a transaction in which it sees what its authority sees."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from litestar.di import Provide
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from frontoffice.authorities.problems import HANDLERS, ApiProblem, missing_scope, unauthorized
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import TooMany
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of
from frontoffice.parties.actor import Actor, actor_in

READ: Final = "dossiers:read"
STEP: Final = "dossiers:step"
READ_DOCUMENTS: Final = "documents:read"
WRITE_DOCUMENTS: Final = "documents:write"
SCOPES: Final = (READ, STEP, READ_DOCUMENTS, WRITE_DOCUMENTS)
JSON: Final = "application/json"
# Of one system in five minutes, all its tokens together.
MOST: Final = 3000
SECONDS: Final = 300
_LONGEST_TOKEN: Final = 200
_KNOCK: Final = text("SELECT live, scopes, hits FROM knock_api(:hash, :instant, :window)")


@dataclass(frozen=True)
class Caller:
    """A system in the middle of a request; what its authority may not see is not there for it."""

    session: AsyncSession
    actor: Actor

    @property
    def territory(self) -> str:
        """The Region or municipality that its view is narrowed to; empty for all that its authority takes part in."""
        return self.actor.capacity


@dataclass(frozen=True)
class Knock:
    """A request that may come in; no transaction is open, so its body may come as slowly as it wants."""

    engine: AsyncEngine
    token_hash: bytes

    @asynccontextmanager
    async def caller(self) -> AsyncIterator[Caller]:
        """One transaction of that system: leaving commits, raising rolls back. Raises ApiProblem when the token ended meanwhile."""
        async with transaction(self.engine, self.token_hash, by_person=False) as session:
            actor = actor_in(session)
            if actor is None:
                raise _expired()
            yield Caller(session, actor)


def token_hash(token: str) -> bytes:
    """What is stored of an access token; the same text in a cookie has another hash, and opens nothing."""
    return hash_of(f"access-token {token}")


def _invalid() -> ApiProblem:
    return unauthorized("invalidAccessToken", "This is no access token of ours.", "invalid_token")


def _expired() -> ApiProblem:
    return unauthorized("expiredAccessToken", "The access token is no longer valid: get another one.", "invalid_token")


async def provide_knock(request: Web) -> Knock:
    """Check token, scope, rate and what the caller takes for an answer; the route's option `scope` says what is needed."""
    stored, engine = token_hash(_bearer(request)), request.app.state.engine
    instant = now()
    begun = int(instant.timestamp()) // SECONDS * SECONDS
    async with transaction(engine) as session:
        row = (await session.execute(_KNOCK, {"hash": stored, "instant": instant, "window": datetime.fromtimestamp(begun, UTC)})).one_or_none()
    if row is None:
        raise _invalid()
    if not row.live:
        raise _expired()
    if row.hits > MOST:
        raise TooMany(begun + SECONDS - int(instant.timestamp()))
    needed = request.route_handler.opt["scope"]
    if needed not in row.scopes.split():
        raise missing_scope(needed)
    _check_accept(request)
    return Knock(engine, stored)


def _bearer(request: Web) -> str:
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise unauthorized("noAccessToken", "Send an access token: Authorization: Bearer …")
    if not 1 <= len(token) <= _LONGEST_TOKEN:
        raise _invalid()
    return token


def _check_accept(request: Web) -> None:
    """Raise ApiProblem when the caller takes nothing that this route gives."""
    gives = request.route_handler.opt.get("gives", JSON)
    accepted = request.headers.get("accept") or "*/*"
    if gives != "*/*" and not any(_takes(one, gives) for one in accepted.split(",")):
        raise ApiProblem(406, "about:blank", "Not Acceptable", f"This resource is there as {gives}.")


def _takes(part: str, gives: str) -> bool:
    kind, _semicolon, rest = part.strip().lower().partition(";")
    refused = any(one.strip() in ("q=0", "q=0.0", "q=0.00", "q=0.000") for one in rest.split(";"))
    return not refused and kind.strip() in ("*/*", gives, gives.partition("/")[0] + "/*")


def api(scope: str, *, gives: str = JSON) -> dict[str, Any]:
    """What every route of a system has: no cookie, a token for that scope, and a problem for each error."""
    return {"public": True, "cookieless": True, "scope": scope, "gives": gives, "dependencies": {"knock": Provide(provide_knock)},
            "exception_handlers": HANDLERS}
