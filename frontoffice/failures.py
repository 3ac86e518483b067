"""What each error becomes: a page that says what was kept and what to do, or a problem as RFC 9457 for machines."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from litestar import Request, Response
from litestar.exceptions import HTTPException
from sqlalchemy.exc import DataError, DBAPIError

from frontoffice.kernel.errors import (
    BadFormToken,
    BadRequest,
    Conflict,
    Invalid,
    NotFound,
    Refused,
    SignedOut,
    TooLarge,
    TooMany,
    Unavailable,
    WeakSignIn,
)
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.i18n import translator
from frontoffice.kernel.rendering import Web, addresses, environment, page, see_other
from frontoffice.kernel.web import API, UPLOADS, Scope, header

logger = logging.getLogger("frontoffice")


@dataclass(frozen=True)
class Explained:
    """An error as people read it: a heading, what happened, what was kept, what to do."""

    title: str
    text: str
    advice: str


_EXPLAINED: Mapping[int, Explained] = {
    400: Explained(
        _("We could not read this request"),
        _("The address or the form is not complete."),
        _("Go back, open the page again and try once more. What you saved before is kept."),
    ),
    403: Explained(
        _("You cannot do this"),
        _("The form was too old, or it did not come from this window."),
        _("Open the page again and send it once more. What you saved before is kept."),
    ),
    404: Explained(
        _("Page not found"),
        _("This page does not exist, or you have no access to it."),
        _("Check the address, or start from your list of dossiers."),
    ),
    405: Explained(
        _("Page not found"),
        _("This page does not exist, or you have no access to it."),
        _("Check the address, or start from your list of dossiers."),
    ),
    409: Explained(
        _("This has changed meanwhile"),
        _("Someone took a step, or you did in another window."),
        _("Look at the dossier as it is now. Nothing was lost or done twice."),
    ),
    413: Explained(
        _("That is too much at once"),
        _("What you sent is larger than this page takes, so we did not read it."),
        _("Go back and send less. What you saved before is kept."),
    ),
    422: Explained(
        _("Something is missing"),
        _("This cannot be done as long as something is missing or wrong."),
        _("Go back, correct it and try again. What you saved before is kept."),
    ),
    429: Explained(
        _("Too many tries"),
        _("There were many tries in a short time."),
        _("Wait a little and try again. What you saved before is kept."),
    ),
    500: Explained(
        _("Something went wrong here"),
        _("The mistake is ours. It was recorded and somebody will look at it."),
        _("Try again in a few minutes. What you saved before is kept; the last step was not done."),
    ),
    503: Explained(
        _("We cannot answer for a moment"),
        _("A part of the service does not answer."),
        _("Try again in a few minutes. What you saved before is kept; the last step was not done, or done completely."),
    ),
}
# What does not answer, as people know it.
_AWAY: Mapping[str, str] = {
    "storage": _("The place where we keep documents does not answer. All other pages work."),
    "sign-in": _("The service where you prove who you are does not answer. Another way to sign in may work meanwhile."),
}
_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
           413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}
_TYPES = {400: "badRequest", 403: "accessDenied", 404: "resourceNotFound", 409: "conflict", 413: "payloadTooLarge", 429: "tooManyRequests",
          503: "serviceUnavailable"}


def for_machines(scope: Scope) -> bool:
    """Whether the caller is a program: the address is one of messages, keys, health, resumable uploads or the API."""
    return str(scope["path"]).startswith(("/backbone/", "/.well-known/", "/health", UPLOADS, API))


def problem(scope: Scope, status: int, **more: object) -> tuple[bytes, str]:
    """The error as RFC 9457, in the style of the Belgif REST guide."""
    kind = f"urn:problem-type:belgif:{_TYPES[status]}" if status in _TYPES else "about:blank"
    body = {"type": kind, "title": _TITLES.get(status, "Error"), "status": status,
            "detail": _EXPLAINED.get(status, _EXPLAINED[500]).text, "instance": UUID(scope["frontoffice.trace"]).urn, **more}
    return json.dumps(body).encode(), "application/problem+json"


def error_page(scope: Scope, status: int, message: str = "", *, give_back: bool = False, **params: object) -> tuple[bytes, str]:
    """The body and media type of an error, for a person in the language of the page or for a program.

    With `give_back` the page holds the form that was sent, to be sent again with a fresh token.
    """
    if for_machines(scope):
        said = {"detail": translator(scope.get("frontoffice.locale", "en"))(message, **params)} if message else {}
        return problem(scope, status, **said)
    locale = scope.get("frontoffice.locale", "en")
    explained = _EXPLAINED.get(status, _EXPLAINED[500])
    path, made = scope.get("frontoffice.path", "/"), environment(locale)
    text = made.get_template("error.html").render(
        explained=explained, message=message, params=params, status=status, actor=scope.get("frontoffice.actor"),
        csrf_token=scope.get("frontoffice.form_token", ""), path_in=lambda other: f"/{other}{path}", signed_in_minutes_left=None,
        trace=scope.get("frontoffice.trace", ""), home=addresses.path("home", locale), again=_again(scope) if give_back else None,
    )
    return text.encode(), "text/html; charset=utf-8"


def _again(scope: Scope) -> dict[str, str] | None:
    """The fields of a form that could not be taken, so that the page gives them back; the token is made anew."""
    form = scope.get("frontoffice.form")
    return None if form is None else {name: text for name, text in form.items() if name != "csrf"}


def _answer(
    request: Web, status: int, message: str = "", params: Mapping[str, object] | None = None, *, headers: Mapping[str, str] | None = None,
    give_back: bool = False,
) -> Response[bytes]:
    body, media_type = error_page(cast(Scope, request.scope), status, message, give_back=give_back or status == 503, **(params or {}))
    return Response(body, status_code=status, media_type=media_type, headers=dict(headers or {}))


def _not_found(request: Web, _error: NotFound) -> Response[bytes]:
    return _answer(request, 404)


def _bad_request(request: Web, _error: BadRequest) -> Response[bytes]:
    return _answer(request, 400)


def _bad_form_token(request: Web, _error: BadFormToken) -> Response[bytes]:
    # Somebody signed in again in another window: the token is older than the session, and what was typed is not lost. Only the
    # browser itself can say that a page of ours sent it; what somebody else's page filled in never comes back with a good token.
    return _answer(request, 403, give_back=header(cast(Scope, request.scope), b"sec-fetch-site") == "same-origin")


def _refused(request: Web, error: Refused) -> Response[bytes]:
    return _answer(request, 403, error.message, error.params)


def _conflict(request: Web, error: Conflict) -> Response[bytes]:
    return _answer(request, 409, error.message, error.params)


def _invalid(request: Web, error: Invalid) -> Response[bytes]:
    first = error.problems[0]
    return _answer(request, 422, first.message, first.params)


def _too_large(request: Web, _error: TooLarge) -> Response[bytes]:
    return _answer(request, 413)


def _too_many(request: Web, error: TooMany) -> Response[bytes]:
    return _answer(request, 429, headers={"Retry-After": str(error.retry_after)})


def _unavailable(request: Web, error: Unavailable) -> Response[bytes]:
    logger.warning("unavailable: %s", error.what)
    return _answer(request, 503, _AWAY.get(error.what, ""), headers={"Retry-After": "30"})


def _signed_out(request: Web, _error: SignedOut) -> Response[Any]:
    if for_machines(cast(Scope, request.scope)):
        told = _("You are signed out. Sign in again to go on: every page that you saved is kept.")
        return _answer(request, 401, told, headers={"WWW-Authenticate": "Bearer"})
    return see_other(request, "sign-in", **{"return": return_to(request)})


def _weak_sign_in(request: Web, error: WeakSignIn) -> Response[str]:
    return page(request, "signin/stronger.html", status=403, provider=error.provider, back=return_to(request))


def return_to(request: Web) -> str:
    """Where to go after signing in: the page asked for with its query, or the page that shows the form that was sent."""
    path, query = str(request.scope.get("frontoffice.path", "/")), request.url.query
    return f"{path}?{query}" if query and request.method == "GET" else path


def _framework(request: Web, error: HTTPException) -> Response[bytes]:
    return _answer(request, error.status_code if error.status_code in _EXPLAINED else 400 if error.status_code < 500 else 500)


def _database(request: Web, error: DBAPIError) -> Response[bytes]:
    if getattr(error.orig, "sqlstate", "") in ("55P03", "57014", "40P01", "40001"):
        return _answer(request, 503, headers={"Retry-After": "5"})
    if isinstance(error, DataError):
        return _answer(request, 400)  # a NUL, a number too large: what was sent, not what we did
    return _unexpected(request, error)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    # The text of an exception may hold answers of a person: only its kind and place are logged.
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    logger.error("unexpected %s at %s, trace %s", type(error).__name__, where, request.scope.get("frontoffice.trace", ""))
    return _answer(request, 500)


HANDLERS: dict[Any, Any] = {
    NotFound: _not_found, BadFormToken: _bad_form_token, BadRequest: _bad_request, Refused: _refused, Conflict: _conflict,
    Invalid: _invalid, TooLarge: _too_large, TooMany: _too_many, Unavailable: _unavailable, SignedOut: _signed_out,
    WeakSignIn: _weak_sign_in, HTTPException: _framework, DBAPIError: _database, Exception: _unexpected,
}
