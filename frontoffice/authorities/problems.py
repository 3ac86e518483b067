"""What a system is told when a request cannot be answered: RFC 9457 in the style of the Belgif REST guide, in English, never a page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response

from frontoffice.kernel.errors import Conflict, Invalid
from frontoffice.kernel.message import Message, say
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.web import scope_of

BELGIF: Final = "urn:problem-type:belgif:"
OURS: Final = "urn:problem-type:permit-window:authorities:"
_SCHEMA: Final = f"{BELGIF}input-validation:schemaViolation"
_MISSING: Final = f"{OURS}evidence"


class ApiProblem(Exception):
    """An answer of RFC 9457; `more` are further members of it, never a value that was sent."""

    def __init__(self, status: int, kind: str, title: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(kind)
        self.status, self.kind, self.title, self.detail = status, kind, title, detail
        self.headers, self.more = dict(headers or {}), more


def bad_request(detail: str, *places: str, where: str = "body") -> ApiProblem:
    """What was sent is not as the contract says: `places` name where, as `path: rule`."""
    issues = [{"type": _SCHEMA, "title": "Not as the contract says", "detail": one, "in": where} for one in places[:50]]
    more: dict[str, Any] = {"issues": issues} if issues else {}
    return ApiProblem(400, f"{BELGIF}badRequest", "Bad Request", detail, **more)


def unauthorized(kind: str, detail: str, error: str = "") -> ApiProblem:
    """The request proves nothing; `error` is that of RFC 6750, absent when no token came."""
    challenge = 'Bearer realm="permit-window"' + (f', error="{error}"' if error else "")
    return ApiProblem(401, f"{BELGIF}{kind}", "Unauthorized", detail, headers={"WWW-Authenticate": challenge})


def missing_scope(needed: str) -> ApiProblem:
    """The token is good for other things."""
    challenge = f'Bearer realm="permit-window", error="insufficient_scope", scope="{needed}"'
    return ApiProblem(403, f"{BELGIF}missingScope", "Forbidden", "The access token was not given for this.", headers={"WWW-Authenticate": challenge},
                      requiredScopes=[needed])


def moved_on(conflict: Conflict, *, version: int, position: Sequence[str], since: Sequence[Mapping[str, Any]]) -> ApiProblem:
    """The dossier is no longer what the system knew: where it stands now, and what happened since."""
    return ApiProblem(409, f"{BELGIF}conflict", "Conflict", say(Message(conflict.message, _params(conflict.params)), "en"),
                      version=version, position=list(position), since=list(since))


def _params(params: Mapping[str, object]) -> dict[str, Any]:
    return {name: value if isinstance(value, (int, Message)) else str(value) for name, value in params.items()}


def answer(request: Web, problem: ApiProblem) -> Response[bytes]:
    """The problem as an answer."""
    trace = UUID(str(scope_of(request)["frontoffice.trace"]))
    content = {"type": problem.kind, "title": problem.title, "status": problem.status, "detail": problem.detail, "instance": trace.urn, **problem.more}
    return Response(json.dumps(content).encode(), status_code=problem.status, media_type="application/problem+json", headers=problem.headers)


def invalid(request: Web, error: Invalid) -> Response[bytes]:
    """Each thing that is missing or wrong in what was said with a step (422)."""
    issues = [{"type": _MISSING, "title": "Missing or wrong", "detail": say(Message(one.message, _params(one.params)), "en"), "in": "body",
               "name": f"evidence.{one.field}"} for one in error.problems]
    return answer(request, ApiProblem(422, f"{OURS}cannotBeDone", "Unprocessable Content",
                                      "This cannot be done as long as something is missing or wrong.", issues=issues))


HANDLERS: Final[dict[Any, Any]] = {ApiProblem: answer, Invalid: invalid}
