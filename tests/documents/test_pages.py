"""The page of one document that is asked for: what was given, how it stands, what happened to it, and what is still to be solved."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event

from frontoffice.documents.grants import read_upload_grant
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now, stopped_at
from tests.documents.given import Desk, a_desk, draw, main_words
from tests.dossiers.drafts import an_office
from tests.engines import Database, Engines
from tests.storages import storage_as

REASON = "This PDF is locked with a password"


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines) -> AsyncIterator[Desk]:
    async with an_office(fresh_database, engines) as office:
        yield await a_desk(office)


@pytest.fixture
async def storage(engines: Engines) -> AsyncIterator[Storage]:
    async with storage_as(engines, "worker") as storage:
        yield storage


async def upload(desk: Desk, *names: str, **fields: str) -> httpx.Response:
    """The plain form, with several files."""
    files = [("file", (name, io.BytesIO(b"%PDF-1.4 " + name.encode()), "application/pdf")) for name in names]
    return await desk.browser.client.post(desk.path(), data={"csrf": await desk.browser.token(desk.path()), **fields}, files=files)


@pytest.mark.parametrize(("state", "more", "expected"), [
    ("uploading", {}, "Being uploaded"), ("received", {}, "Received"), ("checking", {}, "Being checked"), ("checked", {}, "Checked"),
    ("refused", {"reason": REASON}, "Refused"), ("checked", {"handed_over_at": now()}, "Handed over"),
    ("checked", {"handed_over_at": now(), "taken_over_at": now()}, "The authority has it"),
    ("checked", {"handed_over_at": now(), "not_taken_at": now(), "not_taken_reason": "Too blurred <b>"}, "Not taken by the authority"),
])
async def test_a_document_stands_with_its_state_its_reason_and_its_history(desk: Desk, state: str, more: dict[str, Any], expected: str) -> None:
    document = await desk.give("contract.pdf", state=state, **more)
    page = await desk.read()
    assert expected in page and "contract.pdf" in page and "What happened to it" in page
    assert (REASON in page) is (state == "refused") and ("Too blurred <b>" in page) is ("not_taken_at" in more)
    assert ("It does not count as it is: add a better one below." in page) is ("not_taken_at" in more)
    assert ("It does not count as it is: replace it, or remove it if it is not needed." in page) is (state == "refused")
    assert (desk.path(document, "view") in (await desk.browser.get(desk.path())).text) is (state == "checked")


async def test_the_history_tells_every_state_in_order(desk: Desk) -> None:
    document = await desk.give("contract.pdf", state="uploading")
    for state in ("received", "checking", "checked"):
        await desk.office.portal.sql("UPDATE document SET state = :state, sha256 = 'x' WHERE id = :id", state=state, id=document)
    await desk.office.portal.sql("UPDATE document SET handed_over_at = now(), taken_over_at = now() WHERE id = :id", id=document)
    page = await desk.read()
    page = page[page.index("What happened to it"):]
    places = [page.index(f": {one}") for one in ("Being uploaded", "Received", "Being checked", "Checked", "Handed over", "The authority has it")]
    assert places == sorted(places)


async def test_the_page_looks_again_by_itself_only_while_something_is_to_come(desk: Desk, storage: Storage) -> None:
    document = await desk.give("contract.pdf", state="checking")
    waiting = (await desk.browser.get(desk.path())).text
    assert 'hx-trigger="click, load delay:2s"' in waiting and "We check each document for a moment." in waiting
    await desk.office.portal.sql("UPDATE document SET state = 'checked', sha256 = 'x' WHERE id = :id", id=document)
    drawn_soon = (await desk.browser.get(desk.path(), headers={"hx-request": "true", "hx-target": "given"})).text
    assert "load delay" in drawn_soon and "Pictures of the pages come in a moment." in drawn_soon and "<html" not in drawn_soon
    await draw(desk, storage, document, 1)
    assert "load delay" not in (await desk.browser.get(desk.path())).text
    # A document whose pictures never come is not waited for without end.
    await desk.office.portal.sql("UPDATE document SET previews = 0, given_at = :before", before=now() - timedelta(minutes=3))
    assert "load delay" not in (await desk.browser.get(desk.path())).text


async def test_a_slot_full_of_documents_costs_no_more_statements_than_one(desk: Desk) -> None:
    for number in range(12):
        await desk.give(f"{number}.jpg", page_order=number)
    costs: list[str] = []
    engine = desk.office.portal.app.app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_more: costs.append(statement))
    assert (await desk.browser.get(desk.path())).status_code == 200
    assert len(costs) <= 5, costs


async def test_several_files_of_one_form_keep_the_order_in_which_they_were_chosen(desk: Desk, storage: Storage) -> None:
    await desk.give("first.jpg", page_order=1)
    assert (await upload(desk, "b.pdf", "a.pdf", "c.pdf")).status_code == 303
    assert [row[0] for row in await desk.rows("file_name")] == ["first.jpg", "b.pdf", "a.pdf", "c.pdf"]
    assert await desk.office.jobs() == ["documents:check"] * 3


async def test_the_script_gets_a_token_for_this_slot_of_this_session_only(desk: Desk) -> None:
    page = (await desk.browser.get(desk.path())).text
    token = page.split('data-token="')[1].split('"')[0]
    grant = read_upload_grant(desk.office.portal.settings, token, now())
    assert (str(grant.dossier_id), grant.requirement) == (desk.key, "contract")
    assert 'data-uploads="/uploads"' in page
    worker = await desk.office.browser(await desk.office.worker(desk.key))
    assert "data-token" not in (await worker.get(desk.path())).text


async def test_what_is_removed_takes_its_pages_along_and_stays_as_a_row(desk: Desk) -> None:
    joined = await desk.give("joined.pdf")
    parts = [await desk.give(f"{place}.jpg", joined_into=joined, page_order=place) for place in (1, 2)]
    stays = await desk.give("other.jpg")
    assert (await desk.browser.post(desk.path(joined, "remove"), page=desk.path(), follow=False)).status_code == 303
    assert set(await desk.rows("id, state")) == {(joined, "replaced"), *((one, "replaced") for one in parts), (stays, "checked")}
    page = await desk.read()
    assert "joined.pdf" not in page and "other.jpg" in page
    assert (await desk.browser.post(desk.path(parts[0], "remove"), page=desk.path(), follow=False)).status_code == 404


async def test_removing_an_unfinished_upload_ends_it(desk: Desk) -> None:
    document = await desk.give("large.pdf", state="uploading")
    await desk.office.portal.sql(
        "INSERT INTO upload (document_id, length, stored, person_id, created_at, expires_at) VALUES (:id, 1000, 10, :person, now(), now() + interval '1 day')",
        id=document, person=desk.hat.person)
    assert (await desk.browser.post(desk.path(document, "remove"), page=desk.path(), follow=False)).status_code == 303
    assert await desk.office.count("upload") == 0 and await desk.rows("state") == [("replaced",)]


async def test_a_new_document_may_take_the_place_of_a_filed_one(desk: Desk, storage: Storage) -> None:
    office = desk.office
    desk.key = await office.ready(desk.hat)
    (filed,) = [row[0] for row in await desk.rows("id", "requirement = 'contract'")]
    assert "Does it take the place" not in await desk.read()
    await office.file(desk.hat, desk.key)
    assert "Does it take the place of a document that was filed?" in await desk.read()
    for typed in ("nonsense", str(desk.hat.party)):
        answer = await upload(desk, "new.pdf", replaces=typed)
        assert answer.status_code == 409 and "The document that you wanted to replace no longer counts" in main_words(answer)
    assert (await upload(desk, "new.pdf", replaces=str(filed))).status_code == 303
    assert (await upload(desk, "more.pdf", replaces="no")).status_code == 303
    assert set(await desk.rows("file_name, replaces", "state = 'received'")) == {("new.pdf", filed), ("more.pdf", None)}


@pytest.mark.parametrize("path", ["", "/check"])
async def test_what_must_be_put_right_is_one_list_until_it_is(desk: Desk, path: str) -> None:
    overview = f"/en/dossiers/{desk.key}{path}"
    assert "needs your attention" not in await desk.read(overview)
    broken = await desk.give("broken.pdf", state="refused", reason=REASON, given_at=now() - timedelta(minutes=1))
    page = await desk.read(overview)
    assert "1 document needs your attention" in page and "broken.pdf" in page and REASON in page
    assert f'href="{desk.path()}?replaces={broken}"' in (await desk.browser.get(overview)).text
    await desk.give("another.pdf")
    assert "1 document needs your attention" in await desk.read(overview)
    await desk.give("good.pdf", state="received", replaces=broken)
    assert "needs your attention" not in await desk.read(overview)


async def test_of_three_payslips_the_refused_one_stays_in_the_list_until_somebody_says_what_becomes_of_it(desk: Desk, storage: Storage) -> None:
    overview, bar = f"/en/dossiers/{desk.key}", "1 document needs your attention"
    first = await desk.give("first.pdf", state="refused", reason=REASON)
    for name in ("second.pdf", "third.pdf"):
        assert (await upload(desk, name, replaces="no")).status_code == 303
        assert bar in await desk.read(overview)
    assert "Does it take the place of another document?" in await desk.read()
    assert f'value="{first}" checked' not in (await desk.browser.get(desk.path())).text
    # The way from the list has it chosen, and so has the one at the document itself; both are links of a plain page.
    way = f"{desk.path()}?replaces={first}"
    assert f'href="{way}#replaces"' in (await desk.browser.get(desk.path())).text
    assert f'value="{first}" checked' in (await desk.browser.get(way)).text
    assert (await upload(desk, "again.pdf", replaces=str(first))).status_code == 303
    assert bar not in await desk.read(overview) and "first.pdf" not in await desk.read()
    # Refused again, it is the newest of them that must be put right; taken back, what it replaced is not forgotten.
    await desk.office.portal.sql("UPDATE document SET state = 'refused', reason = :why WHERE file_name = 'again.pdf'", why=REASON)
    page = await desk.read(overview)
    assert bar in page and "again.pdf" in page and "first.pdf" not in page
    (again,) = [row[0] for row in await desk.rows("id", "file_name = 'again.pdf'")]
    assert (await desk.browser.post(desk.path(again, "remove"), page=desk.path(), follow=False)).status_code == 303
    assert "first.pdf" in await desk.read(overview)
    assert (await desk.browser.post(desk.path(first, "remove"), page=desk.path(), follow=False)).status_code == 303
    assert bar not in await desk.read(overview)
    # Whoever still has the page open that named it gives one document more.
    assert (await upload(desk, "late.pdf", replaces=str(first))).status_code == 303
    assert (await desk.rows("replaces", "file_name = 'late.pdf'")) == [(None,)]


async def test_what_was_refused_before_the_filing_can_be_removed_or_replaced_after_it(desk: Desk, storage: Storage) -> None:
    desk.key = await desk.office.ready(desk.hat)
    refused = [await desk.give(f"{number}.pdf", state="refused", reason=REASON) for number in range(2)]
    overview = f"/en/dossiers/{await desk.office.file(desk.hat, desk.key)}"
    assert "2 documents need your attention" in await desk.read(overview)
    with stopped_at(now() + timedelta(minutes=2)):
        assert (await desk.browser.post(desk.path(refused[0], "remove"), page=desk.path(), follow=False)).status_code == 303
        assert (await upload(desk, "better.pdf", replaces=str(refused[1]))).status_code == 303
        page = await desk.read(overview)
    assert REASON not in page and "better.pdf" in page and "not sent yet" in page


@pytest.mark.parametrize("state", ["received", "checking"])
async def test_a_check_that_does_not_end_is_told_too(desk: Desk, state: str) -> None:
    overview = f"/en/dossiers/{desk.key}"
    await desk.give("slow.pdf", state=state, given_at=now() - timedelta(minutes=4))
    assert "slow.pdf" not in await desk.read(overview)
    await desk.office.portal.sql("UPDATE document SET given_at = :before", before=now() - timedelta(minutes=6))
    page = await desk.read(overview)
    assert "Documents that we still check" in page and "slow.pdf" in page and "attention" not in page
    assert "Its check takes longer than usual. We check it as soon as we can; you need do nothing." in page
    await desk.give("broken.pdf", state="refused", reason=REASON)
    page = await desk.read(overview)
    assert "1 document needs your attention" in page and page.index("broken.pdf") < page.index("slow.pdf")
    await desk.office.portal.sql("UPDATE document SET state = 'checked', sha256 = 'x' WHERE file_name = 'slow.pdf'")
    assert "slow.pdf" not in await desk.read(overview)


async def test_what_another_must_put_right_is_named_without_what_is_private(desk: Desk) -> None:
    worker = await desk.office.worker(desk.key)
    private: dict[str, Any] = {"code": "criminal-record", "given_role": "worker", "given_by": worker.party, "state": "refused", "reason": REASON}
    await desk.give("secret name.pdf", **private)
    overview = f"/en/dossiers/{desk.key}"
    page = await desk.read(overview)
    assert "Documents that somebody else must put right" in page and "Whoever gave it must put this right: Worker." in page
    assert "secret name" not in page and REASON not in page
    own = main_words(await (await desk.office.browser(worker)).get(overview))
    assert "1 document needs your attention" in own and "secret name.pdf" in own and REASON in own and "Whoever gave it" not in own


async def test_a_filed_dossier_lists_what_the_authority_did_not_take(desk: Desk) -> None:
    office = desk.office
    desk.key = await office.ready(desk.hat)
    number = await office.file(desk.hat, desk.key)
    await office.portal.sql("UPDATE document SET handed_over_at = now(), not_taken_at = now(), not_taken_reason = 'Page 2 is cut off' "
                            "WHERE requirement = 'contract' AND dossier_id = :key", key=UUID(desk.key))
    page = await desk.read(f"/en/dossiers/{number}")
    assert "1 document needs your attention" in page and "The authority did not take this document: Page 2 is cut off" in page
    region = await office.browser(await office.official("flanders"))
    assert "attention" not in main_words(await region.get(f"/en/dossiers/{number}"))


async def test_the_list_of_documents_names_a_joined_one_once(desk: Desk) -> None:
    desk.key = await desk.office.ready(desk.hat)
    await desk.office.portal.sql("UPDATE document SET state = 'replaced' WHERE requirement = 'contract'")
    joined = await desk.give("joined.pdf", pages=2)
    for place in (1, 2):
        await desk.give(f"part {place}.jpg", joined_into=joined, page_order=place)
    number = await desk.office.file(desk.hat, desk.key)
    answer = await desk.browser.get(f"/en/dossiers/{number}")
    assert "joined.pdf" in answer.text and "part 1.jpg" not in answer.text and "Made of 2 pictures" in main_words(answer)
    assert f'href="/en/dossiers/{number}/documents/contract/{joined}/view"' in answer.text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>.pdf", '"><img src=x onerror=alert(1)>.pdf', "عقد.pdf", "a" * 251 + ".pdf", "%(num)s %s.pdf"])
async def test_hostile_names_are_shown_as_text(desk: Desk, name: str) -> None:
    await desk.give(name, state="refused", reason=REASON, given_at=now() - timedelta(minutes=1))
    joined = await desk.give("joined.pdf")
    for part in (await desk.give(name, media_type="image/jpeg", joined_into=joined), await desk.give(name, media_type="image/jpeg")):
        assert part
    for path in (desk.path(), desk.path(joined, "view"), f"/en/dossiers/{desk.key}"):
        answer = await desk.browser.get(path)
        assert answer.status_code == 200 and "<script>alert" not in answer.text and "<img src=x" not in answer.text
    assert name in await desk.read() or "<" in name
