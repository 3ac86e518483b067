"""What we know of a dossier and what the authority knows of it, as its page tells it: true, dated, and never better than it is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import now
from frontoffice.parties.directory import authority_titled
from frontoffice.procedures.shared.steps import HAND_OVER
from frontoffice.procedures.vocabulary import AUTHORITIES

# A hand-over takes seconds; after this long the operators are told too.
CONFIRMED_WITHIN: Final = timedelta(minutes=10)
# Both sides are compared many times a day: a whole day without a word means that something is wrong between them, whatever the hour.
HEARD_WITHIN: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class BothSides:
    """What both sides know of a filed dossier, with the moments since when.

    `waiting_since` is the moment of the oldest change that the authority has not confirmed, `is_late` when that is longer ago than a
    hand-over takes; `silent_since` the last word of the authority, when that is too long ago."""

    filed_at: datetime | None
    confirmed_at: datetime | None
    waiting_since: datetime | None
    is_late: bool
    validated_at: datetime | None
    refused_at: datetime | None
    reasons: Sequence[str]
    answered_by: Message
    changed_at: datetime
    verified_at: datetime | None
    silent_since: datetime | None
    usual_minutes: int = CONFIRMED_WITHIN // timedelta(minutes=1)


def both_sides(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> BothSides:
    """What both sides know of a dossier that was filed; `events` is its history, oldest first.

    Without the history the answer is about the filing alone: later changes are not looked at."""
    waiting = (one.happened_at for one in _told_to_the_authority(dossier, events) if not _is_known(dossier, one))
    waiting_since = next(waiting, None if dossier.confirmed_at else dossier.filed_at)
    return BothSides(
        filed_at=dossier.filed_at, confirmed_at=dossier.confirmed_at, waiting_since=waiting_since,
        is_late=waiting_since is not None and now() - waiting_since > CONFIRMED_WITHIN,
        validated_at=dossier.validated_at, refused_at=dossier.refused_at, reasons=dossier.refusal, answered_by=authority_titled(dossier.answered_by),
        changed_at=max((dossier.updated_at, *_answers(dossier))), verified_at=dossier.verified_at,
        silent_since=_silent_since(dossier, events) if events else None,
    )


def _told_to_the_authority(dossier: OpenDossier, events: Iterable[HappenedEvent]) -> Iterator[HappenedEvent]:
    """What the authority must learn from us; what it told us itself it knows."""
    handed_over = {step.action for step in dossier.procedure.life.steps if HAND_OVER in step.then}
    return (one for one in events if one.action in handed_over and one.message_id is None)


def _is_known(dossier: OpenDossier, event: HappenedEvent) -> bool:
    return dossier.told_until is not None and event.happened_at <= dossier.told_until


def _answers(dossier: OpenDossier) -> Iterator[datetime]:
    """When the authority answered what it was given, as a whole and for each document."""
    moments = (dossier.confirmed_at, dossier.validated_at, dossier.refused_at,
               *(moment for one in dossier.documents for moment in (one.taken_over_at, one.not_taken_at)))
    return (one for one in moments if one)


def _silent_since(dossier: OpenDossier, events: Iterable[HappenedEvent]) -> datetime | None:
    """When the authority's side was last heard, if that is too long ago; nothing is expected of it before it has the dossier and after the end."""
    if dossier.confirmed_at is None or dossier.position & dossier.procedure.life.final:
        return None
    compared = (dossier.verified_at,) if dossier.verified_at else ()
    heard = max((*_answers(dossier), *compared, *(one.happened_at for one in events if one.role in AUTHORITIES)))
    return heard if now() - heard > HEARD_WITHIN else None
