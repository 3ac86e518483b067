"""Every kind of file gets a verdict, quickly, and a reason that tells what to do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, String

from frontoffice.documents import inspection, inspector_child
from frontoffice.documents.inspection import inspect
from tests.documents import hostile as h

SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}
SUBMIT = {"S": Name.SubmitForm, "F": String("http://evil.example")}
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
}

# name of the file → how it is made, the code of the reason
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.pdf": (lambda: b"", "empty"),
    "cut.pdf": (lambda: h.pdf(pages=5)[:-200], "damaged"),
    "header-only.pdf": (lambda: b"%PDF-1.7\n", "damaged"),
    "nothing-inside.pdf": (lambda: b"%PDF-1.7\ngarbage\n%%EOF", "damaged"),
    "noise.pdf": (lambda: b"%PDF-1.7\n" + os.urandom(5000) + b"\n%%EOF", "damaged"),
    "no-pages.pdf": (lambda: h.pdf(pages=0), "damaged"),
    "endless.pdf": (h.endless_pages, "damaged"),
    "password.pdf": (lambda: h.pdf(encryption=Encryption(user="u", owner="o")), "encrypted"),
    "owner-only.pdf": (lambda: h.pdf(encryption=Encryption(user="", owner="o")), "encrypted"),
    "old-cipher.pdf": (
        lambda: h.pdf(encryption=Encryption(user="u", owner="o", R=3, aes=False, metadata=False)),
        "encrypted",
    ),
    "script-at-opening.pdf": (lambda: h.pdf(h.action(**SCRIPT)), "script"),
    "script-on-page.pdf": (lambda: h.pdf(h.page_action(**SCRIPT)), "script"),
    "script-on-link.pdf": (lambda: h.pdf(h.link(**SCRIPT)), "script"),
    "script-by-name.pdf": (lambda: h.pdf(h.named_script), "script"),
    "script-compressed.pdf": (lambda: h.pdf(h.named_script, **COMPRESSED), "script"),
    "script-unused.pdf": (lambda: h.pdf(h.orphan_script), "script"),
    "script-deep.pdf": (lambda: h.pdf(h.deep_script), "script"),
    "script-escaped.pdf": (h.escaped_names, "script"),
    "script-in-rendition.pdf": (lambda: h.pdf(h.action(S=Name.Rendition, JS=String("1"))), "script"),
    "launch.pdf": (lambda: h.pdf(h.action(S=Name.Launch, F=String("cmd.exe"))), "launch"),
    "launch-next.pdf": (
        lambda: h.pdf(h.action(S=Name.GoTo, Next=Array([Dictionary(S=Name.Launch, F=String("x"))]))),
        "launch",
    ),
    "submits.pdf": (lambda: h.pdf(h.action(**SUBMIT)), "submit"),
    "submits-on-link.pdf": (lambda: h.pdf(h.link(**SUBMIT)), "submit"),
    "imports.pdf": (lambda: h.pdf(h.action(S=Name.ImportData, F=String("x.fdf"))), "submit"),
    "attachment.pdf": (lambda: h.pdf(h.attachment), "embedded"),
    "attachment-compressed.pdf": (lambda: h.pdf(h.attachment, **COMPRESSED), "embedded"),
    "attachment-mark.pdf": (lambda: h.pdf(h.annotation("FileAttachment")), "embedded"),
    "portfolio.pdf": (lambda: h.pdf(h.portfolio), "embedded"),
    "opens-attachment.pdf": (lambda: h.pdf(h.action(S=Name.GoToE, D=String("x"))), "embedded"),
    "xfa.pdf": (lambda: h.pdf(h.xfa_form), "xfa"),
    "film.pdf": (lambda: h.pdf(h.annotation("RichMedia")), "media"),
    "model.pdf": (lambda: h.pdf(h.annotation("3D")), "media"),
    "pages-201.pdf": (lambda: h.pdf(pages=201), "pages"),
    "bomb.pdf": (lambda: h.pdf(h.content_bomb(1, 300 << 20)), "heavy"),
    "bomb-in-bomb.pdf": (lambda: h.pdf(h.content_bomb(3, 600 << 20)), "heavy"),
    "picture-bomb.pdf": (lambda: h.pdf(h.picture_in_pdf(10, 10, 50 << 20)), "heavy"),
    "picture-too-large.pdf": (lambda: h.pdf(h.picture_in_pdf(20_000, 20_000, 10)), "pixels"),
    "nested.pdf": (lambda: h.pdf(h.nested), "heavy"),
    "also-zip.pdf": (lambda: h.pdf() + h.archive(), "polyglot"),
    "padded.pdf": (lambda: h.pdf() + bytes(5000), "damaged"),
    "late-header.pdf": (lambda: b"#!/bin/sh\n" + h.pdf(), "unknown"),
    "cut.jpg": (lambda: h.picture("JPEG", (400, 300))[:500], "damaged"),
    "header-only.jpg": (lambda: b"\xff\xd8\xff\xe0", "damaged"),
    "also-pdf.jpg": (lambda: h.picture("JPEG", comment=h.pdf()), "polyglot"),
    "also-zip.jpg": (lambda: h.picture("JPEG") + h.archive(), "polyglot"),
    "too-large.jpg": (lambda: h.picture("JPEG", (8000, 6300), "L"), "pixels"),
    "too-large.png": (lambda: h.png_saying(100_000, 100_000), "pixels"),
    "bomb.png": (h.png_with_text_bomb, "damaged"),
    "cut.png": (lambda: h.picture("PNG")[:-20], "damaged"),
    "short.png": (lambda: h.png_saying(5000, 5000), "damaged"),
    "tail.png": (lambda: h.picture("PNG") + os.urandom(5000), "damaged"),
    "also-zip.png": (lambda: h.picture("PNG") + h.archive(), "polyglot"),
    "animation.gif": (lambda: h.picture("GIF"), "picture"),
    "scan.tiff": (lambda: h.picture("TIFF"), "picture"),
    "photo.webp": (lambda: h.picture("WEBP"), "picture"),
    "drawing.bmp": (lambda: h.picture("BMP"), "picture"),
    "phone.heic": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "heic"),
    "letter.docx": (lambda: h.archive("word/document.xml"), "zip"),
    "letter.doc": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "office"),
    "letter.rtf": (lambda: b"{\\rtf1 hello}", "office"),
    "page.html": (lambda: b"<html><script>alert(1)</script>", "unknown"),
    "drawing.svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unknown"),
    "program.exe": (lambda: b"MZ" + bytes(200), "unknown"),
    "notes.txt": (lambda: b"hello", "unknown"),
}


@pytest.mark.parametrize("name", GOOD)
async def test_honest_files_are_kept(name: str, tmp_path: Path) -> None:
    make, declared, pages = GOOD[name]
    path = tmp_path / "document"
    path.write_bytes(make())
    verdict = await inspect(path, name, declared)
    assert (verdict.ok, verdict.reason) == (True, None)
    assert verdict.pages == pages


@pytest.mark.parametrize("name", BAD)
async def test_hostile_and_mistaken_files_are_refused_with_their_reason(name: str, tmp_path: Path) -> None:
    make, code = BAD[name]
    path = tmp_path / "document"
    path.write_bytes(make())
    begun = time.monotonic()
    verdict = await inspect(path, name, "")
    assert not verdict.ok
    assert verdict.reason == inspection._REASONS[code]
    assert verdict.reason % verdict.params
    assert time.monotonic() - begun < inspection.WALL_SECONDS


DISAGREE = inspection._DISAGREES
OTHERWISE = inspection._DECLARED_OTHERWISE


@pytest.mark.parametrize(
    ("content", "name", "declared", "reason"),
    [
        ("pdf", "photo.jpg", "image/jpeg", DISAGREE),
        ("pdf", "photo.pdf.exe", "application/pdf", DISAGREE),
        ("pdf", "noextension", "application/pdf", DISAGREE),
        ("pdf", None, "application/pdf", DISAGREE),
        ("pdf", "a.pdf", "image/png", OTHERWISE),
        ("pdf", "a.pdf", "text/html", OTHERWISE),
        ("PNG", "a.jpg", "image/jpeg", DISAGREE),
        ("PNG", "a.png", "image/jpeg", OTHERWISE),
        ("JPEG", "a.pdf", "application/pdf", DISAGREE),
        ("JPEG", "a.jpg", "application/pdf", OTHERWISE),
    ],
)
async def test_name_and_declared_type_must_agree_with_the_content(
    content: str, name: str | None, declared: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "document"
    path.write_bytes(h.pdf() if content == "pdf" else h.picture(content))
    verdict = await inspect(path, name, declared)
    assert (verdict.ok, verdict.reason) == (False, reason)
    assert reason % verdict.params


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
child.cage()
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
    command = [sys.executable, "-I", "-c", CAGED + attempt, inspector_child.__file__, str(tmp_path / "written")]
    result = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert result.returncode != 0
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0
