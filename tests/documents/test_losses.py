"""A checked document whose bytes we lost is never green: its owner hears of it, or operators do; and a storage that is away is no loss."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from frontoffice.backbone.composition import HAND_OVER
from frontoffice.documents import checking, losses, previews
from frontoffice.dossiers import completeness, queries
from frontoffice.dossiers.judging import TELL
from frontoffice.dossiers.solving import to_solve
from frontoffice.kernel.errors import NotFound, Unavailable
from tests.documents.photos import a_checked, content_of, scan
from tests.engines import Database, Engines
from tests.peers import Backbone, a_backbone, a_portal
from tests.scene import Filed, Scene, a_scene
from tests.storages import storage_as

ASKED, NOT_ASKED = "is asked to bring it again", "nobody is asked to bring it again"


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path, stand_in: Backbone) -> AsyncIterator[Scene]:
    stand_in.behave()
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path, stand_in) as scene:
        yield scene


async def remove(scene: Scene, key: UUID) -> None:
    await scene.storage.delete(scene.storage.clean, str(key))


async def alter(scene: Scene, key: UUID) -> None:
    """Other bytes, as many as before."""
    size = await scene.value("SELECT size FROM document WHERE id = :key", key=key)
    await remove(scene, key)
    await scene.storage.put(str(key), bytearray(size), bucket=scene.storage.clean)


async def shorten(scene: Scene, key: UUID) -> None:
    await remove(scene, key)
    await scene.storage.put(str(key), bytearray(b"%PDF"), bucket=scene.storage.clean)


async def state(scene: Scene, key: UUID) -> str:
    return str(await scene.value("SELECT state FROM document WHERE id = :key", key=key))


def told(caplog: pytest.LogCaptureFixture, key: UUID) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR and str(key) in one.getMessage()]


async def assert_asked_again(scene: Scene, key: UUID) -> None:
    """It is red, its owner reads why in the list, gets a mail, and must bring it before filing."""
    (row,) = await scene.sql("SELECT dossier_id, state, reason FROM document WHERE id = :key", key=key)
    assert (row.state, row.reason) == ("refused", losses.LOST)
    async with scene.session() as session:
        dossier = await queries.dossier(session, await scene.employer(), str(row.dossier_id))
    assert losses.LOST in [one.what.text for one in to_solve(dossier) if one.what]
    assert [one.args for one in await scene.queued(TELL)] == [{"document_id": str(key), "state": "refused"}]
    if dossier.is_draft:
        assert "contract" in {one.document for one in completeness.missing(dossier)}


@pytest.mark.parametrize("lose", [remove, alter, shorten])
async def test_whoever_draws_its_pages_finds_it(scene: Scene, caplog: pytest.LogCaptureFixture, lose: Any) -> None:
    key = await a_checked(scene, scan(1), pages=1)
    await lose(scene, key)
    await previews.preview(scene.resources, str(key))
    await assert_asked_again(scene, key)
    assert [ASKED in one for one in told(caplog, key)] == [True]


@pytest.mark.parametrize("lose", [remove, shorten])
async def test_the_nightly_comparison_finds_it(scene: Scene, caplog: pytest.LogCaptureFixture, lose: Any) -> None:
    dossier = await scene.draft(await scene.employer())
    keys = [await a_checked(scene, scan(1), pages=1, dossier=dossier) for _ in range(6)]
    await lose(scene, keys[0])
    await losses.look(scene.resources)
    assert [await state(scene, one) for one in keys] == ["refused", *["checked"] * 5]
    assert [ASKED in one for one in told(caplog, keys[0])] == [True]
    await losses.look(scene.resources)
    assert len(await scene.queued(TELL)) == 1


async def test_the_comparison_asks_no_more_for_more_documents(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier, asked = await scene.draft(await scene.employer()), []
    for _ in range(40):
        await a_checked(scene, scan(1), pages=1, dossier=dossier)
    storage = checking.storage_of(scene.resources)
    call = storage.call

    async def counted(work: Any) -> Any:
        asked.append(work)
        return await call(work)

    monkeypatch.setattr(storage, "call", counted)
    await losses.look(scene.resources)
    # A page and the end of the pages for each part; more pages when other tests have left much in the bucket.
    objects = len([one async for one in scene.storage.keys(scene.storage.clean)])
    assert 32 <= len(asked) <= 40 + objects // 1000


@pytest.mark.parametrize("change", [{"s3_endpoint": "http://127.0.0.1:9"}, {"s3_clean": "absent-bucket"}, {"s3_secret_key": "wrong"}])
async def test_a_storage_that_is_away_has_lost_nothing(scene: Scene, change: dict[str, str]) -> None:
    key = await a_checked(scene, scan(1), pages=1)
    cut = replace(scene.resources, settings=replace(scene.settings, **change))
    for act in (previews.preview(cut, str(key)), losses.look(cut), losses.examine(cut, str(key))):
        with pytest.raises(Unavailable):
            await act
    checking.storage_of(cut).close()
    assert await state(scene, key) == "checked" and not await scene.queued(TELL)


async def test_what_the_bucket_still_lists_is_not_lost(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of which a disk is away may answer "not found" for what it holds."""
    key = await a_checked(scene, scan(1), pages=1)

    async def absent(*_given: object, **_more: object) -> AsyncIterator[bytes]:
        raise NotFound("object")
        yield b""

    monkeypatch.setattr(type(scene.storage), "open", absent)
    for act in (previews.preview(scene.resources, str(key)), losses.examine(scene.resources, str(key))):
        with pytest.raises(Unavailable):
            await act
    assert await state(scene, key) == "checked"


