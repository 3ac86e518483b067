"""Opens a PDF in the cage and looks at every object in it: what it would do, what it hides, and how large it grows."""

import mmap
import re
import zlib
from pathlib import Path
from typing import Any

import pikepdf

from frontoffice.documents.found import MAX_PAGES, MAX_PIXELS, TAIL_BYTES, Found, check_pixels

MAX_STREAM_BYTES = 64 * 1024 * 1024  # one page's drawing, one font: real ones stay far below
MAX_DECODED_BYTES = 512 * 1024 * 1024
MAX_DEPTH = 100
MAX_SIDE = 14_400  # points, 200 inches: the most that a page may measure
MAX_DRAWN = 100_000  # pieces of drawing that a page may put together; real ones stay far below

# Runs of equal bytes are no reason to refuse: copiers write pictures so.
_EVERY_FILTER = pikepdf.StreamDecodeLevel.specialized
_IMAGE_FILTERS = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
_ACTIVE_ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/SubmitForm": "submit",
    "/ImportData": "submit",
    "/GoToE": "embedded",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
}
_ACTIVE_KEYS = {"/JS": "script", "/JavaScript": "script", "/EF": "embedded", "/XFA": "xfa"}
_ACTIVE_KINDS = {
    "/EmbeddedFile": "embedded",
    "/FileAttachment": "embedded",
    "/RichMedia": "media",
    "/3D": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/Screen": "media",
}
# A reader that repairs a file may find what was written over; this is long enough never to stand in packed bytes by chance.
_WRITTEN_OVER = re.compile(rb"/S[\0\s]*/(JavaScript|Launch)\b|/Type[\0\s]*/(EmbeddedFile)\b")
_WORDS = {b"JavaScript": "script", b"Launch": "launch", b"EmbeddedFile": "embedded"}
# A file on another machine: to look there tells that machine who is looking.
_ELSEWHERE = re.compile(r"^\s*(\\\\|//|[a-z][a-z0-9+.-]+:)", re.IGNORECASE)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DRAWN = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do\b")


def inspect_pdf(path: Path) -> dict[str, Any]:
    """What the PDF is, and its pages; raises Found."""
    _refuse_by_bytes(path)
    try:
        with pikepdf.open(path) as pdf:
            if pdf.is_encrypted:
                raise Found("encrypted")
            return _inspect_opened(pdf)
    except pikepdf.PasswordError as error:
        raise Found("encrypted") from error
    except pikepdf.PdfError as error:
        raise Found("heavy" if "bad_alloc" in str(error) else "damaged") from error


def _refuse_by_bytes(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.rfind(b"%%EOF", max(0, len(content) - TAIL_BYTES)) < 0:
            raise Found("damaged")
        if word := _WRITTEN_OVER.search(content):
            raise Found(_WORDS[word[1] or word[2]])


def _inspect_opened(pdf: pikepdf.Pdf) -> dict[str, Any]:
    """Every object counts, also one that no page uses: another reader may find a way to it."""
    pages = len(pdf.pages)
    if pages > MAX_PAGES:
        raise Found("pages", pages=pages, limit=MAX_PAGES)
    if pages == 0:
        raise Found("damaged")
    if "/Collection" in pdf.Root:
        raise Found("embedded")
    budget = Budget()
    for one in pdf.objects:
        _walk(one, 0)
        if isinstance(one, pikepdf.Stream):
            budget.spend(one)
    drawing = _Drawing()
    for page in pdf.pages:
        _check_size(page)
        drawing.measure(page)
    return {"media_type": "application/pdf", "pages": pages}


def _check_size(page: pikepdf.Page) -> None:
    try:
        left, bottom, right, top = (float(one) for one in page.mediabox)
    except (TypeError, ValueError, AttributeError) as error:
        raise Found("damaged") from error
    if not max(abs(right - left), abs(top - bottom)) <= MAX_SIDE:
        raise Found("heavy")


def _walk(one: Any, depth: int) -> None:
    """Look at one object and what lies directly in it; what it only points to has its own turn."""
    if depth > MAX_DEPTH:
        raise Found("heavy")
    if isinstance(one, pikepdf.Array):
        for child in one:
            _walk_child(child, depth)
    elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        values = one.stream_dict if isinstance(one, pikepdf.Stream) else one
        _look(values, is_stream=isinstance(one, pikepdf.Stream))
        for child in values.values():
            _walk_child(child, depth)


def _walk_child(child: Any, depth: int) -> None:
    if isinstance(child, pikepdf.Object) and not child.is_indirect:
        _walk(child, depth + 1)


def _look(values: Any, *, is_stream: bool) -> None:
    for key, code in _ACTIVE_KEYS.items():
        if key in values:
            raise Found(code)
    for key, table in (("/S", _ACTIVE_ACTIONS), ("/Type", _ACTIVE_KINDS), ("/Subtype", _ACTIVE_KINDS)):
        value = values.get(key)
        if isinstance(value, pikepdf.Name) and _plain(value) in table:
            raise Found(table[_plain(value)])
    # A stream whose bytes are in another file; a place in another file, when that is not simply beside this one.
    if (is_stream and "/F" in values) or _is_elsewhere(values):
        raise Found("submit")


def _plain(name: Any) -> str:
    """A name with its escapes undone; honest ones hold letters in any coding, and these stay escaped."""
    return bytes(name.unparse()).decode("latin-1")


def _is_elsewhere(values: Any) -> bool:
    """Whether an action or a file's description leads to another machine; links to web pages have a key of their own."""
    return any(_ELSEWHERE.match(str(values[key])) for key in ("/F", "/UF", "/Unix", "/DOS", "/Mac") if isinstance(values.get(key), pikepdf.String))


class _Drawing:
    """Counts the pieces that pages are drawn from: each may hold others, so that few bytes can ask for years of drawing."""

    def __init__(self) -> None:
        self._counted: dict[tuple[int, int], int] = {}

    def measure(self, page: pikepdf.Page) -> None:
        """Raise Found when the page is drawn from more pieces than is sane, or from itself."""
        named = _named_pieces(page.resources)
        if named:
            contents = page.obj.get("/Contents")
            for one in contents if isinstance(contents, pikepdf.Array) else [contents]:
                self._count(one, named, 0)

    def _count(self, drawing: Any, named: dict[bytes, Any], depth: int) -> int:
        if depth > MAX_DEPTH:
            raise Found("heavy")
        total = 1
        for call in _DRAWN.finditer(_unpacked_drawing(drawing)):
            name = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), call[1])
            total += self._count_piece(named[name], named, depth) if name in named else 0
            if total > MAX_DRAWN:
                raise Found("heavy")
        return total

    def _count_piece(self, piece: Any, named: dict[bytes, Any], depth: int) -> int:
        key = piece.objgen
        if key not in self._counted:
            self._counted[key] = MAX_DRAWN  # until it is known: a piece that holds itself has no end
            own = piece.stream_dict.get("/Resources")
            self._counted[key] = self._count(piece, named if own is None else _named_pieces(own), depth + 1)
        return self._counted[key]


