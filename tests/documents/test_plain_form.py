"""The plain form of a slot, which works without script: what arrives of it is kept, and what is not taken is told by its name."""

from collections.abc import AsyncIterator

import httpx
import pytest

from frontoffice.documents import pages
from frontoffice.kernel.storage import Storage
from tests.documents.given import Desk, a_desk, main_words
from tests.documents.test_tus import NAMES
from tests.dossiers.drafts import an_office
from tests.engines import Database, Engines
from tests.storages import storage_as

PDF = b"%PDF-1.4 "
FULL = "A dossier holds at most 100 documents, of 500 MB together, and one file may be 100 MB at most."


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines) -> AsyncIterator[Desk]:
    async with an_office(fresh_database, engines) as office:
        yield await a_desk(office)


@pytest.fixture(autouse=True)
async def storage(engines: Engines) -> AsyncIterator[Storage]:
    async with storage_as(engines, "worker") as storage:
        yield storage


async def send(desk: Desk, *files: tuple[str, bytes]) -> httpx.Response:
    """The form as a browser sends it; of what a name may hold only quotes and ends of lines are written otherwise."""
    token = await desk.browser.token(desk.path())
    parts = [f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n'.encode()]
    for name, content in files:
        written = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
        parts.append(f'--b\r\nContent-Disposition: form-data; name="file"; filename="{written}"\r\nContent-Type: application/pdf\r\n\r\n'.encode()
                     + content + b"\r\n")
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return await desk.browser.client.post(desk.path(), content=b"".join((*parts, b"--b--\r\n")), headers=headers)


async def names(desk: Desk) -> list[str]:
    return [row[0] for row in await desk.rows("file_name")]


async def test_more_files_than_one_hand_holds_are_all_taken(desk: Desk) -> None:
    chosen = [f"page {number}.pdf" for number in range(1, 42)]
    assert (await send(desk, *[(one, PDF) for one in chosen])).status_code == 303
    assert await names(desk) == chosen
    assert await desk.office.jobs() == ["documents:check"] * 41


async def test_beyond_what_a_dossier_holds_the_rest_is_named_and_what_arrived_is_kept(desk: Desk) -> None:
    await desk.give("earlier.pdf", page_order=0)
    chosen = [f"page {number}.pdf" for number in range(1, 103)]
    answer = await send(desk, *[(one, PDF) for one in chosen])
    assert answer.status_code == 422
    assert await names(desk) == ["earlier.pdf", *chosen[:99]]
    page = main_words(answer)
    problem = (f"{FULL} Not taken: page 100.pdf, page 101.pdf, page 102.pdf. These have arrived and are kept: {', '.join(chosen[:10])} and 89 more.")
    # In the summary of problems, and at the field.
    assert page.count(problem) == 2 and "page 99.pdf" in page[page.index("Given so far"):]
    assert (await send(desk, ("one more.pdf", PDF))).status_code == 403 and len(await names(desk)) == 100


async def test_what_a_dossier_holds_in_bytes_is_told_too(desk: Desk) -> None:
    await desk.give("film.pdf", size=499_999_980)
    answer = await send(desk, ("a.pdf", PDF), ("b.pdf", PDF), ("c.pdf", PDF))
    assert answer.status_code == 422 and f"{FULL} Not taken: c.pdf. These have arrived and are kept: a.pdf, b.pdf." in main_words(answer)
    assert set(await names(desk)) == {"film.pdf", "a.pdf", "b.pdf"}


async def test_a_file_that_is_too_large_takes_none_of_those_before_it_along(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST_DOCUMENT", 1_000_000)
    answer = await send(desk, ("a.pdf", PDF), ("b.pdf", PDF), ("long.pdf", b"x" * 1_000_001), ("d.pdf", PDF))
    assert answer.status_code == 413 and await names(desk) == ["a.pdf", "b.pdf"]
    assert "Not taken: long.pdf, everything after it. These have arrived and are kept: a.pdf, b.pdf." in main_words(answer)


async def test_an_empty_file_takes_none_of_the_others_along(desk: Desk) -> None:
    answer = await send(desk, ("a.pdf", PDF), ("nothing.pdf", b""), ("...", b""), ("", b""), ("d.pdf", PDF))
    assert answer.status_code == 422 and await names(desk) == ["a.pdf", "d.pdf"]
    told = "Empty files cannot be taken. Not taken: nothing.pdf, a file without a name. These have arrived and are kept: a.pdf, d.pdf."
    assert told in main_words(answer)


@pytest.mark.parametrize(("name", "content", "told"), [
    ("", b"", "Choose a file first"), ("...", b"", "This file is empty: choose another one"), ("nothing.pdf", b"", "This file is empty: choose another one"),
])
async def test_nothing_at_all_is_explained(desk: Desk, name: str, content: bytes, told: str) -> None:
    answer = await send(desk, (name, content))
    assert answer.status_code == 422 and main_words(answer).count(told) == 2 and await names(desk) == []


@pytest.mark.parametrize("name", [*NAMES, "..."], ids=range(len(NAMES) + 1))
async def test_no_file_is_dropped_for_its_name(desk: Desk, name: str) -> None:
    shown = {**NAMES, "...": ""}[name].replace("abSet-Cookie", "ab%0D%0ASet-Cookie")
    assert (await send(desk, (name, PDF), ("beside.pdf", PDF))).status_code == 303
    assert await names(desk) == [shown, "beside.pdf"]
    assert (shown or "a file without a name") in await desk.read() or "<" in name
