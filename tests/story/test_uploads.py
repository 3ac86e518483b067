"""Files as they come on a bad day: none of them is kept by mistake, and the sender reads what to do."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pikepdf
import pytest
from PIL import Image

from frontoffice.documents import pages as document_pages
from frontoffice.kernel.i18n import LOCALES, Locale, show_size
from tests.story.stage import World, main_words, say, words

CHECK = "documents:check"


def a_pdf() -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(file)
    return file.getvalue()


def a_png() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((60, 40), 60).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The key of every object that an upload begins."""
    made: list[str] = []

    def remembered() -> UUID:
        key = uuid4()
        made.append(str(key))
        return key

    monkeypatch.setattr(document_pages, "uuid4", remembered)
    return made


async def kept(world: World, keys: list[str]) -> list[str]:
    """Which of these objects exist, in whichever bucket."""
    found = []
    for bucket in (world.scene.storage.quarantine, world.scene.storage.clean):
        found += [one.key async for one in world.scene.storage.keys(bucket) if one.key in keys]
    return found


async def rows(world: World) -> int:
    found = await world.portal.sql("SELECT count(*) FROM document WHERE dossier_id = :id", id=UUID(world.key))
    return int(found[0][0])


async def send(world: World, name: str, content: bytes, kind: str = "application/pdf", *, locale: Locale = "en", code: str = "contract") -> httpx.Response:
    browser, path = world.who("employer"), f"/{locale}/dossiers/{world.key}/documents/{code}"
    return await browser.client.post(path, data={"csrf": await browser.token(path)}, files={"file": (name, content, kind)})


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_file_that_is_not_what_its_name_says_is_refused_with_a_way_out(world: World, keys: list[str], locale: Locale) -> None:
    for name, content, kind, reason, params in (
        ("contract.pdf", a_png(), "application/pdf", "The name of this file says something else than what is in it: it is a %(kind)s. "
         "Give it a name that ends in %(extension)s, and upload it again.", {"kind": "PNG", "extension": ".png"}),
        ("contract.pdf", b"MZ" + bytes(500), "application/pdf",
         "We can only take PDF, JPEG, PNG and HEIC files. Save your document as one of these, and upload that.", {}),
        ("scan.png", a_pdf(), "image/png", "The name of this file says something else than what is in it: it is a %(kind)s. "
         "Give it a name that ends in %(extension)s, and upload it again.", {"kind": "PDF", "extension": ".pdf"}),
    ):
        assert (await send(world, name, content, kind, locale=locale)).status_code == 303
        await world.scene.run(CHECK)
        page = main_words(await world.who("employer").get(f"/{locale}/dossiers/{world.key}/documents/contract"))
        assert say(locale, reason, **params) in page and say(locale, "Refused") in page
    assert await kept(world, keys) == []
    # The good one that was there before still counts, and a good one that follows does too.
    assert (await send(world, "contract.pdf", a_pdf(), locale=locale)).status_code == 303
    await world.scene.run(CHECK)
    assert await kept(world, keys) == keys[-1:]
    assert (await world.file()).startswith("SP-")


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_an_empty_file_and_none_at_all_are_explained(world: World, keys: list[str], locale: Locale) -> None:
    before = await rows(world)
    for answer, problem in (
        (await send(world, "contract.pdf", b"", locale=locale), "This file is empty: choose another one"),
        (await send(world, "", b"", locale=locale), "Choose a file first"),
    ):
        assert answer.status_code == 422 and f'lang="{locale}"' in answer.text
        assert main_words(answer).count(say(locale, problem)) == 2
    assert await rows(world) == before
    # An object without a row, at most an empty one, is what the nightly comparison is for.
    assert len(await kept(world, keys)) <= 1


