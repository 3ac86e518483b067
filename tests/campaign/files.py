"""Files to send: honest ones of every kind and size, and some that must be refused; a seed decides which."""

import io
from dataclasses import dataclass
from random import Random

from PIL import Image

from tests.documents import hostile


@dataclass(frozen=True)
class Sent:
    """One file on its way: under this name, into this slot of that draft, with these bytes; `honest` ones must end up checked."""

    name: str
    slot: str
    kind: str
    content: bytes
    honest: bool


def _photo(random: Random, megapixels: float) -> bytes:
    side = int((megapixels * 1_000_000) ** 0.5)
    picture = Image.effect_noise((side, side), random.uniform(20, 80)).convert("RGB")
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=random.randint(60, 92))
    return output.getvalue()


def _padded_pdf(random: Random, size: int) -> bytes:
    """A PDF with a picture's worth of noise in it, so that it is as long as a scan."""
    noise = random.randbytes(size)

    def change(document: "hostile.Pdf") -> None:
        document.pages[0].PieceInfo = hostile.Dictionary(X=document.make_indirect(hostile.Stream(document, noise)))

    return hostile.pdf(change)


def a_file(random: Random, number: int, slots: tuple[str, ...]) -> Sent:
    """The file of that number: one in eight is hostile or broken."""
    slot = random.choice(slots)
    draw = random.random()
    if draw < 0.04:
        return Sent(f"{number:04}-program.pdf", slot, "application/pdf", b"MZ" + random.randbytes(random.randint(10, 200_000)), False)
    if draw < 0.08:
        return Sent(f"{number:04}-script.pdf", slot, "application/pdf", hostile.pdf(hostile.named_script), False)
    if draw < 0.12:
        return Sent(f"{number:04}-cut.jpg", slot, "image/jpeg", _photo(random, 0.2)[:2000], False)
    if draw < 0.55:
        return Sent(f"{number:04}-photo.jpg", slot, "image/jpeg", _photo(random, random.choice((0.1, 0.5, 2.0, 6.0))), True)
    return Sent(f"{number:04}-scan.pdf", slot, "application/pdf", _padded_pdf(random, random.choice((1_000, 100_000, 3_000_000, 9_000_000))), True)


def small_file(random: Random, stem: str, slot: str) -> Sent:
    """An honest file of its own for that slot, seldom a long one."""
    if random.random() < 0.5:
        return Sent(f"{stem}.jpg", slot, "image/jpeg", _photo(random, random.choice((0.05, 0.05, 0.1, 0.5))), True)
    return Sent(f"{stem}.pdf", slot, "application/pdf", _padded_pdf(random, random.choice((1_000, 20_000, 20_000, 1_500_000))), True)
