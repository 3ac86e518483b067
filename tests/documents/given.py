"""Documents as the pages meet them: rows of any state, pictures of their pages where asked, and a draft to hold them."""

import io
import re
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
from PIL import Image

from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from tests.dossiers.drafts import Hat, Office
from tests.web import Browser


@dataclass
class Desk:
    """A draft, the employer who fills it in, and the browser before which he or she sits."""

    office: Office
    hat: Hat
    browser: Browser
    key: str

    def path(self, *parts: object, code: str = "contract", locale: str = "en") -> str:
        """The address of a slot, or of what lies under it."""
        return "/".join((f"/{locale}/dossiers/{self.key}/documents/{code}", *map(str, parts)))

    async def give(self, name: str = "page.jpg", *, code: str = "contract", state: str = "checked", **more: Any) -> UUID:
        """A document of the slot: a picture unless its name says PDF, with any other column set as told."""
        key = uuid4()
        values = {"id": key, "dossier_id": UUID(self.key), "requirement": code, "file_name": name, "state": state, "size": 1000,
                  "media_type": "application/pdf" if name.endswith(".pdf") else "image/jpeg", "sha256": "ab" * 32 if state == "checked" else "",
                  "given_by": self.hat.party, "given_role": "employer", "given_at": now(), **more}
        columns = ", ".join(values)
        await self.office.portal.sql(f"INSERT INTO document ({columns}) VALUES ({', '.join(':' + name for name in values)})", **values)
        return key

    async def rows(self, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Columns of the draft's documents, in the order of their places."""
        found = await self.office.portal.sql(f"SELECT {columns} FROM document WHERE dossier_id = :key AND {where} ORDER BY page_order, given_at",
                                             key=UUID(self.key))
        return [tuple(row) for row in found]

    async def read(self, path: str = "") -> str:
        """The words of a page's main part."""
        answer = await self.browser.get(path or self.path())
        assert answer.status_code == 200, answer.status_code
        return main_words(answer)


async def a_desk(office: Office) -> Desk:
    """A new draft of an employer."""
    hat = await office.employer()
    return Desk(office, hat, await office.browser(hat), await office.start(hat))


def main_words(answer: httpx.Response) -> str:
    """A page without header and footer, as it is read."""
    found = re.search(r"<main\b.*</main>", answer.text, re.S)
    assert found, answer.text
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found.group(0))).split())


async def draw(desk: Desk, storage: Storage, document: UUID, pages: int) -> dict[int, bytes]:
    """Pictures of a document's pages as the job leaves them, by number; 0 is the small one."""
    made = {number: a_picture(number) for number in range(pages + 1)}
    for number, picture in made.items():
        await storage.put(f"previews/{document}/{number}.webp", bytearray(picture), bucket=storage.clean)
        await desk.office.portal.sql(
            "INSERT INTO preview (document_id, number, size, sha256, width, height) VALUES (:id, :number, :size, :hash, 60, 85)",
            id=document, number=number, size=len(picture), hash=sha256(picture).hexdigest())
    await desk.office.portal.sql("UPDATE document SET previews = :pages, previewed_at = now() WHERE id = :id", pages=pages, id=document)
    return made


def a_picture(shade: int) -> bytes:
    """A small WebP picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (60, 85), (shade * 20 % 255, 100, 150)).save(file, "WEBP")
    return file.getvalue()
