"""Documents are looked at page by page, as pictures of ours: by those who may see them, and recorded when an authority looks."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from tests.documents.given import Desk, a_desk, draw, main_words
from tests.dossiers.drafts import an_office
from tests.engines import Database, Engines
from tests.storages import storage_as
from tests.web import Browser


@pytest.fixture
async def storage(engines: Engines) -> AsyncIterator[Storage]:
    async with storage_as(engines, "worker") as storage:
        yield storage


@pytest.fixture
async def desk(fresh_database: Database, engines: Engines) -> AsyncIterator[Desk]:
    async with an_office(fresh_database, engines) as office:
        yield await a_desk(office)


async def openings(desk: Desk) -> list[UUID | None]:
    return [row[0] for row in await desk.office.portal.sql("SELECT document_id FROM opening ORDER BY opened_at")]


async def test_a_document_is_read_page_by_page(desk: Desk, storage: Storage) -> None:
    document = await desk.give("contract.pdf", pages=3)
    made = await draw(desk, storage, document, 3)
    for number, ways in ((1, ["next"]), (2, ["prev", "next"]), (3, ["prev"])):
        answer = await desk.browser.get(desk.path(document, f"view?number={number}"))
        assert f"Page {number} of 3" in main_words(answer) and "Download the original" in main_words(answer)
        assert [way for way in ("prev", "next") if f'rel="{way}"' in answer.text] == ways
        assert f'src="{desk.path(document, "previews", number)}"' in answer.text and 'width="60" height="85"' in answer.text
        assert f"Picture of page {number} of 3" in answer.text
    for number, picture in made.items():
        answer = await desk.browser.get(desk.path(document, "previews", number))
        assert answer.status_code == 200 and answer.content == picture


async def test_a_picture_can_do_nothing_and_is_kept_by_nobody(desk: Desk, storage: Storage) -> None:
    document = await desk.give("contract.pdf")
    await draw(desk, storage, document, 1)
    headers = (await desk.browser.get(desk.path(document, "previews", 1))).headers
    assert headers["content-type"] == "image/webp" and headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'") and headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("ending", ["view?number=0", "view?number=4", "view?number=-1", "previews/4", "previews/1001", f"previews/{10**30}"])
async def test_a_page_that_is_not_there(desk: Desk, storage: Storage, ending: str) -> None:
    document = await desk.give("contract.pdf", pages=3)
    await draw(desk, storage, document, 3)
    assert (await desk.browser.get(desk.path(document, ending))).status_code == 404


@pytest.mark.parametrize("ending", ["view?number=x", "view?number=1.5"])
async def test_a_number_that_is_none(desk: Desk, ending: str) -> None:
    assert (await desk.browser.get(desk.path(await desk.give("contract.pdf"), ending))).status_code == 400


@pytest.mark.parametrize("state", ["uploading", "received", "checking", "refused", "replaced"])
async def test_only_what_was_checked_is_shown(desk: Desk, storage: Storage, state: str) -> None:
    document = await desk.give("contract.pdf")
    await draw(desk, storage, document, 1)
    await desk.office.portal.sql("UPDATE document SET state = :state WHERE id = :id", state=state, id=document)
    for ending in ("view", "previews/0", "previews/1"):
        assert (await desk.browser.get(desk.path(document, ending))).status_code == 404


async def test_an_earlier_version_that_was_handed_over_can_still_be_read(desk: Desk, storage: Storage) -> None:
    document = await desk.give("contract.pdf", state="replaced", sha256="ab" * 32, handed_over_at=now())
    await draw(desk, storage, document, 1)
    page = await desk.browser.get(desk.path())
    assert "Earlier versions" in main_words(page) and desk.path(document, "view") in page.text
    for ending in ("view", "previews/1"):
        assert (await desk.browser.get(desk.path(document, ending))).status_code == 200


async def test_pictures_that_are_not_made_yet_or_cannot_be_made(desk: Desk, storage: Storage) -> None:
    document = await desk.give("contract.pdf", pages=2)
    page = await desk.read(desk.path(document, "view"))
    assert "The pictures of this document are being made." in page and "Download the original" in page
    assert (await desk.browser.get(desk.path(document, "previews/1"))).status_code == 404
    await draw(desk, storage, document, 1)
    assert "We could not make a picture of the pages after this one" in await desk.read(desk.path(document, "view"))
    await desk.office.portal.sql("DELETE FROM preview")
    await desk.office.portal.sql("UPDATE document SET previews = 0")
    assert "We could not make a picture of this document" in await desk.read(desk.path(document, "view"))


async def test_a_picture_that_was_altered_or_lost_is_not_shown(desk: Desk, storage: Storage) -> None:
    document = await desk.give("contract.pdf")
    await draw(desk, storage, document, 2)
    await desk.office.portal.sql("UPDATE preview SET sha256 = :wrong WHERE number = 1", wrong="0" * 64)
    await storage.delete(storage.clean, f"previews/{document}/2.webp")
    for number, status in ((0, 200), (1, 404), (2, 404)):
        assert (await desk.browser.get(desk.path(document, "previews", number))).status_code == status


async def test_without_storage_the_page_comes_and_the_picture_asks_for_patience(fresh_database: Database, engines: Engines, storage: Storage) -> None:
    async with an_office(fresh_database, engines) as office:
        desk = await a_desk(office)
        document = await desk.give("contract.pdf")
        await draw(desk, storage, document, 1)
        office.portal.app.app.state.storage = Storage(_Nowhere(office.portal.settings))
        assert (await desk.browser.get(desk.path(document, "view"))).status_code == 200
        assert (await desk.browser.get(desk.path(document, "previews/1"))).status_code == 503


class _Nowhere:
    """The settings of a storage that does not answer."""

    def __init__(self, settings: object) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> str:
        return "http://127.0.0.1:9" if name == "s3_endpoint" else str(getattr(self._settings, name))


async def test_the_pictures_of_a_private_document_are_for_those_who_may_open_it(desk: Desk, storage: Storage) -> None:
    worker = await desk.office.worker(desk.key)
    private = await desk.give("record.pdf", code="criminal-record", given_role="worker", given_by=worker.party)
    shared = await desk.give("contract.pdf")
    for document in (private, shared):
        await draw(desk, storage, document, 1)
    readers: dict[str, tuple[Browser, int, int]] = {
        "employer": (desk.browser, 404, 200), "worker": (await desk.office.browser(worker), 200, 200),
        "stranger": (await desk.office.browser(await desk.office.employer("0999000228", "Luc Lambert")), 404, 404),
        "region": (await desk.office.browser(await desk.office.official("flanders")), 404, 404),
    }
    for who, (browser, own, common) in readers.items():
        for ending in ("view", "previews/0", "previews/1"):
            assert (await browser.get(desk.path(private, ending, code="criminal-record"))).status_code == own, (who, ending)
            assert (await browser.get(desk.path(shared, ending))).status_code == common, (who, ending)
            # Neither under another slot, nor in place of one that does not exist.
            assert (await browser.get(desk.path(private, ending))).status_code == 404
            assert (await browser.get(desk.path(uuid4(), ending))).status_code == 404
    assert await openings(desk) == []
    nobody = desk.office.portal.visitor()
    for ending in ("view", "previews/1"):
        answer = await nobody.client.get(desk.path(shared, ending))
        assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]


async def test_an_authority_leaves_one_record_for_a_document(desk: Desk, storage: Storage) -> None:
    office = desk.office
    desk.key = await office.ready(desk.hat)
    (document,) = [row[0] for row in await desk.rows("id", "requirement = 'contract'")]
    await draw(desk, storage, document, 2)
    desk.key = await office.file(desk.hat, desk.key)
    region = await office.browser(await office.official("flanders"))
    for ending in ("view", "previews/1", "view?number=2", "previews/2", "previews/0"):
        assert (await region.get(desk.path(document, ending))).status_code == 200, ending
    assert await openings(desk) == [document]
    page = (await region.get(desk.path(document, "view"))).text
    assert f'href="/en/dossiers/{desk.key}"' in page
    # No thumbnail opens a document behind an official's back.
    assert "/previews/" not in (await region.get(desk.path())).text
    assert (await desk.browser.get(desk.path(document, "view"))).status_code == 200 and set(await openings(desk)) == {document, None}


async def test_a_joined_document_names_the_pictures_that_it_is_made_of(desk: Desk, storage: Storage) -> None:
    joined = await desk.give("joined.pdf", pages=2)
    parts = [await desk.give(f"{name}.jpg", joined_into=joined, page_order=place) for place, name in ((2, "b"), (1, "a"))]
    await draw(desk, storage, joined, 2)
    answer = await desk.browser.get(desk.path(joined, "view"))
    assert "The 2 pictures that it is made of" in main_words(answer) and main_words(answer).index("a.jpg") < main_words(answer).index("b.jpg")
    for part in parts:
        assert f'href="{desk.path(part)}"' in answer.text
        assert (await desk.browser.client.get(desk.path(part))).status_code == 303
