"""Filling in a draft: one page of questions at a time, what is missing, and filing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import access, actions, completeness, editions, queries
from frontoffice.dossiers.ages import Age, ages
from frontoffice.dossiers.changed import changed
from frontoffice.dossiers.given import GivenAnswers
from frontoffice.dossiers.informing import Informed, Informing
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.solving import to_solve
from frontoffice.dossiers.summary import answer_cards, document_rows
from frontoffice.dossiers.tasks import next_page
from frontoffice.forms import identifiers
from frontoffice.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.rendering import Web, page, problems_by_field, see_other
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_titled
from frontoffice.parties.invitations import invite, latest
from frontoffice.parties.parking import forget, parked
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.fees import charges, sum_of
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.vocabulary import Page
from frontoffice.settings import Settings

NOT_A_DRAFT = _("This dossier has been filed: its answers can no longer be changed here")


def _wanted(dossier: OpenDossier, code: str) -> Page:
    found = dossier.procedure.page(code)
    if found is None or not (access.may_see(dossier.filling_roles, found) or access.may_fill(dossier.filling_roles, found)):
        raise NotFound
    return found


@get("/dossiers/{key:str}/pages/{code:str}", name="show-page")
async def show_page(request: Web, session: AsyncSession, actor: Actor, key: str, code: str) -> Response[str]:
    """One page of questions with what was typed before."""
    dossier = await queries.dossier(session, actor, key)
    wanted = _wanted(dossier, code)
    if not access.may_fill(dossier.filling_roles, wanted) or not dossier.is_draft:
        if not dossier.is_draft:
            return await changed(request, session, dossier, Conflict(NOT_A_DRAFT))
        raise Refused(_("Someone else fills in this page"))
    given = dossier.answers.get(code)
    known = completeness.facts(dossier)
    raw: Mapping[str, str] = given.raw if given else wanted.form.raw_of(wanted.prefill(known) if wanted.prefill else {})
    kept = await parked(session, actor, request)
    problems: dict[str, Problem] = {}
    # A page that nobody has sent yet is not blamed for what is still empty.
    if kept is None and given and given.version > actions.PREFILLED and not completeness.is_answered(dossier, wanted, known):
        problems = problems_by_field(wanted.form.read(raw, known).problems)
    return _form_page(request, dossier, wanted, raw=kept or raw, problems=problems, version=given.version if given else 0, restored=kept is not None)


def _form_page(request: Web, dossier: OpenDossier, wanted: Page, *, raw: Mapping[str, str], problems: Mapping[str, Problem], version: int,
               status: int = 200, **more: object) -> Response[str]:
    known = {**completeness.facts(dossier), **raw}
    mine = [one for one in completeness.pages_that_count(dossier, known) if access.may_fill(dossier.filling_roles, one)]
    index = mine.index(wanted) if wanted in mine else 0
    previous = mine[index - 1].code if index else None
    return page(request, "dossiers/page.html", status=status, dossier=dossier, wanted=wanted, raw=raw, problems=problems, version=version,
                previous=previous, number=index + 1, total=len(mine), known=known,
                **{"restored": False, "other_version": None, "at_once": (), "remarks": (), **more})


@post("/dossiers/{key:str}/pages/{code:str}", name="save-page")
async def save_page(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, code: str) -> Response[Any]:
    """Keep the page as it was sent; go on when it has no problems, explain them when it has."""
    dossier = await queries.dossier(session, actor, key)
    wanted = _wanted(dossier, code)
    reading = wanted.form.read(form, completeness.facts(dossier))
    version = int(form["version"]) if form.get("version", "").isascii() and form.get("version", "").isdigit() and len(form["version"]) < 9 else 0
    try:
        await actions.answer(session, dossier, wanted, reading, actor, version=version)
    except Conflict as conflict:
        if not dossier.is_draft or code not in dossier.answers:
            return await changed(request, session, dossier, conflict, fields=wanted.form.fields, raw=reading.raw)
        problems = {"": Problem("", conflict.message)}
        given = dossier.answers[code]
        return _form_page(request, dossier, wanted, raw=reading.raw, problems=problems, version=given.version, status=409, other_version=given.raw)
    await forget(session, actor, request)
    if reading.problems:
        return _form_page(request, dossier, wanted, raw=reading.raw, problems=problems_by_field(reading.problems), version=version + 1, status=422)
    if form.get("go") == "list":
        return see_other(request, "show-dossier", key=dossier.key)
    following = _following(dossier, wanted, reading.values)
    return see_other(request, "show-page", key=dossier.key, code=following) if following else see_other(request, "show-dossier", key=dossier.key)


@post("/dossiers/{key:str}/pages/{code:str}/check", name="check-page", status_code=200)
async def check_page(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str, code: str) -> Response[str]:
    """What can be said at once of the answers typed so far, and of nothing that is still empty; keeps nothing."""
    dossier = await queries.dossier(session, actor, key)
    wanted = _wanted(dossier, code)
    if not access.may_fill(dossier.filling_roles, wanted):
        raise Refused(_("Someone else fills in this page"))
    known = completeness.facts(dossier)
    reading = wanted.form.read(form, known)
    typed = {one.name: one for one in wanted.form.fields if all(form.get(name, "").strip() for name in one.raw_names())}
    at_once = [(typed[one.field], one) for one in reading.problems if one.field in typed]
    remarks = [one for one in dossier.procedure.remarks({**known, **reading.values}, today()) if one.about in typed]
    return _form_page(request, dossier, wanted, raw=reading.raw, problems={}, version=0, at_once=at_once, remarks=remarks)


def _following(dossier: OpenDossier, saved: Page, values: Mapping[str, str]) -> str | None:
    """The next page of the actor within the section, once these values count too."""
    answers = {**dossier.answers, saved.code: GivenAnswers(values, {}, True, 0)}
    after = replace(dossier, answers=answers)
    code = next_page(after, saved.code)
    following = dossier.procedure.page(code) if code else None
    return code if following and following.section == saved.section else None


@get("/dossiers/{key:str}/check", name="check-dossier")
async def check(request: Web, session: AsyncSession, actor: Actor, informing: Informing, key: str) -> Response[str]:
    """Before filing: the competent Region and why, the fees, all that is missing, who will be told, every answer."""
    dossier = await queries.dossier(session, actor, key)
    if not dossier.is_draft:
        return see_other(request, "show-dossier", key=dossier.key)  # type: ignore[return-value]
    return _check_page(request, dossier, await informing.ask(session, dossier))


def _check_page(request: Web, dossier: OpenDossier, informed: Sequence[Informed], *, problems: Mapping[str, Problem] | None = None,
                status: int = 200) -> Response[str]:
    known = completeness.facts(dossier)
    outcome = completeness.outcome_of(dossier)
    owed = charges(dossier.procedure, known, Figures.at(today()))
    return page(
        request, "dossiers/check.html", status=status, dossier=dossier, informed=informed, outcome=outcome, decided=isinstance(outcome, Competence),
        authority=authority_titled(outcome.authority if isinstance(outcome, Competence) else ""),
        missing=completeness.missing(dossier), advisable=completeness.advisable(dossier), changes=editions.told(dossier),
        charges=owed, fees=sum_of(owed), ages=_planner(dossier, known),
        remarks=dossier.procedure.remarks(known, today()),
        cards=answer_cards(dossier), documents=document_rows(dossier),
        problems=problems or {}, solving=to_solve(dossier), can_file=any(step.action == "submit" for step in dossier.steps),
    )


def _planner(dossier: OpenDossier, known: Mapping[str, str]) -> list[Age]:
    """The documents that may not be too old, the one to ask for last at the end."""
    found = ages(dossier, known, completeness.documents_that_count(dossier, known))
    return sorted(found.values(), key=lambda one: one.order_from)


@post("/dossiers/{key:str}/submit", name="submit-dossier")
async def submit(request: Web, session: AsyncSession, actor: Actor, informing: Informing, key: str) -> Response[Any]:
    """File the dossier; sent again, it leads to the receipt of the first time."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    if dossier.filed_at and dossier.roles & dossier.procedure.filed_by:
        return see_other(request, "receipt", key=dossier.key)
    try:
        await actions.perform(session, dossier, "submit", actor)
    except Invalid as invalid:
        return _check_page(request, dossier, await informing.ask(session, dossier), problems=problems_by_field(invalid.problems), status=422)
    except Conflict:
        lacking = {"": Problem("", Message(_("Something is still missing: see the list below")).text)}
        return _check_page(request, dossier, await informing.ask(session, dossier), problems=lacking, status=422)
    return see_other(request, "receipt", key=str(dossier.id))


