"""What the stand-in reads out of the published schemas is what the procedures say; it has no other source."""

import subprocess
import sys

import pytest

from frontoffice.backbone import contract as ours
from frontoffice.local import backbone_contract as contract
from frontoffice.local.backbone_lives import FEDERAL, Offer, Way, procedure_in, read_inputs, sample_evidence
from frontoffice.local.backbone_lives import _ways as ways_of
from frontoffice.procedures import EDITIONS
from frontoffice.procedures.vocabulary import AUTHORITIES, Procedure

ALL = pytest.mark.parametrize("edition", EDITIONS, ids=lambda one: f"{one.code}-{one.edition}")


@ALL
def test_the_schema_tells_who_takes_each_step_where_and_what_becomes_of_it(edition: Procedure) -> None:
    read = procedure_in(contract.of_procedure(edition.code, edition.edition))
    assert (read.code, read.edition, list(read.documents)) == (edition.code, edition.edition, [one.code for one in edition.documents])
    told = [(one.action, one.by & AUTHORITIES, one.takes, one.gives) for one in edition.life.steps if one.by & AUTHORITIES]
    assert sorted(((one.action, one.by, one.takes, one.gives) for one in read.ways), key=repr) == sorted(told, key=repr)


@ALL
def test_each_federal_step_has_a_sample_and_a_form_that_can_be_sent(edition: Procedure) -> None:
    read = procedure_in(contract.of_procedure(edition.code, edition.edition))
    for way in (one for one in read.ways if one.by.intersection(FEDERAL)):
        offer = Offer(way.action, FEDERAL[0], sample_evidence(way.form, read.documents), True, way.form)
        assert ours.evidence_violations(read.code, read.edition, way.action, offer.evidence) == []
        assert read_inputs(offer, {one.name: one.value for one in offer.inputs}) == offer.evidence


def test_a_step_about_which_the_schema_says_nothing_is_left_to_the_portal() -> None:
    form = {"type": "object", "properties": {}, "required": []}
    assert list(ways_of("wait", form)) == [Way("wait", frozenset(FEDERAL), frozenset(), frozenset(), form)]


def test_whatever_is_imported_on_its_way_it_knows_no_product() -> None:
    code = "import sys, frontoffice.local.backbone; print(sorted({one.split('.')[1] for one in sys.modules if one.startswith('frontoffice.')}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['kernel', 'local', 'settings']"


@pytest.mark.parametrize(("value", "places"), [("2026-02-30", ["$: format"]), ("2026-02-03\n", ["$: format", "$: pattern"]), ("2026-02-03", [])])
def test_a_day_is_a_day_to_the_letter(value: str, places: list[str]) -> None:
    name = "procedures/single-permit-2026-11.json"
    told = contract.violations(name, {"decision_date": value, "valid_until": "2027-01-01"}, part="told-grant")
    assert told == [one.replace("$", "$.decision_date") for one in places]
