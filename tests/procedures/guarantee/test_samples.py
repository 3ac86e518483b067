"""The sample persons have whole commitments: every page reads without a problem, an authority is competent, they can sign in."""

from collections.abc import Mapping
from datetime import date, datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.local.people import CITIZENS, PEOPLE
from frontoffice.procedures import in_force
from frontoffice.procedures.competence import Competence
from tests.procedures.samples import guarantee_short_stay, guarantee_study

DAY = date(2026, 11, 23)
SAMPLES = [
    ("guarantee-short-stay", guarantee_short_stay.ANSWERS, guarantee_short_stay.DOCUMENTS, "municipality-44021"),
    ("guarantee-study", guarantee_study.ANSWERS, guarantee_study.DOCUMENTS, "municipality-62063"),
    ("guarantee-study", guarantee_study.ABROAD, (*guarantee_study.DOCUMENTS, "kinship-acts"), "diplomatic-post"),
]


@pytest.mark.parametrize(("code", "answers", "documents", "authority"), SAMPLES)
def test_a_sample_is_a_whole_dossier(code: str, answers: Mapping[str, Mapping[str, str]], documents: tuple[str, ...], authority: str) -> None:
    procedure = in_force(code, DAY)
    values = {name: text for page in answers.values() for name, text in page.items()}
    with stopped_at(datetime(2026, 11, 23, 12, tzinfo=BRUSSELS)):
        known = {**values, **procedure.derive(values, DAY)}
        assert {one.code for one in procedure.pages} == answers.keys()
        for page in procedure.pages:
            reading = page.form.read(page.form.raw_of(values), known)
            assert reading.problems == ()
            assert {name: text for name, text in reading.values.items() if text} == answers[page.code]
        outcome = procedure.competent(values)
        assert isinstance(outcome, Competence)
        assert outcome.authority == authority
    needed = {one.code for one in procedure.documents if one.required and (one.when is None or one.when.holds(known))}
    assert needed == set(documents)


@pytest.mark.parametrize("answers", [guarantee_short_stay.ANSWERS, guarantee_study.ANSWERS])
def test_a_sample_belongs_to_somebody_who_can_sign_in(answers: Mapping[str, Mapping[str, str]]) -> None:
    [person] = [one for one in PEOPLE if answers["home"]["person_email"] == f"{one.login}@permit-window.example"]
    assert person.provider == CITIZENS
    assert (answers["identity"]["given_names"], answers["identity"]["surname"]) == (person.given_name, person.family_name)
