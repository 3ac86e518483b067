"""The desk of the backbone stand-in: its page for people, and the same things as JSON for scripts."""

import json
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import jinja2
import msgspec
from litestar import Request, Response, get, post, put
from litestar.exceptions import ValidationException
from litestar.response import Redirect

from frontoffice.local.backbone_acts import AgainstContract, UnknownDossier
from frontoffice.local.backbone_behaviour import ANSWERS, FAILURES, Behaviour
from frontoffice.local.backbone_lives import Standing, read_inputs
from frontoffice.local.backbone_reception import Problem, StandIn

_BELGIF: Final = "urn:problem-type:belgif:"
_FLAGS: Final = ("answer_twice", "send_twice", "send_out_of_order", "lose_events", "post_from_other_authority")
_NAMES: Final = {"immigration-office": "the Immigration Office", "diplomatic-post": "the diplomatic post"}
_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One act to do now; without evidence a sample is used. The authority must be named where both may do it."""

    dossier: str
    action: str
    authority: str = ""
    evidence: dict[str, Any] | None = None


@get("/health", sync_to_thread=False)
def health() -> dict[str, str]:
    """Whether the stand-in runs."""
    return {"status": "UP"}


@get("/books", sync_to_thread=False)
def books(stand_in: StandIn) -> dict[str, Any]:
    """Every dossier with what came, what was sent, what the portal answered, and where the dossier stands."""
    shown = [{**one, **_stands(stand_in.acts.standing(one["number"]))} for one in stand_in.books.dossiers()]
    return {"issuer": stand_in.names.issuer, "dossiers": shown}


def _stands(standing: Standing) -> dict[str, Any]:
    procedure = standing.procedure
    return {"procedure": procedure.code if procedure else "", "edition": procedure.edition if procedure else "", "position": sorted(standing.position)}


@get("/books/messages/{jti:str}", sync_to_thread=False)
def message(stand_in: StandIn, jti: str) -> Response[bytes]:
    """The content of one received message."""
    claims = stand_in.books.claims_of(jti)
    if claims is None:
        raise Problem(404, _BELGIF + "resourceNotFound", "No such message")
    return Response(json.dumps(claims, ensure_ascii=False, indent=2).encode(), media_type="application/json")


@get("/behaviour", sync_to_thread=False)
def behaviour(stand_in: StandIn) -> Behaviour:
    """How the stand-in behaves now."""
    return stand_in.mood.now


@put("/behaviour", sync_to_thread=False)
def change_behaviour(stand_in: StandIn, data: Behaviour) -> Behaviour:
    """Behave like this from now on; what is left out is as it should be."""
    _change(stand_in, data)
    return data


@get("/acts/{number:str}", sync_to_thread=False)
def open_acts(stand_in: StandIn, number: str) -> list[dict[str, Any]]:
    """What the two authorities can do about a dossier where it stands now, each with a sample of what to say."""
    offers = _standing(stand_in, number).offers
    return [{"action": one.action, "authority": one.authority, "evidence": one.evidence} for one in offers if one.is_open]


@post("/acts", status_code=202)
async def act(stand_in: StandIn, data: Order) -> dict[str, Any]:
    """Sign an act, try at once to post it, and tell what the portal answered; tried again until it does."""
    jti = _line_up(stand_in, data)
    await stand_in.acts.post_waiting(data.dossier)
    return _sent(stand_in, data.dossier, jti)


@get("/", media_type="text/html", sync_to_thread=False)
def desk(request: Request[Any, Any, Any], stand_in: StandIn) -> str:
    """The page: every dossier, the acts that can be done about it, and the behaviour."""
    shown = [{**one, "standing": stand_in.acts.standing(one["number"])} for one in stand_in.books.dossiers()]
    done, about = request.query_params.get("done", ""), request.query_params.get("about", "")
    return _PAGES.get_template("backbone.html").render(
        dossiers=shown,
        issuer=stand_in.names.issuer,
        portal=stand_in.names.portal_address,
        names=_NAMES,
        behaviour=msgspec.to_builtins(stand_in.mood.now),
        answers=ANSWERS,
        failures=FAILURES,
        flags=_FLAGS,
        done=done and next((_title(one["standing"], done) for one in shown if one["number"] == about), "behaviour changed"),
    )


def _title(standing: Standing, action: str) -> str:
    return next((one.label for one in standing.offers_of(action)), action)


@post("/desk/acts")
async def act_from_page(request: Request[Any, Any, Any], stand_in: StandIn) -> Redirect:
    """A form of the page was sent: do the act and come back to the dossier."""
    _require_same_site(request)
    form = {name: str(text) for name, text in (await request.form()).items()}
    number, action, authority = (form.get(name, "") for name in ("dossier", "action", "authority"))
    offers = _standing(stand_in, number).offers_of(action)
    offer = next((one for one in offers if authority in ("", one.authority)), None)
    _line_up(stand_in, Order(number, action, authority, read_inputs(offer, form) if offer else {}))
    await stand_in.acts.post_waiting(number)
    return Redirect(f"/?{urlencode({'done': action, 'about': number})}#{number}", status_code=303)


@post("/desk/behaviour")
async def change_behaviour_from_page(request: Request[Any, Any, Any], stand_in: StandIn) -> Redirect:
    """The behaviour form of the page was sent."""
    _require_same_site(request)
    form = await request.form()
    after, do = str(form.get("after", "")).strip(), str(form.get("do", "")).replace(",", " ").split()
    try:
        wanted = msgspec.convert(
            {
                "delay_seconds": float(form.get("delay_seconds") or 0),
                "fail": form.get("fail") or None,
                "fail_times": int(form.get("fail_times") or 0) or None,
                **{flag: flag in form for flag in _FLAGS},
                "answer_messages": form.get("answer_messages") or "validate",
                "automatic": {"after": after, "do": do} if after and do else None,
            },
            Behaviour,
        )
    except ValueError as error:
        raise ValidationException(str(error)) from error
    _change(stand_in, wanted)
    return Redirect("/?done=behaviour#behaviour", status_code=303)


def _change(stand_in: StandIn, wanted: Behaviour) -> None:
    for one in wanted.automatic.do if wanted.automatic else []:
        if not isinstance(one, str) and one.evidence is not None:
            try:
                stand_in.acts.check(one.action, one.evidence)
            except AgainstContract as error:
                raise Problem(400, _BELGIF + "badRequest", "Bad Request", tuple(error.violations)) from error
    stand_in.mood.change(wanted)


def _line_up(stand_in: StandIn, order: Order) -> str:
    _standing(stand_in, order.dossier)
    try:
        return stand_in.acts.line_up(order.dossier, order.action, order.evidence, order.authority)
    except AgainstContract as error:
        raise Problem(400, _BELGIF + "badRequest", "Bad Request", tuple(error.violations)) from error


def _standing(stand_in: StandIn, number: str) -> Standing:
    try:
        return stand_in.acts.standing(number)
    except UnknownDossier as error:
        raise Problem(404, _BELGIF + "resourceNotFound", "No message about this dossier has come") from error


def _sent(stand_in: StandIn, number: str, jti: str) -> dict[str, Any]:
    dossier = next(one for one in stand_in.books.dossiers() if one["number"] == number)
    found: dict[str, Any] = next(one for one in dossier["sent"] if one["jti"] == jti)
    return found


def _require_same_site(request: Request[Any, Any, Any]) -> None:
    """A page of another address may not act through the visitor's browser."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Problem(403, _BELGIF + "forbidden", "Forbidden")
