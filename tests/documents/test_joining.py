"""Photos become pages: turned as the camera says, not a pixel changed, nothing told about the photographer; and the check gets its bytes from anywhere."""

import errno
import hashlib
import io
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageCms, ImageOps

from frontoffice.documents import checking, inspection, joining, maker_child, sources
from frontoffice.documents.cage import Limits, caged
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.storage import Storage
from tests.documents import heif, hostile
from tests.documents.photos import SECRET, a_checked, a_joined, content_of, distance, encoded, marked, phone_photo, scan
from tests.engines import Database, Engines
from tests.scene import Scene, a_scene
from tests.storages import storage_as


@pytest.fixture
async def scene(fresh_database: Database, engines: Engines, tmp_path: Path) -> AsyncIterator[Scene]:
    async with storage_as(engines, "worker"), a_scene(fresh_database, engines, tmp_path) as scene:
        yield scene


async def page_of(photo: bytes, folder: Path) -> bytes:
    """What the child makes of one photo; nothing when it gives up."""
    path = folder / "photo"
    path.write_bytes(photo)
    async with caged(joining.MAKER, "page", str(path), limits=joining._PAGE_LIMITS) as child:
        made = await child.output.read()
        return made if await child.ended_well() else b""


def drawn(pdf: bytes, page: int = 0, width: int = 400) -> Image.Image:
    shown = pypdfium2.PdfDocument(pdf)[page]
    return shown.render(scale=width / shown.get_size()[0]).to_pil().convert("RGB")  # type: ignore[no-any-return]


def picture_in(pdf: bytes) -> Image.Image:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return pikepdf.PdfImage(next(iter(opened.pages[0].Resources.XObject.values()))).as_pil_image()  # type: ignore[no-any-return]


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_photo_is_turned_as_the_camera_says_and_keeps_every_pixel(orientation: int, tmp_path: Path) -> None:
    photo = phone_photo(orientation)
    pdf = await page_of(photo, tmp_path)
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(photo)))
    assert distance(drawn(pdf, width=turned.width), turned) < 1
    assert distance(picture_in(pdf), Image.open(io.BytesIO(photo))) == 0
    for trace in (SECRET, b"Exif", b"xmp", b"CreationDate"):
        assert trace not in pdf


def grey(mode: str, value: int) -> Image.Image:
    return Image.new(mode, (300, 400), value)


def palette() -> Image.Image:
    return marked((300, 400)).quantize(8)


def see_through() -> Image.Image:
    return Image.new("RGBA", (300, 400), (255, 0, 0, 128))


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# What comes, and the colour in the middle of the page that is made of it.
KINDS: dict[str, tuple[Callable[[], bytes], tuple[int, int, int]]] = {
    "grey png": (lambda: encoded(grey("L", 90), "PNG"), (90, 90, 90)),
    "black and white png": (lambda: encoded(grey("1", 1), "PNG"), (255, 255, 255)),
    "16 bit png": (lambda: encoded(grey("I;16", 40000), "PNG"), (155, 155, 155)),
    "palette png": (lambda: encoded(palette(), "PNG"), (255, 255, 255)),
    "see-through png": (lambda: encoded(see_through(), "PNG"), (255, 127, 127)),
    "grey see-through png": (lambda: encoded(Image.new("LA", (300, 400), (0, 0)), "PNG"), (255, 255, 255)),
    "palette with a hole": (lambda: encoded(palette(), "PNG", transparency=palette().getpixel((0, 0))), (255, 255, 255)),
    "png with notes": (lambda: hostile.picture("PNG")[:33] + hostile.png_chunk(b"tEXt", b"GPS\0" + SECRET) + hostile.picture("PNG")[33:], (1, 0, 0)),
    "grey jpeg": (lambda: encoded(grey("L", 90)), (90, 90, 90)),
    "cmyk jpeg": (lambda: encoded(Image.new("CMYK", (300, 400), (255, 0, 0, 0))), (0, 174, 239)),
    "progressive jpeg": (lambda: encoded(Image.new("RGB", (300, 400), "navy"), progressive=True), (0, 0, 128)),
    "jpeg with colours explained": (lambda: encoded(Image.new("RGB", (300, 400), "navy"), icc_profile=SRGB), (0, 0, 128)),
    "jpeg with colours explained wrongly": (lambda: encoded(Image.new("RGB", (300, 400), "navy"), icc_profile=b"rubbish"), (0, 0, 128)),
    "jpeg with broken notes": (lambda: encoded(Image.new("RGB", (300, 400), "navy"), exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + SECRET), (0, 0, 128)),
    "jpeg put together strangely": (lambda: strange_jpeg(), (0, 0, 128)),
    "heic": (heif.photo, (200, 30, 30)),
    "heic in tiles": (lambda: heif.grid(4, 3), (200, 30, 30)),
}


