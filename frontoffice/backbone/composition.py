"""What one message tells of a dossier: its answers as the contract types them, its documents, and where it stands; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from frontoffice.backbone.envelope import Attachment, CompetentAuthority, Outgoing
from frontoffice.dossiers import completeness, passing
from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import WAITING
from frontoffice.kernel.message import say
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.lifecycle import Lifecycle, Position
from frontoffice.procedures.territory import municipality
from frontoffice.procedures.vocabulary import Role

HAND_OVER: Final = "backbone:hand_over"
_LONGEST_NAME: Final = 200
_LONGEST_FILE_NAME: Final = 255


class NotReady(Exception):
    """A document of this version is still being checked: its bytes cannot leave yet."""


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event of the dossier's history, as far as a message tells it; `message_id` is set when it came in as a message."""

    id: UUID
    seq: int
    action: str
    takes: Sequence[str]
    gives: Sequence[str]
    role: str
    happened_at: datetime
    evidence: Mapping[str, Any]
    message_id: str | None


def outgoing_actions(lives: Iterable[Lifecycle]) -> frozenset[str]:
    """The steps that concern the other authorities, in every life given."""
    return frozenset(step.action for life in lives for step in life.steps if HAND_OVER in step.then)


def compose(dossier: OpenDossier, history: Sequence[Happened], event_id: UUID) -> Outgoing:
    """The dossier as it stood after that event; raises NotReady while one of its documents is being checked.

    `history` runs to that event at least, oldest first.
    """
    event = next(one for one in history if one.id == event_id)
    past = [one for one in history if one.seq <= event.seq]
    life = dossier.procedure.life
    told = outgoing_actions([life])
    return Outgoing(
        message_id=uuid4(),
        event_id=event.id,
        seq=sum(one.action in told and one.message_id is None for one in past),
        number=dossier.number or "",
        procedure=dossier.procedure.code,
        edition=dossier.procedure.edition,
        version=max(1, sum(one.action in life.sending for one in past)),
        language=dossier.language,
        action=event.action,
        by=event.role,
        at=event.happened_at,
        position=tuple(sorted(_position(life, past))),
        authority=_authority(dossier, event.happened_at),
        employer=_employer(dossier),
        employment=_employment(dossier.values),
        person=_person(dossier.values),
        answers=_answers(dossier),
        documents=tuple(_attachment(one) for one in _documents(dossier, _sent_last(life, past))),
        evidence=event.evidence,
    )


def _position(life: Lifecycle, past: Sequence[Happened]) -> Position:
    """Where the dossier stood then, folded from its events: it may have moved on since."""
    here = life.start
    for one in past:
        given = frozenset(one.gives)
        here = given & life.final or (here - frozenset(one.takes)) | given
    return here


def _sent_last(life: Lifecycle, past: Sequence[Happened]) -> datetime:
    """When something was sent last: what was added after that waits until it is sent too, whatever else is told meanwhile."""
    return max(one.happened_at for one in past if one.action in life.sending)


def _documents(dossier: OpenDossier, until: datetime) -> list[GivenDocument]:
    """The documents of the version that was sent then; one that was replaced since was part of it."""
    given = [one for one in dossier.documents if one.held_at(until) and one.joined_into is None]
    # An upload that has not ended is no part of it: it counts as given when it does.
    if any(one.state in WAITING and one.state != "uploading" for one in given):
        raise NotReady
    return [one for one in given if one.state in ("checked", "replaced")]


def _attachment(one: GivenDocument) -> Attachment:
    return Attachment(
        id=one.id, code=one.requirement, file_name=one.file_name[:_LONGEST_FILE_NAME] or one.requirement,
        media_type=one.media_type, size=one.size, sha256=one.sha256, given_by=one.given_role,
    )


