"""What people send is kept under a name that fits it, and the cage around the parsers holds; hostile files have a table of their own."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pikepdf import Array, Name, ObjectStreamMode, String

from frontoffice.documents import cage, cage_child, inspection
from frontoffice.documents.inspection import inspect
from frontoffice.kernel import metrics
from frontoffice.worker import run
from tests.documents import heif
from tests.documents import hostile as h
from tests.engines import Database, Engines
from tests.scene import a_scene

COMPRESSED = {"object_stream_mode": ObjectStreamMode.generate}

# name of the file → how it is made, the type that the browser declares, number of pages
GOOD: dict[str, tuple[Callable[[], bytes], str, int]] = {
    "plain.pdf": (h.pdf, "application/pdf", 1),
    "many-pages.PDF": (lambda: h.pdf(pages=200), "application/pdf", 200),
    "compressed.pdf": (lambda: h.pdf(**COMPRESSED), "application/x-pdf; q=1", 1),
    "undeclared.pdf": (h.pdf, "application/octet-stream", 1),
    "silent.pdf": (h.pdf, "", 1),
    "opens-at-a-page.pdf": (lambda: h.pdf(h.go_to_first_page), "application/pdf", 1),
    "links.pdf": (lambda: h.pdf(h.link(S=Name.URI, URI=String("https://example.org"))), "application/pdf", 1),
    "form.pdf": (lambda: h.pdf(h.plain_form), "application/pdf", 1),
    "lossless-scan.pdf": (lambda: h.pdf(h.picture_in_pdf(2480, 3508, 2480 * 3508 * 3)), "application/pdf", 1),
    "lossless-scans.pdf": (lambda: h.pdf(h.lossless_scans), "application/pdf", 25),
    "line-ends-after.pdf": (lambda: h.pdf() + b"\r\n" * 20, "application/pdf", 1),
    "photo.jpg": (lambda: h.picture("JPEG"), "image/jpeg", 1),
    "photo.JPEG": (lambda: h.picture("JPEG", (6000, 8000)), "image/pjpeg", 1),
    "progressive.jpg": (lambda: h.picture("JPEG", (4000, 3000), progressive=True), "image/jpg", 1),
    "print.jpg": (lambda: h.picture("JPEG", mode="CMYK"), "image/jpeg", 1),
    "scan.png": (lambda: h.picture("PNG"), "image/png", 1),
    "grey.png": (lambda: h.picture("PNG", (7000, 7000), "L"), "image/png", 1),
    "see-through.png": (lambda: h.picture("PNG", mode="RGBA"), "image/png", 1),
    "राजेश.png": (lambda: h.picture("PNG"), "image/png", 1),
    "linearised.pdf": (lambda: h.pdf(pages=3, linearize=True), "application/pdf", 3),
    "filed-by-a-lawyer.pdf": (lambda: h.pdf(h.link(S=Name.GoToR, F=String("annexes/3.pdf"), D=Array([0, Name.Fit]))), "application/pdf", 1),
    "photo-of-a-phone.heic": (lambda: heif.grid(4, 3), "image/heic", 1),
    "turned.heif": (lambda: heif.photo(turned=3), "image/heif", 1),
    "of-nine-hundred-tiles.heic": (lambda: heif.grid(30, 30), "", 1),
    "of-any-brand.heic": (lambda: heif.photo(brand=b"mif1"), "image/heic", 1),
}

@pytest.mark.parametrize("name", GOOD)
async def test_honest_files_are_kept(name: str, tmp_path: Path) -> None:
    make, declared, pages = GOOD[name]
    path = tmp_path / "document"
    path.write_bytes(make())
    verdict = await inspect(path, name, declared)
    assert (verdict.ok, verdict.reason, verdict.file_name) == (True, None, name)
    assert verdict.pages == pages


DISAGREE = inspection._DISAGREES
OTHERWISE = inspection._DECLARED_OTHERWISE


@pytest.mark.parametrize(
    ("content", "name", "declared", "reason"),
    [
        ("pdf", "photo.jpg", "image/jpeg", DISAGREE),
        ("pdf", "photo.pdf.exe", "application/pdf", DISAGREE),
        ("pdf", "photo.heic", "", DISAGREE),
        ("HEIC", "photo.pdf", "", DISAGREE),
        ("HEIC", "photo.heic", "application/pdf", OTHERWISE),
        ("HEIC", "photo.webp", "image/heic", DISAGREE),
        ("PNG", "a.png", "image/webp", OTHERWISE),
        ("pdf", "a.pdf", "image/png", OTHERWISE),
        ("pdf", "a.pdf", "text/html", OTHERWISE),
        ("JPEG", "a.pdf", "application/pdf", DISAGREE),
        ("JPEG", "a.jpg", "application/pdf", OTHERWISE),
    ],
)
async def test_name_and_declared_type_must_agree_with_the_content(
    content: str, name: str | None, declared: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "document"
    path.write_bytes(of_kind(content))
    verdict = await inspect(path, name, declared)
    assert (verdict.ok, verdict.reason) == (False, reason)
    assert reason % verdict.params


def of_kind(content: str) -> bytes:
    return h.pdf() if content == "pdf" else heif.photo() if content == "HEIC" else h.picture(content)


@pytest.mark.parametrize(
    ("content", "name", "declared", "kept_as", "media_type"),
    [
        ("PNG", "a.jpg", "image/jpeg", "a.png", "image/png"),
        ("PNG", "a.png", "image/jpeg", "a.png", "image/png"),
        ("JPEG", "IMG_1.HEIC", "image/heic", "IMG_1.jpg", "image/jpeg"),
        ("HEIC", "IMG_1.JPG", "image/jpeg", "IMG_1.heic", "image/heic"),
        ("HEIC", "IMG_1.HEIF", "", "IMG_1.HEIF", "image/heic"),
        ("HEIC", "1000012345", "application/octet-stream", "1000012345.heic", "image/heic"),
        ("pdf", "no extension", "application/pdf", "no extension.pdf", "application/pdf"),
        ("pdf", "Diploma 12.05.2024", "", "Diploma 12.05.2024.pdf", "application/pdf"),
        ("pdf", "contract.", "", "contract..pdf", "application/pdf"),
        ("pdf", "contract.pdf.", "", "contract.pdf..pdf", "application/pdf"),
        ("pdf", ".pdf", "", ".pdf", "application/pdf"),
        ("pdf", None, "", "document.pdf", "application/pdf"),
        ("JPEG", "", "", "document.jpg", "image/jpeg"),
        ("JPEG", "a.png.jpe", "", "a.png.jpe", "image/jpeg"),
    ],
)
async def test_a_picture_or_a_nameless_file_is_kept_under_a_name_that_fits(
    content: str, name: str | None, declared: str, kept_as: str, media_type: str, tmp_path: Path
) -> None:
    path = tmp_path / "document"
    path.write_bytes(of_kind(content))
    verdict = await inspect(path, name, declared)
    assert (verdict.ok, verdict.file_name, verdict.media_type) == (True, kept_as, media_type)


async def test_a_photo_of_fifty_megapixels_fits_the_cage(tmp_path: Path) -> None:
    path = tmp_path / "document"
    # Grids in a grid: libheif takes a thousand parts at most, and one of these is 64 pixels wide.
    path.write_bytes(heif.grids_of_grids(6))
    assert (await inspect(path, "a.heic", "")).ok
    path.write_bytes(heif.grids_of_grids(7))
    assert (await inspect(path, "a.heic", "")).reason == inspection._REASONS["pixels"]


async def test_a_child_that_works_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = tmp_path / "busy.py"
    busy.write_text("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass")
    monkeypatch.setattr(inspection, "_CHILD", busy)
    verdict = await inspect(tmp_path, "a.pdf", "")
    assert verdict.reason == inspection._REASONS["heavy"]


async def test_a_child_that_talks_without_end_is_not_listened_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    babbling = tmp_path / "babbling.py"
    babbling.write_text("import sys\nwhile True: sys.stdout.write('x' * 65536)")
    monkeypatch.setattr(inspection, "_CHILD", babbling)
    verdict = await inspect(tmp_path, "a.pdf", "")
    assert verdict.reason == inspection._UNREADABLE


async def test_many_at_once_wait_for_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(1); print('{\"media_type\": \"image/png\", \"pages\": 1}')")
    monkeypatch.setattr(inspection, "_CHILD", slow)
    monkeypatch.setattr(cage, "_AT_ONCE", 2)
    monkeypatch.setattr(inspection, "WALL_SECONDS", 10.0)
    verdicts = await asyncio.gather(*(inspect(tmp_path, "a.png", "") for _one in range(24)))
    assert all(one.ok for one in verdicts)


async def test_a_hanging_child_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "hanging.py"
    hanging.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(inspection, "_CHILD", hanging)
    monkeypatch.setattr(inspection, "WALL_SECONDS", 0.3)
    verdict = await inspect(tmp_path, "a.pdf", "")
    assert verdict.reason == inspection._REASONS["heavy"]


@pytest.mark.parametrize("code", ["import os; os.abort()", "print('not json')", "raise SystemExit(3)"])
async def test_a_child_that_dies_or_babbles_refuses_the_file(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(code)
    monkeypatch.setattr(inspection, "_CHILD", broken)
    verdict = await inspect(tmp_path, "a.pdf", "")
    assert (verdict.ok, verdict.reason) == (False, inspection._UNREADABLE)


CAGED = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
child.cage(seconds=1)
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "bytearray(600 << 20)",
        "while True: pass",
        "open(sys.argv[2], 'wb', 0).write(b'x')",
    ],
)
def test_the_cage_holds(attempt: str, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-c", CAGED + attempt, cage_child.__file__, str(tmp_path / "written")]
    result = subprocess.run(command, capture_output=True, timeout=180, check=False)
    assert result.returncode != 0
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


async def test_a_caged_process_has_no_network_or_operators_hear_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the worker finds out at its start is so, whatever this machine allows."""
    assert await cage.look() is not await reaches_us(tmp_path)
    assert tells_of_it(caplog) is await reaches_us(tmp_path)


