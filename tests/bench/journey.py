"""The filing journey as an employer does it without script: from the first visit to the receipt as a PDF."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from frontoffice.local.people import ENTERPRISES, people_of
from tests.bench.web import Answer, NetVisitor, Visitor
from tests.documents.hostile import pdf, picture
from tests.filing import EMPLOYER_DOCUMENTS, EMPLOYER_PAGES, WORKER_DOCUMENTS, WORKER_PAGES

PAGES = {**EMPLOYER_PAGES, **WORKER_PAGES}
DOCUMENTS = (*EMPLOYER_DOCUMENTS, *WORKER_DOCUMENTS)
WAITING = "check (waiting for the worker)"
_EMPLOYERS = [one for one in people_of(ENTERPRISES) if one.role == "employer"]
_PATIENCE = 120.0


@dataclass
class Notes:
    """What was seen of each page: the seconds of every answer, the sizes of the latest."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, Answer] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    count: Callable[[], int] | None = None

    def add(self, page: str, answer: Answer) -> Answer:
        """Note one answer."""
        self.seconds[page].append(answer.seconds)
        if answer.status == 200:
            self.answers[page] = answer
        if self.count:
            self.statements[page] = max(self.statements.get(page, 0), self.count())
        return answer

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(map(len, self.seconds.values()))


@dataclass
class Employer:
    """One of the local employers in front of the portal; `number` tells the users of a run apart."""

    visitor: Visitor
    notes: Notes
    number: int = 0
    draft: str = ""

    @property
    def _person(self) -> str:
        return _EMPLOYERS[self.number % len(_EMPLOYERS)].login

    def path(self, rest: str = "") -> str:
        """An address in the language of this employer."""
        return f"/{_EMPLOYERS[self.number % len(_EMPLOYERS)].language}{rest}"

    async def get(self, page: str, path: str) -> Answer:
        """Open a page and note it under a name."""
        return self.notes.add(page, await self.visitor.get(path))

    async def first_visit(self) -> list[tuple[str, Answer]]:
        """The home page and every file that it makes a browser fetch."""
        home = await self.get("home", self.path())
        found, todo = [("home", home)], re.findall(r'(?:src|href)="(/static/[^"]+)"', home.text)
        while todo:
            path = todo.pop(0)
            answer = await self.get("static file", path)
            found.append((path.partition("?")[0], answer))
            todo += [f"/static/built/{name}" for name in re.findall(r'(?:from|import)\s*\(?"\./([\w.-]+\.js)"', answer.text)
                     if path.partition("?")[0].endswith(".js")]
        return found

    async def sign_in(self) -> None:
        """Through the real sign-in provider, then for one of the enterprises."""
        await self.get("sign-in", self.path("/sign-in"))
        go = await self.get("sign-in, off to the provider", self.path(f"/sign-in/{ENTERPRISES}"))
        asked = urlsplit(go.header("location"))
        provider = NetVisitor(f"{asked.scheme}://{asked.netloc}")
        question = f"{asked.path}?{asked.query}"
        await provider.get(question)
        back = urlsplit((await provider.post(question, {"sub": self._person})).header("location"))
        provider.connection.close()
        landed = await self.get("sign-in, back from the provider", f"{back.path}?{back.query}")
        if "/acting-for" in landed.header("location"):
            shown = await self.get("for whom (shown)", landed.header("location"))
            hat = re.findall(r'name="hat"[^>]*value="([^"]+)"', shown.text)[0]
            self.notes.add("for whom (saved)", await self.visitor.post(self.path("/acting-for"), {**shown.hidden, "hat": hat}))
        await self.get("list of dossiers", self.path("/dossiers"))

    async def begin(self) -> None:
        """Start a draft."""
        shown = await self.get("new dossier (shown)", self.path("/dossiers/new?procedure=single-permit"))
        begun = self.notes.add("new dossier (saved)", await self.visitor.post(self.path("/dossiers"), shown.hidden))
        self.draft = begun.header("location")
        await self.get("task list", self.draft)

    async def answer(self, code: str) -> dict[str, str]:
        """Open one page of questions and save it; the fields that were sent."""
        path = f"{self.draft}/pages/{code}"
        shown = await self.get("form page (shown)", path)
        fields = {**shown.hidden, **PAGES[code]}
        saved = self.notes.add("form page (saved)", await self.visitor.post(path, fields))
        if saved.status != 303:
            raise RuntimeError(f"{code}: {saved.text}")
        return fields

    async def bring(self, code: str, file: tuple[str, str, bytes]) -> None:
        """Upload one document."""
        path = f"{self.draft}/documents/{code}"
        shown = await self.get("document (shown)", path)
        fields = {"csrf": shown.hidden["csrf"]}
        self.notes.add("document (sent)", await self.visitor.upload(path, fields, file))

    async def consent(self) -> None:
        """Declare to hold the worker's consent."""
        path = f"{self.draft}/steps/declare-consent"
        shown = await self.get("step (shown)", path)
        self.notes.add("step (taken)", await self.visitor.post(path, {**shown.hidden, "consent": "yes"}))

    async def submit(self) -> None:
        """Wait until every document was checked, file, and fetch the receipt."""
        waited = 0.0
        while f'action="{self.draft}/submit"' not in (shown := await self.visitor.get(f"{self.draft}/check")).text:
            self.notes.add(WAITING, shown)
            waited += 0.5
            if waited > _PATIENCE:
                raise RuntimeError(f"the dossier did not become ready to file: {shown.text}")
            await asyncio.sleep(0.5)
        self.notes.add("check before filing", shown)
        filed = self.notes.add("submit", await self.visitor.post(f"{self.draft}/submit", {"csrf": shown.hidden["csrf"]}))
        receipt = filed.header("location")
        await self.get("receipt", receipt)
        await self.get("receipt as PDF", f"{receipt}.pdf")
        await self.get("filed dossier", self.draft)

    async def whole(self, files: list[tuple[str, str, bytes]]) -> None:
        """The whole journey; `files` are brought in turn."""
        await self.first_visit()
        await self.sign_in()
        await self.begin()
        for code in PAGES:
            await self.answer(code)
        for nth, code in enumerate(DOCUMENTS):
            await self.bring(code, files[nth % len(files)])
        await self.get("task list", self.draft)
        await self.consent()
        await self.submit()


def files() -> list[tuple[str, str, bytes]]:
    """A PDF, a photo and a scan."""
    return [
        ("papers.pdf", "application/pdf", pdf(pages=20)),
        ("photo.jpg", "image/jpeg", picture("JPEG", (3000, 2000))),
        ("scan.png", "image/png", picture("PNG", (1654, 2339))),
    ]