def _authority(dossier: OpenDossier, moment: datetime) -> CompetentAuthority:
    """The authority that was found competent at the latest filing until then; its reason is told anew in English, with the answers it used."""
    competent = sorted((one for one in dossier.participants if one.is_competent), key=lambda one: one.starts_at)
    # A clock that was set back between the two must not leave a message without its authority: then it is the first one.
    found = next((one for one in reversed(competent) if one.starts_at <= moment), competent[0] if competent else None)
    kept, code, role = (found.reason, found.authority_code or "", found.role) if found else ({}, "", "")
    if "passed_on_by" in kept:
        return CompetentAuthority(code=code, role=role, row=0, reason=say(passing.why(kept), "en"))
    outcome = completeness.outcome_of(dossier)
    if not isinstance(outcome, Competence) or outcome.authority != code:
        return CompetentAuthority(code=code, role=role, row=int(kept.get("row", 0)), reason=str(kept.get("text", "")), source=str(kept.get("source", "")),
                                  confidence=str(kept.get("confidence", "")))
    used: dict[str, str] = {}
    for one in outcome.answers:
        used[one.name] = "; ".join(text for text in (used.get(one.name), say(one.value, "en")) if text)
    return CompetentAuthority(code=code, role=role, row=outcome.row, reason=say(outcome.reason, "en"), source=outcome.source,
                              confidence=outcome.confidence, answers=used)


def _answers(dossier: OpenDossier) -> dict[str, dict[str, str]]:
    counting = completeness.pages_that_count(dossier, completeness.facts(dossier))
    return {page.code: {name: text for name, text in dossier.answers[page.code].content.items() if text}
            for page in counting if page.code in dossier.answers}


def _given(values: Mapping[str, str], **names: str) -> dict[str, Any]:
    """The answers under the names of the contract; what was left empty is left out."""
    return {ours: values[theirs] for ours, theirs in names.items() if values.get(theirs)}


def _place(values: Mapping[str, str], stem: str) -> dict[str, Any]:
    found = municipality(values.get(f"{stem}_municipality", ""))
    place = _given(values, street=f"{stem}_street", postal_code=f"{stem}_postal_code")
    return {**place, **({"municipality": found.names.nl, "nis": found.nis} if found else {}), "country": "BEL"}


def _employer(dossier: OpenDossier) -> dict[str, Any]:
    values = dossier.values
    if not values.get("enterprise_number"):
        return {}
    told = _given(values, enterprise_number="enterprise_number", name="employer_name", establishment_unit_number="workplace_unit",
                  contact_name="contact_name", contact_email="contact_email", contact_phone="contact_phone")
    told["name"] = told.get("name", dossier.employer_name)[:_LONGEST_NAME]
    if values.get("has_office") == "yes":
        told["address"] = _place(values, "office")
    mandatary = next((one.name for one in dossier.participants if one.role == Role.MANDATARY and one.ends_at is None), "")
    return {**told, "mandatary_name": mandatary[:_LONGEST_NAME]} if mandatary else told


def _employment(values: Mapping[str, str]) -> dict[str, Any]:
    if not values.get("enterprise_number"):
        return {}
    told = _given(values, category="category", function="function_title", isco08="isco", start="contract_start", end="contract_end",
                  hours_per_week="hours_per_week", gross_month="pay_month", gross_year="pay_year", joint_committee="joint_committee")
    pattern = values.get("work_pattern", "one")
    stems = ("workplace",) if pattern == "one" else ("workplace", "second")
    workplaces = [_workplace(values, stem, pattern) for stem in stems if values.get(f"{stem}_postal_code")]
    return {**told, "workplaces": workplaces} if workplaces else told


def _workplace(values: Mapping[str, str], stem: str, pattern: str) -> dict[str, Any]:
    told: dict[str, Any] = {"address": _place(values, stem), **_given(values, establishment_unit_number=f"{stem}_unit")}
    if pattern == "main":
        told["main"] = stem == "workplace"
    elif pattern == "equal":
        told["share"] = 50
    return told


def _person(values: Mapping[str, str]) -> dict[str, Any]:
    """Whom the dossier is about, under the names that every procedure uses."""
    told = _given(values, surname="worker_surname", given_names="worker_given_names")
    told |= _given(values, surname="surname", given_names="given_names", birth_surname="birth_surname", usage_name="usage_name", birth_date="birth_date",
                   birth_place="birth_place", birth_country="birth_country", sex="sex", civil_status="civil_status", national_number="national_number",
                   document_type="document_type", passport_number="passport_number", passport_expires="passport_expires",
                   passport_issued_by="passport_country", diplomatic_post="post")
    if "surname" not in told:
        return {}
    if language := values.get("worker_language"):
        told["language"] = language
    if values.get("nationality"):
        others = [one for one in values.get("other_nationalities", "").split() if one != values["nationality"]]
        told["nationalities"] = [values["nationality"], *others][:5]
    if address := _given(values, street="home_street", municipality="home_city", country="home_country"):
        told["address"] = {**address, **({"municipality": address["municipality"][:100]} if "municipality" in address else {})}
    return told