async def test_a_machine_that_cannot_cut_the_network_says_so_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:
    forbid_namespaces(tmp_path, monkeypatch)
    assert not await cage.look() and await reaches_us(tmp_path)
    assert tells_of_it(caplog)


async def test_a_cage_that_says_nothing_counts_as_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text("")
    monkeypatch.setattr(cage, "_PROBE", silent)
    assert not await cage.look() and tells_of_it(caplog)


async def test_a_worker_finds_out_at_its_start(
    fresh_database: Database, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:
    forbid_namespaces(tmp_path, monkeypatch)
    async with a_scene(fresh_database, engines, tmp_path) as scene:
        await run(scene.settings, [], wait=False)
    assert tells_of_it(caplog)


def forbid_namespaces(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has no bubblewrap and lets no process leave its network."""
    starter, asked = folder / "starter.py", "ctypes.CDLL(None).unshare"
    starter.write_text(Path(cage_child.__file__).read_text("utf-8").replace(asked, "(lambda _which: -1)"), "utf-8")
    assert asked not in starter.read_text("utf-8") and "lambda _which" in starter.read_text("utf-8")
    monkeypatch.setattr(cage, "_STARTER", starter)
    monkeypatch.setattr(cage, "_jail", tuple)


async def reaches_us(folder: Path) -> bool:
    """Whether a caged script reaches a server of this machine."""
    caller = folder / "caller.py"
    caller.write_text("import socket, sys\nsocket.create_connection(('127.0.0.1', int(sys.argv[1])), 20)\nprint('reached')")
    with socket.create_server(("127.0.0.1", 0)) as server:
        async with cage.caged(caller, str(server.getsockname()[1]), limits=cage.Limits(wall=60.0)) as child:
            return await child.said(100) == b"reached\n"


def tells_of_it(caplog: pytest.LogCaptureFixture) -> bool:
    """Whether both the log and the metric say that parsers have a network."""
    by_log = any(one.levelname == "ERROR" and "not kept from the network" in one.message for one in caplog.records)
    assert (b"\nfrontoffice_cage_open 1.0\n" in metrics.written()) is by_log
    return by_log
