"""Every page of a checked document gets a picture that we made; whatever happens on the way, the document itself stays as it is."""

import io
import logging
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image
from sqlalchemy import text

from frontoffice.documents import checking, housekeeping, previews
from frontoffice.documents.maker_child import PICTURE_HEAD
from frontoffice.documents.sources import FOLDER_PREFIX
from frontoffice.kernel.database import make_engine, transaction
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.time import now, stopped_at
from tests.documents import heif
from tests.documents.photos import a_checked, a_picture, content_of, distance, encoded, marked, phone_photo, scan
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.storages import sparing, storage_as


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def pictures(scene: Scene, key: UUID) -> list[Image.Image]:
    """Its pictures from number 0 on, each as its row says."""
    rows = await scene.sql("SELECT * FROM preview WHERE document_id = :key ORDER BY number", key=key)
    found = []
    for number, row in enumerate(rows):
        content = await content_of(scene, f"previews/{key}/{number}.webp", row.sha256)
        image = Image.open(io.BytesIO(content))
        assert (row.number, row.size, (row.width, row.height), image.format) == (number, len(content), image.size, "WEBP")
        assert not {"exif", "xmp", "icc_profile"} & image.info.keys()
        found.append(image.convert("RGB"))
    return found


async def standing(scene: Scene, key: UUID) -> tuple[str, int, bool]:
    (row,) = await scene.sql("SELECT state, previews, previewed_at FROM document WHERE id = :key", key=key)
    return row.state, row.previews, row.previewed_at is not None


async def test_every_page_of_a_pdf_is_drawn_once_it_is_checked(scene: Scene) -> None:
    employer = await scene.employer()
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", content=scan(23))
    await checking.check(scene.resources, str(key))
    assert await scene.run(checking.PREVIEW) == 1
    assert await standing(scene, key) == ("checked", 23, True)
    small, *large = await pictures(scene, key)
    assert small.size == (240, 339) and {one.size for one in large} == {(1240, 1754)} and len(large) == 23
    for number, one in enumerate(large):
        x = round((number * 20 + 7) * 1240 / 595)
        assert one.getpixel((x, 900)) == pytest.approx((0, 0, 255), abs=12)
    await previews.preview(scene.resources, str(key))
    assert len(await pictures(scene, key)) == 24


