"""The timeline of a filed dossier: what was done, what runs now, what is to come, whose turn it is and by when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from frontoffice.dossiers import deadlines
from frontoffice.dossiers.deadlines import RunningClock
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.kernel.time import today
from frontoffice.parties.directory import authority_name, authority_title
from frontoffice.procedures.figures import Figure, Figures
from frontoffice.procedures.lifecycle import Step
from frontoffice.procedures.vocabulary import AUTHORITIES, FILERS, Milestone, Role

ROLE_TITLES: Mapping[str, str] = {
    Role.EMPLOYER: _("Employer"), Role.MANDATARY: _("Mandatary"), Role.WORKER: _("Worker"), Role.REGION: _("Region"),
    Role.IMMIGRATION_OFFICE: _("Immigration Office"), Role.DIPLOMATIC_POST: _("Embassy or consulate"), Role.MUNICIPALITY: _("Municipality"),
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


@dataclass(frozen=True)
class Appeal:
    """Where to appeal against a refusal and until when; `last_day` is None when the period is not known."""

    body: str
    last_day: date | None
    figure: Figure | None


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


def track(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> Track:
    """The track of a dossier as its reader may see it."""
    life = dossier.procedure.life
    clocks = deadlines.running(dossier.procedure, events, today(), dossier.region)
    ended = bool(dossier.position & life.final)
    headline = dossier.headline
    advice = _advice(dossier)
    mine = bool(headline.turn & dossier.roles) and bool(dossier.steps) or any(one.to_do for one in advice)
    turn = Turn(mine=mine, who=_who(dossier, headline.turn), clock=clocks[0] if clocks else None, ended=ended)
    happened = [_line(dossier, event) for event in events if not _is_private(event)]
    now_line = [] if ended else [TrackLine("now", headline.pending or headline.title, turn.who[0] if len(turn.who) == 1 else "")]
    refusal = next((one for one in reversed(events) if ended and _step_of(dossier, one).refusing), None)
    asked = next((one for one in reversed(events) if one.action in ("ask-documents", "ask-stay-documents")), None)
    asked = asked if dossier.position & {"complement", "stay-complement"} else None
    ahead = [] if ended else _ahead(dossier, events)
    to_come = [TrackLine("to-come", one.title, _authority(dossier, one.role)) for one in ahead]
    return Track(
        lines=[*happened, *now_line, *to_come], turn=turn, clocks=clocks, refusal=refusal, appeal=_appeal(dossier, refusal) if refusal else None,
        asked=asked, brought=any(asked and one.given_at >= asked.happened_at and one.state != "refused" for one in dossier.documents),
        steps=dossier.steps, main=_main(dossier.steps, ahead), advice=advice,
    )


def _advice(dossier: OpenDossier) -> list[Told]:
    """What the reader must know now; an advice whose figure is not in force is left out."""
    found = []
    for one in dossier.procedure.advice:
        if not (one.states & dossier.position and one.roles & dossier.roles):
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
        elif role == Role.EMPLOYER or names:
            found.append(ROLE_TITLES[role])
    return found


def _line(dossier: OpenDossier, event: HappenedEvent) -> TrackLine:
    step = _step_of(dossier, event)
    who = _named(event.role, event.party_name) if event.party_name else ROLE_TITLES.get(event.role, "")
    # The worker reads the employer's people by their function only; authorities' staff are named to nobody but themselves.
    person = event.person_name if event.role in FILERS | {Role.WORKER} and event.person_name != event.party_name else ""
    details = [(one.read_as or one.label, one.shown(_text(event.evidence[one.name]))) for one in step.evidence
               if event.evidence.get(one.name) and one.kind != "agreement" and not _is_hidden(dossier, event)]
    return TrackLine("refused" if step.refusing else "done", step.done, who, person, event.happened_at, details)


def _text(value: object) -> str:
    """Evidence as one text; messages of the backbone hold lists."""
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _is_hidden(dossier: OpenDossier, event: HappenedEvent) -> bool:
    """The worker's address in Belgium is for the worker and the authorities."""
    return event.action == "announce-arrival" and bool(dossier.roles & FILERS) and Role.WORKER not in dossier.roles


def _ahead(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> Sequence[Milestone]:
    """The milestones that were not reached yet."""
    given = {state for event in events for state in event.gives} | dossier.position
    milestones = dossier.procedure.milestones
    last = max((index for index, one in enumerate(milestones) if one.states & given), default=-1)
    return milestones[last + 1 :]


def _authority(dossier: OpenDossier, role: str) -> str:
    if role == Role.REGION and dossier.region:
        return authority_name(dossier.region)
    return ROLE_TITLES.get(role, "")


def _appeal(dossier: OpenDossier, refusal: HappenedEvent) -> Appeal | None:
    route = dossier.procedure.appeals.get(refusal.action)
    if route is None:
        return None
    notified = refusal.happened_at.astimezone(BRUSSELS).date()
    figure = Figures.at(notified).find(route.figure, region=dossier.region)
    return Appeal(route.body, figure.after(notified) if figure else None, figure)


def asked_document(dossier: OpenDossier, told: Track) -> Message | Names | str:
    """The document that an authority asked for last, as people call it."""
    if told.asked is None:
        return ""
    step = _step_of(dossier, told.asked)
    named = next((one for one in step.evidence if one.name in told.asked.evidence), None)
    return named.shown(_text(told.asked.evidence[named.name])) if named else ""
