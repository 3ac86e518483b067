"""Looking changes nothing, and every answer carries the same headers."""

import httpx
import pytest

from frontoffice.app import create_download_app
from frontoffice.dossiers import queries
from frontoffice.procedures import EDITIONS
from tests.security.inspection import inspect
from tests.security.stage import ROLES, Play, routes
from tests.security.test_access import ROWS

CODES = {"show-page": "code", "show-slot": "requirement", "show-step": "action", "open-document": "requirement"}


def reads(play: Play) -> list[str]:
    """The address of every page, about each dossier, for every page of questions, document and step that there is."""
    codes = {"code": [one.code for one in EDITIONS[0].pages], "requirement": [one.code for one in EDITIONS[0].documents],
             "action": sorted(EDITIONS[0].life.actions())}
    found = {play.address(row.route, row.on, **dict(row.params)) for row in ROWS if routes(play)[row.route][0] == "GET"}
    for name, parameter in CODES.items():
        found |= {play.address(name, on, **{parameter: one}) for on in ("draft", "filed") for one in codes[parameter]}
    found |= {f"/en/counter?state={one}" for one in ("new", "checking", "complement", "arrived")} | {"/en/dossiers?q=canary", "/en/figures?region=brussels"}
    return sorted(found)


@pytest.mark.parametrize("role", ROLES)
async def test_opening_every_page_changes_nothing(play: Play, role: str) -> None:
    before, visitor = await play.sums(), play.visitor(role)
    for path in reads(play):
        assert (await visitor.get(path)).status_code < 500 or "sign-in/enterprises" in path, path
    assert await play.sums() == before


async def test_asking_without_reading_changes_nothing(play: Play) -> None:
    before, visitor = await play.sums(), play.visitor("employer")
    for row in ROWS:
        for method in ("HEAD", "OPTIONS"):
            answer = await visitor.ask(method, play.address(row.route, row.on, **dict(row.params)))
            assert answer.status_code < 500 and "access-control-allow-origin" not in answer.headers
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await visitor.ask(method, play.address("show-dossier"))).status_code in (400, 404, 405)
    assert await play.sums() == before


async def test_each_look_of_an_authority_is_recorded_and_only_that(play: Play) -> None:
    # The Region looked while the stage was built; the town did not.
    before = [row[0] for row in await play.portal.sql("SELECT id FROM opening")]
    await play.visitor("employer").get(play.address("show-dossier", "filed"))
    assert len(await play.portal.sql("SELECT FROM opening")) == len(before)
    await play.visitor("town").get(play.address("show-dossier", "filed"))
    await play.visitor("town").get(play.address("view-document", "filed", requirement="contract"))
    assert [row[0] for row in await play.portal.sql("SELECT document_id IS NOT NULL FROM opening WHERE id <> ALL(:before) ORDER BY opened_at", before=before)] == [False, True]


@pytest.mark.parametrize("locale", ["nl", "fr", "de", "en"])
async def test_errors_explain_themselves_in_the_language_of_the_page(play: Play, locale: str) -> None:
    """Headers and silence about the machine are inspected with each answer."""
    visitor, draft = play.visitor("employer"), play.stage.dossiers["draft"]
    found = {
        404: await visitor.get(f"/{locale}/dossiers/nothing"), 403: await visitor.get(f"/{locale}/dossiers/{draft}/steps/take-up"),
        409: await visitor.get(f"/{locale}/dossiers/{play.stage.dossiers['filed']}/pages/contract"),
        400: await visitor.get(f"/{locale}/dossiers?before=x"), 413: await visitor.post(f"/{locale}/dossiers", {"a": "x" * 1_000_001}),
        422: await visitor.post(f"/{locale}/return"), 503: await visitor.get(f"/{locale}/sign-in/enterprises"), 405: await visitor.get(f"/{locale}/stay-signed-in"),
    }
    for status, answer in found.items():
        assert answer.status_code == status and f'<html lang="{locale}"' in answer.text, (status, answer.status_code)
        assert draft not in answer.text.replace(f"/{locale}/dossiers/{draft}", "") or status == 403


async def test_an_unexpected_error_tells_nothing_but_its_reference(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_anything: object, **_more: object) -> None:
        raise RuntimeError("SELECT passport FROM worker WHERE name = 'canary Rajesh'")

    monkeypatch.setattr(queries, "dossier", broken)
    answer = await play.visitor("employer").get(play.address("show-dossier"))
    assert answer.status_code == 500 and answer.headers["belgov-trace-id"] in answer.text and "Rajesh" not in answer.text


async def test_the_download_address_is_as_strict(play: Play) -> None:
    door = create_download_app(play.portal.settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door), base_url="https://download.example") as client:
        for path in ("/documents/download", "/documents/download?token=x", "/documents/download?token=" + "A" * 118, "/en", "/", "/en/dossiers"):
            answer = await client.get(path, headers={"cookie": f"__Host-session={play.stage.tokens['employer']}"})
            assert answer.status_code in (303, 403, 404), path
            inspect(answer)
    await door.app.state.engine.dispose()  # type: ignore[attr-defined]
    door.app.state.storage.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("host", ["evil.example", "portal.example.evil.example", "portal.example:80", "portal.example@evil.example", "", "[::1]", "a\tb", "PORTAL.EXAMPLE."])
async def test_a_hostile_host_is_refused(play: Play, host: str) -> None:
    visitor = play.visitor("employer")
    for path in ("/en", "/", "/en/sign-in", play.address("show-dossier"), "/static/icons/window.svg", "/health"):
        answer = await visitor.get(path, headers={"host": host})
        assert answer.status_code == 400 and "evil" not in answer.text, (path, answer.status_code)
    assert (await visitor.post("/en/dossiers", headers={"host": host})).status_code == 400


async def test_forwarding_headers_are_not_believed(play: Play) -> None:
    visitor = play.visitor("employer")
    told = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-forwarded-port": "1", "forwarded": "host=evil.example", "x-original-url": "/evil",
            "x-rewrite-url": "/evil", "x-http-method-override": "DELETE", "x-forwarded-prefix": "/evil"}
    for path in ("/en", "/", "/en/dossiers", play.address("receipt", "filed"), "/en/sign-in", "/en/nothing"):
        answer = await visitor.get(path, headers=told)
        assert "evil" not in answer.text and "evil" not in str(answer.headers), path


async def test_cookies_come_with_every_guard(play: Play) -> None:
    transport = httpx.ASGITransport(app=play.portal.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://portal.example") as client:
        answer = await client.get("/en")
        inspect(answer)
        assert [one.split("=")[0] for one in answer.headers.get_list("set-cookie")] == ["__Host-visitor"]
        assert not (await client.get("/static/icons/window.svg")).headers.get_list("set-cookie")
    out = await play.visitor("employer").post("/en/sign-out")
    assert out.headers.get_list("set-cookie") == ["__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"]


async def test_a_session_that_the_browser_made_up_is_none(play: Play) -> None:
    for secret in ("x", "0" * 43, "'; DROP TABLE session; --", play.stage.tokens["employer"][:-1], play.stage.tokens["employer"] + "x"):
        answer = await play.visitor(secret=secret).get("/en/dossiers")
        assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]
