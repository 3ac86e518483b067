"""What an authority did with each document: the steps that tell it, its own word, and who may say so; on real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from frontoffice.dossiers import queries
from frontoffice.dossiers.judging import do_not_take, take_over
from frontoffice.dossiers.standing import standing, unsolved
from frontoffice.dossiers.summary import taken_over
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.time import stopped_at
from tests.dossiers.drafts import EVERY_DOCUMENT, THAT_DAY, Hat, Office, an_office
from tests.engines import Database, Engines

LATER = THAT_DAY + timedelta(hours=1)
REASON = "Page 3 is missing.\nScan every page."


@pytest.fixture
async def office(fresh_database: Database, engines: Engines) -> AsyncIterator[Office]:
    async with an_office(fresh_database, engines) as one:
        yield one


async def stands(office: Office, hat: Hat, key: str) -> dict[str, str]:
    """How each document stands for this reader, by its requirement; the newest where there are several."""
    return {one.requirement: standing(one).code for one in (await office.see(hat, key)).documents}


async def told(office: Office, document: UUID) -> list[Any]:
    rows = await office.portal.sql("SELECT c.state, c.reason, p.authority_code, c.person_id FROM document_change c LEFT JOIN party p ON p.id = c.party_id "
                                   "WHERE document_id = :id ORDER BY c.id", id=document)
    return [tuple(row) for row in rows]


async def judge(office: Office, hat: Hat, key: str, document: UUID, reason: str = "") -> None:
    async with office.acting(hat) as (session, actor):
        dossier = await queries.dossier(session, actor, key, lock=True)
        if reason:
            await do_not_take(session, dossier, document, reason, actor.party_id)
        else:
            await take_over(session, dossier, [document], actor.party_id)


async def of(office: Office, hat: Hat, key: str, requirement: str) -> UUID:
    return [one.id for one in (await office.see(hat, key)).documents if one.requirement == requirement][-1]


async def test_an_authority_that_takes_a_step_on_our_pages_has_the_documents(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    assert set((await stands(office, employer, key)).values()) == {"checked"}
    await office.take(region, key, "take-up")
    assert await stands(office, employer, key) == dict.fromkeys(EVERY_DOCUMENT, "taken-over")
    assert await told(office, await of(office, employer, key, "diploma")) == [("checked", "", None, None), ("taken-over", "", "flanders", region.person)]
    total = taken_over(await office.see(employer, key))
    assert total and total.params == {"taken": len(EVERY_DOCUMENT), "all": len(EVERY_DOCUMENT)}


async def test_only_what_was_sent_counts_as_taken_over(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    with stopped_at(LATER):
        (refused,) = await office.bring(employer, key, ["other"], state="refused")
        await office.bring(employer, key, ["other"])
    with stopped_at(LATER + timedelta(hours=1)):
        await office.take(region, key, "take-up")
    found = await stands(office, employer, key)
    assert found.pop("other") != "taken-over" and set(found.values()) == {"taken-over"}
    assert [state for state, *_rest in await told(office, refused)] == ["refused"]


async def test_none_are_counted_where_the_authority_spoke_of_the_filing_as_a_whole(office: Office) -> None:
    employer = await office.employer()
    key = await office.file(employer)
    before = taken_over(await office.see(employer, key))
    assert before and before.params == {"taken": 0, "all": len(EVERY_DOCUMENT)}
    await office.portal.sql("UPDATE dossier SET validated_at = :now", now=LATER)
    assert taken_over(await office.see(employer, key)) is None


async def test_a_step_of_the_applicant_takes_nothing_over(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    await office.take(employer, key, "withdraw")
    assert set((await stands(office, employer, key)).values()) == {"checked"}
    assert (await office.see(region, key)).documents


async def test_an_authority_has_no_document_that_it_may_not_see(office: Office) -> None:
    employer = await office.employer()
    key = await office.file(employer)
    town = await office.official("municipality-11002")
    await office.portal.sql("INSERT INTO participation (id, dossier_id, party_id, role, starts_at) SELECT :id, id, :party, 'municipality', :now FROM dossier",
                            id=uuid4(), party=town.party, now=THAT_DAY)
    await office.portal.sql("UPDATE dossier SET procedure = 'visa-d-study', edition = '2026-11', position = '{arrived}'")
    await office.take(town, key, "register", passport_seen="Z1234567", address_seen="yes")
    found = await stands(office, employer, key)
    assert (found["passport"], found["criminal-record"], found["medical-certificate"]) == ("taken-over", "checked", "checked")


async def test_a_document_turned_down_stays_so_until_the_authority_says_otherwise(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    diploma = await of(office, employer, key, "diploma")
    await office.take(region, key, "take-up")
    for _ in range(2):
        await judge(office, region, key, diploma, REASON)
    dossier = await office.see(employer, key)
    assert [(one.document.id, one.what.params) for one in unsolved(dossier)] == [(diploma, {"reason": REASON})]
    await office.take(region, key, "admit")
    assert (await stands(office, employer, key))["diploma"] == "not-taken"
    for _ in range(2):
        await judge(office, region, key, diploma)
    assert (await stands(office, employer, key))["diploma"] == "taken-over" and not unsolved(await office.see(employer, key))
    assert [(state, reason) for state, reason, *_who in await told(office, diploma)] == [
        ("checked", ""), ("taken-over", ""), ("not-taken", REASON), ("taken-over", "")]
    # The same word said again told nobody again.
    assert (await office.jobs()).count("notices:document") == 1


async def test_another_reason_is_a_newer_word(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    diploma = await of(office, employer, key, "diploma")
    await judge(office, region, key, diploma, REASON)
    with stopped_at(LATER):
        await judge(office, region, key, diploma, "It is not legalised.")
    assert [(state, reason) for state, reason, *_who in await told(office, diploma)][1:] == [("not-taken", REASON), ("not-taken", "It is not legalised.")]
    assert (await office.jobs()).count("notices:document") == 2


async def test_all_or_none(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    diploma = await of(office, employer, key, "diploma")
    for documents in ([diploma, uuid4()], [uuid4()]):
        async with office.acting(region) as (session, actor):
            with pytest.raises(NotFound):
                await take_over(session, await queries.dossier(session, actor, key, lock=True), documents, actor.party_id)
    with pytest.raises(NotFound):
        await judge(office, region, key, uuid4(), REASON)
    assert set((await stands(office, employer, key)).values()) == {"checked"}


async def test_a_later_file_puts_right_only_what_was_known_to_be_wrong(office: Office) -> None:
    """Two files may come together: that the second is right says nothing of the first."""
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    first, _second = await of(office, employer, key, "diploma"), await office.bring(employer, key, ["diploma"])
    with stopped_at(LATER):
        await judge(office, region, key, first, REASON)
        assert [one.document.id for one in unsolved(await office.see(employer, key))] == [first]
    with stopped_at(LATER + timedelta(minutes=1)):
        await office.bring(employer, key, ["diploma"])
        assert [one.document.id for one in unsolved(await office.see(employer, key)) if one.document.not_taken_at] == []


def path(key: str, document: UUID, *more: str) -> str:
    return "/".join((f"/en/dossiers/{key}/documents/diploma/{document}/judgement", *more))


async def test_the_page_of_an_authority_asks_why_and_takes_it_back(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    await office.take(region, key, "take-up")
    document, browser = await of(office, employer, key, "diploma"), await office.browser(region)
    assert f'href="{path(key, document)}"' in (await browser.get(f"/en/dossiers/{key}")).text
    empty = await browser.post(path(key, document))
    assert empty.status_code == 422 and "Why can you not use it?" in empty.text
    answer = await browser.post(path(key, document), {"reason": REASON})
    assert answer.status_code == 200 and answer.url.path == f"/en/dossiers/{key}"
    assert "Not taken by the authority" in answer.text
    reader = await office.browser(employer)
    shown = (await reader.get(f"/en/dossiers/{key}")).text
    assert "Page 3 is missing." in shown and f"{len(EVERY_DOCUMENT) - 1} of {len(EVERY_DOCUMENT)} taken over by the authority" in shown
    assert "judgement" not in shown
    again = await browser.post(path(key, document), {"reason": REASON}, follow=False)
    assert again.status_code == 303
    other = await browser.post(path(key, document), {"reason": "Another one."})
    assert other.status_code == 409 and "Another one." in other.text
    undone = await browser.post(path(key, document, "undo"), page=path(key, document))
    assert undone.status_code == 200 and (await stands(office, employer, key))["diploma"] == "taken-over"


async def test_the_page_shows_a_reason_as_text(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    document, browser = await of(office, employer, key, "diploma"), await office.browser(region)
    await browser.post(path(key, document), {"reason": "<script>alert(1)</script> %(reason)s {{ 7 * 7 }}"})
    for hat in (employer, region):
        page = (await (await office.browser(hat)).get(f"/en/dossiers/{key}")).text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "{{ 7 * 7 }}" in page
    assert "<script>alert" not in (await browser.get(path(key, document))).text


async def test_it_cannot_be_undone_once_a_newer_document_came(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    await office.take(region, key, "take-up")
    await office.take(region, key, "ask-documents", document="other", request="All of it")
    document, browser = await of(office, employer, key, "diploma"), await office.browser(region)
    await browser.post(path(key, document), {"reason": REASON})
    stale = await browser.post(path(key, document, "undo"), {"since": "2026-01-01T00:00:00+00:00"}, page=path(key, document))
    assert stale.status_code == 409
    since = (await office.see(employer, key)).documents
    with stopped_at(LATER):
        await office.bring(employer, key, ["diploma"])
        await office.take(employer, key, "complete")
        browser = await office.browser(region)
        assert "Use it after all" not in (await browser.get(path(key, document))).text
        at = next(one.not_taken_at for one in since if one.id == document)
        assert at
        late = await browser.post(path(key, document, "undo"), {"since": at.isoformat()}, page=path(key, document))
    assert late.status_code == 409
    assert next(standing(one).code for one in (await office.see(employer, key)).documents if one.id == document) == "not-taken"


async def test_only_an_authority_judges_and_only_while_the_dossier_is_open(office: Office) -> None:
    employer, region, other = await office.employer(), await office.official("flanders"), await office.official("wallonia")
    key = await office.file(employer)
    document = await of(office, employer, key, "diploma")
    for hat, status in ((employer, 403), (other, 404)):
        browser = await office.browser(hat)
        assert (await browser.get(path(key, document))).status_code == status
        answer = await browser.post(path(key, document), {"reason": REASON, "csrf": await browser.token("/en")})
        assert answer.status_code == status
    browser = await office.browser(region)
    assert (await browser.get(path(key, uuid4()))).status_code == 404
    await office.take(employer, key, "withdraw")
    assert (await browser.get(path(key, document))).status_code == 409
    assert "judgement" not in (await browser.get(f"/en/dossiers/{key}")).text
    assert set((await stands(office, employer, key)).values()) == {"checked"}


async def test_of_ten_clerks_with_ten_reasons_one_is_heard(office: Office) -> None:
    employer, region = await office.employer(), await office.official("flanders")
    key = await office.file(employer)
    document = await of(office, employer, key, "diploma")
    clerks = [await office.browser(region) for _ in range(10)]
    tokens = [await one.token(path(key, document)) for one in clerks]
    answers = await asyncio.gather(*(one.client.post(path(key, document), data={"csrf": token, "reason": f"Reason {nth}"})
                                     for nth, (one, token) in enumerate(zip(clerks, tokens, strict=True))))
    assert sorted(one.status_code for one in answers) == [303, *[409] * 9]
    assert [state for state, *_rest in await told(office, document)].count("not-taken") == 1
