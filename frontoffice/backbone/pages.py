"""Where the backbone posts its messages and finds our public keys; by the published contract, for machines only."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID, uuid4

import httpx
from litestar import Response, get, post

from frontoffice.backbone import contract, inbound
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.signing import CACHED, former_keys
from frontoffice.kernel.tokens import MAX_BYTES, BadToken, Claims, public_jwks
from frontoffice.settings import Settings

_BELGIF: Final = "urn:problem-type:belgif:"
_OURS: Final = "urn:problem-type:permit-window:backbone:"
_BAD_REQUEST: Final = (400, f"{_BELGIF}badRequest", "Bad Request")
_BAD_SIGNATURE: Final = (400, f"{_OURS}badSignature", "Not a signed event of the backbone")
_KEY_REUSED: Final = (409, f"{_OURS}keyReused", "This jti was used with other bytes")
_TOO_LARGE: Final = (413, f"{_BELGIF}payloadTooLarge", "Payload Too Large")
_OTHER_TYPE: Final = (415, f"{_BELGIF}unsupportedMediaType", "Unsupported Media Type")
_UNAVAILABLE: Final = (503, f"{_BELGIF}serviceUnavailable", "Service Unavailable")


# What a reason to refuse a token is called in RFC 8935, section 2.4; every other one is an invalid request.
_ERRORS: Final = {"issuer": "invalid_issuer", "audience": "invalid_audience", "signature": "authentication_failed"}


class _Problem(Exception):
    """An answer of RFC 9457; `issues` are places in the message or short words, never its values."""

    def __init__(self, what: tuple[int, str, str], *issues: str, **more: int | str) -> None:
        super().__init__(what[1])
        self.what, self.issues, self.more = what, issues, more


@post("/backbone/messages", name="receive-message", status_code=202, public=True, cookieless=True)
async def receive(request: Web, settings: Settings) -> Response[bytes]:
    """Check a message, keep it, and answer 202; what it says is carried out later. A known one changes nothing."""
    try:
        content = await _content(request)
        claims = await _checked(request, settings, content)
        async with transaction(request.app.state.engine, b"") as session:
            outcome = await inbound.keep(session, claims, content)
        if outcome == "other-bytes":
            raise _Problem(_KEY_REUSED)
    except _Problem as problem:
        return _answer(request, problem)
    return Response(b"", status_code=202, media_type="application/json")


async def _content(request: Web) -> str:
    """The body as text, read no further than a message may be long."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/secevent+jwt":
        raise _Problem(_OTHER_TYPE)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise _Problem(_TOO_LARGE, limit=MAX_BYTES)
    return raw.decode("ascii", "replace")


async def _checked(request: Web, settings: Settings, content: str) -> Claims:
    keys, client = _means(request, settings)
    try:
        claims = await keys.verify(client, content, inbound.use_of(settings))
    except BadToken as refusal:
        raise _Problem(_BAD_SIGNATURE, refusal.reason, **_error(refusal.reason)) from refusal
    except Unavailable as absent:
        raise _Problem(_UNAVAILABLE, retryAfterSec=30) from absent
    if places := contract.event_violations(claims):
        raise _Problem(_BAD_REQUEST, *places[:50], err="invalid_request", description="Not an event by the contract")
    return claims


def _error(reason: str) -> dict[str, str]:
    """The members of RFC 8935 that say why a token was refused."""
    about_key = "invalid_key" if reason.endswith("key") or reason.startswith("key") else "invalid_request"
    return {"err": _ERRORS.get(reason, about_key), "description": f"Not a signed event of the backbone: {reason}"}


def _means(request: Web, settings: Settings) -> tuple[RemoteKeys, httpx.AsyncClient]:
    """The backbone's keys as this application keeps them, and a client to fetch them with that holds no connection."""
    state = request.app.state
    if "backbone" not in state:
        limits = httpx.Limits(max_keepalive_connections=0)
        client = httpx.AsyncClient(timeout=5.0, follow_redirects=False, trust_env=False, limits=limits)
        state.backbone = (RemoteKeys(settings.backbone_jwks_url, name="backbone"), client)
    return cast(tuple[RemoteKeys, httpx.AsyncClient], state.backbone)


def _answer(request: Web, problem: _Problem) -> Response[bytes]:
    status, kind, title = problem.what
    trace = str(request.scope.get("frontoffice.trace", ""))
    content: dict[str, Any] = {"type": kind, "title": title, "status": status, "instance": f"urn:uuid:{UUID(trace) if trace else uuid4()}", **problem.more}
    if problem.issues:
        schema = f"{_BELGIF}input-validation:schemaViolation"
        content["issues"] = [{"type": schema, "title": "Not by the contract", "detail": one, "in": "body"} for one in problem.issues]
    headers = {"Retry-After": str(problem.more["retryAfterSec"])} if "retryAfterSec" in problem.more else {}
    return Response(json.dumps(content).encode(), status_code=status, media_type="application/problem+json", headers=headers)


@get("/.well-known/jwks.json", name="jwks", public=True, cookieless=True, sync_to_thread=False)
def jwks(settings: Settings) -> Response[bytes]:
    """Our public keys, read anew each time so that a change of keys needs no restart."""
    published = json.loads(Path(settings.public_jwks_file).read_text("utf-8"))
    return _keys(public_jwks(published))


@get("/.well-known/former-keys.json", name="former-keys", public=True, cookieless=True, sync_to_thread=False)
def former(settings: Settings) -> Response[bytes]:
    """The public halves of keys that sign no message any more: papers that they signed before `retired_at` can still be checked."""
    return _keys(former_keys(Path(settings.public_jwks_file)))


def _keys(keys: Mapping[str, Any]) -> Response[bytes]:
    headers = {"Cache-Control": f"public, max-age={int(CACHED.total_seconds())}"}
    return Response(json.dumps(keys).encode(), media_type="application/jwk-set+json", headers=headers)


ROUTES = (receive, jwks, former)
