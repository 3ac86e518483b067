"""Answers and documents as rows to read: on the check page, on the receipt, and for authorities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontoffice.dossiers import completeness
from frontoffice.dossiers.access import may_fill, may_see
from frontoffice.dossiers.queries import GivenDocument, OpenDossier
from frontoffice.kernel.message import Message, Names
from frontoffice.procedures.vocabulary import DocumentRequirement, Page


@dataclass(frozen=True)
class AnswerCard:
    """One page of answers: rows of (label, value), and whether the reader may change them."""

    page: Page
    rows: Sequence[tuple[str, Message | Names | str]]
    may_change: bool
    hidden: bool


@dataclass(frozen=True)
class DocumentRow:
    """One requirement with the documents given for it; `hidden` when the reader may know that it is there, not open it."""

    requirement: DocumentRequirement
    given: Sequence[GivenDocument]
    may_add: bool
    hidden: bool


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
    rows = []
    for one in completeness.documents_that_count(dossier, known):
        given = [document for document in dossier.of_requirement(one.code) if at is None or document.given_at <= at]
        rows.append(DocumentRow(one, given, may_add_documents(dossier) and may_fill(roles, one), not may_see(roles, one)))
    return rows


def may_add_documents(dossier: OpenDossier) -> bool:
    """Documents can be brought while it is a draft, and whenever an authority has asked for one."""
    return bool(dossier.position & {"draft", "complement", "stay-complement"})
