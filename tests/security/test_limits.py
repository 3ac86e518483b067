"""Requests that are too large, broken or odd: refused early, never an error of ours."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from frontoffice.procedures import EDITIONS
from tests.security.inspection import inspect
from tests.security.stage import Play, Visitor

FORM = "application/x-www-form-urlencoded"


async def send(play: Play, role: str, path: str, chunks: list[bytes], headers: Mapping[str, str]) -> tuple[int, int]:
    """The status of a form sent piece by piece without httpx's help, and how many bytes were read of it."""
    visitor = play.visitor(role)
    cookie = "; ".join(f"{one.name}={one.value}" for one in visitor.client.cookies.jar)
    sent = {"host": "portal.example", "sec-fetch-site": "same-origin", "content-type": FORM, "cookie": cookie, **headers}
    waiting, taken, status = list(chunks), 0, 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        piece = waiting.pop(0) if waiting else b""
        taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def answer(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
             "root_path": "", "scheme": "https", "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
             "client": ("203.0.113.9", 1), "server": ("portal.example", 443), "state": {}, "app": None, "extensions": {}}
    await play.portal.app(scope, receive, answer)
    return status, taken


async def test_a_claim_of_ten_megabytes_is_refused_unread(play: Play) -> None:
    assert await send(play, "employer", "/en/dossiers", [b"a=" + b"x" * 65536] * 160, {"content-length": "10000000"}) == (413, 0)
    assert await send(play, "employer", "/en/dossiers", [b"a=1"], {"content-length": "1000001"}) == (413, 0)


