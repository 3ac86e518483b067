"""Answers that were sent after a session had ended, given back to the same person until they are saved."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.rendering import Web
from frontoffice.kernel.time import now
from frontoffice.kernel.web import scope_of
from frontoffice.parties.actor import Actor

KEPT = timedelta(hours=12)

# A page that is shown changes nothing, so what was parked goes only once it has been saved.
_GIVE = text("SELECT answers FROM parked_form WHERE person_id = :person AND path = :path AND parked_at > :since")
_FORGET = text("DELETE FROM parked_form WHERE person_id = :person AND path = :path")


async def parked(session: AsyncSession, actor: Actor, request: Web) -> dict[str, str] | None:
    """What the actor sent to this page after the session had ended; None when there is nothing."""
    answers: dict[str, str] | None = await session.scalar(
        _GIVE, {"person": actor.person_id, "path": _path(request), "since": now() - KEPT})
    return answers


async def forget(session: AsyncSession, actor: Actor, request: Web) -> None:
    """The page was saved: what was parked for it is no longer wanted."""
    await session.execute(_FORGET, {"person": actor.person_id, "path": _path(request)})


def _path(request: Web) -> str:
    path: str = scope_of(request).get("frontoffice.path", "/")
    return path
