"""Addresses that cannot be read, forms whose token is old, and senders that do not say where they come from."""

import re
from html import unescape

import httpx
import pytest

from tests.security.inspection import inspect
from tests.security.stage import Play

# Rule 44: what is no UTF-8 is refused wherever it stands in an address.
BROKEN = ("%ff", "%c0%af", "%ed%a0%80", "%fe%ff", "caf%e9", "%f5%80%80%80", "%e2%82")
PLACES = (
    "/en/{broken}", "/{broken}", "/en/dossiers/{broken}", "/en/dossiers/{broken}/pages/contract", "/en/dossiers?q={broken}", "/en/sign-in?return={broken}",
    "/en/invitations/{broken}", "/static/{broken}", "/en/return?sent={broken}", "/en/counter?q={broken}", "/sign-in/callback?code={broken}", "/en?{broken}=1",
    "/health?{broken}", "/backbone/{broken}", "/.well-known/{broken}",
)


@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_not_utf_8_is_refused_everywhere(play: Play, broken: str) -> None:
    for role in ("visitor", "employer"):
        visitor = play.visitor(role)
        for place in PLACES:
            assert (await visitor.get(place.replace("{broken}", broken))).status_code == 400, place
    for path in ("/en/dossiers/{broken}/submit", "/en/sessions/{broken}/end", "/en/stay-signed-in?{broken}"):
        assert (await play.visitor("employer").post(path.replace("{broken}", broken))).status_code == 400, path


@pytest.mark.parametrize("path", ["/health/nothing", "/backbone/nothing", "/.well-known/nothing", "/health?a=%ff"])
async def test_machines_are_told_by_a_problem(play: Play, path: str) -> None:
    answer = await play.visitor().get(path)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json" and answer.status_code == problem["status"]
    assert problem["type"].startswith("urn:problem-type:belgif:") and problem["title"] and problem["detail"]
    assert problem["instance"].removeprefix("urn:uuid:").replace("-", "") == answer.headers["belgov-trace-id"]


async def test_a_caller_that_may_not_post_there_is_told_by_a_problem(play: Play) -> None:
    answer = await play.visitor().post("/health")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.mark.parametrize(("sent", "echoed"), [
    ("0123456789abcdef0123456789abcdef", True), ("0123456789ABCDEF0123456789ABCDEF", False), ("0123456789abcdef", False), ("x" * 32, False),
    ("0123456789abcdef0123456789abcdef\t", False), ("", False), ("0" * 4000, False),
])
async def test_a_trace_is_ours_and_a_valid_one_of_the_caller_comes_back(play: Play, sent: str, echoed: bool) -> None:
    for path in ("/en", "/en/nothing", "/health", "/static/icons/window.svg", "/"):
        answer = await play.visitor().get(path, headers={"belgov-trace-id": sent})
        mine = answer.headers["belgov-trace-id"]
        assert re.fullmatch("[0-9a-f]{32}", mine) and mine != sent
        assert answer.headers.get_list("belgov-related-trace-id") == ([sent] if echoed else []), path


async def test_every_answer_has_a_trace_of_its_own(play: Play) -> None:
    visitor = play.visitor("employer")
    traces = [(await visitor.get("/en/dossiers")).headers["belgov-trace-id"] for _ in range(5)]
    assert len(set(traces)) == 5


async def test_a_sender_who_does_not_say_from_where_is_refused_unread(play: Play) -> None:
    visitor, taken = play.visitor("employer"), 0
    del visitor.client.headers["sec-fetch-site"]

    async def body() -> object:
        nonlocal taken
        for _one in range(50):
            taken += 1
            yield b"a=" + b"x" * 10_000

    for told in ({}, {"origin": "null"}, {"origin": "https://portal.example:444"}, {"origin": "http://portal.example"}, {"sec-fetch-site": "none"},
                 {"sec-fetch-site": "cross-site", "origin": "https://portal.example"}, {"sec-fetch-site": "same-site", "origin": "https://portal.example"}):
        answer = await visitor.ask("POST", "/en/dossiers", content=body(), headers={"content-type": "application/x-www-form-urlencoded", **told})
        # The test transport may hand over one piece before it is asked for.
        assert answer.status_code == 403 and taken <= 1, told
        taken = 0
    # Let in, and told that there is no such procedure.
    assert (await visitor.post("/en/dossiers", headers={"origin": "https://portal.example"})).status_code == 404


def _hidden(answer: httpx.Response) -> dict[str, str]:
    return {unescape(name): unescape(text) for name, text in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', answer.text)}


async def test_a_token_that_became_too_old_costs_nothing_that_was_typed(play: Play) -> None:
    """Rule 9: 403, with the values in a fresh form that only needs to be sent."""
    visitor, path = play.visitor("employer"), play.address("save-page", code="contact")
    typed = {"version": "1", "contact_name": 'Katrien "K" <b>', "contact_email": "k@canary.example", "contact_phone": "+32 3 210 12 34"}
    answer = await visitor.post(path, {"csrf": "0" * 64, **typed})
    fresh = _hidden(answer)
    assert answer.status_code == 403 and {name: fresh[name] for name in typed} == typed and fresh["csrf"] == visitor.token
    assert f'action="{path}"' in answer.text and "What you typed is still on this page" in answer.text
    inspect(answer)
    assert (await visitor.post(path, fresh)).status_code == 303
    shown = await visitor.get(path)
    assert unescape(shown.text).count('Katrien "K" <b>') == 1


async def test_a_form_of_another_site_gets_nothing_back(play: Play) -> None:
    answer = await play.visitor("employer").post(play.address("save-page", code="contact"), {"contact_name": "planted"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403 and "planted" not in answer.text
