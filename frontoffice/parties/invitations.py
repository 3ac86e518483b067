"""Invites a worker into a dossier: a link for one use, sent to an address; the table holds its hash only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.jobs import defer
from frontoffice.kernel.limits import limit
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of, mac
from frontoffice.parties.actor import Actor
from frontoffice.parties.model import Invitation
from frontoffice.settings import Settings

VALID = timedelta(days=7)


@dataclass(frozen=True)
class SentInvitation:
    """An invitation as the one who sent it sees it."""

    email: str
    locale: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether its link still lets somebody in."""
        return self.used_at is None and self.expires_at > now()


def link_token(settings: Settings, invitation_id: UUID) -> str:
    """The secret of an invitation's link; made from its id again by the job that mails it, never stored."""
    return mac(settings, "invitation", str(invitation_id))


async def invite(session: AsyncSession, actor: Actor, dossier_id: UUID, email: str, locale: str, settings: Settings) -> UUID:
    """Send a link to the worker; an earlier one that is open stops working. Raises TooMany after ten in an hour."""
    await limit(session, "invite", str(dossier_id), most=10, seconds=3600)
    instant, invitation_id = now(), uuid4()
    await session.execute(update(Invitation).values(expires_at=instant).where(
        Invitation.dossier_id == dossier_id, Invitation.purpose == "join", Invitation.used_at.is_(None), Invitation.expires_at > instant))
    await session.execute(insert(Invitation).values(
        id=invitation_id, token_hash=hash_of(link_token(settings, invitation_id)), dossier_id=dossier_id, purpose="join", email=email,
        locale=locale, invited_by=actor.party_id, created_at=instant, expires_at=instant + VALID,
    ))
    await defer(session, "notices:invite", lock=f"notices:invite/{invitation_id}", invitation_id=str(invitation_id))
    return invitation_id


async def latest(session: AsyncSession, dossier_id: UUID) -> SentInvitation | None:
    """The last invitation that was sent for a dossier which the caller was allowed to open."""
    statement = (
        select(Invitation.email, Invitation.locale, Invitation.created_at, Invitation.expires_at, Invitation.used_at)
        .where(Invitation.dossier_id == dossier_id, Invitation.purpose == "join").order_by(Invitation.created_at.desc()).limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return SentInvitation(*row) if row else None
