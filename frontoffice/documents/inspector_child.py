"""Opens one foreign file in a process of its own, caged before any parser is loaded, and says what it found as JSON.

Run as a script with the file's path; it imports nothing of this program, so that it starts fast and knows nothing."""

import ctypes
import json
import resource
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 5
MAX_PAGES = 200
MAX_PIXELS = 50_000_000
MAX_STREAM_BYTES = 64 * 1024 * 1024  # one page's drawing, one font: real ones stay far below
MAX_DECODED_BYTES = 512 * 1024 * 1024
MAX_DEPTH = 100
TAIL_BYTES = 1024  # what may follow a file's own end: line ends and a scanner's padding, not a second file

_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000
_KINDS = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"{\\rtf", "office"),
    (b"GIF8", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"BM", "picture"),
)
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_IMAGE_FILTERS = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
_ACTIVE_ACTIONS = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/SubmitForm": "submit",
    "/ImportData": "submit",
    "/GoToE": "embedded",
}
_ACTIVE_KEYS = {"/JS": "script", "/JavaScript": "script", "/EF": "embedded", "/XFA": "xfa"}
_ACTIVE_KINDS = {"/EmbeddedFile": "embedded", "/FileAttachment": "embedded", "/RichMedia": "media", "/3D": "media"}


class Found(Exception):
    """Why the file cannot be taken: a code that the parent knows, with its figures."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def cage() -> None:
    """Give up memory, time, writing and, where the system lets us, the network, before a parser sees a byte."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The parent has already tried bubblewrap; a system that forbids this too still has the limits above.
    ctypes.CDLL(None).unshare(_NEW_USER_AND_NETWORK)


def inspect(path: Path) -> dict[str, Any]:
    """What the file is, by its content alone; raises Found when it may not be taken."""
    size = path.stat().st_size
    if size == 0:
        raise Found("empty")
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
    kind = _kind(head)
    if kind not in _INSPECTORS:
        raise Found(kind)
    _refuse_second_nature(path, kind, head)
    return _INSPECTORS[kind](path, tail)


def _kind(head: bytes) -> str:
    for magic, kind in _KINDS:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        return "heic"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    return "unknown"


def _refuse_second_nature(path: Path, kind: str, head: bytes) -> None:
    """A file that is also something else to another program, such as a picture that opens as an archive."""
    if kind != "pdf" and b"%PDF-" in head:
        raise Found("polyglot")
    try:
        zipfile.ZipFile(path).close()
    except zipfile.BadZipFile:
        return
    raise Found("polyglot")


def _inspect_pdf(path: Path, tail: bytes) -> dict[str, Any]:
    import pikepdf

    if b"%%EOF" not in tail:
        raise Found("damaged")
    try:
        with pikepdf.open(path) as pdf:
            if pdf.is_encrypted:
                raise Found("encrypted")
            return _inspect_opened(pdf)
    except pikepdf.PasswordError as error:
        raise Found("encrypted") from error
    except pikepdf.PdfError as error:
        raise Found("damaged") from error


def _inspect_opened(pdf: Any) -> dict[str, Any]:
    """Every object counts, also one that no page uses: another reader may find a way to it."""
    import pikepdf

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
    return {"media_type": "application/pdf", "pages": pages}


def _walk(one: Any, depth: int) -> None:
    """Look at one object and what lies directly in it; what it only points to has its own turn."""
    import pikepdf

    if depth > MAX_DEPTH:
        raise Found("heavy")
    if isinstance(one, pikepdf.Array):
        for child in one:
            _walk_child(child, depth)
    elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        values = one.stream_dict if isinstance(one, pikepdf.Stream) else one
        _look(values)
        for child in values.values():
            _walk_child(child, depth)


def _walk_child(child: Any, depth: int) -> None:
    import pikepdf

    if isinstance(child, pikepdf.Object) and not child.is_indirect:
        _walk(child, depth + 1)


def _look(values: Any) -> None:
    import pikepdf

    for key, code in _ACTIVE_KEYS.items():
        if key in values:
            raise Found(code)
    for key, table in (("/S", _ACTIVE_ACTIONS), ("/Type", _ACTIVE_KINDS), ("/Subtype", _ACTIVE_KINDS)):
        value = values.get(key)
        if isinstance(value, pikepdf.Name) and str(value) in table:
            raise Found(table[str(value)])


class Budget:
    """Unpacks streams and throws the bytes away: a few kB that become gigabytes are found here, in the cage."""

    def __init__(self) -> None:
        self._text_left = MAX_DECODED_BYTES
        self._images_left = MAX_DECODED_BYTES

    def spend(self, stream: Any) -> None:
        filters = _filters(stream)
        if not filters or _IMAGE_FILTERS.intersection(filters):
            return
        if stream.stream_dict.get("/Subtype") == "/Image":
            self._spend_on_image(stream, filters)
            return
        self._text_left -= _unpacked(stream, filters, MAX_STREAM_BYTES)
        if self._text_left < 0:
            raise Found("heavy")

    def _spend_on_image(self, stream: Any, filters: list[str]) -> None:
        """Two hundred pages of lossless scans may be honest: past the budget an image's own figures are believed."""
        allowed = _image_bytes(stream.stream_dict)
        if self._images_left > 0:
            self._images_left -= _unpacked(stream, filters, allowed)


def _filters(stream: Any) -> list[str]:
    import pikepdf

    given = stream.stream_dict.get("/Filter")
    if given is None:
        return []
    return [str(one) for one in given] if isinstance(given, pikepdf.Array) else [str(given)]


def _image_bytes(values: Any) -> int:
    """The most that an image of the declared size can unpack to: four channels of 16 bits, and a filter byte a row."""
    width, height = int(values.get("/Width", 0)), int(values.get("/Height", 0))
    if width * height > MAX_PIXELS:
        raise Found("pixels", megapixels=width * height // 1_000_000, limit=MAX_PIXELS // 1_000_000)
    return width * height * 8 + height + 4096


def _unpacked(stream: Any, filters: list[str], allowed: int) -> int:
    """How long a stream is once unpacked; raises Found as soon as it is longer than allowed."""
    deflated = filters == ["/FlateDecode"]
    # Chains and rare filters are unpacked whole: the memory limit is what stops these.
    size = _inflated(stream.read_raw_bytes(), allowed) if deflated else len(stream.read_bytes())
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


def _inspect_jpeg(path: Path, _tail: bytes) -> dict[str, Any]:
    _open_image(path, "JPEG")
    return {"media_type": "image/jpeg", "pages": 1}


def _inspect_png(path: Path, tail: bytes) -> dict[str, Any]:
    if b"IEND\xaeB`\x82" not in tail:
        raise Found("damaged")
    _open_image(path, "PNG")
    return {"media_type": "image/png", "pages": 1}


def _open_image(path: Path, kind: str) -> None:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before a pixel is decoded
    try:
        with Image.open(path, formats=[kind]) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Found("pixels", megapixels=width * height // 1_000_000, limit=MAX_PIXELS // 1_000_000)
            image.draft("RGB", (max(1, width // 8), max(1, height // 8)))  # a JPEG is read whole, but kept small
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Found("damaged") from error


_INSPECTORS = {"pdf": _inspect_pdf, "jpeg": _inspect_jpeg, "png": _inspect_png}


def main() -> None:
    """Print one line of JSON; whatever else happens, the parent takes as a file that cannot be opened safely."""
    cage()
    try:
        answer = inspect(Path(sys.argv[1]))
    except Found as found:
        answer = {"reason": found.code, "params": found.params}
    except (MemoryError, RecursionError):
        answer = {"reason": "heavy", "params": {}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