@pytest.mark.parametrize(("content", "media_type", "size"), [
    (phone_photo(6, (4000, 3000)), "image/jpeg", (1240, 1653)),
    (phone_photo(1, (4000, 3000)), "image/jpeg", (1240, 930)),
    (phone_photo(5), "image/jpeg", (300, 400)),
    (encoded(marked((2480, 3508)), "PNG"), "image/png", (1240, 1754)),
    (encoded(marked((2480, 3508)).convert("1"), "PNG"), "image/png", (1240, 1754)),
    (encoded(Image.new("RGBA", (500, 500), (0, 0, 0, 0)), "PNG"), "image/png", (500, 500)),
    (encoded(Image.new("CMYK", (500, 500)), "JPEG", icc_profile=b"rubbish"), "image/jpeg", (500, 500)),
    (encoded(Image.new("I;16", (500, 500), 65535), "PNG"), "image/png", (500, 500)),
    (heif.photo(), "image/heic", (64, 64)),
])
async def test_a_photo_is_shown_as_people_see_it(scene: Scene, content: bytes, media_type: str, size: tuple[int, int]) -> None:
    key = await a_picture(scene, content, media_type)
    await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == ("checked", 1, True)
    small, large = await pictures(scene, key)
    assert large.size == size and max(small.size[0] / 240, small.size[1] / 340) <= 1
    assert large.getpixel((size[0] // 2, size[1] // 2)) == pytest.approx((200, 30, 30) if media_type == "image/heic" else (255, 255, 255), abs=12)
    if content == phone_photo(6, (4000, 3000)):
        assert distance(large, marked((4000, 3000)).rotate(-90, expand=True)) < 3


async def test_what_was_typed_into_a_form_is_drawn(scene: Scene) -> None:
    document = pikepdf.open(io.BytesIO(scan(1)))
    black = document.make_stream(b"0 0 0 rg 0 0 100 100 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 100])
    field = document.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V="x", F=4, Rect=[300, 700, 400, 800], AP=Dictionary(N=black)))
    document.Root.AcroForm = Dictionary(Fields=Array([field]))
    document.pages[0].Annots = Array([field])
    content = io.BytesIO()
    document.save(content)
    key = await a_checked(scene, content.getvalue(), pages=1)
    await previews.preview(scene.resources, str(key))
    _small, page = await pictures(scene, key)
    assert page.getpixel((729, 190)) == pytest.approx((0, 0, 0), abs=12)


@contextmanager
def a_child(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> Iterator[None]:
    """This script in the place of ours; `good(n)` is a picture of that number, `head` packs what comes before one."""
    picture = encoded(Image.new("RGB", (10, 10)), "WEBP")
    path = folder / "child.py"
    path.write_text(f"""
import os, struct, sys, time
head, picture, first, out = struct.Struct({PICTURE_HEAD.format!r}).pack, {picture!r}, int(sys.argv[3]), sys.stdout.buffer
def good(n): return head(n, 10, 10, len(picture)) + picture
{script}
""")
    with monkeypatch.context() as patched:
        patched.setattr(previews, "MAKER", path)
        yield


# What a child that fails, or was taken over by a document, may do; and how many pages of 12 we have afterwards.
CHILDREN: dict[str, tuple[str, int]] = {
    "dies at once": ("os.abort()", 0),
    "draws the small one only": ("out.write(good(0))", 0),
    "dies over the fourth page": ("out.write(good(0) + good(1) + good(2) + good(3)) if first == 1 else None; out.flush(); os.abort()", 3),
    "needs too much work for one go": ("out.write(b''.join(good(n) for n in ([0] if first == 1 else []) + [first, first + 1])); out.flush(); os.abort()", 12),
    "is cut in a picture": ("out.write((good(0) if first == 1 else b'') + good(first)[:-1])", 0),
    "says another number": ("out.write(good(0) + good(1) + good(7))", 1),
    "claims a gigabyte": ("out.write(good(0) + good(1) + head(2, 10, 10, 1 << 30))", 1),
    "claims a huge picture": ("out.write(good(0) + good(1) + head(2, 60000, 10, len(picture)) + picture)", 1),
    "claims an empty picture": ("out.write(good(0) + good(1) + head(2, 10, 10, 0))", 1),
    "sends a page of the web": ("out.write(good(0) + good(1) + head(2, 10, 10, 16) + b'<html><script>  ')", 1),
    "hangs": ("out.write(good(0) + good(1) if first == 1 else b''); out.flush(); time.sleep(60)", 1),
    "works for ever": ("out.write(good(0) + good(1) if first == 1 else b''); out.flush()\nwhile True: pass", 1),
    "babbles for ever": ("while True: out.write(good(0) + b'x' * 60000)", 0),
    "eats memory": ("out.write(good(0) + good(1) if first == 1 else b''); out.flush(); bytearray(2 << 30)", 1),
}


@pytest.mark.parametrize("child", CHILDREN)
async def test_a_page_that_cannot_be_drawn_is_the_end_of_the_pictures_only(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, child: str,
) -> None:
    script, pages = CHILDREN[child]
    monkeypatch.setattr(previews, "_LIMITS", previews.Limits(work=1, wall=4.0 if child == "hangs" else 60.0))
    key = await a_checked(scene, scan(1), pages=12)
    with a_child(monkeypatch, tmp_path, script):
        await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == ("checked", pages, True)
    assert len(await pictures(scene, key)) == (pages + 1 if pages else 0)


async def test_drawing_goes_on_where_it_stopped(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await a_checked(scene, scan(12), pages=12)
    kept = previews._keep

    async def away(*given: object) -> None:
        if given[3][-1].number > 10:  # type: ignore[index]
            raise Unavailable("storage")
        await kept(*given)  # type: ignore[arg-type]

    for _try in range(2 * previews._MOST_TRIES):
        with monkeypatch.context() as patched, pytest.raises(Unavailable):
            patched.setattr(previews, "_keep", away)
            await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == ("checked", 10, False)
    await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == ("checked", 12, True)
    assert len(await pictures(scene, key)) == 13


async def test_a_picture_that_a_cut_try_left_is_made_again(scene: Scene) -> None:
    key = await a_picture(scene, phone_photo())
    await scene.storage.put(previews.preview_key(key, 1), bytearray(b"half"), bucket=scene.storage.clean)
    await previews.preview(scene.resources, str(key))
    assert len(await pictures(scene, key)) == 2


async def test_what_goes_wrong_each_time_is_left_after_some_tries(scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    key = await a_checked(scene, scan(1), pages=1)

    async def broken(*_given: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(previews, "_keep", broken)
    for _try in range(previews._MOST_TRIES):
        with pytest.raises(RuntimeError):
            await previews.preview(scene.resources, str(key))
    with caplog.at_level(logging.ERROR):
        await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == ("checked", 0, True) and str(key) in caplog.text


async def test_bytes_that_are_gone_are_asked_of_their_owner_again(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    key = await a_checked(scene, scan(1), pages=1)
    await scene.storage.delete(scene.storage.clean, str(key))
    with caplog.at_level(logging.ERROR):
        await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == ("refused", 0, True) and str(key) in caplog.text


@pytest.mark.parametrize("state", ["received", "checking", "refused", "replaced"])
async def test_nothing_is_drawn_of_a_document_that_is_not_checked(scene: Scene, state: str) -> None:
    key = await a_checked(scene, scan(1), pages=1)
    await scene.sql("UPDATE document SET state = :state", state=state)
    await previews.preview(scene.resources, str(key))
    assert await standing(scene, key) == (state, 0, False)


async def test_missing_pictures_are_asked_for_again_but_only_once(scene: Scene) -> None:
    key = await a_checked(scene, scan(1), pages=1)
    await previews.wake(scene.resources)
    assert not await scene.queued(checking.PREVIEW)
    with stopped_at(now() + timedelta(minutes=2)):
        await previews.wake(scene.resources)
        await previews.wake(scene.resources)
    assert [one.args for one in await scene.queued(checking.PREVIEW)] == [{"document_id": str(key)}]
    await scene.run(checking.PREVIEW)
    with stopped_at(now() + timedelta(minutes=2)):
        await previews.wake(scene.resources)
    assert not await scene.queued(checking.PREVIEW)


async def test_checks_come_before_pictures_and_pictures_never_take_every_place(scene: Scene) -> None:
    key = await a_checked(scene, scan(1), pages=1)
    async with scene.session() as session:
        await checking.queue_previews(session, key)
        await checking.queue_check(session, uuid4())
    rows = await scene.sql("SELECT task_name FROM procrastinate_jobs ORDER BY priority DESC, id")
    assert [one.task_name for one in rows] == [checking.CHECK, checking.PREVIEW]
    await scene.drop_queue()
    async with previews._FREE, previews._FREE:
        await previews.preview(scene.resources, str(key))
    (later,) = await scene.queued(checking.PREVIEW)
    assert later.scheduled_at > now() and later.lock == f"previews/{key}"
    assert await standing(scene, key) == ("checked", 0, False)


async def test_whoever_found_no_place_is_called_as_soon_as_there_is_one(scene: Scene) -> None:
    first, second = await a_checked(scene, scan(1), pages=1), await a_checked(scene, scan(1), pages=1)
    await scene.drop_queue()
    async with previews._FREE, previews._FREE:
        await previews.preview(scene.resources, str(second))
    await previews.preview(scene.resources, str(first))
    (called,) = await scene.queued(checking.PREVIEW)
    assert called.args == {"document_id": str(second)} and called.scheduled_at is None and called.lock == f"previews/{second}"
    await scene.run(checking.PREVIEW)
    assert (await standing(scene, second))[2] and not await scene.queued(checking.PREVIEW)


async def test_pictures_leave_with_their_document_and_a_killed_workers_folder_after_a_day(scene: Scene) -> None:
    key, gone = await a_picture(scene, phone_photo()), uuid4()
    await previews.preview(scene.resources, str(key))
    await scene.storage.put(previews.preview_key(gone, 1), bytearray(b"x"), bucket=scene.storage.clean)
    left, fresh = (Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX)) for _ in range(2))
    (left / "photo").write_bytes(b"somebody's")
    os.utime(left, (time.time() - 90_000,) * 2)
    with stopped_at(now() + timedelta(hours=25)), sparing(checking.storage_of(scene.resources), key, gone):
        await housekeeping.clear(scene.resources)
    assert not left.exists() and fresh.exists()
    shutil.rmtree(fresh)
    there = [one.key async for one in scene.storage.keys(scene.storage.clean)]
    assert {previews.preview_key(key, 0), previews.preview_key(key, 1)} <= set(there) and previews.preview_key(gone, 1) not in there


async def test_a_stranger_sees_no_row_of_a_picture(scene: Scene, fresh_database: Database) -> None:
    key = await a_picture(scene, phone_photo())
    await previews.preview(scene.resources, str(key))
    engine = make_engine(fresh_database.web)
    async with transaction(engine, sha256(b"nobody's session").digest()) as session:
        assert (await session.execute(text("SELECT count(*) FROM preview"))).scalar_one() == 0
    await engine.dispose()
