"""Beginning a dossier: which procedures one may begin, and a short page that confirms one with the answers of the finder."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions
from frontoffice.dossiers.language import official
from frontoffice.dossiers.track import ROLE_TITLES
from frontoffice.kernel.errors import BadRequest, NotFound, Refused
from frontoffice.kernel.message import Message, Names
from frontoffice.kernel.rendering import Web, locale_of, page, see_other
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor
from frontoffice.procedures import every_in_force, in_force
from frontoffice.procedures.finder.journey import chosen, given_to, travel
from frontoffice.procedures.finder.result import CATEGORY
from frontoffice.procedures.vocabulary import Procedure, field_of


@get("/dossiers/new", name="new-dossier")
async def new_dossier(request: Web, session: AsyncSession, actor: Actor) -> Response[str]:
    """The procedures that this person may begin, or one of them to confirm; raises NotFound for an unknown one."""
    sent = {name: text for name, text in request.query_params.items() if isinstance(text, str)}
    if "procedure" not in sent:
        return page(request, "dossiers/new.html", procedures=[one for one in every_in_force(today()) if not _wrong_hat(one, actor)])
    procedure = _offered(sent["procedure"])
    given, raw = _taken_over(procedure, sent)
    return page(request, "dossiers/begin.html", procedure=procedure, form_key=uuid4(), raw=raw, rows=_rows(procedure, given),
                wrong_hat=_wrong_hat(procedure, actor), filers=[ROLE_TITLES[one] for one in sorted(procedure.filed_by)])


@post("/dossiers", name="start-dossier")
async def start_dossier(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str]) -> Response[Any]:
    """Begin a draft with the answers of the finder; raises NotFound for an unknown procedure, Refused for a wrong hat."""
    procedure = _offered(form.get("procedure", ""))
    try:
        form_key = UUID(form.get("form_key", ""))
    except ValueError:
        raise BadRequest("the form has no key") from None
    given, _raw = _taken_over(procedure, form)
    # What is filed gets the language of its procedure; a draft goes in that of whoever begins it.
    language = official(locale_of(request), actor.locale)
    key = await actions.start(session, actor, procedure, form_key=form_key, language=language, given=given)
    return see_other(request, "show-dossier", key=key)


def _offered(code: str) -> Procedure:
    try:
        return in_force(code, today())
    except LookupError:
        raise NotFound from None


def _wrong_hat(procedure: Procedure, actor: Actor) -> str:
    """Why this procedure is not for the party that one acts for; empty when it is."""
    try:
        actions.refuse_hat(procedure, actor)
    except Refused as refused:
        return refused.message
    return ""


def _taken_over(procedure: Procedure, sent: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The answers that the draft begins with, and those of the finder that stand in the address."""
    journey = travel(sent, today())
    category = chosen(journey, sent)
    return given_to(procedure, journey, sent), {**journey.raw, **({CATEGORY: category} if category else {})}


def _rows(procedure: Procedure, given: Mapping[str, str]) -> list[tuple[str, Message | Names | str]]:
    asked = [(one, text) for name, text in given.items() if (one := field_of(procedure, name))]
    return [(one.read_as or one.label, one.shown(text)) for one, text in asked]


ROUTES = (new_dossier, start_dossier)
