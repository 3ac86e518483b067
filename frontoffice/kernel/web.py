"""The door of the web application: host, language prefix, limits, form tokens, and the headers of every answer."""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any, cast
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from frontoffice.kernel import metrics, tracing
from frontoffice.kernel.errors import BadFormToken, BadRequest, TooLarge
from frontoffice.kernel.i18n import Locale, as_locale
from frontoffice.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
ErrorPage = Callable[[Scope, int], tuple[bytes, str]]

UPLOADS = "/uploads"
API = "/api/"
LARGEST_FORM = 1_000_000
MOST_FIELDS = 200
LARGEST_FIELD = 20_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
# Addresses without a language: files, downloads, machines, and the call-back that is registered with sign-in providers.
NEUTRAL = ("/static/", "/contract/v3/", "/contract/authorities/", "/health", "/backbone/", "/.well-known/", "/csp", "/sign-in/callback",
           "/documents/download", UPLOADS, API, "/favicon.ico", "/robots.txt")
# What is sent here is not a form: no cookie counts, a signature or a bearer token does, or nothing is changed.
_NOT_FORMS = ("/backbone/messages", "/csp", UPLOADS)
_NO_FORMS_BELOW = (f"{UPLOADS}/", API)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-uri /csp"
)
_HEADERS = {
    b"strict-transport-security": b"max-age=31536000; includeSubDomains",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"accelerometer=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), "
    b"magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
    b"cache-control": b"no-store",
}


def scope_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Scope:
    """The ASGI scope of a request, with what the door has put there under names that begin with `frontoffice.`."""
    return cast(Scope, connection.scope)


def session_cookie(settings: Settings) -> str:
    """The name of the session cookie; cookies ignore ports, so a local service adds its own to the name."""
    return f"__Host-session{settings.cookie_suffix}"


def visitor_cookie(settings: Settings) -> str:
    """The name of the cookie that binds the forms of a visitor who has not signed in."""
    return f"__Host-visitor{settings.cookie_suffix}"


def hash_of(token: str) -> bytes:
    """What is stored of a secret that a browser or a mail holds."""
    return hashlib.sha256(token.encode()).digest()


