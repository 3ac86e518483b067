"""The timeline of a filed dossier: what was done, what runs now, what is to come, whose turn it is and by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from frontoffice.dossiers import completeness, deadlines
from frontoffice.dossiers.deadlines import Pause, RunningClock
from frontoffice.dossiers.endings import Appeal, Renewal, appeal_of, renewal_of
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.forms.fields import Choices, Countries, Field
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.kernel.time import today
from frontoffice.parties.directory import authority_name, authority_title
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import AUTHORITIES, CITIZENS, FILERS, Milestone, Role

ROLE_TITLES: Mapping[str, str] = {
    Role.EMPLOYER: _("Employer"), Role.MANDATARY: _("Mandatary"), Role.WORKER: _("Worker"), Role.REGION: _("Region"),
    Role.IMMIGRATION_OFFICE: _("Immigration Office"), Role.DIPLOMATIC_POST: _("Embassy or consulate"), Role.MUNICIPALITY: _("Municipality"),
    Role.APPLICANT: _("Applicant"), Role.GUARANTOR: _("Guarantor"), Role.FORMER_REGION: _("Region that passed it on"),
}


@dataclass(frozen=True)
class TrackLine:
    """One line of the timeline: `state` is done, now, to-come or refused; `who` is a msgid or a name."""

    state: str
    title: str
    who: Message | str = ""
    person: str = ""
    at: datetime | None = None
    details: Sequence[tuple[str, Message | Names | str]] = ()


@dataclass(frozen=True)
class Told:
    """One advice as it is read, with where it comes from and how sure it is."""

    message: Message
    source: str
    confidence: str
    to_do: bool


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: `mine` when the reader has something to do, here or elsewhere; `clock` the nearest legal period."""

    mine: bool
    who: Sequence[Message | str]
    clock: RunningClock | None
    ended: bool


@dataclass(frozen=True, kw_only=True)
class Track:
    """Everything that the dossier's page tells."""

    lines: Sequence[TrackLine]
    turn: Turn
    clocks: Sequence[RunningClock]
    refusal: HappenedEvent | None = None
    appeal: Appeal | None = None
    asked: HappenedEvent | None = None
    brought: bool = False
    steps: Sequence[Step] = field(default_factory=tuple)
    main: Step | None = None
    advice: Sequence[Told] = ()
    renewal: Renewal | None = None

    def paused_by(self, pause: Pause) -> str:
        """The msgid of whose question a clock waited for."""
        return ROLE_TITLES[pause.by]


