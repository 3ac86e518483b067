"""Taking a step: one page for each action, the same for applicants and authorities, made from the table of the life."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions, queries
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.fields import Field
from frontoffice.forms.form import Form
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, page, problems_by_field, see_other
from frontoffice.parties.actor import Actor
from frontoffice.parties.parking import forget, parked
from frontoffice.procedures.lifecycle import Step


def _step(dossier: OpenDossier, action: str) -> Step:
    """The step, if the actor may take it now; raises NotFound, Refused or Conflict."""
    if action == "submit":
        # Filing has a page of its own.
        raise NotFound
    return actions.choose(dossier, action, dossier.roles)


def _questions(dossier: OpenDossier, action: str) -> Sequence[Field]:
    """What one must say with this step, open or not."""
    return next((step.evidence for step in dossier.procedure.life.steps if step.action == action), ())


def _refuse_self_consent(dossier: OpenDossier, step: Step) -> None:
    if step.action == "declare-consent" and dossier.worker_joined:
        raise Refused(_("The worker takes part in person and confirms the own part"))


@get("/dossiers/{key:str}/steps/{action:str}", name="show-step")
async def show_step(request: Web, session: AsyncSession, actor: Actor, key: str, action: str) -> Response[str]:
    """What taking this step means, and what must be said with it; an authority's look is recorded."""
    dossier = await queries.dossier(session, actor, key)
    try:
        step = _step(dossier, action)
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict)
    _refuse_self_consent(dossier, step)
    actions.refuse_weak_key(step, actor)
    await actions.note_opening(session, dossier, actor)
    return _step_page(request, dossier, step, raw=await parked(session, actor, request) or {})


def _step_page(request: Web, dossier: OpenDossier, step: Step, *, raw: Mapping[str, str], problems: Mapping[str, Problem] | None = None,
               status: int = 200) -> Response[str]:
    return page(request, "dossiers/step.html", status=status, dossier=dossier, step=step, raw=raw, problems=problems or {})


@post("/dossiers/{key:str}/steps/{action:str}", name="take-step")
async def take_step(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, action: str) -> Response[Any]:
    """Take the step; a second click on the same form is led to what the first one did."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    if form.get("version") != str(dossier.version) and await actions.was_taken(session, dossier, action, actor, since=form.get("version", "")):
        return _after(request, dossier, action)
    try:
        step = _step(dossier, action)
    except Conflict as conflict:
        return await changed(request, session, dossier, conflict, since=form.get("version", ""), fields=_questions(dossier, action), raw=form)
    _refuse_self_consent(dossier, step)
    reading = Form(fields=tuple(step.evidence)).read(form, {})
    if reading.problems:
        return _step_page(request, dossier, step, raw=reading.raw, problems=problems_by_field(reading.problems), status=422)
    try:
        await actions.perform(session, dossier, action, actor, evidence={name: value for name, value in reading.values.items() if value})
    except Invalid as invalid:
        return _step_page(request, dossier, step, raw=reading.raw, problems=problems_by_field(invalid.problems), status=422)
    await forget(session, actor, request)
    return _after(request, dossier, action)


def _after(request: Web, dossier: OpenDossier, action: str) -> Response[None]:
    return see_other(request, "my-dossiers") if action == "discard" else see_other(request, "show-dossier", key=dossier.key)


ROUTES = (show_step, take_step)
