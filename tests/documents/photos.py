"""Photos and scans for the tests, and the rows that make them documents of a dossier."""

import io
from collections.abc import Sequence
from uuid import UUID, uuid4

import pikepdf
from PIL import Image, ImageChops, ImageDraw, ImageStat

from tests.scene import Scene

SECRET = b"50.8466 north, 4.3528 east"


def marked(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A picture that looks different from each side and in a mirror."""
    picture = Image.new("RGB", size, "white")
    draw, (width, height) = ImageDraw.Draw(picture), size
    draw.rectangle((0, 0, width // 4, height // 6), fill="red")
    draw.rectangle((width * 3 // 4, 0, width, height // 6), fill="blue")
    draw.rectangle((0, height * 5 // 6, width // 8, height), fill="green")
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)  # type: ignore[arg-type]
    return content.getvalue()


def phone_photo(orientation: int = 1, size: tuple[int, int] = (400, 300)) -> bytes:
    """A JPEG that says where it was taken, in each of the places where cameras write, with a second picture behind it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = orientation, SECRET.decode()
    photo = encoded(marked(size), quality=95, exif=exif, comment=SECRET, xmp=b"<x>" + SECRET + b"</x>", dpi=(72, 72))
    return photo + encoded(marked((8, 8)), comment=SECRET)


def distance(one: Image.Image, other: Image.Image) -> float:
    """How unlike two pictures of one size are, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB").resize(one.size))).mean)


def scan(pages: int) -> bytes:
    """A PDF, each of whose pages has a drawing of its own."""
    document = pikepdf.new()
    for number in range(pages):
        page = document.add_blank_page(page_size=(595, 842))
        page.Contents = document.make_stream(f"0 0 1 rg {number * 20} 100 15 600 re f".encode())
    content = io.BytesIO()
    document.save(content, static_id=True)
    return content.getvalue()


async def a_picture(scene: Scene, content: bytes, media_type: str = "image/jpeg", *, dossier: UUID | None = None) -> UUID:
    """A photo that was checked, in a dossier of its own if none is given."""
    return await a_checked(scene, content, media_type, dossier=dossier, pages=1)


async def a_checked(scene: Scene, content: bytes, media_type: str = "application/pdf", *, pages: int | None = None, dossier: UUID | None = None) -> UUID:
    """A document as it stands after its check."""
    employer = await scene.employer()
    key = await scene.document(dossier or await scene.draft(employer), employer, "contract", content=content)
    await scene.sql("UPDATE document SET media_type = :type, pages = :pages, file_name = :name WHERE id = :key",
                    type=media_type, pages=pages, key=key, name="a." + media_type.partition("/")[2])
    return key


async def a_joined(scene: Scene, photos: Sequence[tuple[bytes, str]]) -> tuple[UUID, list[UUID]]:
    """A document that waits to be put together of these photos, in this order; and the photos."""
    employer = await scene.employer()
    dossier = await scene.draft(employer)
    parts = [await a_picture(scene, *one, dossier=dossier) for one in photos]
    key = uuid4()
    await scene.sql(
        "INSERT INTO document (id, dossier_id, requirement, file_name, media_type, size, state, given_by, given_role, given_at)"
        " VALUES (:key, :dossier, 'contract', 'Contract.pdf', 'application/pdf', :size, 'received', :party, 'employer', now())",
        key=key, dossier=dossier, size=sum(len(one) for one, _type in photos), party=employer.party_id)
    for place, part in enumerate(parts, 1):
        await scene.sql("UPDATE document SET joined_into = :key, page_order = :place WHERE id = :part", key=key, place=place, part=part)
    return key, parts


async def content_of(scene: Scene, key: str, sha256: str) -> bytes:
    """A clean object, whose SHA-256 is as expected."""
    return b"".join([piece async for piece in scene.storage.open(scene.storage.clean, key, expected_sha256=sha256)])
