"""Signing in and out, choosing for whom one acts, and the browsers in which one is signed in."""

import logging
from typing import Any, cast

from litestar import Response, get, post
from litestar.datastructures import MultiDict
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.database import transaction, visitor
from frontoffice.kernel.errors import Invalid, NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.limits import is_first_use, limit, sender_of
from frontoffice.kernel.rendering import Web, locale_of, page, problems_by_field, see_other
from frontoffice.kernel.tokens import Claims
from frontoffice.kernel.web import Scope, header, read_cookies, same, session_cookie, set_cookie
from frontoffice.parties.actor import Actor
from frontoffice.settings import Settings
from frontoffice.signin import sessions
from frontoffice.signin.hats import hats_of, identity_of
from frontoffice.signin.oidc import VALID, NotSignedIn, Started, authorization_url, claims_of, cookie_name, sealed, unsealed
from frontoffice.signin.providers import Provider, client, peers_of
from frontoffice.signin.returning import page_for

logger = logging.getLogger("frontoffice.signin")

_WHO: dict[str, str] = {
    "enterprise": _("For employers, and for lawyers and other mandataries: with your own identity, for your enterprise."),
    "citizen": _("For yourself, with a Belgian electronic card or another key to Belgian e-government."),
    "official": _("For staff of a Region, the Immigration Office or a municipality."),
}
# The order in which most people look for themselves.
_ORDER = tuple(_WHO)
_WHY: dict[str, tuple[str, str]] = {
    "stopped": (_("You stopped signing in"), _("Nothing was changed. Sign in again whenever you like.")),
    "nobody": (_("You cannot act for anybody here"), _("You are known, but no enterprise or authority has let you act for it. Choose another way to sign in, "
                                                      "or ask the person who manages access for your enterprise or authority.")),
    "closed": (_("This account was closed"), _("Nobody can sign in with it any more. Ask the help desk if you think that this is a mistake.")),
}
_OTHERWISE = (_("Signing in did not work"), _("It took more than ten minutes, was finished before, or was begun in another window or browser."))


def _give_cookie(request: Web, name: str, value: str, max_age: int | None = None) -> None:
    cast(Scope, request.scope)["frontoffice.cookies"].append(set_cookie(name, value, max_age=max_age))


def give_session(request: Web, settings: Settings, token: str) -> None:
    """Let the browser keep the secret of its new session; an empty one takes it away."""
    _give_cookie(request, session_cookie(settings), token, None if token else 0)


def browser_in(request: Web) -> str:
    """The browser of this request in a few words, for the list of sessions."""
    return sessions.browser_of(header(cast(Scope, request.scope), b"user-agent")[:400])


def _back(request: Web, wanted: str) -> str:
    """The path to go on to, if it is one of ours; else nothing."""
    place = page_for(request.app, wanted)
    return place.address if place else ""


def go_on(request: Web, wanted: str) -> Response[None]:
    """Lead to the page that was wanted, or to the list of dossiers."""
    place = page_for(request.app, wanted)
    if place is None:
        return see_other(request, "my-dossiers")
    return Response(None, status_code=303, headers={"Location": f"/{locale_of(request)}{place.address}"})


@get("/sign-in", name="sign-in", public=True)
async def choose_provider(request: Web, session: AsyncSession) -> Response[str]:
    """The ways to sign in, and who uses which."""
    providers = sorted((one.provider for one in peers_of(request.app).values()), key=lambda one: _ORDER.index(one.kind))
    return page(request, "signin/choose.html", providers=providers, who=_WHO, back=_back(request, request.query_params.get("return", "")))


@get("/sign-in/{provider:str}", name="begin-sign-in", public=True)
async def begin(request: Web, settings: Settings, provider: str) -> Response[None]:
    """Go to a provider; this writes a short cookie and counts, nothing else."""
    peer = peers_of(request.app).get(provider)
    if peer is None:
        raise NotFound
    await limit(request.app.state.engine, "sign-in", sender_of(request, settings), most=20, seconds=300)
    async with client() as http:
        metadata = await peer.metadata(http)
    stronger = request.query_params.get("stronger") == "yes"
    started = Started.now(provider, _back(request, request.query_params.get("return", "")), locale_of(request))
    _give_cookie(request, cookie_name(settings), sealed(started, settings), int(VALID.total_seconds()))
    return Response(None, status_code=303, headers={"Location": authorization_url(started, peer.provider, metadata, settings, stronger=stronger)})


@get("/sign-in/callback", name="sign-in-callback", public=True)
async def callback(request: Web, settings: Settings) -> Response[Any]:
    """The provider sends the person back: check everything, then begin a session."""
    scope = cast(Scope, request.scope)
    try:
        started = unsealed(read_cookies(scope).get(cookie_name(settings), ""), settings)
        scope["frontoffice.locale"] = started.locale
        peer = peers_of(request.app).get(started.provider)
        if peer is None:
            raise NotSignedIn("provider")
        code = _code(request.query_params, started, peer.provider, settings)
        _give_cookie(request, cookie_name(settings), "", 0)
        if not await is_first_use(request.app.state.engine, "state", started.seed, started.expires_at):
            raise NotSignedIn("used")
        async with client() as http:
            claims = await claims_of(started, peer, code, settings, http)
        return await _begin_session(request, settings, started, peer.provider, claims)
    except sessions.ClosedAccount:
        return _not_signed_in(request, "closed")
    except NotSignedIn as refusal:
        logger.info("sign-in refused: %s", refusal.reason)
        return _not_signed_in(request, refusal.reason)


