"""Opens a picture in the cage: it is decoded whole within our limits, so that what cannot be shown is found now."""

from pathlib import Path
from typing import Any

from frontoffice.documents.found import TAIL_BYTES, Found, check_pixels

# Two threads are as fast as four here, and each one's stack counts against the limit of memory.
_DECODING_THREADS = 2


def inspect_jpeg(path: Path) -> dict[str, Any]:
    """What the JPEG is; raises Found."""
    _decode(path, "JPEG")
    return {"media_type": "image/jpeg", "pages": 1}


def inspect_png(path: Path) -> dict[str, Any]:
    """What the PNG is; raises Found, also for one that moves: readers may see one of its pictures only."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        if b"IEND\xaeB`\x82" not in file.read():
            raise Found("damaged")
    _decode(path, "PNG")
    return {"media_type": "image/png", "pages": 1}


def _decode(path: Path, kind: str) -> None:
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before a pixel is decoded
    try:
        with Image.open(path, formats=[kind]) as image:
            check_pixels(*image.size)
            if kind == "PNG" and getattr(image, "n_frames", 1) > 1:
                raise Found("several")
            width, height = image.size
            image.draft("RGB", (max(1, width // 8), max(1, height // 8)))  # a JPEG is read whole, but kept small
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise Found("damaged") from error


def inspect_heic(path: Path) -> dict[str, Any]:
    """What the photo of a phone is; raises Found, also for a file of several pictures."""
    import pi_heif

    pi_heif.options.DECODE_THREADS = _DECODING_THREADS
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    try:
        opened = pi_heif.open_heif(path, convert_hdr_to_8bit=True)
        if len(opened) != 1:
            raise Found("several" if len(opened) else "damaged")
        check_pixels(*opened.size)
        # The bytes are asked for as they are decoded: a picture of Pillow's would be a second copy of them.
        if not opened.data:
            raise Found("damaged")
    except RuntimeError as error:  # how libheif says that it would need more than it may
        raise Found("heavy") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Found("damaged") from error
    return {"media_type": "image/heic", "pages": 1}
