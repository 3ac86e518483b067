"""Who is told of an event, at which address and in which language: those who send and those who announce it ask here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, Uuid, bindparam, cast, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.access import effective_roles, may_see
from frontoffice.dossiers.model import Answer
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import Locale, as_locale
from frontoffice.kernel.time import now
from frontoffice.notices.model import SecondAddress
from frontoffice.notices.texts import EMPLOYER, WORKER
from frontoffice.parties.model import Mandate, Party
from frontoffice.procedures.vocabulary import CITIZENS, FILERS, DocumentRequirement, Role


def masked(address: str) -> str:
    """An address as a page shows it to those who know it: its first sign and its domain, foreign letters in the ASCII form that cannot deceive."""
    local_part, _at, domain = address.rpartition("@")
    return f"{local_part[:1]}…@{domain}"[:254]


@dataclass(frozen=True)
class Receiver:
    """One mail box; `side` is employer, worker, applicant or guarantor, `may_open` whether its owner can open the dossier.

    `second` is the row of a second address, which stands beside the party's own one."""

    side: str
    address: str
    locale: Locale
    party_id: UUID | None = None
    may_open: bool = True
    second: UUID | None = None


@dataclass(frozen=True)
class _Known:
    """An account that our tables hold: a party itself, who accepted its mandate, who began the draft, or a second address; `email` may be empty."""

    kind: str
    party_id: UUID
    email: str
    locale: str
    second: UUID | None


def _rows(kind: str, party: Any) -> Select[Any]:
    none = cast(null(), Uuid).label("second")
    address = func.coalesce(Party.email, "").label("email")
    return select(literal(kind).label("kind"), party.label("party_id"), address, Party.locale.label("locale"), none).select_from(Party)


# Every address that may be wanted, in one statement: round trips are what a page costs. The office's last acceptance comes first.
_DOSSIER: Final = bindparam("dossier", type_=Uuid)
_OF_MANDATE: Final = _rows("mandatary", Mandate.mandatary_id).join(Mandate, Mandate.accepted_by == Party.id).where(
    Mandate.dossier_id == _DOSSIER, Mandate.ended_at.is_(None), Party.email.is_not(None)).order_by(Mandate.accepted_at.desc())
_ADDRESSES: Final[CompoundSelect[Any]] = union_all(
    _rows("party", Party.id).where(Party.id.in_(bindparam("parties", expanding=True, type_=Uuid))),
    select(_OF_MANDATE.subquery()),
    _rows("founder", Party.id).join(Answer, Answer.saved_by == Party.id).where(Answer.dossier_id == _DOSSIER, Answer.page == "employer"),
    select(literal("second"), SecondAddress.party_id, SecondAddress.email, SecondAddress.locale, SecondAddress.id).where(
        SecondAddress.dossier_id == _DOSSIER, SecondAddress.confirmed_at.is_not(None), SecondAddress.ended_at.is_(None)),
)


async def receivers_of(session: AsyncSession, dossier: OpenDossier) -> list[Receiver]:
    """The employer's contact, the mandatary's person, the worker, and whoever filed in his or her own name, each address once.

    The second addresses that their owners confirmed come last; on a page, row-level security leaves only those of the actor's party.
    """
    parties = [one.party_id for one in dossier.participants if one.role in CITIZENS]
    known = [_Known(*row) for row in (await session.execute(_ADDRESSES, {"dossier": dossier.id, "parties": parties})).all()]
    own = [*_employer(dossier, known), *_mandatary(dossier, known), *_worker(dossier, known), *_citizen(dossier, known)]
    found = [*own, *_second(own, known)]
    return list({one.address.casefold(): one for one in reversed(found)}.values())[::-1]


async def receivers_about(session: AsyncSession, dossier: OpenDossier, requirement: DocumentRequirement, given_by: UUID, *, giver_only: bool) -> list[Receiver]:
    """Who is told of a document: who gave it, and unless `giver_only` all who may see it; those who cannot open the dossier are not.

    When whoever gave it is not there any more, those who may see it are told."""
    found = []
    for one in await receivers_of(session, dossier):
        roles = _roles(dossier, one.party_id)
        if one.may_open and (one.party_id == given_by or may_see(effective_roles(roles, has_worker=dossier.worker_joined), requirement)):
            found.append(one)
    givers = [one for one in found if one.party_id == given_by]
    return givers if giver_only and givers else found


