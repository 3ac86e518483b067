"""The task list of a draft: what each person sees on it and in which state."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.tasks import is_workers_view, next_page, task_groups
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.opened import NOON, a_dossier, answers, document, participant

JOINED = [participant(Role.EMPLOYER), participant(Role.WORKER)]
HIDDEN_FROM_THE_EMPLOYER = {"register-number", "residence", "worker-contact", "criminal-record", "medical-certificate"}


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with stopped_at(NOON):
        yield


def states(dossier: OpenDossier) -> dict[str, str]:
    """The state of each task; a page and a document may share a code, so documents get a mark."""
    return {f"{one.code}{'!' if one.is_document else ''}": one.state for group in task_groups(dossier) for one in group.tasks}


def test_an_empty_draft_is_all_to_do() -> None:
    found = states(a_dossier())
    assert set(found.values()) == {"missing"}
    assert {"employer", "identity", "contract!", "criminal-record!", "other!"} <= set(found)
    assert "second-workplace" not in found and "organisation-chart!" not in found


def test_an_answered_draft_is_done() -> None:
    found = states(a_dossier(given=answers(), documents=("contract",)))
    assert {state for code, state in found.items() if not code.endswith("!")} == {"done"}
    assert found["contract!"] == "done" and found["diploma!"] == "missing"


def test_what_the_employer_sees_once_the_worker_joined() -> None:
    found = states(a_dossier(participants=JOINED))
    assert not {code.rstrip("!") for code in found} & HIDDEN_FROM_THE_EMPLOYER
    assert found["identity"] == "other" and found["passport!"] == "other" and found["pay"] == "missing"


def test_what_the_worker_sees() -> None:
    found = states(a_dossier(roles=(Role.WORKER,), participants=JOINED))
    assert "signatory-identity!" not in found
    assert HIDDEN_FROM_THE_EMPLOYER - {"criminal-record", "medical-certificate"} <= set(found)
    assert found["criminal-record!"] == "missing" and found["identity"] == "missing"
    assert found["pay"] == "other" and found["contract!"] == "other" and found["contribution!"] == "missing"


@pytest.mark.parametrize(("kinds", "state"), [
    ([], "missing"), (["received"], "checking"), (["checked"], "done"), (["refused"], "wrong"), (["replaced"], "missing"),
    (["refused", "received"], "checking"), (["refused", "checked"], "done"), (["checked", "received"], "done"), (["replaced", "refused"], "wrong"),
])
def test_the_state_of_a_document(kinds: list[str], state: str) -> None:
    given = [document("diploma", one) for one in kinds]
    assert states(replace(a_dossier(), documents=given))["diploma!"] == state
    others = states(replace(a_dossier(participants=JOINED), documents=given))["diploma!"]
    assert others == ("other" if state == "missing" else state)


def test_a_page_with_a_mistake_or_overtaken_by_another_is_begun_not_done() -> None:
    given = answers(pay={"pay_month": "3000", "pay_year": "36000"})
    assert not given["pay"].complete
    assert states(a_dossier(given=given))["pay"] == "started"
    assert states(a_dossier(given={**given, "pay": replace(given["pay"], complete=True)}))["pay"] == "started"


def test_groups_count_what_is_done() -> None:
    whole = a_dossier(given=answers(), documents=("contract", "diploma"))
    assert [(group.title, group.done, len(group.tasks)) for group in task_groups(whole)] == [
        ("Employer", 4, 4), ("Employment", 8, 8), ("Worker", 8, 8), ("Documents", 2, 12)]


@pytest.mark.parametrize(("after", "roles", "expected"), [
    ("employer", (Role.EMPLOYER,), "registered-office"), ("category", (Role.EMPLOYER,), "function"), ("worker-name", (Role.EMPLOYER,), None),
    ("", (Role.EMPLOYER,), "employer"), ("passport-zone", (Role.WORKER,), "identity"), ("worker-contact", (Role.WORKER,), None),
])
def test_the_next_page_is_ones_own(after: str, roles: tuple[str, ...], expected: str | None) -> None:
    assert next_page(a_dossier(roles=roles, participants=JOINED), after) == expected


def test_pages_that_are_done_are_passed_over() -> None:
    given = {code: one for code, one in answers().items() if code not in ("pay", "identity")}
    assert next_page(a_dossier(given=given), "employer") == "pay"
    assert next_page(a_dossier(given=given), "pay") == "identity"
    assert next_page(a_dossier(given=given, participants=JOINED), "pay") is None


@pytest.mark.parametrize(("roles", "workers"), [((Role.WORKER,), True), ((Role.EMPLOYER,), False), ((Role.WORKER, Role.EMPLOYER), False), ((), False)])
def test_whose_view_it_is(roles: tuple[str, ...], workers: bool) -> None:
    assert is_workers_view(a_dossier(roles=roles)) is workers
