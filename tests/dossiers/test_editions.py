"""A draft meets a new edition: nothing that was typed is lost, and people are told what changed."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date

import pytest

from frontoffice import procedures
from frontoffice.dossiers import editions
from frontoffice.dossiers.queries import FORMER
from frontoffice.forms.fields import Choice, Text
from frontoffice.forms.form import Form
from frontoffice.procedures import edition_of, in_force
from frontoffice.procedures.single_permit.definition import SINGLE_PERMIT
from frontoffice.procedures.vocabulary import DocumentRequirement, Page, Procedure
from tests.dossiers.drafts import EMPLOYER_PAGES, Office, an_office
from tests.dossiers.opened import a_dossier, answers
from tests.engines import Database, Engines

_CONTACT = next(page for page in SINGLE_PERMIT.pages if page.code == "contact")


def _changed(page: Page) -> Page:
    """The contact page loses the telephone and gains a question; where one lives becomes a choice of two."""
    if page.code == "contact":
        kept = [one for one in page.form.fields if one.name != "contact_phone"]
        return replace(page, form=Form(fields=(*kept, Text(name="contact_office", label="Office"))))
    if page.code == "function":
        swapped = [Choice(name="function_level", label="Level", choices=(("1", "One", ""), ("2", "Two", ""))) if one.name == "function_level" else one
                   for one in page.form.fields]
        return replace(page, form=replace(page.form, fields=tuple(swapped)))
    return page


def next_edition() -> Procedure:
    """The single permit as a later law might ask it."""
    documents = tuple(one for one in SINGLE_PERMIT.documents if one.code != "signatory-identity")
    return replace(
        SINGLE_PERMIT, edition="2026-12", valid_from=date(2026, 11, 22), awaits="", pages=tuple(_changed(page) for page in SINGLE_PERMIT.pages),
        documents=(*documents, DocumentRequirement(code="proof", title="Proof of something", by=frozenset({"employer"}), source="Test")),
    )


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Procedure]:
    """The next edition is in force for this test."""
    new = next_edition()
    monkeypatch.setattr(procedures, "EDITIONS", (*procedures.EDITIONS, new))
    edition_of.cache_clear()
    yield new
    edition_of.cache_clear()


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as made:
        yield made


def test_what_changed_is_named() -> None:
    found = editions.compare(SINGLE_PERMIT, next_edition())
    assert found.asked_now == ["Office"]
    assert found.no_longer_asked == ["Telephone"]
    assert found.asked_otherwise == ["Level"]
    assert (found.documents_now, found.documents_no_longer) == (["Proof of something"], ["Identity card of the person who signs for the employer"])
    assert not found.is_empty and editions.compare(SINGLE_PERMIT, SINGLE_PERMIT).is_empty


def test_no_answer_is_lost(later: Procedure) -> None:
    dossier = a_dossier(given=answers())
    after = editions.regrouped(dossier, later)
    kept = {name: text for page in after.values() for name, text in page.raw.items() if text}
    before = {name: text for page in dossier.answers.values() for name, text in page.raw.items() if text}
    assert {name: text for name, text in before.items() if kept.get(name) != text} == {}
    assert "contact_phone" in after[FORMER].content
    assert not after["contact"].complete and not after["function"].complete
    assert after["workplace"].complete


def test_a_filed_dossier_keeps_its_edition(later: Procedure) -> None:
    assert editions.newer(a_dossier("filed")) is None
    assert editions.newer(a_dossier()) == later
    assert in_force("single-permit", date(2026, 11, 22)) == later
    assert in_force("single-permit", date(2026, 11, 21)).edition == SINGLE_PERMIT.edition


async def test_people_are_told_and_go_on(office: Office, later: Procedure) -> None:
    employer = await office.employer()
    key = await office.start(employer)
    await office.answer(employer, key, EMPLOYER_PAGES)
    await office.bring(employer, key, ["signatory-identity", "contract"])
    browser = await office.browser(employer)
    shown = (await browser.get(f"/en/dossiers/{key}")).text
    assert "The rules changed on 22 November 2026" in shown and "Proof of something" in shown
    refused = await browser.post(f"/en/dossiers/{key}/submit", page=f"/en/dossiers/{key}/check")
    assert refused.status_code == 422
    answer = await browser.post(f"/en/dossiers/{key}/edition", page=f"/en/dossiers/{key}")
    assert answer.status_code == 200 and "The rules changed" not in answer.text
    dossier = await office.see(employer, key)
    assert dossier.procedure == later
    assert dossier.answers["contact"].raw["contact_email"] == EMPLOYER_PAGES["contact"]["contact_email"]
    assert {one.requirement for one in dossier.documents} == {"other", "contract"}
    # A second click changes nothing more.
    await browser.post(f"/en/dossiers/{key}/edition", page=f"/en/dossiers/{key}")
    assert (await office.see(employer, key)).answers["contact"].version == dossier.answers["contact"].version
