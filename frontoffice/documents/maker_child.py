"""Makes what people read out of documents that passed the inspection: a page out of a photo, a PDF out of pages, pictures for reading.

`cage_child` runs it as a script; it imports nothing of this program. What it makes goes to its output, since it can write no file."""

import io
import re
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before each picture: its number, width and height in pixels, and how many bytes follow.
PICTURE_HEAD = struct.Struct(">HHHI")
PICTURE_BOX = (1240, 1754)  # A4 at 150 dots per inch: small print can be read
THUMBNAIL_BOX = (240, 340)

_A4 = (595.28, 841.89)  # points
_A3 = (841.89, 1190.55)
_SCAN_DPI = (100, 1200)  # what a scanner says; a phone writes 72, which means nothing
_JPEG_QUALITY = 92
_PICTURE_QUALITY = 75
_ORIENTATION = 0x0112
# How the unit square of the stored picture lies on a page of width w and height h, for each EXIF orientation.
_PLACED: dict[int, Callable[[float, float], tuple[float, ...]]] = {
    1: lambda w, h: (w, 0, 0, h, 0, 0),
    2: lambda w, h: (-w, 0, 0, h, w, 0),
    3: lambda w, h: (-w, 0, 0, -h, w, h),
    4: lambda w, h: (w, 0, 0, -h, 0, h),
    5: lambda w, h: (0, -h, -w, 0, w, h),
    6: lambda w, h: (0, -h, w, 0, 0, h),
    7: lambda w, h: (0, h, w, 0, 0, 0),
    8: lambda w, h: (0, h, -w, 0, w, 0),
}
_TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}
# Pillow makes these smaller by leaving out lines: thin letters would go.
_TO_BE_SMOOTH = {"1": "L", "P": "RGBA"}
_SCAN, _END = 0xDA, 0xD9
_WITHOUT_LENGTH = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
# Lossless and arithmetic coding: a reader of PDF knows neither.
_RARE_CODINGS = frozenset({0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


def page(path: str) -> None:
    """Write a PDF of one page that holds the photo: a JPEG and a PNG as they are, others as a JPEG of full size.

    It is turned as the camera says; where, when and by what it was taken stays behind."""
    import img2pdf
    import pikepdf
    from PIL import Image

    with _opened(path) as image:
        orientation = _orientation(image)
        resolution = float(image.info.get("dpi", (0, 0))[0] or 0)
        photo = _photo(Path(path), image)
    with Image.open(io.BytesIO(photo)) as image:
        size = _page_size(image.size if orientation < 5 else image.size[::-1], resolution)
    made = img2pdf.convert(photo, rotation=img2pdf.Rotation.none, nodate=True, first_frame_only=True, engine=img2pdf.Engine.internal)
    del photo
    with pikepdf.open(io.BytesIO(made)) as pdf:
        only = pdf.pages[0]
        only.obj.MediaBox = [0, 0, *size]
        placed = " ".join(f"{one:.4f}" for one in _PLACED[orientation](*size))
        only.obj.Contents = pdf.make_stream(f"q {placed} cm {next(iter(only.obj.Resources.XObject))} Do Q".encode())
        _write(pdf)


def book(*paths: str) -> None:
    """Write one PDF of all the pages, read one after the other as they are written: the same pages always make the same bytes."""
    import pikepdf

    sources = [pikepdf.open(path, access_mode=pikepdf.AccessMode.stream) for path in paths]
    with pikepdf.new() as pdf:
        for one in sources:
            pdf.pages.extend(one.pages)
        _write(pdf)


def pictures(path: str, first: str, last: str) -> None:
    """Write the pages from `first` to `last` as pictures, each behind its PICTURE_HEAD; before page 1 comes number 0, which is small."""
    for number, image in enumerate(_pages(path, int(first), int(last)), int(first)):
        if number == 1:
            small = image.copy()
            small.thumbnail(THUMBNAIL_BOX)
            _send(0, small)
        _send(number, image)


def _opened(path: str) -> Any:
    import pi_heif
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the inspection has looked at it
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
    return Image.open(path, formats=["JPEG", "PNG", "HEIF"])


def _orientation(image: Any) -> int:
    """How the camera was held, from 1 to 8; what cannot be read means upright."""
    if image.format == "HEIF":
        return 1  # turned when it was decoded
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - notes of a camera break in a hundred ways, and a photo is good without them
        return 1
    return found if found in _PLACED else 1


def _page_size(size: tuple[int, int], resolution: float) -> tuple[float, float]:
    """Width and height in points: as large as the paper that was scanned, or fitting on A4."""
    short, long = sorted(size)
    scanned = 72 / resolution if _SCAN_DPI[0] <= resolution <= _SCAN_DPI[1] else 0
    fits = 0 < short * scanned <= _A3[0] and long * scanned <= _A3[1]
    scale = scanned if fits else min(_A4[0] / short, _A4[1] / long, 1)
    return max(3, round(size[0] * scale, 2)), max(3, round(size[1] * scale, 2))


def _photo(path: Path, image: Any) -> bytes:
    """The bytes that the page holds: those of the file where a reader of PDF can show them, without loss where it cannot."""
    if image.format == "PNG":
        content = path.read_bytes()
        interlaced = content[28] != 0
        return _encoded(_on_white(image), "PNG", compress_level=3) if interlaced or _sees_through(image) else content
    if image.format in ("JPEG", "MPO"):
        try:
            return _bare(path.read_bytes())
        except (ValueError, IndexError):
            pass
    return _encoded(_on_white(image), "JPEG", quality=_JPEG_QUALITY, subsampling="4:2:0")


def _bare(content: bytes) -> bytes:
    """A JPEG with nothing but its picture and its colours; raises ValueError or IndexError for one that is put together strangely."""
    kept, place = [content[:2]], 2
    while True:
        while content[place + 1] == 0xFF:
            place += 1
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == _END:
            return b"".join((*kept, b"\xff\xd9"))
        if content[place] != 0xFF or marker in _WITHOUT_LENGTH or marker in _RARE_CODINGS:
            raise ValueError(marker)
        end = place + 2 + length
        if marker == _SCAN:
            found = _MARKER_IN_SCAN.search(content, end)
            end = found.start() if found else len(content)
        kept.append(_of_the_picture(marker, content[place:end]))
        place = end
        if place >= len(content):
            return b"".join((*kept, b"\xff\xd9"))


def _of_the_picture(marker: int, segment: bytes) -> bytes:
    """A segment if it says how to decode or colour the picture, without a thumbnail; nothing if it tells about the photographer."""
    if marker == 0xE0 and segment[4:9] == b"JFIF\0":
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"
    about_colours = (marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\0") or (marker == 0xEE and segment[4:9] == b"Adobe")
    return segment if about_colours or not (0xE0 <= marker <= 0xEF or marker == 0xFE) else b""


def _sees_through(image: Any) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _on_white(image: Any) -> Any:
    """The picture without transparency, as paper would show it."""
    from PIL import Image

    if not _sees_through(image):
        return image if image.mode in ("1", "L", "I;16", "P", "RGB", "CMYK") else image.convert("RGB")
    coloured = image if image.mode == "RGBA" else image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(coloured, mask=coloured.getchannel("A"))
    return paper


def _encoded(image: Any, kind: str, **options: Any) -> bytes:
    content, profile = io.BytesIO(), image.info.get("icc_profile")
    image.info = {}  # else Pillow writes the notes of the camera again
    image.save(content, kind, **({"icc_profile": profile} if profile else {}), **options)
    return content.getvalue()


def _write(pdf: Any) -> None:
    pdf.save(sys.stdout.buffer, deterministic_id=True)


def _pages(path: str, first: int, last: int) -> Iterator[Any]:
    """The pages as pictures, each as large as it may be."""
    with open(path, "rb") as file:
        is_pdf = file.read(5) == b"%PDF-"
    if is_pdf:
        yield from _drawn(path, first, last)
    elif first == 1:
        yield _shown(path)


def _drawn(path: str, first: int, last: int) -> Iterator[Any]:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(path)
    pdf.init_forms()  # else what was typed into a form is not drawn
    for index in range(first - 1, min(last, len(pdf))):
        one = pdf[index]
        width, height = one.get_size()
        yield one.render(scale=min(PICTURE_BOX[0] / width, PICTURE_BOX[1] / height)).to_pil().convert("RGB")
        one.close()


def _shown(path: str) -> Any:
    """A photo as people see it: turned, on white, in the colours of a screen."""
    from PIL import Image

    image = _opened(path)
    orientation = _orientation(image)
    if image.mode in _TO_BE_SMOOTH:
        image = image.convert(_TO_BE_SMOOTH[image.mode])
    elif image.mode == "I;16":
        image = image.point(lambda one: one / 256).convert("L")
    image.thumbnail(PICTURE_BOX if orientation < 5 else PICTURE_BOX[::-1])
    image = _in_screen_colours(_on_white(image), image.info.get("icc_profile"))
    return image.transpose(Image.Transpose[_TURNS[orientation]]) if orientation in _TURNS else image


def _in_screen_colours(image: Any, profile: bytes | None) -> Any:
    from PIL import ImageCms

    if profile and image.mode in ("L", "RGB", "CMYK"):
        try:
            return ImageCms.profileToProfile(image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            return image.convert("RGB")
    return image.convert("RGB")


def _send(number: int, image: Any) -> None:
    content = io.BytesIO()
    image.save(content, "WEBP", quality=_PICTURE_QUALITY, exif=b"", icc_profile=b"")
    sys.stdout.buffer.write(PICTURE_HEAD.pack(number, *image.size, len(content.getvalue())) + content.getvalue())
    sys.stdout.buffer.flush()


_WORK: dict[str, Callable[..., None]] = {"page": page, "book": book, "pictures": pictures}

if __name__ == "__main__":
    _WORK[sys.argv[1]](*sys.argv[2:])
