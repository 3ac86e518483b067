"""What follows once a dossier has ended: the appeal against a refusal, the renewal of what was granted, and their last days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.procedures.figures import Figure, Figures

# How long after its posting a registered letter counts as received.
_LETTER = "registered-letter-notice"


@dataclass(frozen=True)
class Appeal:
    """Where to appeal against a refusal and until when; `last_day` is None when the period is not known.

    `told_on` is the day from which it is counted; a decision sent by registered letter has its `letter` figure.
    """

    body: str
    last_day: date | None
    figure: Figure | None
    told_on: date
    letter: Figure | None = None


@dataclass(frozen=True)
class Renewal:
    """Between which days what was granted can be renewed, with the figures that say so."""

    valid_until: date
    opens: date
    closes: date
    figures: Sequence[Figure]


def appeal_of(dossier: OpenDossier, refusal: HappenedEvent) -> Appeal | None:
    """The appeal against a refusing event: counted from the day on which the applicant was told, else from the event itself."""
    route = dossier.procedure.appeals.get(refusal.action)
    if route is None:
        return None
    told_on = _day(refusal.evidence, "notified_on") or refusal.happened_at.astimezone(BRUSSELS).date()
    figures = Figures.at(told_on)
    posted = bool(refusal.evidence.get("notified_on")) and refusal.evidence.get("notified_by") == "registered"
    letter = figures.find(_LETTER) if posted else None
    figure = figures.find(route.figure, region=dossier.region)
    # The day after that of the notification is the first of the period; with a letter, the day on which it counts as received is.
    before_first = letter.after(told_on) - timedelta(days=1) if letter else told_on
    return Appeal(route.body, figure.after(before_first) if figure else None, figure, told_on, letter)


def renewal_of(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> Renewal | None:
    """When to renew: from the last day of the card that was delivered; None where there is no card, or no figure."""
    if not dossier.procedure.renewal or "card-issued" not in dossier.position:
        return None
    ends = next((day for one in reversed(events) if one.action == "deliver-card" and (day := _day(one.evidence, "valid_until"))), None)
    if ends is None:
        return None
    known = Figures.at(ends)
    opens, closes = (known.find(code, region=dossier.region) for code in dossier.procedure.renewal)
    return Renewal(ends, opens.before(ends), closes.before(ends), (opens, closes)) if opens and closes else None


def _day(evidence: Mapping[str, Any], name: str) -> date | None:
    text = evidence.get(name)
    return date.fromisoformat(text) if isinstance(text, str) and text else None
