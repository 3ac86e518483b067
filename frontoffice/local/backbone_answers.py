"""What the backbone stand-in answers when the portal asks: events that did not come, and what it knows of dossiers."""

import json
from typing import Any, Final
from uuid import uuid4

from litestar import Request, Response, post

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import MAX_BYTES, BadToken, Claims, Use, sign
from frontoffice.local import backbone_contract as contract
from frontoffice.local.backbone_reception import BELGIF, OURS, Problem, StandIn, require_type

_REQUEST_TYP: Final = "permit-window-request+jwt"
_HEADS_TYP: Final = "permit-window-heads+jwt"
_AT_MOST_OLD: Final = 300


@post("/events/pull", status_code=200, request_max_body_size=MAX_BYTES)
async def pull_events(request: Request[Any, Any, Any], stand_in: StandIn) -> Response[bytes]:
    """The events of a dossier after a sequence number, those that were never posted too."""
    claims = await _question(request, stand_in, "pull")
    sets, more = stand_in.books.line.pull(claims["sub"], claims["after"])
    return Response(json.dumps({"sets": sets, "moreAvailable": more}).encode(), media_type="application/json")


@post("/heads", status_code=200, request_max_body_size=MAX_BYTES)
async def tell_heads(request: Request[Any, Any, Any], stand_in: StandIn) -> Response[str]:
    """What is known of each dossier that was asked for, signed."""
    claims = await _question(request, stand_in, "ask-heads")
    names = stand_in.names
    heads = {number: stand_in.books.head(number) for number in claims["dossiers"]}
    told = {"iss": names.issuer, "aud": names.portal, "iat": int(now().timestamp()), "jti": str(uuid4()), "request": claims["jti"], "heads": heads}
    return Response(sign(told, stand_in.key, _HEADS_TYP), media_type="application/jose")


async def _question(request: Request[Any, Any, Any], stand_in: StandIn, schema: str) -> Claims:
    """The claims of a question that the portal signed just now."""
    require_type(request, frozenset({"application/jose"}))
    use = Use.message(_REQUEST_TYP, issuer=stand_in.names.portal, audience=stand_in.names.issuer)
    try:
        claims = await stand_in.portal_keys.verify(stand_in.client, (await request.body()).decode("ascii", "replace"), use)
    except BadToken as refusal:
        raise Problem(400, OURS + "badSignature", "Not a signed question of the portal", (refusal.reason,)) from refusal
    except Unavailable as absent:
        raise Problem(503, BELGIF + "serviceUnavailable", "The portal's keys cannot be had") from absent
    found = contract.violations(f"{schema}.schema.json", claims)
    if not found and claims["iat"] < now().timestamp() - _AT_MOST_OLD:
        found = ["$.iat: older than five minutes"]
    if found:
        raise Problem(400, BELGIF + "badRequest", "Bad Request", tuple(found))
    return claims
