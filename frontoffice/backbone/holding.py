"""What keeps hand-overs back, and what lets them go: the stop switch, holds of one dossier, and an operator who wants a try now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.backbone.composition import HAND_OVER, outgoing_actions
from frontoffice.backbone.dispatch import SWEEP
from frontoffice.backbone.outbox import lock_of
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now
from frontoffice.procedures import EDITIONS

LONGEST_REASON: Final = 300
_LONGEST_NAME: Final = 120
_ACT: Final = text("SELECT * FROM act_on_hand_over(:act, :number, :about, :told, :reason, :by, :instant)")
_SWITCH: Final = text("SELECT switch_sending(:act, :reason, :by, :instant)")
_WHY_NOT: Final[Mapping[str, str]] = {
    "stopped": _("Sending is stopped. Start it first."),
    "held": _("This dossier is held already."),
    "retry while held": _("This dossier is held. Release it first."),
    "not-held": _("This dossier is not held."),
    "nothing": _("Nothing waits here any more."),
    "stop": _("Sending is stopped already."),
    "start": _("Sending is not stopped."),
}


@dataclass(frozen=True, kw_only=True)
class Said:
    """Why an operator acts, and who it is: on a page `by` is empty, since the session knows the person."""

    reason: str
    by: str = ""

    @property
    def values(self) -> dict[str, str]:
        """Both as they are kept."""
        return {"reason": self.reason[:LONGEST_REASON], "by": self.by[:_LONGEST_NAME]}


def told() -> list[str]:
    """The steps that are handed over, in every procedure."""
    return sorted(outgoing_actions(one.life for one in EDITIONS))


async def stop(session: AsyncSession, said: Said) -> None:
    """Send nothing from now on; what is on its way ends its way. Raises NotFound for who is no operator, Conflict when it is stopped."""
    await _switch(session, "stop", said)


async def start(session: AsyncSession, said: Said) -> None:
    """Send again: what waits is woken at once. Raises NotFound for who is no operator, Conflict when nothing was stopped."""
    await _switch(session, "start", said)
    await defer(session, SWEEP)


async def hold(session: AsyncSession, number: str, said: Said) -> None:
    """Send nothing of this dossier until it is released. Raises NotFound, or Conflict when it is held already."""
    await _act(session, "hold", number, said)


async def release(session: AsyncSession, number: str, said: Said) -> None:
    """Let a held dossier go; what waits of it is sent at once. Raises NotFound, or Conflict when it is not held."""
    await _act(session, "release", number, said, wakes=True)


async def retry(session: AsyncSession, number: str, said: Said) -> None:
    """Try now what waits for its next try; the tries stay counted. Raises NotFound, or Conflict when nothing waits or may be sent."""
    await _act(session, "retry", number, said, wakes=True)


async def review(session: AsyncSession, number: str, about: str, said: Said) -> None:
    """A person has looked at a refusal (`about` is its event) or at a message that came in (its jti); the dossier stays as it is.

    Raises NotFound for who is no operator, Conflict when there is nothing of that name to look at."""
    await _act(session, "reviewed", number, said, about=about)


async def _switch(session: AsyncSession, act: str, said: Said) -> None:
    outcome = await session.scalar(_SWITCH, {"act": act, "instant": now(), **said.values})
    if outcome == "absent":
        raise NotFound
    if outcome != "done":
        raise Conflict(_WHY_NOT[act])


async def _act(session: AsyncSession, act: str, number: str, said: Said, *, about: str = "", wakes: bool = False) -> None:
    values = {"act": act, "number": number, "about": about, "told": told(), "instant": now(), **said.values}
    row = (await session.execute(_ACT, values)).one()
    if row.outcome == "absent":
        raise NotFound
    if row.outcome != "done":
        raise Conflict(_WHY_NOT["retry while held" if (act, row.outcome) == ("retry", "held") else row.outcome])
    if wakes and row.event_id:
        # The same lock as every hand-over of this dossier has: the two come one after the other, and the second finds nothing to do.
        await defer(session, HAND_OVER, lock=lock_of(row.dossier_id), event_id=str(row.event_id))
