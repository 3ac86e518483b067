"""Asks the backbone for events that did not come, and keeps what it gives as if it had been posted."""

import json
import logging
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone import contract, inbound
from frontoffice.backbone.asking import ask_for_events, may_ask
from frontoffice.backbone.courier import Courier, courier_of
from frontoffice.backbone.delivery import NotDelivered
from frontoffice.backbone.pace import CircuitOpen
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.jobs import Resources, defer_many
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims

logger = logging.getLogger("frontoffice.backbone")

PULL: Final = "backbone:pull"
# An event that comes early waits so long for those before it; then they are asked for.
GAP_AFTER: Final = timedelta(minutes=10)
_MOST_AT_ONCE: Final = 100
_MOST_ROUNDS: Final = 20
# A gap that stays is asked about once in ten minutes; the count of visits keeps the time.
_GAPS: Final = text(
    "SELECT gap.number FROM (SELECT DISTINCT one.dossier_number AS number FROM inbound_message one"
    " WHERE one.outcome = 'waiting' AND one.received_at < :cutoff AND NOT EXISTS (SELECT FROM inbound_message before"
    " WHERE before.issuer = one.issuer AND before.dossier_number = one.dossier_number AND before.seq = one.seq - 1)"
    " LIMIT :most) gap WHERE count_hit('pull/' || gap.number, to_timestamp(floor(extract(epoch FROM CAST(:instant AS timestamptz)) / 600) * 600)) = 1"
)


async def queue(session: AsyncSession, numbers: list[str]) -> None:
    """Ask for the events of these dossiers, one after the other for each of them."""
    if numbers:
        await defer_many(session, PULL, [(f"{PULL}/{number}", {"number": number}) for number in numbers])


async def queue_gaps(session: AsyncSession) -> None:
    """Ask for what is missing where an event waits for ten minutes already."""
    instant = now()
    found = await session.execute(_GAPS, {"cutoff": instant - GAP_AFTER, "instant": instant, "most": _MOST_AT_ONCE})
    await queue(session, [row.number for row in found])


async def pull(resources: Resources, number: str) -> None:
    """Ask for the events of a dossier after those that are all here, until the backbone has no more; a failure waits for the next time."""
    courier = courier_of(resources)
    for _round in range(_MOST_ROUNDS):
        async with transaction(resources.engine) as session:
            if not await may_ask(session):
                return
            after = (await inbound.complete_until(session, courier.peer.issuer, [number])).get(number, 0)
        try:
            answer = _read(await ask_for_events(resources, courier, {"jti": str(uuid4()), "sub": number, "after": after}))
            tokens = [(await _verified(resources, courier, number, jti, content), content) for jti, content in answer["sets"].items()]
        except (NotDelivered, CircuitOpen) as failure:
            logger.warning("the events of a dossier could not be asked for: %s", failure)
            return
        if not await _keep(resources, tokens) or not answer["moreAvailable"]:
            return


def _read(text: str) -> dict[str, Any]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotDelivered("pull-not-json") from error
    if contract.violations("pulled", answer):
        raise NotDelivered("pull-against-contract")
    return dict(answer)


async def _verified(resources: Resources, courier: Courier, number: str, jti: str, content: str) -> Claims | None:
    """The claims of a token in the answer, checked as at our door; None for one that would have been refused there."""
    try:
        claims = await courier.peer.keys.verify(courier.http, content, inbound.use_of(resources.settings))
    except BadToken as refusal:
        logger.error("the backbone answered a pull with something that it did not sign: %s", refusal.reason)
        return None
    except Unavailable as absent:
        raise NotDelivered("no-keys") from absent
    if contract.event_violations(claims) or (claims["sub"], claims["jti"]) != (number, jti):
        logger.error("the backbone answered a pull with something else than it was asked for")
        return None
    return claims


async def _keep(resources: Resources, tokens: list[tuple[Claims | None, str]]) -> bool:
    """Whether anything of it is new."""
    async with transaction(resources.engine) as session:
        outcomes = [await inbound.keep(session, claims, content) for claims, content in tokens if claims]
    if "other-bytes" in outcomes:
        logger.error("the backbone gave other bytes under an identifier that it used before")
    return "accepted" in outcomes