def _not_signed_in(request: Web, reason: str) -> Response[str]:
    heading, explanation = _WHY.get(reason, _OTHERWISE)
    return page(request, "signin/failed.html", status=400, heading=heading, explanation=explanation)


def _code(query: MultiDict[Any], started: Started, provider: Provider, settings: Settings) -> str:
    """The code of an answer that belongs to this browser and comes from this provider."""
    if not same(query.get("state", ""), started.secret(settings, "state")):
        raise NotSignedIn("state")
    issuer = query.get("iss")
    # RFC 9207: a provider that announces `iss` never leaves it out, and one that sends it never sends another's.
    if issuer != provider.issuer and (provider.announces_iss or issuer is not None):
        raise NotSignedIn("iss")
    if query.get("error"):
        raise NotSignedIn("stopped" if query["error"] == "access_denied" else "error")
    code: str = query.get("code", "")
    if not 1 <= len(code) <= 2000:
        raise NotSignedIn("no-code")
    return code


async def _begin_session(request: Web, settings: Settings, started: Started, provider: Provider, claims: Claims) -> Response[None]:
    identity = identity_of(claims)
    token_hash: bytes = cast(Scope, request.scope).get("frontoffice.session_hash", b"")
    async with transaction(request.app.state.engine, token_hash) as session:
        person_id = await sessions.person_of(session, identity, started.locale)
        hats = await hats_of(session, provider.kind, person_id, identity)
        if not hats:
            raise NotSignedIn("nobody")
        token = await sessions.begin(session, sessions.NewSession(
            person_id=person_id, kind=provider.kind, hats=hats, hat=hats[0] if len(hats) == 1 else None, issuer=identity.issuer,
            subject=identity.subject, acr=identity.acr, browser=browser_in(request), idle_seconds=provider.idle_seconds,
        ))
    give_session(request, settings, token)
    if len(hats) > 1:
        return see_other(request, "choose-hat", **{"return": started.return_to})
    return go_on(request, started.return_to)


@get("/acting-for", name="choose-hat")
async def choose_hat(request: Web, session: AsyncSession, actor: Actor) -> Response[str]:
    """For whom to act."""
    chosen = str(actor.party_id) if actor.acts_for_another or actor.kind not in ("enterprise", "official") else ""
    return page(request, "signin/hats.html", hats=sessions.hats_in(session), chosen=chosen, problems={},
                back=_back(request, request.query_params.get("return", "")))


@post("/acting-for", name="change-hat")
async def change_hat(request: Web, session: AsyncSession, actor: Actor, settings: Settings, form: dict[str, str]) -> Response[Any]:
    """Act for another party, under a new session."""
    back = _back(request, form.get("return", ""))
    try:
        token = await sessions.take_hat(session, actor, form.get("hat", ""), browser=browser_in(request))
    except Invalid as invalid:
        problems = problems_by_field(invalid.problems)
        return page(request, "signin/hats.html", status=422, hats=sessions.hats_in(session), chosen="", problems=problems, back=back)
    give_session(request, settings, token)
    return go_on(request, back)


@post("/sign-out", name="sign-out", public=True)
async def sign_out(request: Web, session: AsyncSession, settings: Settings) -> Response[None]:
    """End the session of this browser."""
    row = visitor(session)
    await sessions.end_this(session)
    give_session(request, settings, "")
    issuer = row["issuer"] if row is not None else ""
    return see_other(request, "signed-out", provider=next((code for code, one in peers_of(request.app).items() if one.provider.issuer == issuer), ""))


@get("/sign-out", name="signed-out", public=True)
async def signed_out(request: Web, session: AsyncSession) -> Response[str]:
    """Says that the session has ended, and where to end that of the provider."""
    peer = peers_of(request.app).get(request.query_params.get("provider", ""))
    elsewhere = peer.known.end_session_endpoint if peer and peer.known else ""
    return page(request, "signin/signed_out.html", provider=peer.provider if peer else None, elsewhere=elsewhere)


@get("/sessions", name="sessions")
async def list_sessions(request: Web, session: AsyncSession, actor: Actor) -> Response[str]:
    """In which browsers the person is signed in, and who else acts for the party whose access he or she manages."""
    return page(request, "signin/sessions.html", open_sessions=await sessions.open_sessions(session, actor),
                beside=await sessions.sessions_beside(session))


@post("/sessions/{which:str}/end", name="end-session")
async def end_session(request: Web, session: AsyncSession, actor: Actor, settings: Settings, which: str) -> Response[None]:
    """End one session, or all others."""
    if await sessions.end_session(session, actor, which):
        give_session(request, settings, "")
        return see_other(request, "signed-out")
    return see_other(request, "sessions")


@post("/stay-signed-in", name="stay-signed-in", status_code=204)
async def stay(actor: Actor) -> None:
    """The person is still there: opening the session has noted it."""


ROUTES = (choose_provider, begin, callback, choose_hat, change_hat, sign_out, signed_out, list_sessions, end_session, stay)
