"""The pages of the identity desk: what an official reads, sends and is refused, and that nobody else finds them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from tests.identities.office import ANA, ANA_AGAIN, PETR, Desk

MINOR = {"surname": "Haidari", "given_names": "", "birth_date": "2018-05-00", "sex": "F", "nationality": "XXB", "other_nationalities": "AFG",
         "guardian_surname": "Haidari", "guardian_given_names": "Ali Reza", "birth_place": "Kabul", "former_names": "Haydari",
         "national_number": "18450900161", "worker_phone": "+32470123456"}


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """What the web process asks the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    engine = desk.portal.app.app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def a_task(desk: Desk) -> UUID:
    await desk.filed(ANA)
    await desk.filed(ANA_AGAIN)
    [task] = await desk.doubles()
    found = task.id
    assert isinstance(found, UUID)
    return found


async def test_an_official_lands_on_the_doubles(desk: Desk) -> None:
    greet = await desk.browser()
    answer = await greet.get("/en/dossiers")
    assert answer.url.path == "/en/identities" and "You need to do nothing now." in answer.text


async def test_the_list_names_both_and_what_is_asked(desk: Desk) -> None:
    task = await a_task(desk)
    text = (await (await desk.browser()).get("/en/identities")).text
    for words in ("1 task waits for you", "Ana Beatriz Silva", "Ana Beatriz Souza", "30 July 1985", "SP-2026-0000001-X", "To decide", str(task)):
        assert words in text


async def test_both_records_stand_side_by_side_with_differences_marked(desk: Desk) -> None:
    task = await a_task(desk)
    text = (await (await desk.browser()).get(f"/en/identities/{task}")).text
    rows = text.partition("<tbody")[2].partition("</tbody>")[0].split("<tr")
    marks = dict(found.groups() for row in rows if (found := re.search(r'rowheader">([^<]+)</th>.*govuk-tag--(green|red)', row, re.DOTALL)))
    assert marks["Surname"] == "red" and marks["Date of birth"] == "green" and marks["Passports"] == "red"
    for words in ("Brazil", "Recife", "FX100200", "GC300400", "Silva (name at birth)", "The dates of birth are the same."):
        assert words in text, words


async def test_what_is_unknown_or_special_is_said_in_words(desk: Desk) -> None:
    await desk.filed(MINOR)
    await desk.filed({**MINOR, "birth_date": "2018-05-09", "national_number": "", "worker_phone": "+32470123456"})
    [task] = await desk.doubles()
    text = (await (await desk.browser()).get(f"/en/identities/{task.id}")).text
    for words in ("May 2018", "9 May 2018", "Under 18 today", "The document shows one name only.", "Recognised refugee", "Afghanistan", "Ali Reza Haidari",
                  "Haydari (former name)", "one side only", "They gave the same telephone number or e-mail address."):
        assert words in text, words


async def test_two_officials_decide_and_one_takes_it_back(desk: Desk) -> None:
    task = await a_task(desk)
    greet, paul, path = await desk.browser("Greet Janssens"), await desk.browser("Paul Mertens"), f"/en/identities/{task}"
    assert (await greet.post(path, {"decision": "same"})).url.path == path
    text = (await greet.get(path)).text
    assert "when another official of your office agrees" in text and "Your answer" not in text.replace("Your answer decides", "")
    assert "Waits for a colleague" in (await greet.get("/en/identities")).text
    assert "A colleague asks you to agree" in (await paul.get(path)).text
    text = (await paul.post(path, {"decision": "same"})).text
    assert "Decided: one person" in text and "Greet Janssens: one person" in text
    assert await desk.settle() == 1
    assert "One person" in (await paul.get("/en/identities?part=settled")).text
    text = (await greet.post(f"{path}/undo", page=path)).text
    assert "Compare both records and decide" in text and "took the decision back" in text
    assert await desk.settle() == 1
    assert not await desk.sql("SELECT FROM identity WHERE merged_into IS NOT NULL")


async def test_without_an_answer_the_page_explains(desk: Desk) -> None:
    task = await a_task(desk)
    greet = await desk.browser()
    for decision in ({}, {"decision": ""}, {"decision": "maybe"}):
        answer = await greet.post(f"/en/identities/{task}", decision)
        assert answer.status_code == 422 and "Answer this question" in answer.text and 'href="#decision"' in answer.text


async def test_a_doubtful_link_is_asked_about(desk: Desk) -> None:
    await desk.filed(ANA)
    await desk.filed({**PETR, "passport_number": ANA["passport_number"], "passport_country": "BRA"})
    [task] = await desk.doubles()
    greet = await desk.browser()
    text = (await greet.get(f"/en/identities/{task.id}")).text
    assert "Is this dossier really this person&#39;s?" in text or "Is this dossier really this person's?" in text
    assert "Petr Ivanov" in text and "Ana Beatriz Silva" in text
    assert "link in doubt" in (await greet.get("/en/identities")).text


async def test_asking_about_one_dossier_of_a_person(desk: Desk) -> None:
    task = await a_task(desk)
    third = await desk.filed({**ANA, "given_names": "Ana"})
    greet = await desk.browser()
    answer = await greet.post(f"/en/identities/{task}/question", {"dossier": str(third)}, page=f"/en/identities/{task}")
    assert answer.status_code == 200 and answer.url.path != f"/en/identities/{task}"
    assert "An official asked whether this dossier is this person" in answer.text
    for wrong in ("", "x", str(uuid4())):
        answer = await greet.post(f"/en/identities/{task}/question", {"dossier": wrong}, page=f"/en/identities/{task}", follow=False)
        assert answer.status_code in (404, 422)


async def test_an_old_page_is_refused_kindly(desk: Desk) -> None:
    task = await a_task(desk)
    greet, paul = await desk.browser("Greet Janssens"), await desk.browser("Paul Mertens")
    await greet.post(f"/en/identities/{task}", {"decision": "different"})
    assert (await paul.post(f"/en/identities/{task}", {"decision": "same", "version": "1"})).status_code == 409
    assert (await greet.post(f"/en/identities/{task}/undo", {"version": "1"}, page=f"/en/identities/{task}")).status_code == 409


async def test_for_everybody_else_there_is_no_such_page(desk: Desk) -> None:
    task = await a_task(desk)
    others = [await desk.portal.employer(), await desk.portal.official("flanders"), await desk.portal.official("municipality-11002"),
              await desk.portal.official("diplomatic-post")]
    for browser in others:
        for path in ("/en/identities", f"/en/identities/{task}", f"/en/identities/{uuid4()}", "/en/identities/x"):
            assert (await browser.get(path)).status_code == 404
    assert "/sign-in" in str((await desk.portal.visitor().client.get("/en/identities")).headers["location"])
    assert not await desk.value("SELECT count(*) FROM identity_act")


@pytest.mark.parametrize("path", ["/en/identities", "/en/identities?part=settled", "/en/identities/{task}"])
async def test_a_page_costs_few_statements(desk: Desk, path: str) -> None:
    task = await a_task(desk)
    greet = await desk.browser()
    with statements(desk) as seen:
        assert (await greet.get(path.format(task=task))).status_code == 200
    assert len(seen) <= 3, seen


@pytest.mark.parametrize("locale", ["nl", "fr", "de"])
async def test_the_pages_open_in_every_language(desk: Desk, locale: str) -> None:
    task = await a_task(desk)
    greet = await desk.browser()
    for path in (f"/{locale}/identities", f"/{locale}/identities/{task}"):
        assert (await greet.get(path)).status_code == 200
