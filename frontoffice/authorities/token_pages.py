"""Where a system gets an access token: OAuth 2 client credentials (RFC 6749, section 4.4), proved with its own key (RFC 7523)."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Response, post
from sqlalchemy import text

from frontoffice.authorities.callers import token_hash
from frontoffice.authorities.problems import HANDLERS, ApiProblem, bad_request
from frontoffice.authorities.requests import no_queries, raw_body
from frontoffice.kernel.database import transaction
from frontoffice.kernel.limits import is_first_use, limit, sender_of
from frontoffice.kernel.rendering import Web, addresses
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims, Use, claimed, verify_strict
from frontoffice.settings import Settings

LIFETIME: Final = timedelta(minutes=10)
# An assertion may be good for that long, from when it was made.
LONGEST_ASSERTION: Final = timedelta(minutes=5)
GRANT_TYPE: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LEEWAY: Final = timedelta(minutes=1)
_KNOWN: Final = ("grant_type", "client_assertion_type", "client_assertion", "scope", "client_id")
_KEYS: Final = text("SELECT keys, scopes FROM api_client_keys(:client)")
_OPEN: Final = text("SELECT open_api_session(:client, :hash, :scopes, :instant, :end)")
_DETAILS: Final[Mapping[str, str]] = {
    "invalid_request": "A parameter is missing, unknown or there twice.",
    "invalid_client": "The assertion proves no system that we know.",
    "unsupported_grant_type": f"Send grant_type={GRANT_TYPE}.",
    "invalid_scope": "This system may not have one of these scopes.",
}


def _refusal(error: str) -> ApiProblem:
    """The error as RFC 6749 names it (section 5.2), in a problem of RFC 9457."""
    status = 401 if error == "invalid_client" else 400
    problem = bad_request(_DETAILS[error])
    problem.status, problem.title = status, "Unauthorized" if status == 401 else "Bad Request"
    problem.kind = "urn:problem-type:permit-window:authorities:invalidClient" if status == 401 else problem.kind
    problem.more = {"error": error, "error_description": _DETAILS[error]}
    return problem


@post("/api/oauth2/token", name="api-token", status_code=200, public=True, cookieless=True, exception_handlers=HANDLERS)
async def give_token(request: Web, settings: Settings) -> Response[bytes]:
    """An access token for ten minutes, for a signed assertion that is used once."""
    engine = request.app.state.engine
    await limit(engine, "api-token", sender_of(request, settings), most=120, seconds=300)
    no_queries(request)
    asked = _asked(await raw_body(request, "application/x-www-form-urlencoded"))
    claims, client = _claimed(asked)
    async with transaction(engine, b"") as session:
        known = (await session.execute(_KEYS, {"client": client})).one_or_none()
    if known is None:
        raise _refusal("invalid_client")
    checked = _checked(asked["client_assertion"], claims, str(client), known.keys, settings)
    await limit(engine, "api-token-of", str(client), most=60, seconds=300)
    expires = datetime.fromtimestamp(checked["exp"], UTC) + _LEEWAY
    if not await is_first_use(engine, "api-assertion", f"{client} {checked['jti']}", expires):
        raise _refusal("invalid_client")
    scopes = _scopes(asked.get("scope"), known.scopes)
    token, instant = secrets.token_urlsafe(32), now()
    async with transaction(engine, b"") as session:
        given = await session.scalar(_OPEN, {"client": client, "hash": token_hash(token), "scopes": scopes, "instant": instant, "end": instant + LIFETIME})
    if not given:
        raise _refusal("invalid_client")
    body = {"access_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds()), "scope": " ".join(scopes)}
    return Response(json.dumps(body).encode(), status_code=200, media_type="application/json", headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _asked(raw: bytes) -> dict[str, str]:
    """The parameters of the form, each once; raises ApiProblem."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=10, encoding="utf-8", errors="strict")
    except ValueError as error:
        raise _refusal("invalid_request") from error
    asked = dict(pairs)
    if len(asked) != len(pairs) or not set(asked) <= set(_KNOWN) or "grant_type" not in asked:
        raise _refusal("invalid_request")
    if asked["grant_type"] != GRANT_TYPE:
        raise _refusal("unsupported_grant_type")
    if asked.get("client_assertion_type") != ASSERTION_TYPE or not asked.get("client_assertion"):
        raise _refusal("invalid_request")
    return asked


def _claimed(asked: Mapping[str, str]) -> tuple[Claims, UUID]:
    """What the assertion says of itself, and whose keys to check it with."""
    try:
        claims = claimed(asked["client_assertion"])
        client = UUID(claims["sub"])
    except (BadToken, KeyError, ValueError, TypeError, AttributeError) as error:
        raise _refusal("invalid_client") from error
    # One spelling only, or one assertion could be counted as two.
    if claims["sub"] != str(client) or asked.get("client_id", str(client)) != str(client):
        raise _refusal("invalid_client")
    return claims, client


def _checked(assertion: str, claims: Claims, client: str, keys: Mapping[str, Any], settings: Settings) -> Claims:
    """The claims once their signature, times and receiver have been checked; raises ApiProblem."""
    for_us = (settings.public_url.rstrip("/") + addresses.path("api-token"), settings.issuer)
    audience = next((one for one in for_us if claims.get("aud") in (one, [one])), for_us[0])
    try:
        checked = verify_strict(assertion, keys, Use.client_assertion(client, audience=audience))
    except BadToken as error:
        raise _refusal("invalid_client") from error
    if checked["sub"] != client or checked["exp"] - checked["iat"] > LONGEST_ASSERTION.total_seconds():
        raise _refusal("invalid_client")
    return checked


def _scopes(asked: str | None, allowed: Sequence[str]) -> list[str]:
    """The scopes asked for, or all that the system may have."""
    wanted = asked.split() if asked else list(allowed)
    if not wanted or not set(wanted) <= set(allowed):
        raise _refusal("invalid_scope")
    return sorted(set(wanted))


ROUTES = (give_token,)
