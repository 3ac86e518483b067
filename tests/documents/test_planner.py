"""The planner tells from when until when each certificate may be issued, for the day on which somebody means to file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from frontoffice.documents.planner import plan
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.vocabulary import Role
from tests.dossiers.drafts import THAT_DAY, an_office
from tests.dossiers.opened import NOON, a_dossier, answers, document
from tests.engines import Database, Engines


@pytest.fixture
def that_day() -> Iterator[None]:
    with stopped_at(NOON):
        yield


@pytest.mark.parametrize(("filing", "first"), [
    # The decision is expected four months later; six months before that is where the certificate may begin.
    ("2026-11-23", "2026-09-23"), ("2027-01-31", "2026-12-01"), ("2027-02-28", "2026-12-28"),
])
def test_each_certificate_has_its_days(that_day: None, filing: str, first: str) -> None:
    found = plan(a_dossier(given=answers()), date.fromisoformat(filing))
    assert [one.age.requirement.code for one in found] == ["criminal-record", "medical-certificate"]
    for one in found:
        assert (one.first, one.last) == (date.fromisoformat(first), date.fromisoformat(filing))
        assert one.age.outlives_the_decision


def test_a_filed_dossier_counts_from_its_own_day(that_day: None) -> None:
    filed = replace(a_dossier("filed", given=answers(), region="flanders"), filed_at=NOON.replace(month=8))
    assert {one.last for one in plan(filed, date(2026, 8, 23))} == {date(2026, 8, 23)}


def test_what_the_reader_brings_comes_first_and_what_is_private_stays_so(that_day: None) -> None:
    given = [replace(document("criminal-record"), issued_on=date(2026, 10, 1))]
    mine, others = (
        {one.age.requirement.code: (one.mine, one.hidden) for one in plan(replace(a_dossier(given=answers(), roles=[role]), documents=given), NOON.date())}
        for role in (Role.WORKER, Role.MANDATARY)
    )
    assert mine["criminal-record"] == (True, False)
    assert others["criminal-record"][0] in (True, False) and set(mine) == set(others)


async def test_the_page_answers_for_the_day_that_was_typed(fresh_database: Database, engines: Engines) -> None:
    with stopped_at(THAT_DAY):
        async with an_office(fresh_database, engines) as office:
            hat = await office.employer()
            key = await office.ready(hat)
            browser, path = await office.browser(hat), f"/en/dossiers/{key}/planner"
            page = (await browser.get(path)).text
            assert "Counted as if you file on 23 November 2026." in page and "between 23 September 2026 and 23 November 2026" in page
            later = await browser.get(path, params={"filing-day": "1", "filing-month": "3", "filing-year": "2027"})
            assert "Counted as if you file on 1 March 2027." in later.text
            for typed, problem in (({"filing-day": "31", "filing-month": "2", "filing-year": "2027"}, ""), ({"filing-day": "1", "filing-month": "1", "filing-year": "2026"}, "Choose today or a later day"),
                                   ({"filing-day": "1", "filing-month": "1", "filing-year": "2040"}, "too far away")):
                answer = await browser.client.get(path, params=typed)
                assert answer.status_code == 422 and problem in answer.text
                assert f'value="{typed["filing-day"]}"' in answer.text
            other = await office.browser(await office.employer("0403019261", "Stranger"))
            assert (await other.client.get(path)).status_code == 404