@get("/dossiers/{key:str}/worker", name="worker")
async def worker(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """Invite the worker, or see whether the invitation was used."""
    dossier = await queries.dossier(session, actor, key)
    return await _worker_page(request, session, dossier)


def _for_inviters(dossier: OpenDossier) -> None:
    """Nobody is let into a dossier in which a worker has no part."""
    if not dossier.has_worker_part or not dossier.roles & dossier.procedure.filed_by:
        raise NotFound


async def _worker_page(request: Web, session: AsyncSession, dossier: OpenDossier, *, raw: Mapping[str, str] | None = None,
                       problems: Mapping[str, Problem] | None = None, status: int = 200) -> Response[str]:
    _for_inviters(dossier)
    return page(request, "dossiers/worker.html", status=status, dossier=dossier, invitation=await latest(session, dossier.id),
                raw=raw or {}, problems=problems or {})


@post("/dossiers/{key:str}/worker", name="invite-worker")
async def invite_worker(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], settings: Settings, key: str) -> Response[Any]:
    """Send the worker a link by e-mail."""
    dossier = await queries.dossier(session, actor, key, lock=True)
    _for_inviters(dossier)
    if not dossier.is_draft or dossier.worker_joined:
        raise Conflict(_("The worker takes part already"))
    try:
        email = identifiers.email(form.get("email", "").strip())
    except identifiers.Wrong as wrong:
        problems = {"email": Problem("email", wrong.message, wrong.params)}
        return await _worker_page(request, session, dossier, raw=form, problems=problems, status=422)
    language = form.get("language", "en")
    await invite(session, actor, dossier.id, email, language if language in ("nl", "fr", "de", "en") else "en", settings)
    return see_other(request, "worker", key=dossier.key)


ROUTES = (show_page, save_page, check_page, check, submit, worker, invite_worker)
