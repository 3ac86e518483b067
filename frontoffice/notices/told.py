"""Who will be told of a dossier and who was, by the same functions that send; addresses are not shown whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import may_fill
from frontoffice.dossiers.informing import Informed, Informing
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.track import ROLE_TITLES
from frontoffice.kernel.i18n import mark as _
from frontoffice.notices.bounced import REASONS, reason_of
from frontoffice.notices.model import Notice
from frontoffice.notices.receivers import Receiver, is_warned_of, masked, own_parties, receivers_of
from frontoffice.notices.texts import ANSWERS, DOCUMENTS, DRAFTS, EMPLOYER, MANDATES, NEW_LAST_DAY, telling_of
from frontoffice.procedures import edition_of
from frontoffice.procedures.vocabulary import FILERS

# The questions whose answer is an address that mails go to.
_ASKED: Final = ("contact_email", "worker_email", "person_email")


@dataclass(frozen=True)
class LastMail:
    """The last mail to one address: `state` is waiting, sent, bounced or given-up; `reason` is a msgid."""

    subject: str
    state: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """A receiver as the own side sees it: `change` is the page of the draft where the address can be changed, empty where there is none."""

    informed: Informed
    last: LastMail | None
    change: str = ""


async def who_is_told(session: AsyncSession, dossier: OpenDossier) -> Sequence[Informed]:
    """Everyone who is told, the own side of the actor with its second address."""
    return [_informed(dossier, one) for one in await receivers_of(session, dossier)]


INFORMING: Final = Informing(who_is_told)


async def lines(session: AsyncSession, dossier: OpenDossier, party_id: UUID) -> Sequence[Line]:
    """Everyone who is told, with the last mail to those on the side of this party; what others got is theirs."""
    own, found = own_parties(dossier, party_id), []
    last = await _last_mails(session, dossier, own)
    for one in await receivers_of(session, dossier):
        mine = one.party_id in own or one.party_id is None and bool(dossier.roles & FILERS)
        found.append(Line(_informed(dossier, one), last.get(one.address.casefold()) if mine else None, _page_of(dossier, one) if mine else ""))
    return found


def _informed(dossier: OpenDossier, one: Receiver) -> Informed:
    roles = [part.role for part in dossier.participants if part.party_id == one.party_id and part.ends_at is None]
    title = next((role for role in roles if role in FILERS), one.side) if one.side == EMPLOYER else one.side
    return Informed(ROLE_TITLES[title], masked(one.address), one.locale, _told_of(dossier, one), one.second is not None)


def _told_of(dossier: OpenDossier, one: Receiver) -> Sequence[str]:
    """The subjects of the mails that may come, each once, in the order of the dossier's life."""
    procedure = dossier.procedure
    actions = dict.fromkeys(step.action for step in procedure.life.steps)
    tellings = [told for action in actions if (told := telling_of(procedure, action)) and one.side in told.told]
    news: Iterable[tuple[str, ...]] = (
        *(DOCUMENTS.values() if one.may_open else ()), *ANSWERS.values(), NEW_LAST_DAY, *(DRAFTS.values() if is_warned_of(dossier, one) else ()))
    return list(dict.fromkeys([*(told.subject for told in tellings), *(subject for subject, *_more in news)]))


def _page_of(dossier: OpenDossier, one: Receiver) -> str:
    if not dossier.is_draft or one.second:
        return ""
    names = [name for name in _ASKED if dossier.values.get(name, "").casefold() == one.address.casefold()]
    pages = [page for page in dossier.procedure.pages if may_fill(dossier.filling_roles, page)]
    return next((page.code for page in pages for field in page.form.fields if field.name in names), "")


async def _last_mails(session: AsyncSession, dossier: OpenDossier, own: Iterable[UUID]) -> Mapping[str, LastMail]:
    """By address; a mail that is for no party, such as to a worker who was never invited, is the employer's matter."""
    mine = or_(Notice.party_id.in_(own), Notice.party_id.is_(None)) if dossier.roles & FILERS else Notice.party_id.in_(own)
    key = func.lower(Notice.address)
    statement = select(Notice).where(Notice.dossier_id == dossier.id, mine).ext(distinct_on(key)).order_by(key, Notice.created_at.desc())
    return {one.address.casefold(): _last(one) for one in (await session.scalars(statement)).all()}


def _last(one: Notice) -> LastMail:
    if one.bounced_at:
        return LastMail(_subject(one), "bounced", one.bounced_at, REASONS[reason_of(one.bounce_status)])
    if one.given_up_at:
        return LastMail(_subject(one), "given-up", one.given_up_at)
    return LastMail(_subject(one), "sent" if one.sent_at else "waiting", one.sent_at or one.created_at)


def _subject(one: Notice) -> str:
    """What the mail was about, in the words of its subject."""
    facts = one.facts
    if one.template == "event":
        telling = telling_of(edition_of(facts["procedure"], facts["edition"]), facts["action"])
        return telling.subject if telling else ""
    news: Mapping[str, Mapping[str, tuple[str, ...]]] = {"document": DOCUMENTS, "answered": ANSWERS, "mandate": MANDATES, "draft": DRAFTS}
    if one.template in news:
        return news[one.template][facts["state"]][0]
    return _OTHER_SUBJECTS.get(one.template, "")


_OTHER_SUBJECTS: Final = {
    "relief": NEW_LAST_DAY[0], "invite": _("Fill in your part of an application to work in Belgium"), "return-link": _("Your link to your dossier"),
    "ask-address": _("May we send you mails about a dossier?"),
}
