"""What officials do with doubles: decide, take a decision back, or ask whether a dossier is really this person's."""

from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.identities.queries import require_clerk
from frontoffice.kernel.errors import Conflict, NotFound, Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor

DECISIONS = ("same", "different")
_DECIDE = text("SELECT decide_identity_double(:key, :said, :version, :instant)")
_UNDO = text("SELECT undo_identity_double(:key, :version, :instant)")
_QUESTION = text("SELECT question_identity_link(:key, :dossier, :new, :instant)")


async def decide(session: AsyncSession, actor: Actor, double: UUID, said: str, *, version: int) -> None:
    """Say that a double is the "same" person or a "different" one; what changes the register takes two officials.

    Raises NotFound, Refused when one official would decide alone, Conflict when the double is no longer as `version` showed it.
    """
    require_clerk(actor)
    if said not in DECISIONS:
        raise NotFound
    outcome = await session.scalar(_DECIDE, {"key": double, "said": said, "version": version, "instant": now()})
    if outcome == "again":
        raise Refused(_("You have said so already: another official of your office has to agree"))
    await _follow(session, double, outcome)


async def undo(session: AsyncSession, actor: Actor, double: UUID, *, version: int) -> None:
    """Take a decision back: the register becomes what it was, and the double waits again."""
    require_clerk(actor)
    await _follow(session, double, await session.scalar(_UNDO, {"key": double, "version": version, "instant": now()}))


async def question(session: AsyncSession, actor: Actor, double: UUID, dossier: UUID) -> UUID:
    """Ask whether one dossier of a double is really this person's; the new task. Raises NotFound for the only dossier of a person."""
    require_clerk(actor)
    found = await session.scalar(_QUESTION, {"key": double, "dossier": dossier, "new": uuid4(), "instant": now()})
    if not isinstance(found, UUID):
        raise NotFound
    return found


async def _follow(session: AsyncSession, double: UUID, outcome: str | None) -> None:
    if outcome == "absent":
        raise NotFound
    if outcome == "moved":
        raise Conflict(_("Somebody else has decided on these records since you opened the page"))
    if outcome in ("settled", "undone"):
        # The web role may decide; only the jobs may move dossiers.
        await defer(session, "identities:settle", lock=f"identities/{double}", double_id=str(double))
