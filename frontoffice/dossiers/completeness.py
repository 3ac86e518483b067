"""What is missing before a step may be taken: pages, documents, the worker's confirmation, a competent Region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontoffice.dossiers.access import may_fill
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import today
from frontoffice.procedures.single_permit.competence import AskAPerson, Competence, Outcome
from frontoffice.procedures.vocabulary import DocumentRequirement, Page


@dataclass(frozen=True)
class Missing:
    """One thing to do before filing: what, and the page, document or place where it is done."""

    what: Message
    page: str = ""
    document: str = ""
    mine: bool = True


def facts(dossier: OpenDossier) -> dict[str, str]:
    """All answers with the facts that follow from them."""
    values = dossier.values
    return {**values, **dossier.procedure.derive(values, today())}


def pages_that_count(dossier: OpenDossier, known: Mapping[str, str]) -> list[Page]:
    """The pages whose questions this dossier must answer."""
    return [page for page in dossier.procedure.pages if page.when is None or page.when.holds(known)]


def is_answered(dossier: OpenDossier, page: Page, known: Mapping[str, str]) -> bool:
    """Whether a page was answered without a problem, and other pages or the calendar have not overtaken it since."""
    given = dossier.answers.get(page.code)
    return given is not None and given.complete and page.form.stands(given.content, known)


def documents_that_count(dossier: OpenDossier, known: Mapping[str, str]) -> list[DocumentRequirement]:
    """The documents that this very dossier needs, and those that may be added."""
    return [one for one in dossier.procedure.documents if one.when is None or one.when.holds(known)]


def outcome_of(dossier: OpenDossier) -> Outcome | None:
    """Which Region is competent; None while answers are missing."""
    return dossier.procedure.competent(dossier.values)


def missing(dossier: OpenDossier) -> Sequence[Missing]:
    """Everything that stands between this draft and filing, in the order of the form."""
    known = facts(dossier)
    found: list[Missing] = []
    for page in pages_that_count(dossier, known):
        if not is_answered(dossier, page, known):
            found.append(Missing(Message(page.title), page=page.code, mine=may_fill(dossier.filling_roles, page)))
    found += _missing_documents(dossier, known)
    if "worker-confirmed" not in dossier.position:
        found.append(Missing(Message(_("The worker has not confirmed his or her part")), mine=not dossier.worker_joined))
    outcome = outcome_of(dossier)
    if outcome is not None and not isinstance(outcome, Competence):
        text = outcome.reason if isinstance(outcome, AskAPerson) else outcome.title
        found.append(Missing(text, page="workplace"))
    return found


def _missing_documents(dossier: OpenDossier, known: Mapping[str, str]) -> list[Missing]:
    """Documents that nobody brought, and those that are still being checked."""
    found: list[Missing] = []
    for one in documents_that_count(dossier, known):
        if one.required and not any(document.state in ("received", "checked") for document in dossier.of_requirement(one.code)):
            found.append(Missing(Message(one.title), document=one.code, mine=may_fill(dossier.filling_roles, one)))
    for document in dossier.documents:
        if document.state == "received":
            waiting = _("The check of %(file)s is not finished yet: wait a moment")
            found.append(Missing(Message(waiting, {"file": document.file_name}), document=document.requirement))
    return found


def missing_for_worker(dossier: OpenDossier) -> Sequence[Missing]:
    """What the worker must still answer or bring before confirming the own part."""
    return [one for one in missing(dossier) if _is_workers(dossier, one)]


def _is_workers(dossier: OpenDossier, one: Missing) -> bool:
    item = dossier.procedure.page(one.page) or dossier.procedure.requirement(one.document)
    return item is not None and item.by == frozenset({"worker"})
