"""The sample person of each visa D has a whole dossier: every page reads without a problem, and a post is competent."""

from datetime import date, datetime
from importlib import import_module

import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.local.people import CITIZENS, PEOPLE
from frontoffice.procedures import in_force
from frontoffice.procedures.competence import Competence

DAY = date(2026, 11, 23)
SAMPLES = ["visa-d-family", "visa-d-study", "visa-d-researcher", "visa-d-au-pair", "visa-d-working-holiday", "visa-d-marriage", "visa-d-humanitarian"]


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sample_is_a_whole_dossier(code: str) -> None:
    sample = import_module(f"tests.procedures.samples.{code.replace('-', '_')}")
    procedure = in_force(code, DAY)
    values = {name: text for page in sample.ANSWERS.values() for name, text in page.items()}
    with stopped_at(datetime(2026, 11, 23, 12, tzinfo=BRUSSELS)):
        known = {**values, **procedure.derive(values, DAY)}
        counting = [one for one in procedure.pages if one.when is None or one.when.holds(known)]
        assert [one.code for one in counting if one.code not in sample.ANSWERS] == []
        for page in counting:
            reading = page.form.read(page.form.raw_of(values), known)
            assert reading.problems == ()
            assert {name: text for name, text in reading.values.items() if text} == sample.ANSWERS[page.code]
        outcome = procedure.competent(values)
        assert isinstance(outcome, Competence)
        assert outcome.authority == "diplomatic-post"
        procedure.remarks(known, DAY)
    needed = {one.code for one in procedure.documents if one.required and (one.when is None or one.when.holds(known))}
    assert needed == set(sample.DOCUMENTS)


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sample_belongs_to_somebody_who_can_sign_in(code: str) -> None:
    sample = import_module(f"tests.procedures.samples.{code.replace('-', '_')}").ANSWERS
    login = sample["home"]["person_email"].partition("@")[0]
    [person] = [one for one in PEOPLE if one.login == login]
    assert person.provider == CITIZENS
    assert sample["identity"]["surname"].startswith(person.family_name)
    assert sample["identity"]["given_names"].startswith(person.given_name)