async def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(play: Play) -> None:
    status, read = await send(play, "employer", "/en/dossiers", [b"a=" + b"x" * 65534] * 160, {"transfer-encoding": "chunked"})
    assert status == 413 and read <= 1_000_000 + 65536
    status, read = await send(play, "employer", "/en/dossiers", [b"a=" + b"x" * 65534] * 160, {"content-length": "100"})
    assert status == 413 and read <= 1_000_000 + 65536


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "١٢", "1, 2", " "])
async def test_a_length_that_is_no_number_is_refused(play: Play, length: str) -> None:
    visitor = play.visitor("employer")
    transport = httpx.ASGITransport(app=play.portal.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://portal.example", cookies=visitor.client.cookies) as client:
        answer = await client.post("/en/dossiers", content=b"a=1", headers=[(b"content-length", length.encode()), (b"content-type", FORM.encode()),
                                                                             (b"sec-fetch-site", b"same-origin")])
    assert answer.status_code in (400, 403)


async def test_fields_are_counted_and_measured(play: Play) -> None:
    visitor = play.visitor("employer")
    assert (await visitor.post("/en/dossiers", {f"f{number}": "x" for number in range(200)})).status_code == 400
    assert (await visitor.post("/en/dossiers", {f"f{number}": "x" for number in range(199)})).status_code == 404
    assert (await visitor.post("/en/dossiers", {"activity": "x" * 20_001})).status_code == 413
    assert (await visitor.post("/en/dossiers", {"activity": "x" * 20_000})).status_code == 404
    assert (await visitor.post("/en/dossiers", {"n" * 101: "x"})).status_code == 413
    semicolons = f"csrf={visitor.token}" + "&a" * 300
    assert (await visitor.ask("POST", "/en/dossiers", content=semicolons, headers={"content-type": FORM})).status_code == 400


@pytest.mark.parametrize("body", [b"a=\xff", b"a=%ff", b"a=%c0%af", b"a=%ed%a0%80", b"\xfe\xff=1", b"a=%f5%80%80%80"], ids=repr)
async def test_what_is_not_utf_8_is_refused(play: Play, body: bytes) -> None:
    visitor = play.visitor("employer")
    answer = await visitor.ask("POST", "/en/dossiers", content=f"csrf={visitor.token}&".encode() + body, headers={"content-type": FORM})
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencoded, text/plain"])
async def test_a_form_comes_urlencoded(play: Play, kind: str) -> None:
    visitor = play.visitor("employer")
    answer = await visitor.ask("POST", "/en/dossiers", content=f"csrf={visitor.token}&a=1", headers={"content-type": kind})
    assert answer.status_code in (400, 403)


ODD = ("%00", "%0d%0aSet-Cookie:%20a=b", "%ff%fe", "%c0%af", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "'%20OR%201=1--", "{key}", "%25s%25n",
       "9" * 400, "-1", "1e309", "NaN", "%f0%9f%92%a9", "%e2%80%ae", "%ed%a0%80", "a%00b", "true", "[]", "SP-2026-0000001-X%00", "%20", "*", "~")
PLACES = (
    "/en/{odd}", "/{odd}", "/nl/dossiers/{odd}", "/en/dossiers/{odd}/pages/{odd}", "/en/dossiers/{draft}/pages/{odd}", "/en/dossiers/{draft}/documents/{odd}",
    "/en/dossiers/{draft}/documents/contract/{odd}", "/en/dossiers/{draft}/steps/{odd}", "/en/dossiers?q={odd}", "/en/dossiers?before={odd}",
    "/en/dossiers?before=2026-01-01~{odd}", "/en/dossiers?before={odd}~00000000-0000-0000-0000-000000000000", "/en/invitations/{odd}", "/en/sign-in/{odd}",
    "/en/sign-in?return={odd}", "/en/sign-out?provider={odd}", "/sign-in/callback?code={odd}&state={odd}&iss={odd}", "/en/figures?region={odd}", "/en/finder?goal={odd}", "/en/finder?goal=work&nationality={odd}&residence_status={odd}", "/en/finder?{odd}={odd}&change={odd}",
    "/en/procedures/{odd}", "/en/procedures/single-permit?goal={odd}&category={odd}&with={odd}", "/en/dossiers/new?procedure={odd}",
    "/en/dossiers/new?procedure=single-permit&goal={odd}&category={odd}", "/static/{odd}",
    "/en/return?sent={odd}", "/en/acting-for?return={odd}", "/en?{odd}={odd}", "/health?{odd}", "/.well-known/{odd}", "/backbone/{odd}",
)
COUNTER = ("/en/counter?q={odd}", "/en/counter?state={odd}", "/en/counter?sort={odd}", "/en/counter?after={odd}", "/en/counter?sort=due&after={odd}",
           "/en/counter?after={odd}_00000000-0000-0000-0000-000000000000", "/en/counter?after=2026-01-01_{odd}",
           "/en/counter?state=checking&sort=due&after=9999-12-31_00000000-0000-0000-0000-000000000000")


async def _no_error(visitor: Visitor, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code < 500, (path, answer.status_code)


@pytest.mark.parametrize("role,places", [("visitor", PLACES), ("employer", PLACES), ("region", COUNTER), ("town", COUNTER)], ids=lambda one: one if isinstance(one, str) else "")
async def test_odd_addresses_are_never_an_error_of_ours(play: Play, role: str, places: tuple[str, ...]) -> None:
    visitor = play.visitor(role)
    for place in places:
        for odd in ODD:
            await _no_error(visitor, place.replace("{odd}", odd).replace("{draft}", play.stage.dossiers["draft"]))


BROKEN = ("\0", "a\0b", "\ud7ff", "\ufffe", "\x1b[31m", "\r\nX: y", "9" * 5000, "-0", "1e99999", "\u202eevil", "٣", "𝟗", "0" * 20000, "2028-02-30", "%s%n", "{{7*7}}")


@pytest.mark.parametrize("odd", BROKEN, ids=lambda one: ascii(one[:9]))
async def test_odd_answers_are_never_an_error_of_ours(play: Play, odd: str) -> None:
    employer, worker, stranger = play.visitor("employer"), play.visitor("worker"), play.visitor()
    assert (await stranger.post("/en/return", {"email": odd})).status_code in (303, 413, 422)
    assert (await stranger.post(play.address("accept-invitation"), {"passport_number": odd, "birth_date-day": odd})).status_code in (413, 422)
    for page in EDITIONS[0].pages:
        names = [name for one in page.form.fields for name in one.raw_names()]
        for visitor in (employer, worker):
            answer = await visitor.post(play.address("save-page", code=page.code), {**dict.fromkeys(names[:40], odd), "version": "1"})
            assert answer.status_code in (303, 403, 404, 409, 413, 422), (page.code, answer.status_code)
            assert (await visitor.get(play.address("show-page", code=page.code))).status_code in (200, 403, 404)
    region, filed = play.visitor("region"), {"version": odd[:9], "reasons": odd, "document": odd, "request": odd, "valid_from-day": odd, "valid_from-year": odd}
    for action in ("ask-documents", "declare-inadmissible"):
        assert (await region.post(play.address("take-step", "filed", action=action), filed)).status_code in (303, 413, 422)
    for name, fields in (("invite-worker", {"email": odd, "language": odd}), ("give-mandate", {"office": odd, "first_day-day": odd, "last_day-year": odd}),
                         ("start-dossier", {"procedure": odd, "goal": odd, "form_key": odd}), ("start-dossier", {"procedure": "single-permit", "goal": odd, "form_key": odd}), ("change-hat", {"hat": odd, "return": odd})):
        assert (await employer.post(play.address(name), fields)).status_code in (303, 400, 404, 409, 413, 422), name
    assert (await employer.get(play.address("show-dossier"))).status_code == 200


async def test_odd_headers_are_never_an_error_of_ours(play: Play) -> None:
    visitor = play.visitor("employer")
    odd = "é\u202e'\"<>%00" + "x" * 3000
    names = ("accept-language", "user-agent", "referer", "cookie", "if-none-match", "accept-encoding", "hx-target", "hx-request", "belgov-trace-id", "range",
             "content-type", "accept", "origin", "x-csrf-token", "authorization")
    for name in names:
        for path in ("/en", "/", "/en/dossiers", "/static/icons/window.svg", "/en/sign-in", "/health"):
            answer = await visitor.get(path, headers=[(name.encode(), odd.encode())])
            assert answer.status_code < 500 and "\u202e" not in str(answer.headers), (name, path)


async def test_an_upload_that_is_cut_odd_or_endless_is_refused(play: Play) -> None:
    visitor, path, before = play.visitor("employer"), play.address("upload-document", requirement="contract"), await play.sums()
    start = f'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{visitor.token}\r\n'

    async def endless() -> AsyncIterator[bytes]:
        yield start.encode()
        for number in range(250):
            yield f'--b\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\nx\r\n'.encode()
        yield b"--b--\r\n"

    for content, kind, statuses in (
        (start.encode(), "multipart/form-data; boundary=b", (400, 422)), (b"x", "multipart/form-data; boundary=b", (400,)), (b"", "multipart/form-data", (400,)),
        (start.encode(), "multipart/form-data; boundary=" + "b" * 300, (400,)), (b"csrf=" + visitor.token.encode(), FORM, (400,)), (endless(), "multipart/form-data; boundary=b", (400,)),
        (b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + b"x" * 20_001 + b"\r\n--b--\r\n", "multipart/form-data; boundary=b", (403, 413)),
        (start.encode() + b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--b--\r\n', "multipart/form-data; boundary=b", (400,)),
        (start.encode() + b"--b\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b", (400,)),
    ):
        answer = await visitor.ask("POST", path, content=content, headers={"content-type": kind})
        assert answer.status_code in statuses, (kind, answer.status_code)
    assert await play.sums() == before


async def test_reports_of_the_policy_are_counted_not_kept(play: Play) -> None:
    before, visitor = await play.sums(without=()), play.visitor()
    for size, status in ((10, 204), (64_000, 204), (64_001, 413)):
        answer = await visitor.ask("POST", "/csp", content=b"x" * size, headers={"content-type": "application/csp-report", "sec-fetch-site": "cross-site"})
        assert answer.status_code == status
        inspect(answer)
    assert await play.sums(without=()) == before


async def test_a_message_of_a_stranger_leaves_nothing(play: Play) -> None:
    before, visitor = await play.sums(), play.visitor()
    for body in (b"", b"a.b.c", b"e30.e30.e30", b"x" * 70_000, quote("é").encode()):
        answer = await visitor.ask("POST", "/backbone/messages", content=body, headers={"content-type": "application/secevent+jwt"})
        assert answer.status_code in (400, 413, 503) and answer.headers["content-type"].startswith("application/problem+json"), (body[:9], answer.status_code)
    assert await play.sums() == before
