"""Using a document again that was given in an earlier dossier: one form on the page of its slot."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.reusing import GONE, Reusable, reusable, use_again
from frontoffice.documents.showing import slot_page
from frontoffice.documents.slots import may_bring
from frontoffice.dossiers import queries
from frontoffice.dossiers.changed import changed
from frontoffice.kernel.errors import Conflict, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, see_other
from frontoffice.parties.actor import Actor


@post("/dossiers/{key:str}/documents/{requirement:str}/reuse", name="reuse-document")
async def reuse(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, requirement: str) -> Response[Any]:
    """Give a document of another dossier in this one too, if the actor agrees; it is checked like any other."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    try:
        slot = may_bring(dossier, requirement)
        offers = await reusable(session, dossier, slot, actor)
        chosen = _chosen(offers, form.get("document", ""))
        if chosen:
            may_bring(dossier, requirement, [chosen.size])
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    problems = [] if chosen else [Problem("document", _("Choose the document that you want to use again"))]
    if form.get("consent") != "yes":
        problems.append(Problem("consent", _("Tick the box if you agree; without it the document stays where it is")))
    if chosen is None or problems:
        return await slot_page(request, session, dossier, slot, *problems, raw=form, status=422)
    try:
        await use_again(session, dossier, slot, actor, chosen)
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    return see_other(request, "show-slot", key=dossier.key, requirement=slot.code, anchor="given")


def _chosen(offers: Sequence[Reusable], typed: str) -> Reusable | None:
    """The document that was chosen, None when none was; raises Conflict for one that is not offered, or not any more."""
    if not typed:
        return None
    found = next((one for one in offers if str(one.id) == typed and not one.is_too_old), None)
    if found is None:
        raise Conflict(GONE)
    return found


ROUTES = (reuse,)
