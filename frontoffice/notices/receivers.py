"""Who is told of an event, at which address and in which language."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import effective_roles, may_see
from frontoffice.dossiers.model import Answer
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import Locale, as_locale
from frontoffice.kernel.time import now
from frontoffice.notices.texts import EMPLOYER, WORKER
from frontoffice.parties.model import Mandate, Party
from frontoffice.procedures.vocabulary import DocumentRequirement, Role


@dataclass(frozen=True)
class Receiver:
    """One mail box; `side` is employer or worker, `may_open` whether its owner can open the dossier."""

    side: str
    address: str
    locale: Locale
    party_id: UUID | None = None
    may_open: bool = True


async def receivers_of(session: AsyncSession, dossier: OpenDossier) -> list[Receiver]:
    """The employer's contact, the mandatary's person, the worker, and whoever filed in his or her own name, each address once."""
    found = [*await _employer(session, dossier), *await _mandatary(session, dossier), *await _worker(session, dossier), *await _citizen(session, dossier)]
    return list({one.address.casefold(): one for one in reversed(found)}.values())


async def receivers_about(session: AsyncSession, dossier: OpenDossier, requirement: DocumentRequirement, given_by: UUID, *, giver_only: bool) -> list[Receiver]:
    """Who is told of a document: who gave it, and unless `giver_only` all who may see it; those who cannot open the dossier are not.

    When whoever gave it is not there any more, those who may see it are told."""
    instant, found = now(), []
    for one in await receivers_of(session, dossier):
        roles = [part.role for part in dossier.participants if part.party_id == one.party_id and (part.ends_at is None or part.ends_at > instant)]
        if one.may_open and (one.party_id == given_by or may_see(effective_roles(roles, has_worker=dossier.worker_joined), requirement)):
            found.append(one)
    givers = [one for one in found if one.party_id == given_by]
    return givers if giver_only and givers else found


def _language(*wishes: str | None) -> Locale:
    return next((locale for wish in wishes if (locale := as_locale(wish))), "en")


def _current(dossier: OpenDossier, role: str) -> UUID | None:
    instant = now()
    return next((one.party_id for one in dossier.participants
                 if one.role == role and one.starts_at <= instant and (one.ends_at is None or one.ends_at > instant)), None)


async def _employer(session: AsyncSession, dossier: OpenDossier) -> list[Receiver]:
    """The contact that the form names; until it does, whoever began the draft."""
    party_id = _current(dossier, Role.EMPLOYER)
    if address := dossier.values.get("contact_email"):
        return [Receiver(EMPLOYER, address, _language(dossier.language), party_id)]
    founder = select(Party.email).join(Answer, Answer.saved_by == Party.id).where(Answer.dossier_id == dossier.id, Answer.page == "employer")
    address = await session.scalar(founder)
    return [Receiver(EMPLOYER, address, _language(dossier.language), party_id)] if address else []


async def _mandatary(session: AsyncSession, dossier: OpenDossier) -> list[Receiver]:
    """The person who accepted the mandate that is in force."""
    party_id = _current(dossier, Role.MANDATARY)
    if party_id is None:
        return []
    accepted = (
        select(Party.email, Party.locale).join(Mandate, Mandate.accepted_by == Party.id)
        .where(Mandate.dossier_id == dossier.id, Mandate.mandatary_id == party_id, Mandate.ended_at.is_(None), Party.email.is_not(None))
        .order_by(Mandate.accepted_at.desc()).limit(1)
    )
    row = (await session.execute(accepted)).one_or_none()
    return [Receiver(EMPLOYER, row.email, _language(row.locale, dossier.language), party_id)] if row else []


async def _worker(session: AsyncSession, dossier: OpenDossier) -> list[Receiver]:
    """The worker at the verified address; one who was never invited, at the address that the employer gave."""
    values: Mapping[str, str] = dossier.values
    party_id = _current(dossier, Role.WORKER)
    if party_id:
        row = (await session.execute(select(Party.email, Party.locale).where(Party.id == party_id))).one()
        if row.email:
            return [Receiver(WORKER, row.email, _language(values.get("worker_language"), row.locale), party_id)]
    if address := values.get("worker_email"):
        language = _language(values.get("worker_language"), dossier.language)
        return [Receiver(WORKER, address, language, party_id, may_open=party_id is not None)]
    return []


async def _citizen(session: AsyncSession, dossier: OpenDossier) -> list[Receiver]:
    """The applicant or guarantor, at the address of the form or the one that is known since the sign-in."""
    role = dossier.procedure.first_role
    party_id = _current(dossier, role) if role in (Role.APPLICANT, Role.GUARANTOR) else None
    if party_id is None:
        return []
    row = (await session.execute(select(Party.email, Party.locale).where(Party.id == party_id))).one()
    address = dossier.values.get("person_email") or row.email
    return [Receiver(role, address, _language(row.locale, dossier.language), party_id)] if address else []
