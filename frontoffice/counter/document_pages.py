"""An authority's word about one document: that it cannot use it, and why; and that it can after all, as long as nothing newer came."""

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions, judging, queries
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.fields import LongText
from frontoffice.forms.form import Form, Reading
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, page, problems_by_field, see_other
from frontoffice.parties.actor import Actor

REASON: Final = LongText(name="reason", label=_("Why can you not use it?"), hint=_("The applicant reads this text as you write it."),
                         longest=judging.LONGEST_REASON)


def _judged(dossier: OpenDossier, requirement: str, document: UUID) -> GivenDocument:
    """The document, if the actor's authority may judge it; raises NotFound, Refused or Conflict."""
    if all(one.id != document for one in dossier.of_requirement(requirement)):
        raise NotFound
    return judging.judged(dossier, document)


@get("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/judgement", name="show-judgement")
async def show_judgement(request: Web, session: AsyncSession, actor: Actor, key: str, requirement: str, document: UUID) -> Response[str]:
    """What the authority said of a document, and the way to say otherwise."""
    dossier = await queries.dossier(session, actor, key)
    await actions.note_opening(session, dossier, actor)
    try:
        return _judgement_page(request, dossier, _judged(dossier, requirement, document))
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)


def _judgement_page(request: Web, dossier: OpenDossier, document: GivenDocument, reading: Reading | None = None) -> Response[str]:
    problems = problems_by_field(reading.problems) if reading else {}
    return page(request, "counter/judgement.html", status=422 if reading else 200, dossier=dossier, document=document, reason=REASON, problems=problems,
                slot=dossier.procedure.requirement(document.requirement), raw=reading.raw if reading else {}, has_newer=judging.has_newer(dossier, document))


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/judgement", name="judge-document")
async def judge_document(
    request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, requirement: str, document: UUID,
) -> Response[Any]:
    """Say that the document cannot be used; the same said twice counts once, another reason beside a colleague's does not."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    reading = Form(fields=(REASON,)).read(form, {})
    try:
        found = _judged(dossier, requirement, document)
        judging.refuse_other_word(found, reading.values.get(REASON.name))
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict, fields=(REASON,), raw=form)
    if reading.problems:
        return _judgement_page(request, dossier, found, reading)
    await judging.do_not_take(session, dossier, found.id, reading.values[REASON.name], actor.party_id)
    return see_other(request, "show-dossier", key=dossier.key)


@post("/dossiers/{key:str}/documents/{requirement:str}/{document:uuid}/judgement/undo", name="undo-judgement")
async def undo_judgement(
    request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, requirement: str, document: UUID,
) -> Response[Any]:
    """Use a document after all; done already, it changes nothing."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    try:
        found = _judged(dossier, requirement, document)
        await judging.use_after_all(session, dossier, found, actor.party_id, since=form.get("since", ""))
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    return see_other(request, "show-dossier", key=dossier.key)


ROUTES = (show_judgement, judge_document, undo_judgement)