def is_warned_of(dossier: OpenDossier, one: Receiver) -> bool:
    """Whether this mail box is warned before a draft is deleted: to those who were never let in, it is no business of theirs."""
    return dossier.number is None and (one.may_open or one.second is not None)


def _language(*wishes: str | None) -> Locale:
    return next((locale for wish in wishes if (locale := as_locale(wish))), "en")


def _current(dossier: OpenDossier, role: str) -> UUID | None:
    return next((one.party_id for one in dossier.participants if one.role == role and role in _roles(dossier, one.party_id)), None)


def _roles(dossier: OpenDossier, party_id: UUID | None) -> list[str]:
    instant = now()
    return [one.role for one in dossier.participants
            if one.party_id == party_id and one.starts_at <= instant and (one.ends_at is None or one.ends_at > instant)]


def _first(known: Sequence[_Known], kind: str, party_id: UUID | None = None) -> _Known | None:
    return next((one for one in known if one.kind == kind and party_id in (None, one.party_id)), None)


def _employer(dossier: OpenDossier, known: Sequence[_Known]) -> Iterator[Receiver]:
    """The contact that the form names; until it does, whoever began the draft.

    A contact without an account here is written to in the language of whoever began the draft, which is not always that of the procedure."""
    founder = _first(known, "founder")
    if address := dossier.values.get("contact_email") or (founder.email if founder else ""):
        owner = next((one for one in known if one.kind != "second" and one.email.casefold() == address.casefold()), founder)
        yield Receiver(EMPLOYER, address, _language(owner.locale if owner else None, dossier.language), _current(dossier, Role.EMPLOYER))


def _mandatary(dossier: OpenDossier, known: Sequence[_Known]) -> Iterator[Receiver]:
    """The person who accepted the mandate that is in force."""
    party_id = _current(dossier, Role.MANDATARY)
    if party_id and (one := _first(known, "mandatary", party_id)):
        yield Receiver(EMPLOYER, one.email, _language(one.locale, dossier.language), party_id)


def _worker(dossier: OpenDossier, known: Sequence[_Known]) -> Iterator[Receiver]:
    """The worker at the verified address; one who was never invited, at the address that the employer gave."""
    values: Mapping[str, str] = dossier.values
    party_id = _current(dossier, Role.WORKER)
    founder = _first(known, "founder")
    if party_id and (one := _first(known, "party", party_id)) and one.email:
        yield Receiver(WORKER, one.email, _language(values.get("worker_language"), one.locale), party_id)
    elif address := values.get("worker_email"):
        yield Receiver(WORKER, address, _language(values.get("worker_language"), founder.locale if founder else None, dossier.language),
                       party_id, may_open=party_id is not None)


def _citizen(dossier: OpenDossier, known: Sequence[_Known]) -> Iterator[Receiver]:
    """The applicant or guarantor, at the address of the form or the one that is known since the sign-in."""
    role = dossier.procedure.first_role
    party_id = _current(dossier, role) if role in (Role.APPLICANT, Role.GUARANTOR) else None
    if party_id:
        one = _first(known, "party", party_id)
        if address := dossier.values.get("person_email") or (one.email if one else ""):
            yield Receiver(role, address, _language(one.locale if one else None, dossier.language), party_id)


def _second(own: Sequence[Receiver], known: Sequence[_Known]) -> Iterator[Receiver]:
    """The second addresses of parties that are told themselves; one whose mandate is over is told nothing, at any address."""
    sides = {one.party_id: one.side for one in own if one.party_id}
    for one in known:
        if one.kind == "second" and one.party_id in sides:
            yield Receiver(sides[one.party_id], one.email, _language(one.locale), one.party_id, may_open=False, second=one.second)


def own_parties(dossier: OpenDossier, party_id: UUID) -> set[UUID]:
    """The parties on the actor's side of a dossier: an employer and its office are one side, everybody else stands alone."""
    if set(_roles(dossier, party_id)) & FILERS:
        return {one.party_id for one in dossier.participants if one.role in FILERS}
    return {party_id}
