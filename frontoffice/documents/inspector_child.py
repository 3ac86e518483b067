"""Opens one foreign file and says what it found as JSON; run in the cage as a script, with the file's path."""

import json
import mmap
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_HEAD_BYTES = 1024
_KINDS = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!\x1a\x07", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "zip"),
    (b"\x1f\x8b", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"{\\rtf", "office"),
    (b"GIF8", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"BM", "picture"),
    (b"8BPS", "picture"),
    (b"\0\0\1\0", "picture"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "picture"),
)
# Others than these hold several pictures, or are coded in a way that few programs read.
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_OTHER_BRANDS = {b"hevc": "several", b"hevx": "several", b"msf1": "several", b"avif": "picture", b"avis": "picture", b"jxl ": "picture"}
# Archives that their programs find anywhere in a file; long enough never to stand there by chance.
_ARCHIVES = (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c\x00")


def inspect(path: Path) -> dict[str, Any]:
    """What the file is, by its content alone; raises Found when it may not be taken."""
    from frontoffice.documents.found import Found

    if path.stat().st_size == 0:
        raise Found("empty")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    kind = _kind(head)
    inspector = _inspector(kind)
    if inspector is None:
        raise Found(kind)
    if _has_second_nature(path, kind, head):
        raise Found("polyglot")
    return inspector(path)


def _inspector(kind: str) -> Callable[[Path], dict[str, Any]] | None:
    """What opens this kind, its parser loaded; None for a kind that we do not take."""
    if kind == "pdf":
        from frontoffice.documents.inside_pdf import inspect_pdf

        return inspect_pdf
    from frontoffice.documents import inside_picture

    return {"jpeg": inside_picture.inspect_jpeg, "png": inside_picture.inspect_png, "heic": inside_picture.inspect_heic}.get(kind)


def _kind(head: bytes) -> str:
    for magic, kind in _KINDS:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp":
        return _kind_of_brands(head[8:12], head[16 : int.from_bytes(head[:4], "big")])
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    return "unknown"


def _kind_of_brands(first: bytes, others: bytes) -> str:
    """By the brand that the file names first; the one that stands for any picture is told by the others."""
    if first in _OTHER_BRANDS:
        return _OTHER_BRANDS[first]
    if first not in _HEIC:
        return "unknown"
    return "picture" if first == b"mif1" and b"avif" in others else "heic"


def _has_second_nature(path: Path, kind: str, head: bytes) -> bool:
    """A file that is also something else to another program, such as a picture that opens as an archive."""
    if kind != "pdf" and b"%PDF-" in head:
        return True
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if any(content.find(one) >= 0 for one in _ARCHIVES):
            return True
    try:
        zipfile.ZipFile(path).close()
    except zipfile.BadZipFile:
        return False
    return True


def main() -> None:
    """Print one line of JSON; whatever else happens, the parent takes as a file that cannot be opened safely."""
    # A process that is kept apart finds installed packages only: ours may be a checkout.
    sys.path.append(str(Path(__file__).parents[2]))
    from frontoffice.documents.found import Found

    try:
        answer = inspect(Path(sys.argv[1]))
    except Found as found:
        answer = {"reason": found.code, "params": found.params}
    except (MemoryError, RecursionError):
        answer = {"reason": "heavy", "params": {}}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
