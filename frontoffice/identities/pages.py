"""Probable doubles over HTTP, for officials of the Immigration Office; for everybody else these pages do not exist."""

from uuid import UUID

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.forms.partial_dates import show_partial, store_partial
from frontoffice.identities import actions, queries
from frontoffice.identities.comparison import REASONS, compared
from frontoffice.identities.queries import MOST_SHOWN, OpenDouble, Side
from frontoffice.kernel.errors import Invalid, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, page, see_other
from frontoffice.parties.actor import Actor

_PARTS = {"open": _("To decide"), "settled": _("Decided")}


@get("/identities", name="doubles")
async def doubles(request: Web, session: AsyncSession, actor: Actor) -> Response[str]:
    """The doubles that wait for a decision, or those that were decided."""
    asked = request.query_params.get("part", "open")
    part = asked if asked in _PARTS else "open"
    found = await queries.doubles(session, actor, part)
    rows = [(one, _birth(one.left), _birth(one.right)) for one in found]
    waiting = sum(1 for one in found if not one.is_mine)
    return page(request, "identities/list.html", part=part, parts=_PARTS, rows=rows, waiting=waiting, most=MOST_SHOWN, wide=True)


def _birth(side: Side) -> object:
    return show_partial(store_partial(side.birth_date)) if side.birth_date else ""


@get("/identities/{double:uuid}", name="show-double")
async def show_double(request: Web, session: AsyncSession, actor: Actor, double: UUID) -> Response[str]:
    """Two records side by side, with what differs marked, and the decision."""
    return _page(request, await queries.double(session, actor, double))


def _page(request: Web, double: OpenDouble, *, problems: dict[str, Problem] | None = None, status: int = 200) -> Response[str]:
    reasons = [REASONS[one] for one in double.reasons if one in REASONS]
    return page(request, "identities/show.html", status=status, double=double, rows=compared(double.left, double.right), reasons=reasons,
                problems=problems or {}, wide=True)


@post("/identities/{double:uuid}", name="decide-double")
async def decide_double(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], double: UUID) -> Response[str] | Response[None]:
    """Say whether both are one person."""
    if form.get("decision") not in actions.DECISIONS:
        shown = await queries.double(session, actor, double)
        return _page(request, shown, problems={"decision": Problem("decision", _("Answer this question"))}, status=422)
    await actions.decide(session, actor, double, form["decision"], version=_version(form))
    return see_other(request, "show-double", double=double)


@post("/identities/{double:uuid}/undo", name="undo-double")
async def undo_double(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], double: UUID) -> Response[None]:
    """Take a decision back."""
    await actions.undo(session, actor, double, version=_version(form))
    return see_other(request, "show-double", double=double)


@post("/identities/{double:uuid}/question", name="question-link")
async def question_link(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], double: UUID) -> Response[None]:
    """Ask whether one of the dossiers is really this person's."""
    queries.require_clerk(actor)
    try:
        dossier = UUID(form.get("dossier", ""))
    except ValueError:
        raise Invalid(Problem("dossier", _("Answer this question"))) from None
    return see_other(request, "show-double", double=await actions.question(session, actor, double, dossier))


def _version(form: dict[str, str]) -> int:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


ROUTES = (doubles, show_double, decide_double, undo_double, question_link)
