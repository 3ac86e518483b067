"""Whether a document is too old, on the day of filing or of the decision, and how the pages ask for its day and tell it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from frontoffice.dossiers import completeness
from frontoffice.dossiers.ages import Age, ages
from frontoffice.dossiers.tasks import task_groups
from frontoffice.kernel.time import stopped_at
from frontoffice.procedures.figures import Figure
from frontoffice.procedures.vocabulary import DocumentRequirement, Role
from tests.dossiers.opened import NOON, a_dossier, answers, document
from tests.engines import Database, Engines
from tests.filing import begin
from tests.web import Browser, running_portal

SIX_MONTHS = Figure(code="age", value=6, unit="months", source="a page", confidence="O")
EXTRACT = DocumentRequirement(code="extract", title="Extract", by=frozenset({Role.WORKER}), max_age="age")


@pytest.fixture
def that_day() -> Iterator[None]:
    with stopped_at(NOON):
        yield


def _age(issued: str, *, filed: str = "2026-11-23", decided: str = "2027-03-23", confidence: str = "O", figure: Figure = SIX_MONTHS) -> Age:
    return Age(requirement=EXTRACT, figure=replace(figure, confidence=confidence), filed_on=date.fromisoformat(filed),
               decided_on=date.fromisoformat(decided) if decided else None, issued_on=date.fromisoformat(issued) if issued else None)


@pytest.mark.parametrize(("issued", "confidence", "too_old", "blocks", "will_be"), [
    ("2026-05-22", "O", True, True, False), ("2026-05-22", "P", True, False, False), ("2026-05-23", "O", False, False, True),
    # Six months before the decision of 23 March is 23 September.
    ("2026-09-22", "O", False, False, True), ("2026-09-23", "O", False, False, False), ("2026-11-23", "O", False, False, False), ("", "O", False, False, False),
])
def test_too_old_now_or_later(issued: str, confidence: str, too_old: bool, blocks: bool, will_be: bool) -> None:
    one = _age(issued, confidence=confidence)
    assert (one.is_too_old, one.blocks, one.will_be_too_old) == (too_old, blocks, will_be)
    assert (one.verdict is not None) is (too_old or will_be)


@pytest.mark.parametrize(("filed", "oldest"), [
    ("2026-11-23", "2026-05-23"), ("2027-02-28", "2026-08-28"), ("2028-02-29", "2027-08-29"),
    # Six months from 28 February end on 28 August: the document of that day is too old on the last days of August.
    ("2026-08-28", "2026-02-28"), ("2026-08-29", "2026-03-01"), ("2026-08-31", "2026-03-01"), ("2026-10-31", "2026-05-01"),
])
def test_the_first_day_of_issue_that_counts(filed: str, oldest: str) -> None:
    one = _age("", filed=filed, decided="")
    assert one.oldest == one.order_from == date.fromisoformat(oldest)


def test_a_decision_far_away_asks_for_no_document_of_the_future() -> None:
    assert _age("", decided="2028-01-01").order_from == date(2026, 11, 23)
    days = replace(SIX_MONTHS, value=90, unit="days")
    assert _age("", figure=days).oldest == date(2026, 8, 25)


def _draft(*issued: date | None, state: str = "checked", code: str = "criminal-record") -> Age:
    given = [replace(document(code, state), issued_on=day) for day in issued]
    dossier = replace(a_dossier(given=answers()), documents=given)
    known = completeness.facts(dossier)
    return ages(dossier, known, completeness.documents_that_count(dossier, known))[code]


@pytest.mark.parametrize(("issued", "state", "youngest"), [
    ((date(2026, 1, 1), date(2026, 10, 1)), "checked", date(2026, 10, 1)), ((date(2026, 1, 1), None), "checked", None),
    ((), "checked", None), ((date(2026, 1, 1),), "refused", None), ((date(2026, 1, 1),), "received", date(2026, 1, 1)),
])
def test_the_youngest_document_counts(that_day: None, issued: tuple[date | None, ...], state: str, youngest: date | None) -> None:
    found = _draft(*issued, state=state)
    assert found.issued_on == youngest
    assert (found.filed_on, found.decided_on, found.figure.code) == (date(2026, 11, 23), date(2027, 3, 23), "criminal-record-age")


def test_what_is_too_old_is_missing_and_says_so_in_the_list(that_day: None) -> None:
    for day, old in ((date(2026, 5, 22), True), (date(2026, 5, 23), False)):
        dossier = a_dossier(given=answers())
        dossier = replace(dossier, documents=[replace(document("criminal-record"), issued_on=day)])
        told = [one.document for one in completeness.missing(dossier) if one.what.text.endswith("too old on the day of filing")]
        assert told == (["criminal-record"] if old else [])
        tasks = {task.code: task.state for group in task_groups(replace(dossier, roles=frozenset({Role.WORKER}))) for task in group.tasks}
        assert tasks["criminal-record"] == ("old" if old else "done")


def test_once_filed_the_day_of_filing_counts(that_day: None) -> None:
    filed = replace(a_dossier("filed", given=answers(), region="flanders"), filed_at=NOON.replace(month=8))
    known = completeness.facts(filed)
    assert ages(filed, known, filed.procedure.documents)["criminal-record"].filed_on == date(2026, 8, 23)


PDF = b"%PDF-1.4 not checked here"


async def _send(browser: Browser, path: str, day: tuple[str, str, str], files: bool = True, *, late: bool = False) -> tuple[int, str]:
    fields = dict(zip(("issued-day", "issued-month", "issued-year"), day, strict=True))
    token = await browser.token(path)
    parts: list[tuple[str, tuple[str | None, bytes] | tuple[str, bytes, str]]] = [("csrf", (None, token.encode()))]
    typed = [(name, (None, value.encode())) for name, value in fields.items()]
    file = [("file", ("extract.pdf", PDF, "application/pdf"))] if files else []
    answer = await browser.client.post(path, files=[*parts, *(file + typed if late else typed + file)])
    return answer.status_code, answer.text


async def test_the_day_of_issue_is_asked_checked_and_kept(fresh_database: Database, engines: Engines) -> None:
    with stopped_at(NOON):
        async with running_portal(fresh_database, engines) as portal:
            employer = await portal.employer()
            key = await begin(employer)
            worker = await portal.worker(key)
            path = f"/en/dossiers/{key}/documents/medical-certificate"
            page = (await worker.get(path)).text
            assert page.index('name="issued-day"') < page.index('type="file"') and "issued on 23 May 2026 or later" in page
            for day, words in ((("31", "2", "2026"), "does not exist"), (("24", "11", "2026"), "yet to come"), (("1", "", ""), "needs a day, a month and a year")):
                for late in (False, True):
                    status, text = await _send(worker, path, day, late=late)
                    assert status == 422 and words in text and f'value="{day[0]}"' in text and 'href="#issued-day"' in text, (day, late)
            status, text = await _send(worker, path, ("2", "5", "2026"), files=False)
            assert status == 422 and 'value="2026"' in text
            assert (await portal.sql("SELECT count(*) FROM document WHERE issued_on IS NOT NULL"))[0][0] == 0
            assert (await _send(worker, path, ("2", "5", "2026")))[0] == 303
            assert (await portal.sql("SELECT issued_on FROM document ORDER BY given_at"))[-1][0] == date(2026, 5, 2)
            text = (await worker.get(path)).text
            assert "Issued on 2 May 2026, it is too old" in text and "order it so that it is issued on" in text
            assert "Too old" in (await worker.get(f"/en/dossiers/{key}")).text
            # The employer may not open it: the page tells that it is too old, never its day.
            check = (await employer.get(f"/en/dossiers/{key}/check")).text
            assert "Medical certificate: too old on the day of filing" in check and "2 May 2026" not in check
            assert "When to ask for which document" in check
