"""The sample dossiers are whole: every page is answered without a problem, every document is there, a Region is competent."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from tests.procedures.samples.single_permit import VARIANTS

DAY = date(2026, 11, 21)
REGIONS = {"renewal": "brussels", "change-employer": "brussels", "ict": "brussels", "general": "wallonia"}


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    with stopped_at(datetime(2026, 11, 21, 12, tzinfo=BRUSSELS)):
        yield


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_a_sample_lacks_nothing(name: str) -> None:
    pages, documents = VARIANTS[name]
    values = {question: value for answers in pages.values() for question, value in answers.items()}
    known = {**values, **SINGLE_PERMIT.derive(values, DAY)}
    counting = [page for page in SINGLE_PERMIT.pages if page.when is None or page.when.holds(known)]
    assert {page.code for page in counting} == set(pages)
    for page in counting:
        reading = page.form.read(page.form.raw_of(pages[page.code]), known)
        assert [(one.field, one.message) for one in reading.problems] == [], page.code
        assert {question: value for question, value in reading.values.items() if value} == pages[page.code]
    asked = {one.code for one in SINGLE_PERMIT.documents if one.required and (one.when is None or one.when.holds(known))}
    optional = {one.code for one in SINGLE_PERMIT.documents if not one.required}
    assert asked <= set(documents) <= asked | optional
    outcome = SINGLE_PERMIT.competent(values)
    assert isinstance(outcome, Competence)
    assert outcome.authority == REGIONS.get(name, "flanders")


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_nothing_doubtful_is_said_of_a_sample(name: str) -> None:
    values = {question: value for answers in VARIANTS[name][0].values() for question, value in answers.items()}
    found = [one for one in SINGLE_PERMIT.remarks(values, DAY) if one.doubtful]
    # For work that starts in May, Flanders takes the application from the middle of December on.
    assert {one.about for one in found} == ({"contract_start"} if name == "seasonal" else set())
