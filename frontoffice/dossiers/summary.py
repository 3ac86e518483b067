"""Answers and documents as rows to read: on the check page, on the receipt, and for authorities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from frontoffice.dossiers import completeness
from frontoffice.dossiers.access import may_fill, may_see
from frontoffice.dossiers.given import GivenDocument
from frontoffice.dossiers.openings import Opened
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.dossiers.standing import Standing, standing, wrong
from frontoffice.dossiers.track import evidence_text
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.parties.directory import authority_title
from frontoffice.procedures.vocabulary import AUTHORITIES, DocumentRequirement, Page


@dataclass(frozen=True)
class AnswerCard:
    """One page of answers: rows of (label, value), and whether the reader may change them."""

    page: Page
    rows: Sequence[tuple[str, Message | Names | str]]
    may_change: bool
    hidden: bool


@dataclass(frozen=True)
class DocumentRow:
    """One requirement with the documents given for it; `hidden` when the reader may know that it is there, not open it.

    `may_judge` when the reader's authority may say that it cannot use one of them."""

    requirement: DocumentRequirement
    given: Sequence[GivenDocument]
    may_add: bool
    hidden: bool
    may_judge: bool = False

    @staticmethod
    def standing(document: GivenDocument) -> Standing:
        """How one of them stands."""
        return standing(document)

    @staticmethod
    def wrong(document: GivenDocument) -> Message | None:
        """What is wrong with one of them."""
        return wrong(document)


def answer_cards(dossier: OpenDossier) -> list[AnswerCard]:
    """The pages that count with what was answered, those that the reader may not see as an empty card."""
    known, roles = completeness.facts(dossier), dossier.filling_roles
    cards = []
    for page in completeness.pages_that_count(dossier, known):
        seen = may_see(roles, page)
        content = dossier.answers[page.code].content if page.code in dossier.answers else {}
        rows = [(one.label, one.shown(content[one.name])) for one in page.form.fields if content.get(one.name)] if seen else []
        cards.append(AnswerCard(page, rows, dossier.is_draft and may_fill(roles, page), not seen))
    return cards


def document_rows(dossier: OpenDossier, *, at: datetime | None = None) -> list[DocumentRow]:
    """The requirements that count with the documents given; with `at` only those that had been given by then."""
    known, roles = completeness.facts(dossier), dossier.filling_roles
    judges = bool(roles & AUTHORITIES) and not dossier.position & dossier.procedure.life.final and at is None
    rows = []
    for one in completeness.documents_that_count(dossier, known):
        given = dossier.of_requirement(one.code) if at is None else [
            document for document in dossier.documents if document.requirement == one.code and document.held_at(at) and document.joined_into is None]
        # A refused file was never handed over; it is shown only as long as nothing better took its place.
        kept = [document for document in given if document.state != "refused"]
        given = kept if kept or at else given
        hidden = not may_see(roles, one)
        rows.append(DocumentRow(one, given, may_add_documents(dossier) and may_fill(roles, one), hidden, judges and not hidden))
    return rows


def taken_over(dossier: OpenDossier) -> Message | None:
    """How many of the documents that were sent the authority has by its own word.

    None when there are none, or when it said that it can work with the filing and nothing of single documents: none of them is missing there.
    """
    sent = [one for one in dossier.documents if one.counts and one.state == "checked" and not one.added]
    taken = sum(one.taken_over_at is not None for one in sent)
    if not sent or (dossier.validated_at and not taken):
        return None
    return Message(_("%(taken)s of %(all)s taken over by the authority"), {"taken": taken, "all": len(sent)})


def may_add_documents(dossier: OpenDossier) -> bool:
    """Documents can be brought while it is a draft, and until the decision, asked for or not."""
    return dossier.is_draft or bool(dossier.position & dossier.procedure.life.adding_in)


@dataclass(frozen=True)
class FactRow:
    """One row of key facts: values, each with the label of its question or none."""

    title: str
    values: Sequence[tuple[str, Message | Names | str]]


def key_facts(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> list[FactRow]:
    """What the reader's role needs at once, out of the answers and of what was said with steps."""
    rows = []
    for fact in dossier.procedure.key_facts:
        if not fact.roles & dossier.roles:
            continue
        if fact.said_with:
            given: Mapping[str, Any] = next((one.evidence for one in reversed(events) if one.action == fact.said_with), {})
            fields = [one for step in dossier.procedure.life.steps if step.action == fact.said_with for one in step.evidence]
        else:
            given = dossier.values
            fields = [one for page in dossier.procedure.pages if may_see(dossier.roles, page) for one in page.form.fields]
        named = {one.name: one for one in fields}
        answered = [named[name] for name in fact.questions if name in named and given.get(name)]
        values = [((one.read_as or one.label) if fact.labelled else "", one.shown(evidence_text(one, given[one.name]))) for one in answered]
        if values:
            rows.append(FactRow(fact.title, values))
    return rows


@dataclass(frozen=True)
class OpenedDay:
    """What one authority opened on one day: the latest instant, and the titles of documents among it."""

    who: Message
    last_at: datetime
    documents: Sequence[str]


def openings_by_day(dossier: OpenDossier, openings: Sequence[Opened]) -> list[OpenedDay]:
    """Who opened the dossier, newest first: one row for each authority and day, with documents in the order of the procedure."""
    titles = {one.code: one.title for one in dossier.procedure.documents}
    return [OpenedDay(authority_title(one.party_name), one.last_at, [title for code, title in titles.items() if code in one.documents]) for one in openings]
