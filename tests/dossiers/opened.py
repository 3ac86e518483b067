"""Dossiers as values, for rules that read them without a database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from frontoffice.dossiers.given import GivenAnswers, GivenDocument, Participant
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import Role
from tests.filing import EMPLOYER_PAGES, WORKER_PAGES

NOON = datetime(2026, 11, 23, 12, tzinfo=BRUSSELS)
EVERY_PAGE: Mapping[str, Mapping[str, str]] = {**EMPLOYER_PAGES, **WORKER_PAGES}
IN_BRUSSELS = {"workplace_street": "Wetstraat 1", "workplace_postal_code": "1000", "workplace_municipality": "Brussel", "workplace_unit": "8999999993"}
IN_LIEGE = {**IN_BRUSSELS, "workplace_postal_code": "4000", "workplace_municipality": "Luik"}
IN_EUPEN = {**IN_BRUSSELS, "workplace_postal_code": "4700", "workplace_municipality": "Eupen"}


def answers(**changes: Mapping[str, str]) -> dict[str, GivenAnswers]:
    """All pages answered; `changes` of pages, with underscores for hyphens."""
    known: dict[str, str] = {"today": NOON.date().isoformat()}
    found = {}
    for page in SINGLE_PERMIT.pages:
        if page.code in EVERY_PAGE:
            raw = {**EVERY_PAGE[page.code], **changes.get(page.code.replace("-", "_"), {})}
            reading = page.form.read(raw, known)
            known |= reading.values
            known |= SINGLE_PERMIT.derive(known, NOON.date())
            found[page.code] = GivenAnswers(reading.values, reading.raw, not reading.problems, 1)
    return found


def document(code: str, state: str = "checked", *, at: datetime = NOON) -> GivenDocument:
    return GivenDocument(uuid4(), code, f"{code}.pdf", "application/pdf", 1000, "ab" * 32, state, "", {}, "employer", at, None)


def participant(role: str, name: str = "", *, code: str | None = None, since: datetime = NOON - timedelta(days=9), until: datetime | None = None) -> Participant:
    return Participant(uuid4(), role, name or role, code, since, until, {})


def a_dossier(*position: str, roles: Iterable[str] = (Role.EMPLOYER,), given: Mapping[str, GivenAnswers] | None = None, documents: Iterable[str] = (),
              participants: Sequence[Participant] = (), **more: object) -> OpenDossier:
    """A dossier in that position as these roles see it."""
    dossier = OpenDossier(
        id=UUID(int=1), number=None, procedure=SINGLE_PERMIT, position=frozenset(position or SINGLE_PERMIT.life.start), version=0, language="nl",
        created_at=NOON, filed_at=None, updated_at=NOON, worker_name="Rajesh Kumar", employer_name="Havenlogistiek", region=None, municipality=None,
        due_on=None, confirmed_at=None, validated_at=None, refused_at=None, refusal=(), verified_at=None, roles=frozenset(roles),
        answers=given or {}, documents=[document(one) for one in documents], participants=participants,
    )
    return replace(dossier, **more)  # type: ignore[arg-type]


def happened(*actions: tuple[str, str] | tuple[str, str, Mapping[str, object]], party: str = "", person: str = "Els Peeters") -> list[HappenedEvent]:
    """Events as (action, instant in UTC[, evidence]), each step taken from the position that the ones before gave."""
    position, events = SINGLE_PERMIT.life.start, []
    for seq, (action, instant, *evidence) in enumerate(actions, 1):
        step = next((one for one in SINGLE_PERMIT.life.open_steps(position) if one.action == action), None)
        assert step, f"{action} is not open in {sorted(position)}"
        position = SINGLE_PERMIT.life.after(position, step)
        events.append(HappenedEvent(
            uuid4(), seq, action, step.past, sorted(step.by)[0], party, person, datetime.fromisoformat(instant).replace(tzinfo=UTC),
            evidence[0] if evidence else {}, sorted(step.takes), sorted(step.gives),
        ))
    return events


BEGUN = (("declare-consent", "2026-11-02T09:00"), ("submit", "2026-11-02T10:00"), ("take-up", "2026-11-03T10:00"))
