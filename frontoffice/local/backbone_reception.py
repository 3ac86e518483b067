"""Where the portal hands over to the backbone stand-in: messages, documents, keys; written from the files of the contract alone."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx
from litestar import Request, Response, get, post, put
from litestar.exceptions import ClientException

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims, Key, Use, public_jwks, sign
from frontoffice.local import backbone_contract as contract
from frontoffice.local.backbone_acts import Acts, Names
from frontoffice.local.backbone_behaviour import Mood
from frontoffice.local.backbone_books import Books, KeyReused, OtherBytes

_MESSAGE_TYP: Final = "permit-window-message+jwt"
_RECEIPT_TYP: Final = "permit-window-receipt+jwt"
_DOCUMENT_RECEIPT_TYP: Final = "permit-window-document-receipt+jwt"
_MAX_MESSAGE: Final = 1024 * 1024
_MEDIA_TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png", "image/heic", "image/heif"})
BELGIF: Final = "urn:problem-type:belgif:"
OURS: Final = "urn:problem-type:permit-window:backbone:"


class Problem(Exception):
    """An answer of RFC 9457; `issues` are places in the message, never its values."""

    def __init__(self, status: int, kind: str, title: str, issues: tuple[str, ...] = ()) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.title = title
        self.issues = issues


@dataclass(frozen=True)
class StandIn:
    """The parts of the stand-in, made once."""

    key: Key
    names: Names
    books: Books
    mood: Mood
    acts: Acts
    portal_keys: RemoteKeys
    client: httpx.AsyncClient


@get("/.well-known/jwks.json", media_type="application/jwk-set+json", sync_to_thread=False)
def keys(stand_in: StandIn) -> bytes:
    """Our public keys."""
    return json.dumps(public_jwks({"keys": [stand_in.key]})).encode()


@post("/messages", request_max_body_size=_MAX_MESSAGE)
async def receive_message(request: Request[Any, Any, Any], stand_in: StandIn) -> Response[str]:
    """Check a message by the contract, keep it once, and answer with a signed receipt over its bytes."""
    require_type(request, frozenset({"application/jose"}))
    raw = await request.body()
    claims = await _checked(stand_in, raw)
    if request.headers.get("idempotency-key") != claims["txn"]:
        raise Problem(400, BELGIF + "badRequest", "Bad Request", ("header Idempotency-Key: not the claim txn",))
    digest = hashlib.sha256(raw).hexdigest()
    try:
        is_new = stand_in.books.receive(claims, digest, answer=stand_in.mood.answer)
    except KeyReused as error:
        raise Problem(409, OURS + "keyReused", "Used before with other bytes") from error
    if is_new:
        stand_in.acts.react(claims["sub"], claims["body"]["action"])
    missing = stand_in.books.missing(one["sha256"] for one in claims["documents"])
    if is_new and not missing:
        stand_in.acts.answer_complete(dossier=claims["sub"])
    receipt = {
        "message_sha256": _spoilt(digest) if request.scope["state"]["wrong_hash"] else digest,
        "outcome": "accepted" if is_new else "already-known",
        "missing": missing,
    }
    return _receipt(stand_in, receipt, _RECEIPT_TYP, status=202 if is_new else 200)


@put("/documents/{digest:str}", request_max_body_size=None)
async def receive_document(request: Request[Any, Any, Any], stand_in: StandIn, digest: str) -> Response[str]:
    """Keep the bytes that a message announced, and answer with a signed receipt over them."""
    size = stand_in.books.announced_size(digest)
    if size is None:
        raise Problem(404, BELGIF + "resourceNotFound", "No accepted message announces this document")
    require_type(request, _MEDIA_TYPES)
    is_new = not stand_in.books.has(digest)
    if is_new:
        try:
            await stand_in.books.keep_document(digest, size, request.stream())
        except OtherBytes as error:
            raise Problem(400, BELGIF + "badRequest", "Bad Request", ("body: other hash or size",)) from error
        stand_in.acts.answer_complete(digest=digest)
    receipt = {
        "document_sha256": _spoilt(digest) if request.scope["state"]["wrong_hash"] else digest,
        "size": size,
        "outcome": "accepted" if is_new else "already-known",
    }
    return _receipt(stand_in, receipt, _DOCUMENT_RECEIPT_TYP, status=201 if is_new else 200)


async def _checked(stand_in: StandIn, raw: bytes) -> Claims:
    names = stand_in.names
    use = Use.message(_MESSAGE_TYP, issuer=names.portal, audience=names.issuer, max_bytes=_MAX_MESSAGE)
    try:
        claims = await stand_in.portal_keys.verify(stand_in.client, raw.decode("ascii", "replace"), use)
    except BadToken as refusal:
        raise Problem(400, OURS + "badSignature", "Not a signed message of the portal", (refusal.reason,)) from refusal
    except Unavailable as absent:
        raise Problem(503, BELGIF + "serviceUnavailable", "The portal's keys cannot be had") from absent
    if found := contract.violations("message.schema.json", claims) or contract.body_violations(claims["body"]):
        raise Problem(400, BELGIF + "badRequest", "Bad Request", tuple(found))
    body = claims["body"]
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if claims["body_sha256"] != hashlib.sha256(canonical).hexdigest():
        raise Problem(400, BELGIF + "badRequest", "Bad Request", ("$.body_sha256: not the hash of the body",))
    announced = [{name: one[name] for name in ("id", "sha256", "size")} for one in body["documents"]]
    if announced != claims["documents"]:
        raise Problem(400, BELGIF + "badRequest", "Bad Request", ("$.documents: not those of the body",))
    return claims


def _receipt(stand_in: StandIn, says: dict[str, Any], typ: str, *, status: int) -> Response[str]:
    names = stand_in.names
    common = {"iss": names.issuer, "aud": names.portal, "iat": int(now().timestamp()), "jti": str(uuid4())}
    text = sign({**common, **says}, stand_in.key, typ)
    return Response(text, status_code=status, media_type="application/jose")


def require_type(request: Request[Any, Any, Any], allowed: frozenset[str]) -> None:
    """Refuse another media type; its parameters do not matter."""
    if request.headers.get("content-type", "").partition(";")[0].strip() not in allowed:
        raise Problem(415, BELGIF + "unsupportedMediaType", "Unsupported Media Type")


def _spoilt(digest: str) -> str:
    return hashlib.sha256(digest.encode()).hexdigest()


def answer_problem(_: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """The problem as `application/problem+json`."""
    content: dict[str, Any] = {
        "type": problem.kind,
        "title": problem.title,
        "status": problem.status,
        "instance": f"urn:uuid:{uuid4()}",
    }
    if problem.issues:
        schema = BELGIF + "input-validation:schemaViolation"
        content["issues"] = [{"type": schema, "title": "Not by the contract", "detail": one} for one in problem.issues]
    headers = {"Retry-After": "1"} if problem.status == 503 else {}
    media_type = "application/problem+json"
    return Response(json.dumps(content).encode(), status_code=problem.status, media_type=media_type, headers=headers)


def answer_client_error(request: Request[Any, Any, Any], error: ClientException) -> Response[bytes]:
    """What the framework refuses, such as a body that is too large, as a problem too."""
    kinds = {404: "resourceNotFound", 405: "methodNotAllowed", 413: "payloadTooLarge"}
    kind = BELGIF + kinds.get(error.status_code, "badRequest")
    return answer_problem(request, Problem(error.status_code, kind, type(error).__name__))
