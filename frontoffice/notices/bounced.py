"""What became of mails that came back: kept with the notice, shown to the party that it was for, and listed for operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import String, case, cast, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.model import Dossier, Participation
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import now
from frontoffice.notices.model import Notice
from frontoffice.notices.receivers import masked
from frontoffice.procedures.vocabulary import Role

# Why, by the class of the code (RFC 3463): the first figure tells for good (5) from not for now (4), the others what was wrong.
REASONS: Final[Mapping[str, str]] = {
    "no-such-address": _("There is no such address."),
    "mailbox-full": _("The mailbox is full."),
    "closed": _("The mailbox takes no mails."),
    "unreachable": _("The mail server of this address could not be reached."),
    "refused": _("The mail server of this address does not let our mails in."),
    "undeliverable": _("The mail could not be delivered."),
}
_BY_SUBJECT: Final = {"1": "no-such-address", "2": "closed", "4": "unreachable", "7": "refused"}
_BY_DETAIL: Final = {("2", "2"): "mailbox-full", ("1", "7"): "undeliverable", ("1", "8"): "undeliverable"}


@dataclass(frozen=True)
class Bounced:
    """A mail that came back, as operators see it: `dossier` is the number, or the key of a draft; the address is not given whole."""

    dossier: str
    template: str
    address: str
    status: str
    bounced_at: datetime

    @property
    def reason(self) -> str:
        """The class of the reason, one word."""
        return reason_of(self.status)


def reason_of(status: str) -> str:
    """The class of a code such as 5.1.1, a key of REASONS."""
    _class, _dot, rest = status.partition(".")
    subject, _dot, detail = rest.partition(".")
    return _BY_DETAIL.get((subject, detail)) or _BY_SUBJECT.get(subject, "undeliverable")


async def note_bounce(session: AsyncSession, notice_id: UUID, status: str) -> bool:
    """A mail did not arrive, and will not; False when that is known already, or no such notice is there."""
    statement = update(Notice).where(Notice.id == notice_id, Notice.bounced_at.is_(None)).values(bounced_at=now(), bounce_status=status)
    row = (await session.execute(statement.returning(Notice.dossier_id, Notice.party_id, Notice.address))).one_or_none()
    if row is None:
        return False
    part = Participation
    if row.party_id:
        whose = part.party_id == row.party_id
    else:
        # A mail that let somebody in, or told a worker who was never let in: the worker's own matter once there, else the employer's.
        joined = exists().where(part.dossier_id == row.dossier_id, part.role == Role.WORKER).correlate(None)
        whose = part.role == case((joined, Role.WORKER), else_=Role.EMPLOYER)
    await session.execute(update(part).where(part.dossier_id == row.dossier_id, whose).values(bounced=masked(row.address))
                          .execution_options(synchronize_session=False))
    return True


async def note_sent(session: AsyncSession, notice: Notice) -> None:
    """A mail to that party went out: what was said of an earlier one no longer counts, unless this one comes back too."""
    if notice.party_id:
        await session.execute(update(Participation).values(bounced="").where(
            Participation.dossier_id == notice.dossier_id, Participation.party_id == notice.party_id, Participation.bounced != ""))


async def forget_bounce(session: AsyncSession, dossier_id: UUID, party_id: UUID, address: str) -> None:
    """Mails to that address, as it is shown, no longer matter to the party."""
    await session.execute(update(Participation).values(bounced="").where(
        Participation.dossier_id == dossier_id, Participation.party_id == party_id, Participation.bounced == address))


async def bounced(session: AsyncSession, *, limit: int = 200) -> Sequence[Bounced]:
    """The mails that came back, latest first; for operators."""
    statement = (
        select(func.coalesce(Dossier.number, cast(Dossier.id, String), ""), Notice.template, Notice.address, Notice.bounce_status, Notice.bounced_at)
        .outerjoin(Dossier, Dossier.id == Notice.dossier_id).where(Notice.bounced_at.is_not(None)).order_by(Notice.bounced_at.desc()).limit(limit)
    )
    rows = (await session.execute(statement)).all()
    return [Bounced(dossier, template, masked(address), status, at) for dossier, template, address, status, at in rows if at]
