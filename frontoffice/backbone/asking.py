"""Questions to the backbone: signed like our messages, within the same pace, and none while it is in trouble or sending is stopped."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import contract, pace
from frontoffice.backbone.courier import Courier
from frontoffice.backbone.delivery import NotDelivered, answer
from frontoffice.backbone.envelope import HEADS_TYP, REQUEST_TYP
from frontoffice.backbone.model import HandOverStop
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.jobs import Resources
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import MAX_BYTES, BadToken, Claims, Use, sign

# Fifty events of 64 kB, and what is around them.
LONGEST_PULL: Final = 4 * 1024 * 1024


async def may_ask(session: AsyncSession) -> bool:
    """Whether a question makes sense now; what is not asked is asked the next time."""
    stopped = await session.scalar(select(exists().where(HandOverStop.peer == pace.PEER)))
    # Of two turns only one, or none, is left while the circuit is open: that one belongs to a message.
    return not stopped and await pace.most_now(session, 2) == 2


async def ask_for_events(resources: Resources, courier: Courier, question: Mapping[str, Any]) -> str:
    """What the backbone answers to a pull, unread; raises NotDelivered or CircuitOpen."""
    return await _ask(resources, courier, "/events/pull", question, media_type="application/json", longest=LONGEST_PULL)


async def ask_for_heads(resources: Resources, courier: Courier, question: Mapping[str, Any]) -> Claims:
    """What the backbone says and signs about the dossiers asked for; raises NotDelivered or CircuitOpen."""
    text = await _ask(resources, courier, "/heads", question, media_type="application/jose", longest=MAX_BYTES)
    use = Use.message(HEADS_TYP, issuer=courier.peer.issuer, audience=courier.peer.us)
    try:
        claims = await courier.peer.keys.verify(courier.http, text, use)
    except BadToken as refusal:
        raise NotDelivered(f"heads-{refusal.reason}") from refusal
    except Unavailable as absent:
        raise NotDelivered("no-keys") from absent
    if contract.violations("heads", claims):
        raise NotDelivered("heads-against-contract")
    # An answer to another question would prove nothing about now.
    if claims["request"] != question["jti"] or claims["heads"].keys() != set(question["dossiers"]):
        raise NotDelivered("heads-of-another-request")
    return claims


async def _ask(resources: Resources, courier: Courier, path: str, question: Mapping[str, Any], *, media_type: str, longest: int) -> str:
    await courier.pace.turn(resources.engine)
    peer = courier.peer
    text = sign({"iss": peer.us, "aud": peer.issuer, "iat": int(now().timestamp()), **question}, courier.key.current(), REQUEST_TYP)
    request = courier.http.build_request("POST", f"{peer.address}{path}", content=text, headers={"Content-Type": "application/jose"})
    return await answer(courier.http, request, media_type=media_type, longest=longest)