def mac(settings: Settings, purpose: str, *parts: str) -> str:
    """A keyed hash over some texts, for one purpose only."""
    text = "\x1f".join((purpose, *parts))
    return hmac.new(settings.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two secrets without telling by time where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def set_cookie(name: str, value: str, *, max_age: int | None = None) -> str:
    """A cookie of ours as a header: host-bound, never read by script."""
    age = "" if max_age is None else f"; Max-Age={max_age}"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"


def read_cookies(scope: Scope) -> dict[str, str]:
    """The cookies of a request; of a name that comes twice the first counts."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, text = part.strip().partition("=")
                found.setdefault(key, text)
    return found


def header(scope: Scope, name: bytes) -> str:
    """A request header, or an empty text."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _overridden(scope: Scope) -> str:
    """The method that is meant: tus 1.0 lets a client behind a narrow proxy send POST and name another one."""
    meant, method = header(scope, b"x-http-method-override"), str(scope["method"])
    return meant if method == "POST" and meant in ("PATCH", "DELETE", "HEAD") else method


def _is_utf_8(scope: Scope) -> bool:
    """Whether the address can be read; servers and frameworks put a question mark where it cannot."""
    address: bytes = scope.get("raw_path", b"") + b"?" + scope["query_string"]
    try:
        return bool(unquote_to_bytes(address).decode())
    except UnicodeDecodeError:
        return False


def _route_of(scope: Scope) -> str:
    """The name of the route that answered, for spans and counts; an address would name a dossier."""
    found = getattr(scope.get("route_handler"), "name", None)
    return str(found) if found else "unnamed" if "route_handler" in scope else "none"


class Door:
    """Wraps the application: what can be refused without reading a body is refused here."""

    def __init__(self, app: App, settings: Settings, error_page: ErrorPage, *, origin: str = "") -> None:
        self.app, self.settings, self.error_page = app, settings, error_page
        self.origin = (origin or settings.public_url).rstrip("/")
        self.host = urlsplit(self.origin).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        # What a stranger sends as a trace is not taken over: it could be that of another person's request.
        with tracing.span("request", "server", parent="") as span:
            scope["frontoffice.trace"] = span.place.trace
            try:
                await self._enter(scope, receive, send)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                route, status = _route_of(scope), int(scope.get("frontoffice.status", 499))
                metrics.request(route, method, status, perf_counter() - begun)
                span.tell(f"{method} {route}", **{"http.route": route, "http.request.method": method, "http.response.status_code": status})
                if status >= 500:
                    span.fail(str(status))

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        fresh: list[str] = []
        scope["frontoffice.cookies"] = fresh
        if scope["path"].startswith(UPLOADS):
            scope["method"] = _overridden(scope)
        send = self._with_headers(scope, send, fresh)
        locale, path = self._language(scope)
        scope["frontoffice.locale"], scope["frontoffice.path"] = locale or self._preferred(scope), path
        if refusal := self._refusal(scope):
            await self._answer(scope, send, refusal)
        elif locale is None and not path.startswith(NEUTRAL):
            await self._redirect(scope, send, path)
        else:
            scope["path"], scope["raw_path"] = path, path.encode()
            self._form_token(scope, fresh)
            await self.app(scope, receive, send)

    def _language(self, scope: Scope) -> tuple[Locale | None, str]:
        path: str = scope["path"]
        first, _, rest = path.lstrip("/").partition("/")
        locale = as_locale(first)
        return (locale, "/" + rest) if locale else (None, path)

    def _preferred(self, scope: Scope) -> Locale:
        for part in header(scope, b"accept-language")[:200].split(","):
            if locale := as_locale(part.split(";")[0].strip().lower()[:2]):
                return locale
        return "en"

    def _refusal(self, scope: Scope) -> int:
        # No text of the database can hold a NUL, so no address of ours does.
        if header(scope, b"host") != self.host or "\0" in scope["path"] or b"%00" in scope["query_string"] or not _is_utf_8(scope):
            return 400
        if scope["method"] in SAFE_METHODS or scope["path"] in _NOT_FORMS or scope["path"].startswith(_NO_FORMS_BELOW):
            return 0
        site = header(scope, b"sec-fetch-site")
        if site != "same-origin" and (site or header(scope, b"origin") != self.origin):
            return 403
        length = header(scope, b"content-length")
        form = header(scope, b"content-type").startswith("application/x-www-form-urlencoded")
        if length and (not (length.isascii() and length.isdigit())):
            return 400
        return 413 if length and form and int(length) > LARGEST_FORM else 0

    def _form_token(self, scope: Scope, fresh: list[str]) -> None:
        cookies = read_cookies(scope)
        token = cookies.get(session_cookie(self.settings), "")
        scope["frontoffice.session_hash"] = hash_of(token) if token else b""
        if not token:
            token = cookies.get(visitor_cookie(self.settings), "")
            if not token and not scope["path"].startswith(NEUTRAL):
                token = secrets.token_urlsafe(32)
                fresh.append(set_cookie(visitor_cookie(self.settings), token))
        scope["frontoffice.form_token"] = mac(self.settings, "form", token) if token else ""

    async def _redirect(self, scope: Scope, send: Send, path: str) -> None:
        if scope["method"] not in SAFE_METHODS:
            await self._answer(scope, send, 404)
            return
        query = scope["query_string"].decode("latin-1")
        # A path that begins with two slashes would be read as another host, and one with a line end as another header.
        where = f"/{scope['frontoffice.locale']}/{quote(path.lstrip('/'))}" + (f"?{query}" if query else "")
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", where.encode()), (b"vary", b"Accept-Language")]})
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, send: Send, status: int) -> None:
        body, media_type = self.error_page(scope, status)
        headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _with_headers(self, scope: Scope, send: Send, fresh: list[str]) -> Send:
        related, trace = header(scope, b"belgov-trace-id"), str(scope["frontoffice.trace"])

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                scope["frontoffice.status"] = message["status"]
                headers: list[tuple[bytes, bytes]] = list(message.get("headers", []))
                present = {name.lower() for name, _value in headers}
                headers += [(name, value) for name, value in _HEADERS.items() if name not in present]
                headers.append((b"belgov-trace-id", trace.encode()))
                if scope["path"].startswith(UPLOADS):
                    headers.append((b"tus-resumable", b"1.0.0"))
                if len(related) == 32 and all(c in "0123456789abcdef" for c in related):
                    headers.append((b"belgov-related-trace-id", related.encode()))
                headers += [(b"set-cookie", one.encode()) for one in fresh]
                message = {**message, "headers": headers}
            await send(message)

        return sending


async def check_form(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of every route: read the form of an unsafe request within limits and refuse it without this session's token."""
    scope = scope_of(connection)
    if scope["method"] in SAFE_METHODS or handler.opt.get("cookieless") or handler.opt.get("upload"):
        return
    scope["frontoffice.form"] = form = await read_form(scope, cast(Receive, connection.receive))
    check_form_token(scope, form.get("csrf", "") or header(scope, b"x-csrf-token"))


def check_form_token(scope: Scope, token: str) -> None:
    """Raise BadFormToken unless the token was made for this session (or this visitor)."""
    expected = scope.get("frontoffice.form_token", "")
    if not expected or not same(expected, token):
        raise BadFormToken


async def read_form(scope: Scope, receive: Receive) -> dict[str, str]:
    """The fields of an urlencoded body; of a name that comes twice the last counts. Raises TooLarge or BadRequest."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("the request was cut")
        body += message.get("body", b"")
        if len(body) > LARGEST_FORM:
            raise TooLarge(LARGEST_FORM)
        more = message.get("more_body", False)
    kind = header(scope, b"content-type").split(";")[0].strip()
    if body and kind != "application/x-www-form-urlencoded":
        raise BadRequest("this form comes urlencoded")
    try:
        pairs = parse_qsl(bytes(body).decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, encoding="utf-8", errors="strict")
    except ValueError as error:
        raise BadRequest("not a form that can be read") from error
    if any(len(value) > LARGEST_FIELD or len(name) > 100 for name, value in pairs):
        raise TooLarge(LARGEST_FIELD)
    return dict(pairs)
