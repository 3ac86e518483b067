"""A dossier as a system reads it: what its authority may see, under the names of the contract."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from frontoffice.authorities.changes import Change
from frontoffice.dossiers import completeness, deadlines
from frontoffice.dossiers.access import may_see
from frontoffice.dossiers.deadlines import RunningClock
from frontoffice.dossiers.given import GivenDocument, Participant
from frontoffice.dossiers.left import events_until
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.dossiers.standing import standing
from frontoffice.forms.fields import Field
from frontoffice.kernel.message import Message, say
from frontoffice.kernel.rendering import addresses
from frontoffice.kernel.time import today
from frontoffice.procedures import edition_of
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import CITIZENS, FILERS

# What the contract with the backbone calls the schema of an edition; its `answers` are ours.
_SCHEMA: Final = "urn:permit-window:backbone:v3:procedure:{}:{}"


def _in_english(text: str) -> str:
    return say(Message(text), "en")


def instant(moment: datetime | None) -> str | None:
    """An instant in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def told(**members: Any) -> dict[str, Any]:
    """An object without the members that have nothing to say."""
    return {name: value.isoformat() if type(value) is date else instant(value) if isinstance(value, datetime) else value
            for name, value in members.items() if value is not None}


def address(origin: str, route: str, **params: object) -> str:
    """The whole address of a resource."""
    return origin.rstrip("/") + addresses.path(route, None, **params)


def listed(origin: str, one: Change) -> dict[str, Any]:
    """One row of the list."""
    if one.procedure is None or one.edition is None:
        return told(number=one.number, changedAt=one.changed_at, left=True)
    headline = edition_of(one.procedure, one.edition).life.headline(one.position or ())
    return told(
        href=address(origin, "api-dossier", number=one.number), number=one.number, procedure=one.procedure, edition=one.edition, version=one.version,
        headline=headline.state, position=sorted(one.position or ()), filedAt=one.filed_at, changedAt=one.changed_at, dueOn=one.due_on, left=False,
    )


def whole(origin: str, dossier: OpenDossier, events: Sequence[HappenedEvent]) -> dict[str, Any]:
    """All of a dossier that the authority may see: answers, documents, history, clocks, and the steps that it may take now.

    A Region that passed it on reads it as it stood then; no clock is its own any more."""
    procedure, known, left = dossier.procedure, completeness.facts(dossier), dossier.left
    events = events_until(left, events) if left else events
    version = events[-1].seq if left else dossier.version
    clocks = [] if left else deadlines.running(procedure, events, today(), dossier.region, known, around=dossier.around)
    pages = [page for page in completeness.pages_that_count(dossier, known) if page.code in dossier.answers and may_see(dossier.roles, page)]
    return told(
        self=address(origin, "api-dossier", number=dossier.number), number=dossier.number, procedure=procedure.code, edition=procedure.edition,
        schema=_SCHEMA.format(procedure.code, procedure.edition), version=version, language=dossier.language,
        headline=dossier.headline.state, position=sorted(dossier.position), filedAt=dossier.filed_at, changedAt=dossier.updated_at, dueOn=dossier.due_on,
        leftAt=left.starts_at if left else None, confirmedAt=dossier.confirmed_at, competentAuthority=dossier.authority or None,
        region=dossier.region, municipality=dossier.municipality,
        participants=[_participant(one) for one in sorted(dossier.participants, key=lambda one: (one.starts_at, one.role))],
        answers={page.code: {name: text for name, text in dossier.answers[page.code].content.items() if text} for page in pages},
        documents=[_document(origin, dossier, one) for one in seen_documents(dossier)],
        history=[happened(one) for one in events], clocks=[_clock(one) for one in clocks], steps=[_step(one) for one in dossier.steps],
    )


def seen_documents(dossier: OpenDossier) -> list[GivenDocument]:
    """The documents that the authority may open: the clean ones, and earlier versions that were handed over."""
    seen = {one.code for one in dossier.procedure.documents if may_see(dossier.roles, one)}
    return [one for one in dossier.documents if one.requirement in seen and one.is_kept and one.joined_into is None]


def happened(one: HappenedEvent) -> dict[str, Any]:
    """One step that was taken; of people only those of the applicant's side are named, as on the page."""
    person = one.person_name if one.role in FILERS | CITIZENS and one.person_name != one.party_name else None
    return told(version=one.seq, action=one.action, event=one.past, role=one.role, party=one.party_name or None, person=person or None,
                happenedAt=one.happened_at, evidence=dict(one.evidence), takes=sorted(one.takes), gives=sorted(one.gives))


def _participant(one: Participant) -> dict[str, Any]:
    return told(role=one.role, name=one.name, authority=one.authority_code, since=one.starts_at, until=one.ends_at)


def _document(origin: str, dossier: OpenDossier, one: GivenDocument) -> dict[str, Any]:
    return told(
        href=address(origin, "api-document", number=dossier.number, document=one.id), id=str(one.id), code=one.requirement,
        fileName=one.file_name, mediaType=one.media_type, size=one.size, sha256=one.sha256, state=standing(one).code, givenBy=one.given_role,
        givenAt=one.given_at, issuedOn=one.issued_on, pages=one.pages, replaces=str(one.replaces) if one.replaces else None,
        takenOverAt=one.taken_over_at, notTakenAt=one.not_taken_at, notTakenReason=one.not_taken_reason or None,
    )


def _clock(one: RunningClock) -> dict[str, Any]:
    return told(code=one.clock.code, title=_in_english(one.clock.title), startedOn=one.started_on, lastDay=one.last_day, pausedSince=one.paused_since,
                daysPaused=one.days_paused, source=one.figure.source, confidence=one.figure.confidence)


def _step(one: Step) -> dict[str, Any]:
    return {"action": one.action, "title": _in_english(one.label), "evidence": [_question(question) for question in one.evidence]}


def _question(one: Field) -> dict[str, Any]:
    options: Mapping[str, str] = {code: _in_english(label) for code, label, _hint in one.options}
    return told(name=one.name, title=_in_english(one.label), kind=one.kind, optional=one.optional, longest=one.longest, options=options or None)
