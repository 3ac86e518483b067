"""The office's side of mandates: what it was offered, and for whom it acts."""

from uuid import UUID

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.rendering import Web, page, see_other
from frontoffice.parties import mandates
from frontoffice.parties.actor import Actor


@get("/mandates", name="my-mandates")
async def my_mandates(request: Web, session: AsyncSession, actor: Actor) -> Response[str]:
    """What the actor's office was offered, and for whom it acts."""
    if actor.party_kind != "enterprise":
        raise NotFound
    return page(request, "parties/mandates.html", mandates=await mandates.of_office(session, actor))


@post("/mandates/{mandate:uuid}/accept", name="accept-mandate")
async def accept_mandate(request: Web, session: AsyncSession, actor: Actor, mandate: UUID) -> Response[None]:
    """Take the mandate; before its first day the dossier stays closed to the office."""
    dossier_id = await mandates.accept(session, actor, mandate)
    running = any(one.id == mandate and one.is_running for one in await mandates.of_office(session, actor))
    return see_other(request, "show-dossier", key=str(dossier_id)) if running else see_other(request, "my-mandates")


@post("/mandates/{mandate:uuid}/decline", name="decline-mandate")
async def decline_mandate(request: Web, session: AsyncSession, actor: Actor, mandate: UUID) -> Response[None]:
    """Turn the mandate down, or lay it down."""
    await mandates.decline(session, actor, mandate)
    return see_other(request, "my-mandates")


ROUTES = (my_mandates, accept_mandate, decline_mandate)
