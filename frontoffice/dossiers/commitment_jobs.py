"""The jobs by which one dossier moves a commitment: another that takes its place was accepted, the guest declared the arrival."""

from datetime import date
from uuid import UUID

from sqlalchemy import Exists, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from frontoffice.dossiers import actions, queries
from frontoffice.dossiers.model import Commitment, Event
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.identifiers import Wrong, read_dossier_number
from frontoffice.kernel.database import transaction
from frontoffice.kernel.jobs import Job, Resources
from frontoffice.procedures.vocabulary import Role


async def replace_commitment(resources: Resources, *, dossier_id: str) -> None:
    """End the commitment that this accepted one replaces, as the authority that accepted it; run again it changes nothing."""
    new_id = UUID(dossier_id)
    async with transaction(resources.engine) as session:
        new = (await session.execute(select(Commitment).where(Commitment.dossier_id == new_id))).scalar_one()
        old_id = await session.scalar(select(Commitment.dossier_id).where(Commitment.number == new.replaces))
        role = await session.scalar(select(Event.role).where(Event.dossier_id == new_id, Event.action == "accept").order_by(Event.seq.desc()).limit(1))
        if old_id is None or role is None:
            return
        old = await queries.any_dossier(session, str(old_id), lock=True)
        if _is_open(old, "record-replacement", role):
            await actions.perform(session, old, "record-replacement", None, evidence={"replaced_by": new.number}, role=role)
            await session.execute(update(Commitment).where(Commitment.dossier_id == old_id).values(replaced_by=new_id))
        await session.execute(update(Commitment).where(Commitment.dossier_id == new_id, ~_place_is_taken(new)).values(covers=True))


def _place_is_taken(new: Commitment) -> Exists:
    """Whether a third commitment holds the place: the old one had ended before, and somebody else signed meanwhile."""
    other = aliased(Commitment)
    return exists().where(other.kind == new.kind, other.passport == new.passport, other.passport_country == new.passport_country, other.covers)


async def use_commitment(resources: Resources, *, dossier_id: str) -> None:
    """Record the entry that a declaration of arrival tells of, if it names an accepted commitment for that very passport."""
    async with transaction(resources.engine) as session:
        arrival = await queries.any_dossier(session, dossier_id)
        if found := await _named_by(session, arrival):
            dossier = await queries.any_dossier(session, str(found.dossier_id), lock=True)
            if _is_open(dossier, "record-entry", Role.MUNICIPALITY):
                evidence = {"entered_on": arrival.values["entered_on"], "reported_in": arrival.number}
                await actions.perform(session, dossier, "record-entry", None, evidence=evidence, role=Role.MUNICIPALITY)


async def _named_by(session: AsyncSession, arrival: OpenDossier) -> Commitment | None:
    """The commitment that the guest names; none when the passport is another one or the guest entered before the signature."""
    values = arrival.values
    try:
        number = read_dossier_number(values.get("commitment_number", ""))
    except Wrong:
        return None
    statement = select(Commitment).where(
        Commitment.number == number, Commitment.passport == values.get("passport_number", ""),
        Commitment.passport_country == values.get("passport_country", ""), Commitment.legalised_on <= date.fromisoformat(values["entered_on"]))
    return (await session.execute(statement)).scalar_one_or_none()


def _is_open(dossier: OpenDossier, action: str, role: str) -> bool:
    return any(one.action == action for one in dossier.procedure.life.available(dossier.position, {role}))


JOBS = (Job(name="dossiers:replace-commitment", run=replace_commitment), Job(name="dossiers:commitment-used", run=use_commitment))
