"""Each procedure's sample dossier becomes a message that both schemas of the contract accept, whatever step it tells of."""

from collections.abc import Sequence
from typing import Any

import pytest

from frontoffice.backbone import contract
from frontoffice.backbone.composition import HAND_OVER, Happened, compose, outgoing_actions
from frontoffice.backbone.envelope import build
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures import EDITIONS, in_force
from tests.backbone.evidence import FEDERAL
from tests.backbone.sampled import DOSSIERS, NOON, happened, open_dossier


def claims_of(dossier: OpenDossier, history: Sequence[Happened], event: Happened) -> dict[str, Any]:
    return build(compose(dossier, history, event.id), issuer="urn:portal", audience="urn:backbone", issued_at=NOON)


def test_there_is_a_sample_of_every_procedure_that_was_written() -> None:
    assert "single-permit" in DOSSIERS and len(DOSSIERS) > 1


@pytest.mark.parametrize("code", DOSSIERS)
def test_a_sample_dossier_becomes_a_message_that_both_schemas_accept(code: str) -> None:
    procedure = in_force(code, NOON.date())
    with stopped_at(NOON):
        dossier = open_dossier(procedure, DOSSIERS[code])
        for step in procedure.life.steps:
            if HAND_OVER in step.then:
                history = happened(procedure) if step.files else happened(procedure, step)
                claims = claims_of(dossier, history, history[-1])
                assert contract.violations("message", claims) == []
                assert contract.procedure_violations(claims["body"]) == []


@pytest.mark.parametrize("code", DOSSIERS)
def test_the_typed_summary_says_who_it_is_about_and_who_decides(code: str) -> None:
    procedure = in_force(code, NOON.date())
    with stopped_at(NOON):
        dossier = open_dossier(procedure, DOSSIERS[code])
        history = happened(procedure)
        body = claims_of(dossier, history, history[0])["body"]
    competent = dossier.participants[0]
    assert (body["authority"]["code"], body["authority"]["role"]) == (competent.authority_code, competent.role)
    assert "%(" not in body["authority"]["reason"]
    assert body["person"]["surname"] == dossier.values.get("surname", dossier.values.get("worker_surname"))
    assert ("employer" in body, "employment" in body) == (("enterprise_number" in dossier.values,) * 2)


def test_a_second_nationality_and_an_unknown_day_of_birth_are_told() -> None:
    procedure = in_force("visa-c", NOON.date())
    with stopped_at(NOON):
        dossier = open_dossier(procedure, DOSSIERS["visa-c"])
        dossier.answers["birth"].content.update({"birth_date": "1987-00-00", "nationality": "XXA", "other_nationalities": "SDN XXA EGY"})  # type: ignore[attr-defined]
        history = happened(procedure)
        claims = claims_of(dossier, history, history[0])
    person = claims["body"]["person"]
    assert (person["birth_date"], person["nationalities"]) == ("1987-00-00", ["XXA", "SDN", "EGY"])
    assert contract.violations("message", claims) == [] == contract.procedure_violations(claims["body"])


def test_the_name_of_a_step_tells_whether_it_is_sent() -> None:
    told = outgoing_actions(one.life for one in EDITIONS)
    # The outbox looks for events by the names of their steps, in all procedures at once; what came in as a message is not among them.
    kept = {(one.code, step.action) for one in EDITIONS for step in one.life.steps
            if step.action in told and HAND_OVER not in step.then and not step.by <= frozenset(FEDERAL)}
    assert kept == set()
