"""Photos become pages in the order that the person gives them, one PDF is made of them, and nothing of them is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from frontoffice.documents import arranging
from frontoffice.kernel.time import now, stopped_at
from tests.documents.given import Desk, a_desk, main_words
from tests.dossiers.drafts import an_office
from tests.engines import Database, Engines


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines) -> AsyncIterator[Desk]:
    async with an_office(fresh_database, engines) as office:
        yield await a_desk(office)


async def photos(desk: Desk, *names: str, **more: Any) -> list[UUID]:
    """Pictures in this order."""
    return [await desk.give(f"{name}.jpg", page_order=place, **more) for place, name in enumerate(names, 1)]


async def send(desk: Desk, path: str, seen: Sequence[UUID], **fields: str) -> httpx.Response:
    """A form with the pages that its sender saw."""
    data = {"csrf": await desk.browser.token(desk.path()), "pages": ",".join(map(str, seen)), **fields}
    return await desk.browser.client.post(path, data=data)


async def order(desk: Desk) -> str:
    """The pages by the first letter of their names, in order."""
    return "".join(str(row[0])[0] for row in await desk.rows("file_name", "state <> 'replaced' AND joined_into IS NULL"))


@pytest.mark.parametrize(("which", "direction", "expected", "focus"), [
    (0, "later", "bac", "later"), (1, "later", "acb", "earlier"), (2, "earlier", "acb", "earlier"), (1, "earlier", "bac", "later"),
    (0, "earlier", "abc", "later"), (2, "later", "abc", "earlier"),
])
async def test_a_page_moves_one_place_and_its_button_keeps_the_focus(desk: Desk, which: int, direction: str, expected: str, focus: str) -> None:
    pages = await photos(desk, "a", "b", "c")
    answer = await send(desk, desk.path(pages[which], "move"), pages, direction=direction)
    assert answer.status_code == 303 and answer.headers["location"] == f"{desk.path()}#{focus}-{pages[which]}"
    assert await order(desk) == expected
    page = (await desk.browser.get(desk.path())).text
    assert f'id="{focus}-{pages[which]}"' in page and page.index(f"{expected[0]}.jpg") < page.index(f"{expected[2]}.jpg")


async def test_pictures_that_came_without_a_place_follow_in_the_order_in_which_they_came(desk: Desk) -> None:
    later, first = await desk.give("later.jpg"), await desk.give("first.jpg", given_at=now() - timedelta(minutes=1))
    assert (await send(desk, desk.path(later, "move"), [first, later], direction="earlier")).status_code == 303
    assert await desk.rows("file_name, page_order") == [("later.jpg", 1), ("first.jpg", 2)]


async def test_a_picture_that_is_still_being_checked_keeps_its_place(desk: Desk) -> None:
    a, c = await desk.give("a.jpg", page_order=1), await desk.give("c.jpg", page_order=3)
    await desk.give("b.jpg", page_order=2, state="checking")
    assert (await send(desk, desk.path(a, "move"), [a, c], direction="later")).status_code == 303
    assert await order(desk) == "cba"


async def test_two_windows_do_not_undo_each_other(desk: Desk) -> None:
    a, b, c = pages = await photos(desk, "a", "b", "c")
    assert (await send(desk, desk.path(a, "move"), pages, direction="later")).status_code == 303
    # The same click again finds its work done; another window that still saw the old order reads what happened.
    assert (await send(desk, desk.path(a, "move"), pages, direction="later")).status_code == 303
    stale = await send(desk, desk.path(c, "move"), pages, direction="earlier")
    assert stale.status_code == 409 and "The pages changed after you opened this page" in main_words(stale)
    assert (await send(desk, desk.path("join"), pages)).status_code == 409
    assert await order(desk) == "bac"


@pytest.mark.parametrize("fields", [
    {}, {"direction": "sideways"}, {"direction": "later", "pages": ""}, {"direction": "later", "pages": "x"}, {"direction": "later", "pages": "," * 300},
    {"direction": "later", "pages": str(uuid4())},
])
async def test_a_form_that_no_page_of_ours_sends_changes_nothing(desk: Desk, fields: dict[str, str]) -> None:
    pages = await photos(desk, "a", "b")
    assert (await send(desk, desk.path(pages[0], "move"), pages, **fields)).status_code == 409
    if "pages" in fields:
        assert (await send(desk, desk.path("join"), pages, **fields)).status_code == 409
    assert await order(desk) == "ab" and not await desk.rows("id", "media_type = 'application/pdf'")


async def test_pages_of_another_slot_or_dossier_are_out_of_reach(desk: Desk) -> None:
    mine, elsewhere = await photos(desk, "a", "b"), await desk.give("e.jpg", code="signatory-identity")
    other = await a_desk(desk.office)
    foreign = await other.give("f.jpg")
    for page in (elsewhere, foreign):
        for path, pages in ((desk.path(page, "move"), [*mine, page]), (desk.path(page, "move"), [page]), (desk.path("join"), [*mine, page])):
            assert (await send(desk, path, pages, direction="earlier")).status_code == 409
        assert (await send(desk, desk.path(page, "take-apart"), [])).status_code == 404
    assert not await desk.rows("id", "joined_into IS NOT NULL OR media_type = 'application/pdf'") and not await other.rows("id", "joined_into IS NOT NULL")


async def test_pages_become_one_document_and_can_be_taken_apart(desk: Desk) -> None:
    a, b = pages = await photos(desk, "a", "b", issued_on=now().date())
    await desk.give("loose.pdf", page_order=9)
    assert "Make one PDF of these pages" in await desk.read()
    await send(desk, desk.path(b, "move"), pages, direction="earlier")
    assert (await send(desk, desk.path("join"), [b, a])).status_code == 303
    ((joined, *facts),) = await desk.rows("id, file_name, media_type, state, size, issued_on", "state = 'received'")
    assert facts == ["Arbeidsovereenkomst.pdf", "application/pdf", "received", 2000, now().date()]
    assert await desk.rows("id, page_order, state", f"joined_into = '{joined}'") == [(b, 1, "checked"), (a, 2, "checked")]
    assert await desk.office.jobs() == ["documents:check"]
    page = await desk.read()
    assert "Being put together" in page and "Make one PDF" not in page and page.index("b.jpg") < page.index("a.jpg")
    # A second click is led to what the first one did.
    assert (await send(desk, desk.path("join"), [b, a])).status_code == 303
    assert len(await desk.rows("id", "media_type = 'application/pdf'")) == 2
    await desk.office.portal.sql("UPDATE document SET state = 'checked', sha256 = :sha, pages = 2 WHERE id = :id", sha="cd" * 32, id=joined)
    page = await desk.read()
    assert "2 pages" in page and "The 2 pictures that it is made of" in page and "Take apart" in page
    for _twice in range(2):
        assert (await send(desk, desk.path(joined, "take-apart"), [])).status_code == 303
    assert await desk.rows("id, joined_into", "state = 'checked' AND media_type = 'image/jpeg'") == [(b, None), (a, None)]
    assert await desk.rows("state", f"id = '{joined}'") == [("replaced",)]
    assert (await send(desk, desk.path("join"), [b, a])).status_code == 303
    history = [row[0] for row in await desk.office.portal.sql("SELECT state FROM document_change WHERE document_id = :id ORDER BY id", id=a)]
    assert history == ["checked", "joined", "joined"]


async def test_one_picture_alone_can_be_made_a_pdf_too(desk: Desk) -> None:
    (only,) = await photos(desk, "a")
    page = await desk.read()
    assert "Make one PDF of this page" in page and "Earlier" not in page
    assert (await send(desk, desk.path("join"), [only])).status_code == 303
    assert len(await desk.rows("id", f"joined_into IS NOT NULL AND id = '{only}'")) == 1


async def test_what_would_be_too_large_is_said_before_it_is_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "LARGEST_DOCUMENT", 1999)
    pages = await photos(desk, "a", "b")
    answer = await send(desk, desk.path("join"), pages)
    assert answer.status_code == 422 and main_words(answer).count("These pages are too large for one document") == 2 and 'id="pages"' in answer.text
    assert await order(desk) == "ab"


async def test_two_browsers_join_at_once_and_one_pdf_is_made(desk: Desk) -> None:
    pages = await photos(desk, "a", "b", "c")
    both = [desk, Desk(desk.office, desk.hat, await desk.office.browser(desk.hat), desk.key)]
    answers = await asyncio.gather(*(send(one, one.path("join"), pages) for one in both * 3))
    assert {one.status_code for one in answers} == {303}
    assert len(await desk.rows("id", "media_type = 'application/pdf'")) == 1 and await desk.office.jobs() == ["documents:check"]


async def test_what_was_filed_stays_as_it_was_filed(desk: Desk) -> None:
    office = desk.office
    desk.key = await office.ready(desk.hat)
    pages, joined = await photos(desk, "a", "b"), await desk.give("joined.pdf")
    part = await desk.give("part.jpg", joined_into=joined)
    await office.file(desk.hat, desk.key)
    data = {"csrf": await desk.browser.token(desk.path())}
    for path in (desk.path(pages[0], "move"), desk.path("join"), desk.path(joined, "take-apart"), desk.path(pages[0], "remove")):
        answer = await desk.browser.client.post(path, data={**data, "pages": ",".join(map(str, pages)), "direction": "later"})
        assert answer.status_code == 409, path
    page = await desk.read()
    assert "a.jpg" in page and "Make one PDF" not in page and "Take apart" not in page
    assert await desk.rows("joined_into, state", f"id = '{part}'") == [(joined, "checked")]


async def test_a_joined_document_takes_the_place_that_its_pages_were_brought_for(desk: Desk) -> None:
    office = desk.office
    desk.key = await office.ready(desk.hat)
    ((filed,),) = await desk.rows("id", "requirement = 'contract'")
    number = await office.file(desk.hat, desk.key)
    pages = await photos(desk, "a", "b", replaces=filed, given_at=now() + timedelta(seconds=1))
    assert "Make one PDF of these pages" in await desk.read()
    with stopped_at(now() + timedelta(seconds=2)):
        assert (await send(desk, desk.path("join"), pages)).status_code == 303
    assert number and await desk.rows("replaces", "state = 'received'") == [(filed,)]
    assert await desk.rows("state", f"id = '{filed}'") == [("checked",)]


async def test_only_who_brings_the_document_arranges_it(desk: Desk) -> None:
    pages, passport = await photos(desk, "a", "b"), await desk.give("p.jpg", code="passport", given_role="worker")
    worker = await desk.office.browser(await desk.office.worker(desk.key))
    stranger = await desk.office.browser(await desk.office.employer("0999000228", "Luc Lambert"))
    for browser, code, document, status in ((worker, "contract", pages[0], 403), (desk.browser, "passport", passport, 403), (stranger, "contract", pages[0], 404)):
        token = await browser.token("/en/dossiers/new?procedure=single-permit" if browser is not worker else "/en/sessions")
        for path in (desk.path(document, "move", code=code), desk.path("join", code=code), desk.path(document, "take-apart", code=code)):
            answer = await browser.client.post(path, data={"csrf": token, "pages": ",".join(map(str, pages)), "direction": "later"})
            assert answer.status_code in (status, 404), (path, answer.status_code)
            assert answer.status_code != 303
    assert await order(desk) in ("abp", "apb", "pab")
