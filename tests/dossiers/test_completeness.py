"""What still stands between a draft and filing, per Region and per person."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from frontoffice.dossiers import completeness
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.opened import EVERY_PAGE, IN_BRUSSELS, IN_EUPEN, IN_LIEGE, NOON, a_dossier, answers, document, participant

PAPERS = {"contract", "health-insurance", "contribution", "passport", "diploma", "criminal-record", "medical-certificate"}
POSTED = {"posted": "yes", "receiving_name": "Bouw NV", "receiving_street": "Kaai 1", "receiving_postal_code": "2030", "receiving_municipality": "Antwerpen"}
BORN_2010 = {"birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "2010"}


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with stopped_at(NOON):
        yield


def missing(dossier: OpenDossier) -> set[str]:
    return {one.page or one.document or one.what.text for one in completeness.missing(dossier)}


CONFIRMED = ("draft", "worker-confirmed")


@pytest.mark.parametrize(("changes", "papers"), [
    ({}, PAPERS | {"function-description"}),
    ({"workplace": IN_BRUSSELS}, PAPERS | {"function-description", "organisation-chart"}),
    # Wallonia also takes experience for a diploma, so it asks which of them proves the qualification.
    ({"workplace": IN_LIEGE, "education": {"qualification": "diploma"}}, PAPERS),
    ({"workplace": IN_EUPEN}, PAPERS),
    ({"workplace": IN_LIEGE, "posting": POSTED}, PAPERS | {"function-description", "secondment"}),
    ({"identity": BORN_2010, "passport_zone": {"passport_zone": ""}}, PAPERS - {"criminal-record", "contribution"} | {"function-description"}),
])
def test_the_papers_of_each_region(changes: Mapping[str, Mapping[str, str]], papers: set[str]) -> None:
    given = answers(**changes)
    assert all(one.complete for one in given.values()), [code for code, one in given.items() if not one.complete]
    assert missing(a_dossier(*CONFIRMED, given=given)) == papers
    whole = a_dossier(*CONFIRMED, given=given, documents=papers)
    assert missing(whole) == set()
    # What no confirmed source asks for is named, and filing does not wait for it.
    assert "signatory-identity" in {one.document for one in completeness.advisable(whole)}


@pytest.mark.parametrize("code", sorted(EVERY_PAGE))
def test_each_page_counts(code: str) -> None:
    given = answers()
    whole = a_dossier(*CONFIRMED, given=given, documents=PAPERS | {"function-description"})
    assert missing(whole) == set()
    assert code in missing(replace(whole, answers={other: one for other, one in given.items() if other != code}))
    assert code in missing(replace(whole, answers={**given, code: replace(given[code], complete=False)}))


@pytest.mark.parametrize(("state", "stands"), [("checked", False), ("received", False), ("refused", True), ("replaced", True)])
def test_a_document_counts_by_its_state(state: str, stands: bool) -> None:
    others = [document(one) for one in PAPERS - {"diploma"} | {"function-description"}]
    whole = a_dossier(*CONFIRMED, given=answers())
    found = completeness.missing(replace(whole, documents=[*others, document("diploma", state)]))
    assert any(one.what.text == "Diploma" for one in found) is stands
    waiting = [one.what.params for one in found if "not finished" in one.what.text]
    assert waiting == ([{"file": "diploma.pdf"}] if state == "received" else [])


@pytest.mark.parametrize("state", ["uploading", "received", "checking"])
def test_a_document_on_its_way_is_named_to_those_who_may_see_it(state: str) -> None:
    """To the employer, once the worker takes part, a private paper is only its title."""
    whole = a_dossier(*CONFIRMED, given=answers(), participants=[participant(Role.WORKER)])
    for role, name in ((Role.WORKER, "criminal-record.pdf"), (Role.EMPLOYER, "Criminal record extract")):
        seen = replace(whole, roles=frozenset({role}), documents=[document("criminal-record", state)])
        [told] = [one.what.params["file"] for one in completeness.missing(seen) if "not finished" in one.what.text]
        assert str(getattr(told, "text", told)) == name


def test_the_worker_must_have_confirmed() -> None:
    whole = a_dossier("draft", "worker-part", given=answers(), documents=PAPERS | {"function-description"})
    [one] = completeness.missing(whole)
    assert "not confirmed" in one.what.text and one.mine
    [one] = completeness.missing(replace(whole, participants=[participant(Role.WORKER)]))
    assert not one.mine


def test_the_second_workplace_counts_only_with_several_places() -> None:
    several = answers(work_pattern={"work_pattern": "main"})
    assert "second-workplace" in missing(a_dossier(*CONFIRMED, given=several))
    assert "second-workplace" not in missing(a_dossier(*CONFIRMED, given=answers()))


def test_a_place_that_does_not_decide_is_named() -> None:
    given = answers(units={"has_unit": "no"})
    dossier = a_dossier(*CONFIRMED, given=given, documents=PAPERS)
    [one] = completeness.missing(dossier)
    assert one.page == "workplace" and "no establishment unit" in one.what.text


def test_who_has_to_do_it() -> None:
    alone = a_dossier()
    assert all(one.mine for one in completeness.missing(alone))
    invited = a_dossier(participants=[participant(Role.WORKER)])
    mine = {one.page or one.document: one.mine for one in completeness.missing(invited)}
    assert mine["contract"] and mine["pay"] and not mine["identity"] and not mine["criminal-record"]
    workers = a_dossier(roles=(Role.WORKER,), participants=[participant(Role.WORKER)])
    mine = {one.page or one.document: one.mine for one in completeness.missing(workers)}
    assert not mine["pay"] and mine["identity"] and mine["criminal-record"]


def test_what_the_worker_confirms_is_the_workers_part_alone() -> None:
    dossier = a_dossier(roles=(Role.WORKER,), participants=[participant(Role.WORKER)])
    lacking = {one.page or one.document for one in completeness.missing_for(dossier, Role.WORKER)}
    assert lacking == {"passport-zone", "identity", "passport", "register-number", "residence", "education", "worker-contact",
                       "diploma", "criminal-record", "medical-certificate"}


@pytest.mark.parametrize(("code", "late"), [
    # One page was good by itself; what another page says by now contradicts it.
    ("pay", {"pay": {"pay_month": "3.000", "pay_year": "36.000"}}),
    ("passport", {"passport": {"passport_expires-day": "1", "passport_expires-month": "5", "passport_expires-year": "2027"}}),
    ("contract", {"contract": {"contract_start-day": "2", "contract_start-month": "11", "contract_start-year": "2026"}}),
    ("workplace", {"units": {"has_unit": "no"}, "workplace": {"workplace_unit": ""}}),
])
def test_a_page_overtaken_by_another_is_missing_again(code: str, late: Mapping[str, Mapping[str, str]]) -> None:
    alone = {page: replace(one, complete=True) for page, one in answers(**{name.replace("-", "_"): raw for name, raw in late.items()}).items()}
    now_given = {**alone, "units": answers()["units"]}
    assert missing(a_dossier(*CONFIRMED, given=now_given, documents=PAPERS | {"function-description"})) == {code}