def _unpacked_drawing(stream: Any) -> bytes:
    try:
        return bytes(stream.read_bytes(_EVERY_FILTER)) if isinstance(stream, pikepdf.Stream) else b""
    except pikepdf.PdfError:
        return b""  # drawn by nobody: the filter is unknown or its bytes are damaged


def _named_pieces(resources: Any) -> dict[bytes, Any]:
    """The drawings, not the pictures, that a page or a piece may call by name."""
    named = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(named, pikepdf.Dictionary):
        return {}
    pieces = {name: one for name, one in named.items() if isinstance(one, pikepdf.Stream) and one.stream_dict.get("/Subtype") == "/Form"}
    return {str(name)[1:].encode("utf-8", "surrogateescape"): one for name, one in pieces.items()}


class Budget:
    """Unpacks streams and throws the bytes away: a few kB that become gigabytes are found here, in the cage."""

    def __init__(self) -> None:
        self._text_left = MAX_DECODED_BYTES
        self._images_left = MAX_DECODED_BYTES

    def spend(self, stream: Any) -> None:
        """Count one stream; raises Found when it, or all together, grow too large."""
        filters = _filters(stream)
        if stream.stream_dict.get("/Subtype") == "/Image":
            self._spend_on_image(stream, filters)
            return
        if not filters or _IMAGE_FILTERS.intersection(filters):
            return
        self._text_left -= _unpacked(stream, filters, MAX_STREAM_BYTES)
        if self._text_left < 0:
            raise Found("heavy")

    def _spend_on_image(self, stream: Any, filters: list[str]) -> None:
        """Two hundred pages of lossless scans may be honest: past the budget an image's own figures are believed."""
        allowed = _image_bytes(stream.stream_dict)
        if filters and not _IMAGE_FILTERS.intersection(filters) and self._images_left > 0:
            self._images_left -= _unpacked(stream, filters, allowed)


def _filters(stream: Any) -> list[str]:
    given = stream.stream_dict.get("/Filter")
    if given is None:
        return []
    return [_plain(one) for one in (given if isinstance(given, pikepdf.Array) else [given])]


def _image_bytes(values: Any) -> int:
    """The most that an image of the declared size can unpack to: four channels of 16 bits, and a filter byte a row."""
    width, height = int(values.get("/Width", 0)), int(values.get("/Height", 0))
    # A scan in black and white needs an eighth of the bytes: fax machines and copiers use 600 dots per inch for these.
    check_pixels(width, height, most=MAX_PIXELS * 8 if values.get("/BitsPerComponent") == 1 else MAX_PIXELS)
    return width * height * 8 + height + 4096


def _unpacked(stream: Any, filters: list[str], allowed: int) -> int:
    """How long a stream is once unpacked; raises Found as soon as it is longer than allowed."""
    deflated = filters == ["/FlateDecode"]
    # Chains and rare filters are unpacked whole: the memory limit is what stops these.
    size = _inflated(stream.read_raw_bytes(), allowed) if deflated else len(stream.read_bytes(_EVERY_FILTER))
    if size > allowed:
        raise Found("heavy")
    return size


def _inflated(raw: bytes, allowed: int) -> int:
    """The length of a deflated stream, counted no further than just past what is allowed."""
    unpack = zlib.decompressobj()
    total = 0
    try:
        piece = unpack.decompress(raw, 1 << 20)
        while piece and total <= allowed:
            total += len(piece)
            piece = unpack.decompress(unpack.unconsumed_tail, 1 << 20)
    except zlib.error:
        return total  # readers show what could be unpacked; so an honest but damaged stream is no reason to refuse
    return total
