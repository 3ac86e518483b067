"""The same request twice does its work once: what a system was answered under its own key is kept and given again."""

from typing import Any

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from frontoffice.authorities.callers import Caller
from frontoffice.authorities.model import ApiAnswer
from frontoffice.authorities.problems import OURS, ApiProblem
from frontoffice.dossiers.access import is_visible_to
from frontoffice.dossiers.model import Dossier
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import now


async def earlier(caller: Caller, key: str, number: str, asked_sha256: str) -> Any:
    """What this very request was answered before; None when it comes for the first time, and the key is taken from then on.

    Raises NotFound for a dossier that the caller does not see, ApiProblem for a key that stands for another request. A twin waits here.
    """
    mine = (ApiAnswer.client_id == caller.actor.person_id, ApiAnswer.key == key)
    columns = [ApiAnswer.client_id, ApiAnswer.key, ApiAnswer.dossier_id, ApiAnswer.asked_sha256, ApiAnswer.asked_at]
    values = select(literal(caller.actor.person_id), literal(key), Dossier.id, literal(asked_sha256), literal(now())).where(
        Dossier.number == number, is_visible_to(caller.actor))
    taking = upsert(ApiAnswer).from_select([one.key for one in columns], values).on_conflict_do_nothing().returning(ApiAnswer.dossier_id)
    if await caller.session.scalar(taking) is not None:
        return None
    row = (await caller.session.execute(select(ApiAnswer.asked_sha256, ApiAnswer.answer).where(*mine))).one_or_none()
    if row is None:
        raise NotFound
    if row.asked_sha256 != asked_sha256:
        raise ApiProblem(409, f"{OURS}keyReused", "Conflict", "This Idempotency-Key was used for another request.")
    return row.answer


async def keep(caller: Caller, key: str, answer: Any) -> None:
    """Keep the answer to the request that took the key, in the transaction of what it did."""
    await caller.session.execute(update(ApiAnswer).where(
        ApiAnswer.client_id == caller.actor.person_id, ApiAnswer.key == key).values(answer=answer))
