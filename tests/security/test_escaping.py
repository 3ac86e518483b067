"""What people write comes out as the text that it is: on every page that shows it, in names of files, and in headers."""

import html
import re
import tomllib
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from frontoffice.app import create_download_app
from frontoffice.procedures import EDITIONS
from tests.engines import Engines
from tests.security.conftest import Guard
from tests.security.inspection import Acting, inspect_body
from tests.security.stage import NAMES, Play, Stage, Visitor, playing, stage_of
from tests.security.test_reading import reads
from tests.storages import storage_as

NAUGHTY: list[str] = tomllib.loads((Path(__file__).parents[1] / "cases" / "naughty.toml").read_text("utf-8"))["texts"]
PAGES = EDITIONS[0].pages
TYPED = {one.code: [field.name for field in one.form.fields if type(field).__name__ in ("Text", "LongText")] for one in PAGES}
TYPED = {code: names for code, names in TYPED.items() if names}
# As names of people, enterprises and files: one text that tries everything, in as many ways as fit.
EVERYTHING = "<script>alert(1)</script>\"' onload=alert(2) <img src=x onerror=alert(3)> %s %(name)s {{ 7*7 }} </title></textarea>"


def shown(answer: httpx.Response, text: str) -> bool:
    """Whether the page shows this very text, read as a browser reads it."""
    return text in html.unescape(answer.text)


def test_there_is_enough_to_try() -> None:
    assert len(NAUGHTY) > 45 and sum(map(len, TYPED.values())) > 10


@pytest.mark.parametrize("code", TYPED)
async def test_every_question_shows_what_was_typed_as_text(play: Play, code: str) -> None:
    """All texts at once in each question, as a page with problems gives them back; the tags of the page stay those of harmless answers."""
    visitor = play.visitor("worker" if next(one for one in PAGES if one.code == code).by == {"worker"} else "employer")
    path = play.address("save-page", code=code)

    async def save(text: str) -> httpx.Response:
        version = re.search(r'name="version" value="(\d+)"', (await visitor.get(path)).text)
        assert version
        return await visitor.post(path, {**dict.fromkeys(TYPED[code], text), "version": version[1]})

    harmless = Acting((await save("x" * 9000)).text)
    for number in range(0, len(NAUGHTY), 12):
        some = NAUGHTY[number:number + 12]
        answer = await save(" ".join(some))
        assert answer.status_code in (303, 422), answer.status_code
        again = await visitor.get(path)
        assert all(shown(again, one) for one in some), code
        assert Acting(answer.text).words <= harmless.words and Acting(again.text).words <= harmless.words


