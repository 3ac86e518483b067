"""The sample person of each procedure has a whole dossier: every page reads without a problem, and an authority is competent."""

from importlib import import_module

import pytest

from frontoffice.kernel.time import today
from frontoffice.local.people import PEOPLE
from frontoffice.procedures import every_in_force
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.vocabulary import Procedure
from tests.walking import usual_way


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
def test_a_sample_is_a_whole_dossier(procedure: Procedure) -> None:
    sample = import_module(f"tests.procedures.samples.{procedure.code.replace('-', '_')}")
    values = {name: text for page in sample.ANSWERS.values() for name, text in page.items()}
    known = {**values, **procedure.derive(values, today())}
    counting = [one for one in procedure.pages if one.when is None or one.when.holds(known)]
    for page in counting:
        assert page.form.read(page.form.raw_of(values), known).problems == (), page.code
    assert isinstance(procedure.competent(values), Competence)
    needed = {one.code for one in procedure.documents if one.required and (one.when is None or one.when.holds(known))}
    assert needed == set(sample.DOCUMENTS)
    procedure.remarks(known, today())


@pytest.mark.parametrize("procedure", every_in_force(today()), ids=lambda one: one.code)
def test_every_life_leads_to_a_good_end(procedure: Procedure) -> None:
    assert usual_way(procedure)


def test_sample_people_have_logins_of_their_own() -> None:
    logins = [one.login for one in PEOPLE]
    assert len(logins) == len(set(logins))
