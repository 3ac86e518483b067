"""What speaks against a file, as the parsers in the cage say it, and the figures that they judge by."""

from typing import Final

MAX_PAGES: Final = 200
MAX_PIXELS: Final = 50_000_000
TAIL_BYTES: Final = 1024  # what may follow a file's own end: line ends and a scanner's padding, not a second file


class Found(Exception):
    """Why the file cannot be taken: a code that the parent knows, with its figures."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def check_pixels(width: int, height: int, *, most: int = MAX_PIXELS) -> None:
    """Raise Found when a picture says that it is larger than we decode."""
    if width * height > most:
        raise Found("pixels", megapixels=width * height // 1_000_000, limit=most // 1_000_000)
