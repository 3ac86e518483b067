"""What is said with a step by API: what the dossier lists for it, under those names and no other."""

import json
from typing import Any

import pytest

from frontoffice.authorities import contract
from frontoffice.authorities.representation import _step
from frontoffice.authorities.step_pages import _evidence
from frontoffice.backbone import contract as backbone_contract
from frontoffice.forms.identifiers import dossier_number
from frontoffice.kernel.errors import Invalid
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure
from tests.walking import said_with


@pytest.mark.parametrize("procedure", EDITIONS, ids=lambda one: f"{one.code}-{one.edition}")
def test_what_a_dossier_lists_for_a_step_is_what_may_be_said_with_it(procedure: Procedure) -> None:
    """`steps[].evidence` alone: the schemas for events of the backbone know more names, and these are refused by name."""
    published = backbone_contract._read(f"procedures/{procedure.code}-{procedure.edition}.json")
    for step in procedure.life.steps:
        if not step.by & AUTHORITIES:
            continue
        listed = {one["name"]: one for one in _step(step)["evidence"]}
        for one in listed.values():
            assert not contract.violations("Question", one)
        given = said_with(step, {"passport_number": "Z1234567"})
        given |= {name: dossier_number(2026, 1, "GS") for name in given if name == "replaced_by"}
        assert {name for name, one in listed.items() if not one["optional"]} <= set(given) <= set(listed)
        assert set(_evidence(step, given)) == set(given), step.action
        others = _names(published["$defs"].get(f"told-{step.action}", {})) - set(listed)
        for other in others | {"anything_else"}:
            with pytest.raises(Invalid) as refused:
                _evidence(step, {**given, other: "yes"})
            assert [one.field for one in refused.value.problems] == [other]


def _names(schema: Any) -> set[str]:
    """The names of members that a schema knows, in any of its forms."""
    if isinstance(schema, list):
        return set().union(*map(_names, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    return set(schema.get("properties", {})) | set().union(*(_names(schema.get(form, [])) for form in ("anyOf", "oneOf", "allOf")))


def test_the_contract_leads_to_that_list_and_to_no_other() -> None:
    text = json.dumps(contract.openapi())
    assert "told-" not in text and text.count("`steps[].evidence`") == 2
