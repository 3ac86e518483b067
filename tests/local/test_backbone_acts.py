"""What the stand-in sends to the portal: signed, in order or on purpose not, and until it is answered."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.peers import Backbone, a_backbone, a_portal, events_about, filed, wait_for


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
def backbone(running: Backbone) -> Backbone:
    running.behave()
    running.portal.answers.clear()
    return running


def test_an_act_reaches_the_portal_signed_and_its_answer_is_in_the_books(backbone: Backbone) -> None:
    number = filed(backbone)
    evidence = {"annex": "46", "decision_date": "2026-12-01", "valid_until": "2028-11-30"}
    sent = backbone.act(number, "immigration-office", "grant", evidence=evidence).json()
    assert (sent["state"], sent["answers"][-1]["status"]) == ("accepted", 202)
    (event,) = events_about(backbone, number)
    assert (event["authority"], event["action"], event["evidence"], event["seq"]) == (
        "immigration-office",
        "grant",
        evidence,
        1,
    )


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"dossier": "SP-2026-0000000-Z"}, 404),
        ({"action": "grant-work"}, 400),
        ({"authority": "admin"}, 400),
        ({"evidence": {"annex": "46"}}, 400),
        ({"extra": 1}, 400),
    ],
)
def test_an_act_off_the_contract_is_not_sent(backbone: Backbone, order: dict[str, Any], status: int) -> None:
    number = filed(backbone)
    whole = {"dossier": number, "authority": "immigration-office", "action": "grant", **order}
    assert httpx.post(f"{backbone.address}/acts", json=whole).status_code == status
    assert events_about(backbone, number) == []


def test_a_portal_that_is_away_delays_an_act(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.portal.answers[:] = [503]
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "waiting"
    first, second = wait_for(2, lambda: events_about(backbone, number))
    assert first == second


def test_what_the_portal_refuses_for_good_is_not_sent_again(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.portal.answers[:] = [403]
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "refused"
    time.sleep(0.8)
    assert len(events_about(backbone, number)) == 1


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({}, [(1, "ask-stay-documents", "immigration-office"), (2, "grant", "immigration-office")]),
        (
            {"send_twice": True},
            [
                (1, "ask-stay-documents", "immigration-office"),
                (1, "ask-stay-documents", "immigration-office"),
                (2, "grant", "immigration-office"),
                (2, "grant", "immigration-office"),
            ],
        ),
        (
            {"answer_twice": True},
            [
                (1, "ask-stay-documents", "immigration-office"),
                (2, "ask-stay-documents", "immigration-office"),
                (3, "grant", "immigration-office"),
                (4, "grant", "immigration-office"),
            ],
        ),
        (
            {"send_out_of_order": True},
            [(2, "grant", "immigration-office"), (1, "ask-stay-documents", "immigration-office")],
        ),
        (
            {"post_from_other_authority": True},
            [(1, "ask-stay-documents", "diplomatic-post"), (2, "grant", "diplomatic-post")],
        ),
    ],
    ids=["well", "send_twice", "answer_twice", "out_of_order", "other_authority"],
)
def test_acts_arrive_as_told(backbone: Backbone, behaviour: dict[str, bool], expected: list[Any]) -> None:
    number = filed(backbone)
    backbone.behave(**behaviour)
    for action in ("ask-stay-documents", "grant"):
        assert backbone.act(number, "immigration-office", action).status_code == 202
    found = wait_for(len(expected), lambda: events_about(backbone, number))
    assert [(one["seq"], one["action"], one["authority"]) for one in found] == expected


def test_an_act_that_is_held_back_goes_out_when_order_returns(backbone: Backbone) -> None:
    number = filed(backbone)
    backbone.behave(send_out_of_order=True)
    assert backbone.act(number, "immigration-office", "grant").json()["state"] == "held"
    backbone.behave()
    assert len(wait_for(1, lambda: events_about(backbone, number))) == 1


def test_decisions_can_follow_by_themselves(backbone: Backbone) -> None:
    refusal = {
        "action": "refuse-visa",
        "evidence": {"decision_date": "2026-12-24", "reasons": ["Het paspoort is vals."]},
    }
    backbone.behave(automatic={"after": "grant-work", "do": ["grant", "request-visa", refusal]})
    number = filed(backbone, action="grant-work", by="region", position=("work-granted", "stay-exam"))
    found = wait_for(3, lambda: events_about(backbone, number))
    assert [(one["seq"], one["action"]) for one in found] == [(1, "grant"), (2, "request-visa"), (3, "refuse-visa")]
    assert found[2]["evidence"] == refusal["evidence"]
