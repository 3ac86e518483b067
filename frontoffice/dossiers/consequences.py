"""What a step brings along beside the new position: a number, who takes part from then on, the register of commitments."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import commitments, completeness, corrections, passing
from frontoffice.dossiers.language import language_of
from frontoffice.dossiers.model import Event, Serial
from frontoffice.dossiers.participating import take_part
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import ARRIVED
from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.errors import Invalid, Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.time import now
from frontoffice.parties.directory import authority_party
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.territory import municipality
from frontoffice.procedures.vocabulary import Role


async def consequences(session: AsyncSession, dossier: OpenDossier, step: Step, evidence: dict[str, Any]) -> dict[str, Any]:
    """What a step brings along beside the new position: a number, participants, dates; raises Invalid."""
    changes = await _filing(session, dossier, step)
    if step.confirms and (lacking := completeness.missing_for(dossier, step.confirms)):
        raise Invalid(*(Problem(one.page or one.document, one.what.text, one.what.params) for one in lacking))
    for said, asked in step.same_as.items():
        _compare(dossier, evidence, said, asked)
    if step.brings_document:
        await _bring(session, dossier, step)
    if step.lets_town_in:
        nis = str(evidence.get(step.lets_town_in) or dossier.values.get(step.lets_town_in, ""))
        changes["municipality"] = await _let_municipality_in(session, dossier, nis)
    if step.lets_in:
        await _let_in(session, dossier, step.lets_in, step.lets_in)
    if step.passes_on:
        changes |= passing.changes_of(dossier, evidence)
    return changes


async def _let_municipality_in(session: AsyncSession, dossier: OpenDossier, nis: str) -> str:
    place = municipality(nis)
    if place is None:
        raise Invalid(Problem("municipality", _("Type the municipality")))
    code = f"municipality-{place.nis}"
    await _let_in(session, dossier, code, Role.MUNICIPALITY, name=place.names.nl)
    return code


async def _let_in(session: AsyncSession, dossier: OpenDossier, code: str, role: str, *, name: str = "", reason: Mapping[str, Any] | None = None) -> None:
    if any(one.role == role and one.authority_code == code and one.ends_at is None for one in dossier.participants):
        return
    await take_part(session, dossier.id, await authority_party(session, code, name), role, reason=reason)


async def _filing(session: AsyncSession, dossier: OpenDossier, step: Step) -> dict[str, Any]:
    """What of the dossier changes when it is filed or taken back; nothing by any other step."""
    if step.takes_back:
        return await corrections.take_back(session, dossier)
    if not step.files:
        return {}
    changes = await _file(session, dossier)
    await corrections.put_in_place(session, dossier)
    return changes


async def _file(session: AsyncSession, dossier: OpenDossier) -> dict[str, Any]:
    """Number and route a draft; raises Invalid with everything that is missing."""
    if lacking := completeness.missing(dossier):
        raise Invalid(*(Problem(one.page or one.document or "dossier", one.what.text, one.what.params) for one in lacking))
    await commitments.refuse_if_covered(session, dossier)
    await commitments.check_reference(session, dossier)
    outcome = completeness.outcome_of(dossier)
    if not isinstance(outcome, Competence):
        raise Invalid(Problem("dossier", _("It is not clear which authority is competent")))
    # What was taken back and corrected keeps its number; that the authority has it is known of the earlier filing only.
    unknown: dict[str, Any] = {"confirmed_at": None, "validated_at": None, "refused_at": None, "refusal": [], "verified_at": None}
    changes = {"number": dossier.number or await _next_number(session, dossier), "filed_at": now(), "language": language_of(dossier, outcome.authority),
               **unknown}
    reason = {"row": outcome.row, "text": outcome.reason.text, "source": outcome.source, "confidence": outcome.confidence}
    if outcome.role == Role.MUNICIPALITY:
        place = municipality(outcome.authority.removeprefix("municipality-"))
        await _let_in(session, dossier, outcome.authority, outcome.role, name=place.names.nl if place else "", reason=reason)
        return {**changes, "municipality": outcome.authority}
    await _let_in(session, dossier, outcome.authority, outcome.role, reason=reason)
    return {**changes, "region": outcome.authority} if outcome.role == Role.REGION else changes


async def _next_number(session: AsyncSession, dossier: OpenDossier) -> str:
    year = now().year
    series = f"{dossier.procedure.prefix}-{year}"
    statement = upsert(Serial).values(series=series, last=1).on_conflict_do_update(index_elements=["series"], set_={"last": Serial.last + 1})
    serial = await session.scalar(statement.returning(Serial.last))
    return dossier_number(year, serial or 1, dossier.procedure.prefix)


_OTHER_PASSPORT = _("The dossier holds another passport number: compare it with the passport before you")


def _compare(dossier: OpenDossier, evidence: Mapping[str, Any], said: str, asked: str) -> None:
    known = dossier.values.get(asked, "")
    if known and evidence.get(said) != known:
        raise Invalid(Problem(said, _OTHER_PASSPORT if asked == "passport_number" else _("The dossier says something else: compare both")))


async def _bring(session: AsyncSession, dossier: OpenDossier, step: Step) -> None:
    """Raise Invalid unless there is something new to send, all of it checked where nobody waits for it."""
    corrections.refuse_unready([one for one in dossier.added if step.adds or one.replaces or one.state == "uploading"])
    new = any(one.state == "checked" for one in dossier.added) if step.adds else await _has_new_document(session, dossier)
    if not new:
        raise Invalid(Problem("documents", _("Add the document first, then send it")))
    await corrections.put_in_place(session, dossier)


async def _has_new_document(session: AsyncSession, dossier: OpenDossier) -> bool:
    asked = await session.scalar(select(Event.happened_at).where(
        Event.dossier_id == dossier.id, Event.action.in_(dossier.procedure.life.asking)).order_by(Event.seq.desc()).limit(1))
    return any(one.state in ARRIVED and (asked is None or one.given_at >= asked) for one in dossier.documents)