def strange_jpeg() -> bytes:
    """A marker that a decoder skips stands where none should."""
    photo = encoded(Image.new("RGB", (300, 400), "navy"), comment=SECRET)
    return photo[:2] + b"\xff\xd0" + photo[2:]


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_of_picture_becomes_a_page_that_we_would_take(kind: str, tmp_path: Path) -> None:
    make, colour = KINDS[kind]
    pdf = await page_of(make(), tmp_path)
    shown = drawn(pdf)
    middle = shown.getpixel((shown.width // 2, shown.height // 2))
    assert all(abs(one - other) <= 12 for one, other in zip(middle, colour, strict=True)), middle  # type: ignore[arg-type]
    assert SECRET not in pdf
    (tmp_path / "page.pdf").write_bytes(pdf)
    assert (await inspection.inspect(tmp_path / "page.pdf", "page.pdf", "application/pdf")).pages == 1


@pytest.mark.parametrize(("size", "resolution", "page"), [
    ((2480, 3508), 300, (595.2, 841.92)),  # a scan of A4
    ((1240, 1754), 150, (595.2, 841.92)),
    ((600, 400), 300, (144, 96)),  # a small card, as large as it is
    ((3024, 4032), 72, (595.28, 793.71)),  # a phone
    ((4032, 3024), 0, (793.71, 595.28)),
    ((9933, 14043), 300, (595.28, 841.57)),  # a poster
    ((3000, 2000), 1, (841.89, 561.26)),
    ((3000, 2000), 90_000, (841.89, 561.26)),
    ((200, 100), 0, (200, 100)),  # an icon is not blown up
    ((1, 1), 0, (3, 3)),
    ((40000, 10), 72, (841.89, 3)),
])
def test_a_page_is_as_large_as_the_paper_was(size: tuple[int, int], resolution: float, page: tuple[float, float]) -> None:
    assert maker_child._page_size(size, resolution) == pytest.approx(page, abs=0.1)


async def test_a_photo_that_needs_more_than_is_safe_becomes_no_page(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(hostile.picture("PNG", (7000, 7000), "RGBA"))
    async with caged(joining.MAKER, "page", str(path), limits=Limits(memory=256 << 20, wall=60.0)) as child:
        assert not (await child.output.read() and await child.ended_well())


PHOTOS = [(phone_photo(6), "image/jpeg"), (encoded(marked(), "PNG"), "image/png"), (heif.photo(), "image/heic")]


async def joined(scene: Scene, key: object) -> bytes:
    """The PDF that a check has put together."""
    (row,) = await scene.sql("SELECT state, reason, sha256, size, pages, media_type, file_name FROM document WHERE id = :key", key=key)
    assert (row.state, row.reason, row.media_type, row.file_name) == ("checked", "", "application/pdf", "Contract.pdf")
    content = await content_of(scene, str(key), row.sha256)
    assert len(content) == row.size
    return content


async def test_photos_become_one_pdf_in_their_order_and_stay_as_they_were(scene: Scene) -> None:
    key, parts = await a_joined(scene, PHOTOS)
    await scene.sql("UPDATE document SET page_order = 4 - page_order WHERE joined_into = :key", key=key)
    await checking.check(scene.resources, str(key))
    content = await joined(scene, key)
    assert distance(drawn(content, 2), ImageOps.exif_transpose(Image.open(io.BytesIO(PHOTOS[0][0])))) < 3
    assert drawn(content, 0).getpixel((5, 5)) == pytest.approx((200, 30, 30), abs=12)
    assert SECRET not in content
    for part, (photo, _type) in zip(parts, PHOTOS, strict=True):
        assert await content_of(scene, str(part), hashlib.sha256(photo).hexdigest()) == photo
    assert {one.state for one in await scene.sql("SELECT state FROM document WHERE joined_into = :key", key=key)} == {"checked"}


async def test_the_same_pages_make_the_same_bytes(scene: Scene) -> None:
    hashes = []
    for _ in range(2):
        key, _parts = await a_joined(scene, PHOTOS)
        await checking.check(scene.resources, str(key))
        hashes.append(await scene.value("SELECT sha256 FROM document WHERE id = :key", key=key))
    assert hashes[0] and hashes[0] == hashes[1]


async def spoil_object(scene: Scene, part: object) -> None:
    await scene.storage.delete(scene.storage.clean, str(part))
    await scene.storage.put(str(part), bytearray(b"something else"), bucket=scene.storage.clean)


async def lose_object(scene: Scene, part: object) -> None:
    await scene.storage.delete(scene.storage.clean, str(part))


async def take_back(scene: Scene, part: object) -> None:
    await scene.sql("UPDATE document SET state = 'replaced' WHERE id = :part", part=part)


async def be_a_pdf(scene: Scene, part: object) -> None:
    await scene.sql("UPDATE document SET media_type = 'application/pdf' WHERE id = :part", part=part)


async def be_undecodable(scene: Scene, part: object) -> None:
    await spoil_object(scene, part)
    await scene.sql("UPDATE document SET sha256 = :sha256 WHERE id = :part", part=part, sha256=hashlib.sha256(b"something else").hexdigest())


@pytest.mark.parametrize(("happens", "reason"), [
    (spoil_object, sources._PAGE_LOST), (lose_object, sources._PAGE_LOST), (take_back, joining._NOT_A_PAGE), (be_a_pdf, joining._NOT_A_PAGE),
    (be_undecodable, joining._TOO_HEAVY),
])
async def test_pages_that_are_not_what_they_were_are_refused(scene: Scene, happens: Callable[[Scene, object], Any], reason: str) -> None:
    key, parts = await a_joined(scene, PHOTOS[:2])
    await happens(scene, parts[1])
    await checking.check(scene.resources, str(key))
    (row,) = await scene.sql("SELECT state, reason, reason_params FROM document WHERE id = :key", key=key)
    assert (row.state, row.reason) == ("refused", reason) and row.reason % row.reason_params
    assert str(key) not in [one.key async for one in scene.storage.keys(scene.storage.clean)]


@pytest.mark.parametrize(("limit", "least", "reason"), [("_MOST_PAGES", 1, joining._TOO_MANY), ("LARGEST_DOCUMENT", 3000, joining._TOO_LARGE)])
async def test_more_than_we_take_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch, limit: str, least: int, reason: str) -> None:
    monkeypatch.setattr(joining, limit, least)
    key, _parts = await a_joined(scene, PHOTOS[:2])
    await checking.check(scene.resources, str(key))
    (row,) = await scene.sql("SELECT state, reason, reason_params FROM document WHERE id = :key", key=key)
    assert (row.state, row.reason) == ("refused", reason) and row.reason % row.reason_params


async def test_a_document_that_is_used_again_is_the_same_bytes_checked_again(scene: Scene) -> None:
    original = await a_checked(scene, scan(2), pages=2)
    employer = await scene.employer()
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", stored=False)
    await scene.sql("DELETE FROM segment")
    await scene.sql("UPDATE document SET reused_from = :original WHERE id = :key", original=original, key=key)
    await checking.check(scene.resources, str(key))
    rows = await scene.sql("SELECT state, sha256, size, pages FROM document ORDER BY given_at")
    assert rows[0] == rows[1]
    assert await content_of(scene, str(key), rows[1].sha256) == await content_of(scene, str(original), rows[0].sha256)


@pytest.mark.parametrize("happens", [spoil_object, lose_object])
async def test_a_document_that_is_no_longer_there_is_not_used_again(scene: Scene, happens: Callable[[Scene, object], Any]) -> None:
    original = await a_checked(scene, scan(2), pages=2)
    employer = await scene.employer()
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", stored=False)
    await scene.sql("UPDATE document SET reused_from = :original WHERE id = :key", original=original, key=key)
    await happens(scene, original)
    await checking.check(scene.resources, str(key))
    assert (await scene.sql("SELECT state, reason FROM document WHERE id = :key", key=key))[0] == ("refused", sources._ORIGINAL_LOST)


class FullFolder:
    """A folder on a full disk: what is to be written there is the device that never has room."""

    def __init__(self, prefix: str) -> None:
        self.path = Path(os.environ["FULL_FOLDER"]) / f"{prefix}{uuid4()}"

    def __enter__(self) -> str:
        self.path.mkdir()
        for name in ("document", "photo", "1.pdf", "joined.pdf"):
            (self.path / name).symlink_to("/dev/full")
        return str(self.path)

    def __exit__(self, *_about: object) -> None:
        pass


def no_folder(prefix: str) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("folder", [FullFolder, no_folder])
@pytest.mark.parametrize("pages", [0, 2])
async def test_a_full_disk_leaves_it_for_the_next_try(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Any, pages: int) -> None:
    if pages:
        key, _parts = await a_joined(scene, PHOTOS[:pages])
    else:
        employer = await scene.employer()
        key = await scene.document(await scene.draft(employer), employer, "contract", state="received", content=scan(1))
    monkeypatch.setenv("FULL_FOLDER", str(tmp_path))
    with monkeypatch.context() as full, pytest.raises(Unavailable, match="disk"):
        full.setattr(sources.tempfile, "TemporaryDirectory", folder)
        await checking.check(scene.resources, str(key))
    assert await scene.value("SELECT state FROM document WHERE id = :key", key=key) == "checking"
    await checking.check(scene.resources, str(key))
    assert await scene.value("SELECT state FROM document WHERE id = :key", key=key) == "checked"


@pytest.mark.parametrize("call", ["open", "keep_clean", "delete"])
async def test_a_storage_that_goes_away_in_the_middle_leaves_it_for_the_next_try(scene: Scene, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """After `keep_clean` the object is there without its row being right; after the row is right the quarantine is not yet cleared."""
    employer = await scene.employer()
    key = await scene.document(await scene.draft(employer), employer, "contract", state="received", content=scan(1))

    async def away(*_given: Any, **_more: Any) -> Any:
        raise Unavailable("storage")
        yield

    async def away_at_once(*_given: Any, **_more: Any) -> Any:
        raise Unavailable("storage")

    with monkeypatch.context() as lost, pytest.raises(Unavailable):
        lost.setattr(Storage, call, away if call == "open" else away_at_once)
        await checking.check(scene.resources, str(key))
    await checking.check(scene.resources, str(key))
    (row,) = await scene.sql("SELECT state, sha256 FROM document")
    assert row.state == "checked" and await content_of(scene, str(key), row.sha256) == scan(1)
