"""The task list of a draft: what is done, started and missing, for the one who looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontoffice.dossiers import completeness
from frontoffice.dossiers.access import may_fill, may_see
from frontoffice.dossiers.ages import Age, ages
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.i18n import mark as _
from frontoffice.procedures.vocabulary import DocumentRequirement, Page, Role


@dataclass(frozen=True)
class Task:
    """One line: a page or a document. `state` is done, started, missing, wrong, old, checking, uploading or other (someone else's)."""

    code: str
    title: str
    state: str
    is_document: bool = False
    required: bool = True
    mine: bool = True


@dataclass(frozen=True)
class TaskGroup:
    """A section of the form, or the documents of one party."""

    title: str
    tasks: Sequence[Task]

    @property
    def done(self) -> int:
        """How many of its tasks are done."""
        return sum(one.state == "done" for one in self.tasks)

    @property
    def mine(self) -> bool:
        """Whether the one who looks has anything to do in it."""
        return any(one.mine for one in self.tasks)


def task_groups(dossier: OpenDossier) -> list[TaskGroup]:
    """The sections with their pages, then the documents, as the actor may fill or at least know them; what others do comes last."""
    known = completeness.facts(dossier)
    roles = dossier.filling_roles
    groups = []
    for code, title in dossier.procedure.sections:
        pages = [page for page in completeness.pages_that_count(dossier, known) if page.section == code and (may_see(roles, page) or may_fill(roles, page))]
        if pages:
            groups.append(_group(title, [_page_task(dossier, one, known, mine=may_fill(roles, one)) for one in pages]))
    documents = [one for one in completeness.documents_that_count(dossier, known) if may_see(roles, one) or may_fill(roles, one)]
    aged = ages(dossier, known, documents)
    groups.append(_group(_("Documents"), [_document_task(dossier, one, aged.get(one.code), mine=may_fill(roles, one)) for one in documents]))
    return sorted(groups, key=lambda group: not group.mine)


def _group(title: str, tasks: list[Task]) -> TaskGroup:
    return TaskGroup(title, sorted(tasks, key=lambda task: not task.mine))


def _page_task(dossier: OpenDossier, page: Page, known: Mapping[str, str], *, mine: bool) -> Task:
    return Task(page.code, page.title, _page_state(dossier, page, known, mine=mine), mine=mine)


def _document_task(dossier: OpenDossier, one: DocumentRequirement, age: Age | None, *, mine: bool) -> Task:
    state = _document_state(dossier, one.code, mine=mine)
    if age and age.is_too_old and state in ("done", "checking"):
        state = "old"
    return Task(one.code, one.title, state, is_document=True, required=one.required, mine=mine)


def _page_state(dossier: OpenDossier, page: Page, known: Mapping[str, str], *, mine: bool) -> str:
    if completeness.is_answered(dossier, page, known):
        return "done"
    if not mine:
        return "other"
    return "started" if page.code in dossier.answers else "missing"


def _document_state(dossier: OpenDossier, code: str, *, mine: bool) -> str:
    states = {one.state for one in dossier.of_requirement(code)}
    if "checked" in states:
        return "done"
    if states & {"received", "checking"}:
        return "checking"
    if "uploading" in states:
        return "uploading"
    if "refused" in states:
        return "wrong"
    return "missing" if mine else "other"


def next_page(dossier: OpenDossier, after: str) -> str | None:
    """The code of the page to go to after one was saved: the next one that the actor fills and that is not complete."""
    known = completeness.facts(dossier)
    mine = [page for page in completeness.pages_that_count(dossier, known) if may_fill(dossier.filling_roles, page)]
    codes = [page.code for page in mine]
    start = codes.index(after) + 1 if after in codes else 0
    for page in mine[start:]:
        if not completeness.is_answered(dossier, page, known):
            return page.code
    return None


def is_workers_view(dossier: OpenDossier) -> bool:
    """Whether the one who looks takes part as the worker only."""
    return dossier.roles == frozenset({Role.WORKER})
