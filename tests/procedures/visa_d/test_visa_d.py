"""What holds of every visa D: the ways through its life, and who may read what."""

import pytest

from frontoffice.procedures import EDITIONS
from frontoffice.procedures.lifecycle import Lifecycle
from frontoffice.procedures.shared.steps import HAND_OVER
from frontoffice.procedures.visa_d.life import life
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure, Role

PURPOSES = [one for one in EDITIONS if one.code.startswith("visa-d-")]
ALL = pytest.mark.parametrize("procedure", PURPOSES, ids=[one.code for one in PURPOSES])
ARRIVAL = "announce-arrival register issue-annex-15 record-address-check order-card deliver-card"


def walk(way: Lifecycle, actions: str) -> frozenset[str]:
    """The position after these actions; each must be open where it is taken."""
    position = way.start
    for action in actions.split():
        [found] = [one for one in way.open_steps(position) if one.action == action]
        position = way.after(position, found)
    return position


@pytest.mark.parametrize(("actions", "end"), [
    (f"submit take-up admit grant issue-visa {ARRIVAL}", "card-issued"),
    ("submit take-up ask-documents complete admit ask-stay-documents complete-stay refuse", "refused"),
    ("submit take-up declare-inadmissible", "inadmissible"),
    ("submit take-up ask-contribution declare-inadmissible", "inadmissible"),
    ("submit take-up ask-contribution complete-contribution admit close", "without-object"),
    ("submit take-up ask-contribution withdraw", "withdrawn"),
    ("submit take-up admit withdraw", "withdrawn"),
    ("discard", "discarded"),
])
def test_ways_through_the_plain_life(actions: str, end: str) -> None:
    assert walk(life(), actions) == {end}


def test_a_family_file_is_complete_before_it_is_examined() -> None:
    way = life(receipt=True, prosecutor=True)
    start = "submit take-up admit ask-documents complete issue-annex-15quinquies"
    assert walk(way, start) == {"stay-exam"}
    assert walk(way, f"{start} ask-prosecutor record-prosecutor-advice grant issue-visa {ARRIVAL}") == {"card-issued"}
    assert not [one for one in way.open_steps({"admissible"}) if one.action == "grant"]


def test_the_plain_life_has_no_receipt_and_no_prosecutor() -> None:
    assert not life().actions() & {"issue-annex-15quinquies", "ask-prosecutor"}


@ALL
def test_federal_authorities_act_by_messages_that_are_not_sent_back(procedure: Procedure) -> None:
    for one in procedure.life.steps:
        assert (HAND_OVER in one.then) is not bool(one.by & {Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE}) or one.action in ("discard", "record-failed-check")


@ALL
def test_guarantors_see_nothing_and_health_and_record_stay_with_the_examiners(procedure: Procedure) -> None:
    examiners = {Role.APPLICANT, Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE}
    for item in (*procedure.pages, *procedure.documents):
        assert item.seen_by <= {Role.APPLICANT} | AUTHORITIES
    for code in ("medical-certificate", "criminal-record"):
        found = procedure.requirement(code)
        assert found
        assert found.seen_by == examiners


def test_what_a_humanitarian_applicant_tells_few_may_read() -> None:
    [procedure] = [one for one in PURPOSES if one.code == "visa-d-humanitarian"]
    for code in ("humanitarian", "ties", "origin"):
        page = procedure.page(code)
        assert page
        assert page.seen_by == {Role.APPLICANT, Role.DIPLOMATIC_POST, Role.IMMIGRATION_OFFICE}


@ALL
def test_everything_that_is_said_names_its_source(procedure: Procedure) -> None:
    assert all(one.source for one in procedure.documents if one.code != "other")
    assert all(one.source or one.figure for one in procedure.rules)
    assert all(one.source for fee in procedure.fees for one in fee.exempt)
    assert procedure.summary
    assert procedure.decides
    assert procedure.information
