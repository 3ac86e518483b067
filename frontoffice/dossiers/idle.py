"""How long a draft is kept that nobody goes on with: by its last sign of life, and never without a warning.

The periods are our own promise; no law asks for them. They are counted in days, so that a day that was told to somebody ends first.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from frontoffice.dossiers.model import Document, Dossier, Participation
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import WAITING
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import today

IDLE_DRAFT: Final = timedelta(days=90)
WARNED_BEFORE: Final = timedelta(days=14)
DISCARDED: Final = "discarded"


def _newest(moment: ColumnElement[Any] | InstrumentedAttribute[Any], whose: InstrumentedAttribute[Any]) -> Any:
    return select(func.max(moment)).where(whose == Dossier.id).correlate(Dossier).scalar_subquery()


def sign_of_life() -> ColumnElement[datetime]:
    """When somebody last did something: answered or took a step, brought a document or took one back, joined.

    An upload that still runs is younger than any period here."""
    given = _newest(func.greatest(Document.given_at, Document.changed_at), Document.dossier_id)
    return func.greatest(Dossier.updated_at, given, _newest(Participation.starts_at, Participation.dossier_id))


_COPY: Final = aliased(Document)
_IS_BEING_COPIED: Final = exists().where(Document.dossier_id == Dossier.id, _COPY.reused_from == Document.id, _COPY.state.in_(WAITING)).correlate(Dossier)


def _idle_since(day: date) -> ColumnElement[bool]:
    """Whether the last sign of life came before a day began; the first half is what an index knows."""
    begins = datetime.combine(day, time(), BRUSSELS)
    return and_(Dossier.updated_at < begins, sign_of_life() < begins)


def to_warn() -> ColumnElement[bool]:
    """The drafts whose end is near and that nobody was told of since somebody last worked on them."""
    unwarned = or_(Dossier.warned_at.is_(None), Dossier.warned_at <= sign_of_life())
    day = today() - IDLE_DRAFT + WARNED_BEFORE + timedelta(days=1)
    return and_(Dossier.number.is_(None), Dossier.headline != DISCARDED, _idle_since(day), unwarned)


def to_clear() -> ColumnElement[bool]:
    """The drafts that were discarded, or left alone for their whole time, and of which no bytes are still wanted elsewhere."""
    warned = and_(Dossier.warned_at > sign_of_life(), Dossier.warned_at < datetime.combine(today() - WARNED_BEFORE, time(), BRUSSELS))
    left_alone = and_(_idle_since(today() - IDLE_DRAFT), warned)
    return and_(Dossier.number.is_(None), or_(Dossier.headline == DISCARDED, left_alone), ~_IS_BEING_COPIED)


def touched_at(dossier: OpenDossier) -> datetime:
    """The last sign of life of a draft."""
    documents = (moment for one in dossier.documents for moment in (one.given_at, one.changed_at) if moment)
    return max(dossier.updated_at, *documents, *(one.starts_at for one in dossier.participants))


def is_warned(dossier: OpenDossier) -> bool:
    """Whether it was told that this draft will be deleted, and nobody touched it since."""
    return dossier.warned_at is not None and dossier.warned_at > touched_at(dossier)


def kept_until(dossier: OpenDossier) -> date | None:
    """The last day on which a draft is surely there if nobody touches it; None for what is no draft, or has a number and stays."""
    if dossier.number or not dossier.is_draft:
        return None
    warned = dossier.warned_at.astimezone(BRUSSELS).date() if dossier.warned_at and is_warned(dossier) else today()
    return max(touched_at(dossier).astimezone(BRUSSELS).date() + IDLE_DRAFT, warned + WARNED_BEFORE, today())
