"""What is missing before a step may be taken: pages, documents, the worker's confirmation, a competent Region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from frontoffice.dossiers.access import may_fill, may_see
from frontoffice.dossiers.ages import ages
from frontoffice.dossiers.editions import newer
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.standing import ARRIVED, WAITING
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message
from frontoffice.kernel.time import today
from frontoffice.procedures.competence import AskAPerson, OtherDoor, Outcome
from frontoffice.procedures.vocabulary import DocumentRequirement, Page

_UNCHECKED = _("The check of %(file)s is not finished yet: wait a moment")
_UNFINISHED = _("The upload of %(file)s is not finished: finish or remove it")


@dataclass(frozen=True)
class Missing:
    """One thing to do before filing: what, and the page, document or place where it is done."""

    what: Message
    page: str = ""
    document: str = ""
    mine: bool = True


def facts(dossier: OpenDossier) -> dict[str, str]:
    """All answers with the facts that follow from them: on the day of filing, or today for a draft."""
    values = dossier.values
    day = dossier.filed_at.astimezone(BRUSSELS).date() if dossier.filed_at else today()
    return {**values, **dossier.procedure.derive(values, day)}


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
    if newer(dossier):
        found.append(Missing(Message(_("The rules have changed since you began: read first what is new"))))
    for page in pages_that_count(dossier, known):
        if not is_answered(dossier, page, known):
            found.append(Missing(Message(page.title), page=page.code, mine=may_fill(dossier.filling_roles, page)))
    found += _missing_documents(dossier, known)
    if "worker-confirmed" in dossier.procedure.life.filing.takes - dossier.position:
        found.append(Missing(Message(_("The worker has not confirmed his or her part")), mine=not dossier.worker_joined))
    outcome = outcome_of(dossier)
    if isinstance(outcome, AskAPerson):
        found.append(Missing(outcome.reason, page=outcome.about))
    elif isinstance(outcome, OtherDoor):
        found.append(Missing(outcome.title, page=outcome.page_to_correct))
    return found


def _missing_documents(dossier: OpenDossier, known: Mapping[str, str]) -> list[Missing]:
    """Documents that nobody brought, those that are too old, and those that are still being checked."""
    found: list[Missing] = []
    wanted = documents_that_count(dossier, known)
    for one in _not_brought(dossier, wanted):
        if one.confidence != "U":
            found.append(Missing(Message(one.title), document=one.code, mine=may_fill(dossier.filling_roles, one)))
    for age in ages(dossier, known, wanted).values():
        if age.blocks:
            too_old = _("%(document)s: too old on the day of filing")
            one = age.requirement
            found.append(Missing(Message(too_old, {"document": Message(one.title)}), document=one.code, mine=may_fill(dossier.filling_roles, one)))
    for document in dossier.documents:
        if document.state in WAITING:
            waiting = _UNFINISHED if document.state == "uploading" else _UNCHECKED
            # Somebody who may know that a document is there need not be told what its file is called.
            requirement = dossier.procedure.requirement(document.requirement)
            seen = requirement is None or may_see(dossier.filling_roles, requirement)
            name = document.file_name if seen or requirement is None else Message(requirement.title)
            found.append(Missing(Message(waiting, {"file": name}), document=document.requirement))
    return found


def _not_brought(dossier: OpenDossier, wanted: Sequence[DocumentRequirement]) -> list[DocumentRequirement]:
    return [one for one in wanted
            if one.required and not any(document.state in ARRIVED for document in dossier.of_requirement(one.code))]


def advisable(dossier: OpenDossier) -> Sequence[Missing]:
    """Documents that no confirmed source asks for, and that nobody brought: the authority may want them, filing does not wait for them."""
    wanted = _not_brought(dossier, documents_that_count(dossier, facts(dossier)))
    return [Missing(Message(one.title), document=one.code, mine=may_fill(dossier.filling_roles, one)) for one in wanted if one.confidence == "U"]


def missing_for(dossier: OpenDossier, role: str) -> Sequence[Missing]:
    """What the holder of a role must still answer or bring before confirming the own part."""
    return [one for one in missing(dossier) if _is_of(dossier, one, role)]


def _is_of(dossier: OpenDossier, one: Missing, role: str) -> bool:
    item = dossier.procedure.page(one.page) or dossier.procedure.requirement(one.document)
    return item is not None and item.by == frozenset({role})
