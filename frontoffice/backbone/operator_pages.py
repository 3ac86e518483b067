"""Hand-overs over HTTP, for the operators of the portal: what is stuck, and what they do about it; for everybody else it does not exist."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import holding, stuck
from frontoffice.backbone.holding import LONGEST_REASON, Said
from frontoffice.backbone.stuck import MOST_COUNTED, PAGE_SIZE, PARTS, HandOver, Overview
from frontoffice.kernel.errors import BadRequest, Conflict, NotFound, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.rendering import Web, page, see_other
from frontoffice.parties.actor import Actor

ACTS: Mapping[str, str] = {
    "retry": _("tried again"), "hold": _("held it"), "release": _("released it"), "package": _("handed it over in a sealed package"),
    "conclude": _("concluded it with a receipt from another path"), "stop": _("stopped sending"), "start": _("started sending again"),
    "reviewed": _("marked it as reviewed"),
}
_REASON_MISSING = _("Write why")
_REASON_LONG = _("Write no more than %(most)s characters")
_CHOICE_MISSING = _("Answer this question")


def require_operator(actor: Actor) -> None:
    """Raises NotFound for whoever is no operator of the portal: for others these pages do not exist."""
    if actor.kind != "official" or actor.authority_code != "operators":
        raise NotFound


@get("/operators/hand-overs", name="hand-overs")
async def hand_overs(request: Web, session: AsyncSession, actor: Actor) -> Response[Any]:
    """One part of what is stuck, the longest waiting first; with a number, the way to that dossier's hand-overs."""
    require_operator(actor)
    sought = request.query_params.get("number", "").strip()[:30].upper()
    if sought and await stuck.is_known(session, sought):
        return see_other(request, "show-hand-over", number=sought)
    return await _list(request, session, sought=sought)


async def _list(request: Web, session: AsyncSession, *, sought: str = "", problems: Mapping[str, Problem] | None = None, status: int = 200,
                reason: str = "") -> Response[str]:
    seen, after, asked = await stuck.overview(session), _cursor(request.query_params.get("after", "")), request.query_params.get("part", "")
    part = asked if asked in PARTS else _first(seen)
    rows = await stuck.stuck(session, part, after=after)
    return page(request, "operators/list.html", status=status, part=part, parts=PARTS, seen=seen, rows=rows[:PAGE_SIZE], most=MOST_COUNTED, acts=ACTS,
                next_page=rows[PAGE_SIZE - 1].cursor if len(rows) > PAGE_SIZE else "", first_page=after is None, sought=sought, reason=reason,
                problems=problems or {}, wide=True)


def _first(seen: Overview) -> str:
    """The part to open the list with: the first one that needs somebody."""
    waiting = {"late": seen.unheld, "refused": seen.refused, "review": seen.review, "missing": seen.missing}
    return next((code for code, count in waiting.items() if count), "late")


def _cursor(text: str) -> tuple[datetime, str] | None:
    instant, _sep, key = text.partition("~")
    if not key:
        return None
    try:
        at = datetime.fromisoformat(instant.replace(" ", "+"))
    except ValueError:
        raise BadRequest("not a place in the list") from None
    if at.tzinfo is None or "\0" in key:
        raise BadRequest("not a place in the list")
    return at, key[:255]


@post("/operators/sending", name="switch-sending")
async def switch_sending(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str]) -> Response[Any]:
    """Stop sending to the authorities, or start it again."""
    require_operator(actor)
    problems = _reason_problems(form)
    act = form.get("act")
    if act not in ("stop", "start"):
        raise BadRequest("neither stop nor start")
    if problems:
        return await _list(request, session, problems=problems, status=422, reason=form.get("reason", ""))
    try:
        await (holding.stop if act == "stop" else holding.start)(session, Said(reason=form["reason"].strip()))
    except Conflict as refused:
        problems = {"reason": Problem("reason", refused.message, refused.params)}
        return await _list(request, session, problems=problems, status=409, reason=form["reason"])
    return see_other(request, "hand-overs")


@get("/operators/hand-overs/{number:str}", name="show-hand-over")
async def show_hand_over(request: Web, session: AsyncSession, actor: Actor, number: str) -> Response[str]:
    """What went out and came in about one dossier, what was tried, and what operators did."""
    require_operator(actor)
    return _show(request, await stuck.hand_over(session, number))


def _show(request: Web, one: HandOver, *, problems: Mapping[str, Problem] | None = None, status: int = 200,
          typed: Mapping[str, str] | None = None) -> Response[str]:
    return page(request, "operators/show.html", status=status, one=one, choices=choices(one), acts=ACTS, problems=problems or {},
                typed=typed or {}, wide=True)


def choices(one: HandOver) -> list[tuple[str, Message | str, Message | str]]:
    """What can be done now, as (value, text, hint), the likeliest first; texts and hints are msgids or messages."""
    found: list[tuple[str, Message | str, Message | str]] = []
    for sending in (item for item in one.sendings if item.needs_review):
        found.append((f"reviewed {sending.event_id}", _("Mark the refusal as reviewed"), sending.what))
    for coming in (item for item in one.comings if item.needs_review):
        hint = Message(_("Place %(number)s in order."), {"number": coming.seq})
        found.append((f"reviewed {coming.jti}", _("Mark the message that came in as reviewed"), hint))
    if one.dossier_id is None:
        return found
    if one.hold:
        return [*found, ("release", _("Release it"), _("What waits is sent at once."))]
    if one.waiting and not one.is_stopped:
        found.append(("retry", _("Try again now"), _("What waits is sent at once. The tries stay counted.")))
    return [*found, ("hold", _("Hold it"), _("Nothing of this dossier is sent until you release it."))]


@post("/operators/hand-overs/{number:str}", name="act-on-hand-over")
async def act_on_hand_over(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], number: str) -> Response[Any]:
    """Try again, hold, release, or mark as reviewed, with a reason; what is no longer possible is told beside how the dossier stands."""
    require_operator(actor)
    act, _sep, about = form.get("act", "").partition(" ")
    problems = _reason_problems(form)
    if act not in ("retry", "hold", "release", "reviewed"):
        problems = {"act": Problem("act", _CHOICE_MISSING), **problems}
    if problems:
        return _show(request, await stuck.hand_over(session, number), problems=problems, status=422, typed=form)
    said = Said(reason=form["reason"].strip())
    try:
        if act == "reviewed":
            await holding.review(session, number, about[:255], said)
        else:
            await {"retry": holding.retry, "hold": holding.hold, "release": holding.release}[act](session, number, said)
    except Conflict as refused:
        # The line moves by itself meanwhile: the reader sees how the dossier stands now, not a page that leads away from it.
        problems = {"act": Problem("act", refused.message, refused.params)}
        return _show(request, await stuck.hand_over(session, number), problems=problems, status=409, typed=form)
    return see_other(request, "show-hand-over", number=number)


def _reason_problems(form: Mapping[str, str]) -> dict[str, Problem]:
    reason = form.get("reason", "").strip()
    if not reason:
        return {"reason": Problem("reason", _REASON_MISSING)}
    if len(reason) > LONGEST_REASON:
        return {"reason": Problem("reason", _REASON_LONG, {"most": LONGEST_REASON})}
    return {}


ROUTES = (hand_overs, switch_sending, show_hand_over, act_on_hand_over)