@pytest.fixture(scope="module")
def hostile_stage(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everybody and every file bears a hostile name."""
    names = dict.fromkeys(NAMES, EVERYTHING) | {"file": EVERYTHING + ".pdf", "authority": EVERYTHING}
    yield from stage_of(engines, tmp_path_factory.mktemp("hostile"), names)


@pytest.fixture
async def hostile(hostile_stage: Stage, engines: Engines, no_person_in_the_logs: Guard) -> AsyncIterator[Play]:
    no_person_in_the_logs.secrets += (EVERYTHING[:20],)
    async with playing(hostile_stage, engines) as play:
        yield play


async def _answer_everything(play: Play) -> None:
    """Answers that are accepted, kept, and shown to others."""
    draft = EVERYTHING[:190]
    await play.visitor("employer").post(play.address("save-page", code="function"), {
        "function_title": draft, "isco": "2512", "function_level": "6", "function_description": draft, "version": "1"})
    await play.portal.sql("UPDATE dossier SET worker_name = :name, employer_name = :name", name=draft)
    await play.portal.sql("UPDATE answer SET content = content || jsonb_build_object('function_title', CAST(:text AS text), 'function_description', CAST(:text AS text)) "
                          "WHERE page = 'function'", text=draft)
    region, name = play.visitor("region"), play.address("take-step", "filed", action="ask-documents")
    answer = await region.post(name, {"document": "other", "request": EVERYTHING, "version": "3"})
    assert answer.status_code == 303, answer.text


@pytest.mark.parametrize("role", ["employer", "mandatary", "worker", "region", "town", "visitor"])
async def test_every_page_shows_hostile_names_as_text(hostile: Play, role: str) -> None:
    """That nothing in the page acts is inspected with each answer; here also that each page opens, and that the names are there."""
    await _answer_everything(hostile)
    visitor, seen = hostile.visitor(role), 0
    for locale in ("en", "nl"):
        for path in reads(hostile) if locale == "en" else [hostile.address("show-dossier", "filed"), hostile.address("show-dossier"), "/en/dossiers"]:
            answer = await visitor.get(path.replace("/en/", f"/{locale}/", 1))
            assert answer.status_code < 500 or "sign-in/enterprises" in path, (path, answer.status_code)
            if answer.headers.get("content-type", "").startswith("text/html"):
                seen += shown(answer, "<script>alert(1)</script>\"'")
    assert seen > (5 if role != "visitor" else 0)


async def test_reasons_and_requests_are_shown_as_text(hostile: Play) -> None:
    await _answer_everything(hostile)
    for role in ("employer", "worker", "mandatary", "region"):
        answer = await hostile.visitor(role).get(hostile.address("show-dossier", "filed"))
        assert shown(answer, EVERYTHING), role
    region = hostile.visitor("region")
    answer = await region.post(hostile.address("take-step", "filed", action="declare-inadmissible"), {"reasons": EVERYTHING, "version": "4"})
    assert answer.status_code == 303
    for role in ("employer", "worker", "region"):
        assert shown(await hostile.visitor(role).get(hostile.address("show-dossier", "filed")), EVERYTHING), role


async def test_searches_and_browsers_are_shown_as_text(play: Play) -> None:
    for text in NAUGHTY:
        for role, path in (("employer", "/en/dossiers?q="), ("region", "/en/counter?q="), ("employer", "/en/sign-in?return="), ("employer", "/en/acting-for?return="),
                           ("visitor", "/en/figures?region="), ("visitor", "/en/nothing/"), ("visitor", "/en?x=")):
            assert (await play.visitor(role).get(path + quote(text))).status_code in (200, 404)
    await play.portal.sql("UPDATE session SET browser = :browser, hats = jsonb_build_array(jsonb_build_object('kind', 'enterprise', 'party_id', party_id::text, "
                          "'name', CAST(:text AS text), 'capacity', '', 'number', '1999999943', 'authority', ''))", text=EVERYTHING, browser=EVERYTHING)
    for path in ("/en/sessions", "/en/acting-for"):
        assert shown(await play.visitor("employer").get(path), EVERYTHING), path


async def _brought(visitor: Visitor, play: Play, name: str) -> str:
    answer = await visitor.upload(play.address("upload-document", requirement="contract"), name, b"%PDF-1.4 canary")
    assert answer.status_code == 303, (name, answer.status_code)
    kept = await play.portal.sql("SELECT file_name, id::text FROM document WHERE state = 'received' ORDER BY given_at DESC LIMIT 1")
    assert len(kept[0][1]) == 36
    return str(kept[0][0])


FILES = ("../../../etc/passwd", "..\\..\\boot.ini", "C:\\Users\\canary\\pass.pdf", "a\\r\\nX-Evil: 1.pdf", "evil\u202efdp.exe", "x" * 300 + ".pdf", "e\u0301.pdf", "con.pdf",
         "a;b=c.pdf", "a%0d%0aX-Evil: 1.pdf", "%22><script>alert(1)</script>.pdf", "<img src=x onerror=alert(1)>.pdf", "{{7*7}}.pdf", "%s%n.pdf", ".pdf", "a b  c.pdf", "ﬀ.pdf")


async def test_names_of_files_are_data(play: Play) -> None:
    visitor = play.visitor("employer")
    for name in FILES:
        kept = await _brought(visitor, play, name)
        assert not any(one in kept for one in ("/", "\\", "\r", "\n", "\0", "\u202e")) and 0 < len(kept) <= 150, (name, kept)
        page = await visitor.get(play.address("show-slot", requirement="contract"))
        assert shown(page, kept)
    for name in NAUGHTY:
        await _brought(visitor, play, name.replace("/", "|").replace('"', "%22"))
    await visitor.get(play.address("show-slot", requirement="contract"))


HEADER_NAMES = ('a"b.pdf', "a\r\nSet-Cookie: evil=1.pdf", "a\\\".pdf", "é€.pdf", "a;filename=evil.exe", "a\0b.pdf", "\u202egnp.pdf", "%0d%0aX: y.pdf", "'; x=\"", "漢字.pdf")


async def test_a_name_cannot_become_a_header(play: Play, engines: Engines) -> None:
    """The document goes out through the download address, whatever its row holds for a name."""
    content, document = b"canary", play.stage.documents["draft"]
    async with storage_as(engines, "worker") as storage:
        await storage.put_stream(str(document), _once(content), bucket=storage.clean)
    door = create_download_app(play.portal.settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="https://download.example") as client:
        for name in HEADER_NAMES:
            await play.portal.sql("UPDATE document SET file_name = :name, size = :size, sha256 = :hash WHERE id = :id", name=name.replace("\0", ""), id=document,
                                  size=len(content), hash=sha256(content).hexdigest())
            leads = (await play.visitor("employer").get(play.address("open-document", requirement="contract"))).headers["location"]
            answer = await client.get(leads)
            assert answer.status_code == 200 and answer.content == content, answer.text
            disposition = answer.headers["content-disposition"]
            assert disposition.startswith('attachment; filename="') and disposition.isascii() and disposition.isprintable() and disposition.count('"') == 2, disposition
            assert not {"set-cookie", "x-evil", "x"} & set(answer.headers) and answer.headers["content-security-policy"].startswith("sandbox;")
            assert answer.headers["content-type"] == "application/pdf" and answer.headers["x-content-type-options"] == "nosniff"
        token = parse_qs(urlsplit(leads).query)["token"][0]
        for forged in (token[:-1], token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), token + "A", token.swapcase()):
            assert (await client.get("/documents/download", params={"token": forged})).status_code == 403
        await play.visitor("employer").post("/en/sign-out")
        assert (await client.get(leads)).status_code in (303, 403, 404)
    await door.app.state.engine.dispose()  # type: ignore[attr-defined]
    door.app.state.storage.close()  # type: ignore[attr-defined]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


def test_the_inspection_sees_what_acts() -> None:
    """A net that catches nothing proves nothing."""
    for text in NAUGHTY[:12] + ["<form action='https://evil.example'>", "<base href=x>", '<a href="//evil.example">x</a>', '<a href="/\\evil">x</a>']:
        if text.startswith("<") and ("on" in text or "script" in text or "base" in text or "form" in text or "//evil" in text or "\\" in text):
            answer = httpx.Response(200, html=f"<p>{text}</p>")
            with pytest.raises(AssertionError):
                inspect_body(answer, text)