@pytest.mark.parametrize("locale", ["de", "fr"])
async def test_a_file_that_is_too_large_is_read_no_further_than_the_limit(world: World, keys: list[str], monkeypatch: pytest.MonkeyPatch, locale: Locale) -> None:
    monkeypatch.setattr(document_pages, "LARGEST_DOCUMENT", 6_000_000)
    browser, path, before = world.who("employer"), f"/{locale}/dossiers/{world.key}/documents/contract", await rows(world)
    token, sent = await browser.token(path), 0
    start = (f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n'
             '--b\r\nContent-Disposition: form-data; name="file"; filename="contract.pdf"\r\nContent-Type: application/pdf\r\n\r\n').encode()

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield start
        for _ in range(200):
            sent += 100_000
            yield b"x" * 100_000
        yield b"\r\n--b--\r\n"

    for announced, most in ((True, 100_000), (False, 7_000_000)):
        sent = 0
        headers = {"content-type": "multipart/form-data; boundary=b"} | ({"content-length": "600000000"} if announced else {})
        answer = await browser.client.post(path, content=body(), headers=headers)
        assert answer.status_code == 413 and f'lang="{locale}"' in answer.text
        # A form that announces more than a dossier holds is not read at all.
        largest, dossier = (" ".join(show_size(one, locale).split()) for one in (6_000_000, 500_000_000))
        problem = say(
            locale, "A dossier holds at most %(most)s documents, of %(size)s together, and one file may be %(largest)s at most.", most=100,
            size=dossier, largest=largest) if announced else say(
            locale, "This file is too large: the most we can take is %(most)s. Scan it with fewer dots per inch, or split it.", most=largest)
        assert main_words(answer).count(problem) == 2
        assert sent <= most
    assert await rows(world) == before and await kept(world, keys) == []


async def test_an_upload_that_is_cut_leaves_neither_a_row_nor_an_object(world: World, keys: list[str]) -> None:
    browser, path, before = world.who("employer"), f"/en/dossiers/{world.key}/documents/contract", await rows(world)
    token = await browser.token(path)
    start = (f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n'
             '--b\r\nContent-Disposition: form-data; name="file"; filename="contract.pdf"\r\n\r\n').encode()
    for length in (10, 11_000_000):  # within the first part, and with two parts on their way
        messages: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": start, "more_body": True},
                         {"type": "http.request", "body": b"x" * length, "more_body": True}, {"type": "http.disconnect"}])

        async def receive() -> dict[str, Any]:
            return next(messages)  # noqa: B023 - run before the next length

        answers: list[dict[str, object]] = []

        async def answered(message: dict[str, object]) -> None:
            answers.append(message)  # noqa: B023

        headers = [(b"host", b"portal.example"), (b"content-type", b"multipart/form-data; boundary=b"), (b"sec-fetch-site", b"same-origin"),
                   (b"cookie", f"__Host-session={world.stage.tokens['employer']}".encode())]
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers, "http_version": "1.1",
                 "scheme": "https", "server": ("portal.example", 443), "client": ("10.0.0.1", 1), "root_path": "", "asgi": {"version": "3.0"}}
        await asyncio.wait_for(world.portal.app(scope, receive, answered), 30)
        assert answers[0]["status"] == 400
    assert len(keys) == 2 and await kept(world, keys) == []
    assert await rows(world) == before
    assert (await world.who("employer").get(path)).status_code == 200


async def test_a_document_that_was_checked_goes_all_the_way_to_the_authority(world: World, keys: list[str]) -> None:
    await world.portal.sql("UPDATE document SET state = 'replaced' WHERE requirement = 'contract' AND dossier_id = :id", id=UUID(world.key))
    assert "Employment contract" in main_words(await world.who("employer").get(f"/en/dossiers/{world.key}/check"))
    await send(world, "نسخة العقد.pdf", a_pdf())
    await world.scene.run(CHECK)
    number = await world.file()
    assert "نسخة العقد.pdf" in words(await world.who("region").get(f"/en/dossiers/{number}"))
    await world.hand_over()
    digest = (await world.portal.sql("SELECT sha256 FROM document WHERE id = :id", id=UUID(keys[-1])))[0][0]
    assert {"sha256": digest, "complete": True}.items() <= next(one for one in world.backbone.dossier(number)["documents"] if one["sha256"] == digest).items()
