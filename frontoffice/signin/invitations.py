"""Links that let a worker in: what an invitation says to whoever holds it, using it, and asking for another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.jobs import defer
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of, same
from frontoffice.parties.directory import greet
from frontoffice.parties.invitations import link_token
from frontoffice.settings import Settings
from frontoffice.signin.hats import Hat
from frontoffice.signin.sessions import NewSession, begin

MOST_TRIES = 5

_OPEN = text("SELECT * FROM open_invitation(:hash)")
_TRY = text("SELECT try_invitation(:hash, :succeeded, :joining, :instant)")
_ASK = text("SELECT ask_return(:email, :instant, :id, :hash)")


@dataclass(frozen=True, kw_only=True)
class OpenInvitation:
    """An invitation as its link shows it; passport and birth date are for comparing only and never shown."""

    token_hash: bytes
    dossier_id: UUID
    purpose: str
    email: str
    locale: str
    expires_at: datetime
    used_at: datetime | None
    tries: int
    employer_name: str
    worker_name: str
    passport_number: str
    birth_date: str
    person_id: UUID | None

    @property
    def is_open(self) -> bool:
        """Whether it still lets somebody in. A return without anybody to return leads nowhere."""
        lasts = self.used_at is None and self.expires_at > now() and self.tries < MOST_TRIES
        return lasts and not (self.purpose == "return" and (self.person_id is None or not self.passport_number))

    @property
    def asks_passport(self) -> bool:
        """Whether the passport must be shown: always on a return, and on a first visit once the dossier holds it."""
        return self.purpose == "return" or bool(self.passport_number)

    def agrees(self, passport_number: str, birth_date: str) -> bool:
        """Whether these are the passport and the birth date in the dossier; it does not tell which of them is wrong."""
        number = same(self.passport_number, passport_number)
        return bool(self.passport_number) and (same(self.birth_date, birth_date) if self.birth_date else True) and number


async def open_invitation(session: AsyncSession, token: str) -> OpenInvitation | None:
    """The invitation of that link; None when there never was one. Looking uses nothing up."""
    token_hash = hash_of(token)
    row = (await session.execute(_OPEN, {"hash": token_hash})).mappings().one_or_none()
    if row is None:
        return None
    told = {**row, "passport_number": row["passport_number"] or "", "birth_date": row["birth_date"] or ""}
    del told["id"]
    return OpenInvitation(token_hash=token_hash, **told)


async def note_wrong_try(session: AsyncSession, invitation: OpenInvitation) -> None:
    """The passport did not agree; after five such tries the link is dead."""
    await session.execute(_TRY, {"hash": invitation.token_hash, "succeeded": False, "joining": None, "instant": now()})


async def enter(session: AsyncSession, invitation: OpenInvitation, *, browser: str) -> str | None:
    """Use the link and begin a session for its worker; gives the secret for the cookie, or None when it was used or is dead."""
    name = invitation.worker_name or invitation.email
    joining = invitation.person_id or await greet(session, kind="person", name=name, email=invitation.email, locale=invitation.locale)
    if not await join(session, invitation, joining):
        return None
    hat = Hat(kind="person", party_id=str(joining), name=name)
    return await begin(session, NewSession(person_id=joining, kind="invited", hats=(hat,), hat=hat, browser=browser))


async def join(session: AsyncSession, invitation: OpenInvitation, person_id: UUID) -> bool:
    """Use the link for a person, who takes part as the worker from now on; False when it was used or is dead."""
    entered: bool = await session.scalar(
        _TRY, {"hash": invitation.token_hash, "succeeded": True, "joining": person_id, "instant": now()}) or False
    return entered


async def ask_return(session: AsyncSession, email: str, settings: Settings) -> None:
    """Send a worker a link for 15 minutes, if this is the address of one; who asks cannot tell whether it is."""
    invitation_id = uuid4()
    token_hash = hash_of(link_token(settings, invitation_id))
    await session.execute(_ASK, {"email": email, "instant": now(), "id": invitation_id, "hash": token_hash})
    # Queued for an unknown address too, so that both take the same time; the job then finds nothing to send.
    await defer(session, "notices:return-link", lock=f"notices:return-link/{invitation_id}", invitation_id=str(invitation_id))
