"""People who send files over bad lines to a service that keeps breaking: by form, or by the resumable protocol; they never give up in silence."""

import asyncio
import base64
import re
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

import httpx

from tests.bench.journey import Employer, Notes
from tests.bench.web import NetVisitor
from tests.campaign.files import Sent

SLOTS = ("contract", "function-description", "signatory-identity", "health-insurance")
_PIECE = 1_000_000
_TRIES = 40
_TOKEN = re.compile(r'data-token="([^"]+)"')
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Outcome:
    """What the sender was told about one file: "confirmed", or "given up" after many tries."""

    file: Sent
    told: str
    way: str
    tries: int = 0


@dataclass
class Sender:
    """One employer with one draft, signed in before the bad days begin."""

    http: httpx.AsyncClient
    draft: str
    random: Random
    outcomes: list[Outcome] = field(default_factory=list)

    async def send(self, file: Sent) -> None:
        """Bring one file, by one of the two ways, and note what was told at the end."""
        way = self.random.choice(("form", "resumable", "resumable"))
        outcome = Outcome(file, "given up", way)
        for outcome.tries in range(1, _TRIES + 1):
            try:
                if await (self._by_form(file) if way == "form" else self._resumably(file)):
                    outcome.told = "confirmed"
                    break
            except (httpx.HTTPError, _Later):
                await asyncio.sleep(self.random.uniform(0.3, 3.0))
        self.outcomes.append(outcome)

    async def _page(self, slot: str) -> str:
        answer = await self.http.get(f"{self.draft}/documents/{slot}")
        if answer.status_code != 200:
            raise _Later
        return answer.text

    async def _by_form(self, file: Sent) -> bool:
        page = await self._page(file.slot)
        # The answer to an earlier try may have been lost after the file was kept: a person looks at the page first.
        if file.name in page:
            return True
        token = _found(_CSRF, page)
        answer = await self.http.post(f"{self.draft}/documents/{file.slot}", data={"csrf": token}, files={"file": (file.name, file.content, file.kind)})
        if answer.status_code != 303:
            raise _Later
        return True

    async def _resumably(self, file: Sent) -> bool:
        token = _found(_TOKEN, await self._page(file.slot))
        headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
        url, offset = await self._place(file, headers)
        while offset < len(file.content):
            piece = file.content[offset:offset + self.random.randint(1, 4) * _PIECE]
            if self.random.random() < 0.15:
                piece = piece[: self.random.randint(1, len(piece))]
            answer = await self.http.patch(url, content=piece, headers={**headers, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
            if answer.status_code != 204:
                raise _Later
            offset = int(answer.headers["Upload-Offset"])
        return True

    async def _place(self, file: Sent, headers: dict[str, str]) -> tuple[str, int]:
        """Where this file is being kept, and how much of it is; a new place when the service knows of none."""
        listed = await self.http.get("/uploads", headers=headers)
        if listed.status_code != 200:
            raise _Later
        for one in listed.json():
            if (one["name"], one["size"]) == (file.name, len(file.content)):
                return urlsplit(one["url"]).path, one["offset"]
        if file.name in await self._page(file.slot):
            return "", len(file.content)
        metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in (("filename", file.name), ("filetype", file.kind)))
        made = await self.http.post("/uploads", headers={**headers, "Upload-Length": str(len(file.content)), "Upload-Metadata": metadata})
        if made.status_code != 201:
            raise _Later
        return urlsplit(made.headers["Location"]).path, 0


class _Later(Exception):
    """The service does not do it now: try again."""


def _found(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    if match is None:
        raise _Later
    return match.group(1)


async def a_sender(portal: str, number: int, random: Random) -> Sender:
    """An employer who signs in and begins a draft."""
    visitor = NetVisitor(portal, source=f"127.2.0.{number + 1}")
    employer = Employer(visitor, Notes(), number)
    await employer.sign_in()
    await employer.begin()
    visitor.connection.close()
    http = httpx.AsyncClient(base_url=portal, cookies=visitor.cookies, headers={"sec-fetch-site": "same-origin"}, timeout=30, trust_env=False)
    return Sender(http, urlsplit(employer.draft).path, random)