async def test_another_bucket_is_not_the_loss_of_everything(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    dossier = await scene.draft(await scene.employer())
    employer = await scene.employer()
    keys = [await scene.document(dossier, employer, "contract", stored=False) for _ in range(30)]
    await losses.look(scene.resources)
    assert {await state(scene, one) for one in keys} == {"checked"} and not await scene.queued(TELL)
    assert [one for one in caplog.records if one.levelno == logging.ERROR and "is it ours?" in one.getMessage()]


async def the_contract(scene: Scene, filed: Filed) -> UUID:
    return UUID(str(await scene.value("SELECT id FROM document WHERE dossier_id = :key AND requirement = 'contract'", key=filed.id)))


async def test_what_was_filed_and_not_handed_over_is_asked_again_and_operators_hear(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    filed = await scene.filed()
    key = await the_contract(scene, filed)
    await scene.drop_queue()
    await remove(scene, key)
    await losses.look(scene.resources)
    await assert_asked_again(scene, key)
    assert ["filed and not handed over" in one and ASKED in one for one in told(caplog, key)] == [True]


@pytest.mark.parametrize(("lose", "pages"), [(remove, 3), (alter, 4)])
async def test_a_hand_over_that_misses_it_tells_its_owner_and_goes_on_with_the_same_bytes(
    scene: Scene, stand_in: Backbone, caplog: pytest.LogCaptureFixture, lose: Any, pages: int,
) -> None:
    employer = await scene.employer()
    filed = await scene.filed(employer)
    # The backbone asks for no bytes that it has already.
    key, content = await the_contract(scene, filed), scan(pages)
    # The bytes that the owner still has at home.
    await remove(scene, key)
    await scene.sql("UPDATE document SET sha256 = :hash, size = :size WHERE id = :key", hash=sha256(content).hexdigest(), size=len(content), key=key)
    await scene.storage.put(str(key), bytearray(content), bucket=scene.storage.clean)
    await lose(scene, key)
    await scene.run(HAND_OVER)
    await scene.run("documents:examine")
    assert await state(scene, key) == "refused" and [ASKED in one for one in told(caplog, key)] == [True]
    again = await scene.document(filed.id, employer, "contract", state="received", content=content)
    await checking.check(scene.resources, str(again))
    assert [await state(scene, one) for one in (key, again)] == ["checked", "checked"]
    assert await content_of(scene, str(key), sha256(content).hexdigest()) == content
    await scene.make_due()
    await scene.run(HAND_OVER)
    assert await scene.value("SELECT concluded_at IS NOT NULL FROM message") and await scene.value("SELECT confirmed_at IS NOT NULL FROM dossier")
    assert await scene.value("SELECT handed_over_at IS NOT NULL FROM document WHERE id = :key", key=key)


async def test_in_a_draft_the_same_bytes_are_one_document(scene: Scene) -> None:
    employer, content = await scene.employer(), scan(1)
    dossier = await scene.draft(employer)
    key = await a_checked(scene, content, pages=1, dossier=dossier)
    await remove(scene, key)
    await losses.look(scene.resources)
    again = await scene.document(dossier, employer, "contract", state="received", content=content)
    await checking.check(scene.resources, str(again))
    assert [await state(scene, one) for one in (key, again)] == ["refused", "checked"]


async def handed_over(scene: Scene, filed: Filed) -> None:
    await scene.sql("UPDATE document SET handed_over_at = now()")


async def an_earlier_version(scene: Scene, filed: Filed) -> None:
    await scene.sql("UPDATE document SET handed_over_at = now(), state = 'replaced' WHERE requirement = 'contract'")


async def withdrawn(scene: Scene, filed: Filed) -> None:
    await scene.take(filed.id, "withdraw", await scene.employer(), reasons="")


@pytest.mark.parametrize("come", [handed_over, an_earlier_version, withdrawn])
async def test_what_needs_not_come_again_is_a_matter_for_operators(scene: Scene, caplog: pytest.LogCaptureFixture, come: Any) -> None:
    filed = await scene.filed()
    await come(scene, filed)
    key = await the_contract(scene, filed)
    before = await state(scene, key)
    await scene.drop_queue()
    await remove(scene, key)
    await losses.look(scene.resources)
    assert await state(scene, key) == before and not await scene.queued(TELL)
    assert [NOT_ASKED in one for one in told(caplog, key)] == [True]


async def test_what_is_being_deleted_is_not_missed(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    filed = await scene.filed()
    await withdrawn(scene, filed)
    key = await the_contract(scene, filed)
    await scene.sql("INSERT INTO deletion (dossier_id, number, kind, reason, ordered_by, ordered_at, documents)"
                    " VALUES (:key, :number, 'single-permit', 'x', 'x', now(), 1)", key=filed.id, number=filed.number)
    await remove(scene, key)
    await losses.look(scene.resources)
    assert told(caplog, key) == []


async def test_what_was_taken_back_meanwhile_is_left_alone(scene: Scene) -> None:
    assert not await losses.lose(scene.resources, scene.storage, uuid4())
    key = await a_checked(scene, scan(1), pages=1)
    await scene.sql("UPDATE document SET state = 'replaced'")
    await remove(scene, key)
    await losses.examine(scene.resources, str(key))
    assert await state(scene, key) == "replaced"


async def test_a_lost_page_of_a_joined_document_does_not_touch_the_whole(scene: Scene) -> None:
    dossier = await scene.draft(await scene.employer())
    whole, page = [await a_checked(scene, scan(1), pages=1, dossier=dossier) for _ in range(2)]
    await scene.sql("UPDATE document SET joined_into = :whole WHERE id = :page", whole=whole, page=page)
    await remove(scene, page)
    await losses.look(scene.resources)
    assert (await state(scene, whole), await state(scene, page)) == ("checked", "refused")
