"""Second addresses: a party of a dossier lets its mails also go to a colleague or relative, once that person has agreed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.jobs import defer
from frontoffice.kernel.limits import limit
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of, mac
from frontoffice.notices.bounced import forget_bounce
from frontoffice.notices.model import SecondAddress
from frontoffice.notices.receivers import masked, own_parties, receivers_of
from frontoffice.parties.actor import Actor
from frontoffice.settings import Settings

ASK: Final = "notices:ask-address"
VALID: Final = timedelta(days=7)
_MOST_A_DAY: Final = 5
_DAY: Final = 24 * 3600
_FIND = text("SELECT * FROM second_address_of(:hash)")
_SETTLE = text("SELECT settle_second_address(:hash, :wanted, :instant)")


@dataclass(frozen=True)
class Added:
    """A second address as the party that added it sees it."""

    email: str
    locale: str
    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    ended_by: str

    @property
    def state(self) -> str:
        """How it stands: asked, confirmed, lapsed (nobody confirmed in time), declined (by its owner) or removed."""
        if self.ended_at:
            return "declined" if self.ended_by == "receiver" else "removed"
        if self.confirmed_at:
            return "confirmed"
        return "asked" if self.expires_at > now() else "lapsed"


@dataclass(frozen=True)
class Link:
    """What the link of a mail to a second address leads to."""

    id: UUID
    locale: str
    expires_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None

    @property
    def can_confirm(self) -> bool:
        """Whether it can still be agreed to, which works once and for seven days."""
        return self.confirmed_at is None and self.ended_at is None and self.expires_at > now()

    @property
    def can_stop(self) -> bool:
        """Whether mails go there."""
        return self.confirmed_at is not None and self.ended_at is None


def link_token(settings: Settings, address_id: UUID) -> str:
    """The secret of the links to one second address; made again by the job that mails it, never stored."""
    return mac(settings, "second-address", str(address_id))


async def add(session: AsyncSession, actor: Actor, dossier: OpenDossier, email: str, locale: Locale, *, settings: Settings) -> None:
    """Ask the owner of an address whether mails may go there; it takes the place of an earlier one of the same party.

    Raises TooMany after five in a day, by one person or to one address.
    """
    await limit(session, "second-address", str(actor.person_id), most=_MOST_A_DAY, seconds=_DAY)
    await limit(session, "second-address-to", mac(settings, "address", email.casefold()), most=_MOST_A_DAY, seconds=_DAY)
    await end(session, actor, dossier)
    instant, key = now(), uuid4()
    await session.execute(insert(SecondAddress).values(
        id=key, token_hash=hash_of(link_token(settings, key)), dossier_id=dossier.id, party_id=actor.party_id, email=email, locale=locale,
        asked_by=actor.person_id, asked_at=instant, expires_at=instant + VALID,
    ))
    await defer(session, ASK, lock=f"{ASK}/{key}", address_id=str(key))


async def end(session: AsyncSession, actor: Actor, dossier: OpenDossier) -> None:
    """Send no more mails to the second address of the actor's party, if it has one."""
    own = (SecondAddress.dossier_id == dossier.id, SecondAddress.party_id == actor.party_id, SecondAddress.ended_at.is_(None))
    ended = await session.scalar(update(SecondAddress).values(ended_at=now(), ended_by="party").where(*own).returning(SecondAddress.email))
    if ended:
        await forget_bounce(session, dossier.id, actor.party_id, masked(ended))


async def is_known(session: AsyncSession, dossier: OpenDossier, actor: Actor, email: str) -> bool:
    """Whether mails of this dossier go to the address already, on the actor's own side."""
    own = own_parties(dossier, actor.party_id)
    return any(one.address.casefold() == email.casefold() and one.party_id in own for one in await receivers_of(session, dossier))


async def latest(session: AsyncSession, actor: Actor, dossier: OpenDossier) -> Added | None:
    """The second address that the actor's party added last to a dossier which the actor may open."""
    statement = (
        select(SecondAddress.email, SecondAddress.locale, SecondAddress.asked_at, SecondAddress.expires_at, SecondAddress.confirmed_at,
               SecondAddress.ended_at, SecondAddress.ended_by)
        .where(SecondAddress.dossier_id == dossier.id, SecondAddress.party_id == actor.party_id).order_by(SecondAddress.asked_at.desc()).limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return Added(*row) if row else None


async def behind(session: AsyncSession, token: str) -> Link | None:
    """What a link leads to; None when no second address has this secret."""
    row = (await session.execute(_FIND, {"hash": hash_of(token)})).one_or_none()
    return Link(*row) if row else None


async def settle(session: AsyncSession, token: str, *, wanted: bool) -> bool:
    """Confirm the address, or stop the mails to it; False when that is no longer possible."""
    settled: bool = await session.scalar(_SETTLE, {"hash": hash_of(token), "wanted": wanted, "instant": now()})
    return settled
