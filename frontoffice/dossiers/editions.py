"""A draft meets a new edition of its procedure: what changed is told, and no answer is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.given import GivenAnswers
from frontoffice.dossiers.model import Answer, Document, Dossier
from frontoffice.dossiers.queries import FORMER, OpenDossier
from frontoffice.forms.fields import Choice, Field
from frontoffice.kernel.time import now, today
from frontoffice.parties.actor import Actor
from frontoffice.procedures import in_force
from frontoffice.procedures.vocabulary import DocumentRequirement, Procedure


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a new edition brings: titles of questions and documents, as msgids; `since` is its first day."""

    since: date
    asked_now: Sequence[str]
    asked_otherwise: Sequence[str]
    no_longer_asked: Sequence[str]
    documents_now: Sequence[str]
    documents_no_longer: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing that one fills in or brings has changed."""
        return not (self.asked_now or self.asked_otherwise or self.no_longer_asked or self.documents_now or self.documents_no_longer)


def newer(dossier: OpenDossier, day: date | None = None) -> Procedure | None:
    """The edition in force when it is not the one of this draft; a filed dossier keeps its own."""
    if not dossier.is_draft:
        return None
    current = in_force(dossier.procedure.code, day or today())
    return current if current.edition != dossier.procedure.edition else None


def compare(old: Procedure, new: Procedure) -> Changes:
    """What somebody who filled in the old edition must know of the new one."""
    before, after = _questions(old), _questions(new)
    brought, wanted = ({one.code: one for one in each.documents} for each in (old, new))
    return Changes(
        since=new.valid_from,
        asked_now=_titles(after[name].label for name in after if name not in before),
        asked_otherwise=_titles(after[name].label for name in after if name in before and _kind(before[name]) != _kind(after[name])),
        no_longer_asked=_titles(before[name].label for name in before if name not in after),
        documents_now=_titles(_title(wanted[code]) for code in wanted if code not in brought),
        documents_no_longer=_titles(_title(brought[code]) for code in brought if code not in wanted),
    )


def told(dossier: OpenDossier) -> Changes | None:
    """What changed since this draft was begun; None while its edition is in force."""
    new = newer(dossier)
    return compare(dossier.procedure, new) if new else None


def _questions(procedure: Procedure) -> dict[str, Field]:
    return {one.name: one for page in procedure.pages for one in page.form.fields}


def _titles(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _title(one: DocumentRequirement) -> str:
    return one.title


def _kind(one: Field) -> tuple[object, ...]:
    choices = tuple(value for value, _label, _hint in one.choices) if isinstance(one, Choice) else ()
    return (type(one), one.optional, str(one.when), choices)


def regrouped(dossier: OpenDossier, new: Procedure) -> dict[str, GivenAnswers]:
    """The answers of a draft on the pages of the new edition, each page judged anew; what nobody asks any more is on the page `former`."""
    values = {name: text for given in dossier.answers.values() for name, text in given.content.items()}
    raw = {name: text for given in dossier.answers.values() for name, text in given.raw.items()}
    known = {**values, **new.derive(values, today())}
    found: dict[str, GivenAnswers] = {}
    asked: set[str] = set()
    for page in new.pages:
        names = {name for one in page.form.fields for name in one.raw_names()}
        asked |= names | {one.name for one in page.form.fields}
        typed = {name: raw[name] for name in names if name in raw}
        for one in page.form.fields:
            # A question that was typed in another way before: its stored value is shown as the new inputs show it.
            if values.get(one.name) and not any(name in raw for name in one.raw_names()):
                typed |= one.raw_of(values[one.name])
        if typed:
            reading = page.form.read(typed, known)
            version = dossier.answers[page.code].version + 1 if page.code in dossier.answers else 1
            found[page.code] = GivenAnswers(reading.values, reading.raw, not reading.problems, version)
    lost = {name: text for name, text in values.items() if name not in asked and text}
    typed = {name: text for name, text in raw.items() if name not in asked and text}
    if lost or typed:
        found[FORMER] = GivenAnswers(lost, typed, True, 1)
    return found


async def adopt(session: AsyncSession, dossier: OpenDossier, actor: Actor) -> None:
    """Carry a locked draft over to the edition in force; doing it twice does nothing more."""
    new = newer(dossier)
    if new is None:
        return
    answers = regrouped(dossier, new)
    position = dossier.position if dossier.position <= new.life.states() else new.life.start
    if _worker_reads_again(dossier, new, answers):
        position = new.life.start
    instant = now()
    # Rows are written anew or emptied, not deleted: the web role deletes nothing.
    await _write(session, dossier, answers, actor)
    for one in dossier.documents:
        if new.requirement(one.requirement) is None and new.requirement("other") is not None:
            await session.execute(update(Document).where(Document.id == one.id).values(requirement="other"))
    await session.execute(update(Dossier).where(Dossier.id == dossier.id).values(
        edition=new.edition, position=sorted(position), headline=new.life.headline(position).state, updated_at=instant))


def _worker_reads_again(dossier: OpenDossier, new: Procedure, answers: Mapping[str, GivenAnswers]) -> bool:
    """Whether a part that was confirmed is no longer the part that was read."""
    if "worker-confirmed" not in dossier.position:
        return False
    after = replace(dossier, procedure=new, answers=answers)
    workers = [page for page in new.pages if page.by == frozenset({"worker"})]
    known = {**after.values, **new.derive(after.values, today())}
    return any(page.code not in answers or not page.form.stands(answers[page.code].content, known)
               for page in workers if page.when is None or page.when.holds(known))


async def _write(session: AsyncSession, dossier: OpenDossier, answers: Mapping[str, GivenAnswers], actor: Actor) -> None:
    instant = now()
    for code, given in answers.items():
        row = {"content": dict(given.content), "raw": dict(given.raw), "complete": given.complete, "version": given.version, "saved_at": instant,
               "saved_by": actor.person_id}
        if code in dossier.answers:
            await session.execute(update(Answer).where(Answer.dossier_id == dossier.id, Answer.page == code).values(row))
        else:
            await session.execute(insert(Answer).values(dossier_id=dossier.id, page=code, **row))
    gone = [code for code in dossier.answers if code not in answers]
    await session.execute(update(Answer).where(Answer.dossier_id == dossier.id, Answer.page.in_(gone)).values(content={}, raw={}, complete=True))
