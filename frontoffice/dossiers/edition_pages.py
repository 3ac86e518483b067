"""Carrying a draft over to the edition that is in force now."""

from litestar import Response, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import editions, queries
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, see_other
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import READERS


@post("/dossiers/{key:str}/edition", name="adopt-edition")
async def adopt_edition(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[None]:
    """Go on under the new rules; sent again it changes nothing more."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    if dossier.roles <= READERS:
        raise NotFound
    if not dossier.is_draft:
        raise Conflict(_("This dossier has been filed: it keeps the rules of that day"))
    await editions.adopt(session, dossier, actor)
    return see_other(request, "show-dossier", key=dossier.key)


ROUTES = (adopt_edition,)