def track(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> Track:
    """The track of a dossier as its reader may see it."""
    life = dossier.procedure.life
    clocks = deadlines.running(dossier.procedure, events, today(), dossier.region, completeness.facts(dossier), around=dossier.around)
    ended = bool(dossier.position & life.final)
    headline = dossier.headline
    advice = _advice(dossier)
    adding = next((one for one in dossier.steps if one.adds), None)
    mine = bool(headline.turn & dossier.roles) and bool(dossier.steps) or any(one.to_do for one in advice) or adding is not None
    turn = Turn(mine=mine, who=_who(dossier, headline.turn), clock=_last_day(clocks, dossier.roles, mine=mine), ended=ended)
    happened = [_line(dossier, event) for event in events if not _is_private(event)]
    running = headline.pending or headline.title
    now_line = [] if ended else [TrackLine("now", running, turn.who[0] if len(turn.who) == 1 else "")]
    refusal = next((one for one in reversed(events) if ended and _step_of(dossier, one).refusing), None)
    asked = next((one for one in reversed(events) if one.action in life.asking), None)
    asked = asked if dossier.position & life.asked_in else None
    ahead = [] if ended else _ahead(dossier, events)
    # What runs now may be called as the milestone that ends it: it is not told twice.
    to_come = [TrackLine("to-come", one.title, _authority(dossier, one.role)) for one in ahead if one.title != running]
    return Track(
        lines=[*happened, *now_line, *to_come], turn=turn, clocks=clocks, refusal=refusal, appeal=appeal_of(dossier, refusal) if refusal else None,
        asked=asked, brought=any(asked and one.given_at >= asked.happened_at and one.state != "refused" for one in dossier.documents),
        steps=dossier.steps, main=_main(dossier.steps, ahead) or adding, advice=advice, renewal=renewal_of(dossier, events),
    )


def _last_day(clocks: Sequence[RunningClock], roles: frozenset[str], *, mine: bool) -> RunningClock | None:
    """The nearest last day that the reader should see beside whose turn it is: not the time of another who must act."""
    return next((one for one in clocks if not (mine and one.clock.of and not one.clock.of & roles)), None)


def _advice(dossier: OpenDossier) -> list[Told]:
    """What the reader must know now; an advice whose figure is not in force is left out."""
    found, known = [], completeness.facts(dossier)
    for one in dossier.procedure.advice:
        if not (one.states & dossier.position and one.roles & dossier.roles) or (one.when and not one.when.holds(known)):
            continue
        figure = Figures.at(today()).find(one.figure, region=dossier.region) if one.figure else None
        if figure:
            found.append(Told(Message(one.text, {"count": figure.count}), figure.source, figure.confidence, one.to_do))
        elif not one.figure:
            found.append(Told(Message(one.text), one.source, one.confidence, one.to_do))
    return found


def _main(steps: Sequence[Step], ahead: Sequence[Milestone]) -> Step | None:
    """The step that the page offers first: the one that leads to the next milestone, if one of them does."""
    offered = [one for one in steps if one.prominent and not one.refusing]
    toward = ahead[0].states if ahead else frozenset()
    return next((one for one in offered if one.gives & toward), offered[0] if offered else None)


def _step_of(dossier: OpenDossier, event: HappenedEvent) -> Step:
    return next(step for step in dossier.procedure.life.steps if step.action == event.action)


def _is_private(event: HappenedEvent) -> bool:
    """Steps of the preparation are of no interest once the dossier is filed."""
    return event.action in ("reopen-worker-part",)


def _named(role: str, name: str) -> Message | str:
    return authority_title(name) if role == Role.MUNICIPALITY else name


def _who(dossier: OpenDossier, turn: frozenset[str]) -> list[Message | str]:
    """The names of authorities whose turn it is, and the roles of others."""
    found: list[Message | str] = []
    for role in (*sorted(turn & AUTHORITIES), *sorted(turn - AUTHORITIES)):
        names = [one.name for one in dossier.participants if one.role == role and one.ends_at is None]
        if role in AUTHORITIES:
            found.append(_named(role, names[0]) if names else ROLE_TITLES[role])
        elif role == dossier.procedure.first_role or names:
            found.append(ROLE_TITLES[role])
    return found


def _line(dossier: OpenDossier, event: HappenedEvent) -> TrackLine:
    step = _step_of(dossier, event)
    who = _named(event.role, event.party_name) if event.party_name else ROLE_TITLES.get(event.role, "")
    # The worker reads the employer's people by their function only; authorities' staff are named to nobody but themselves.
    person = event.person_name if event.role in FILERS | CITIZENS and event.person_name != event.party_name else ""
    details = [(one.read_as or one.label, one.shown(evidence_text(one, event.evidence[one.name]))) for one in step.evidence
               if event.evidence.get(one.name) and one.kind != "agreement" and not _is_hidden(dossier, event)]
    return TrackLine("refused" if step.refusing else "done", step.done, who, person, event.happened_at, details)


def evidence_text(asked: Field, value: object) -> str:
    """Evidence as its question stores it; messages of the backbone hold lists."""
    if not isinstance(value, list):
        return str(value)
    return (" " if isinstance(asked, (Choices, Countries)) else ", ").join(str(one) for one in value)


def _is_hidden(dossier: OpenDossier, event: HappenedEvent) -> bool:
    """The worker's address in Belgium is for the worker and the authorities."""
    return event.action in ("announce-arrival", "report-address") and bool(dossier.roles & FILERS) and Role.WORKER not in dossier.roles


def _ahead(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> Sequence[Milestone]:
    """The milestones that were not reached yet."""
    given = {state for event in events for state in event.gives} | dossier.position
    known = completeness.facts(dossier)
    milestones = [one for one in dossier.procedure.milestones if one.when is None or one.when.holds(known)]
    last = max((index for index, one in enumerate(milestones) if one.states & given), default=-1)
    return milestones[last + 1 :]


def _authority(dossier: OpenDossier, role: str) -> str:
    if role == Role.REGION and dossier.region:
        return authority_name(dossier.region)
    return ROLE_TITLES.get(role, "")


def asked_document(dossier: OpenDossier, told: Track) -> Message | Names | str:
    """The document that an authority asked for last, as people call it."""
    if told.asked is None:
        return ""
    step = _step_of(dossier, told.asked)
    named = next((one for one in step.evidence if one.name in told.asked.evidence), None)
    return named.shown(evidence_text(named, told.asked.evidence[named.name])) if named else ""
