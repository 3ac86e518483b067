"""Events that did not come are asked for, and what the backbone gives is checked as at the door."""

from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from frontoffice.backbone import contract, inbound, pulling
from frontoffice.backbone.courier import courier_of
from frontoffice.backbone.envelope import EVENT_TYP, REQUEST_TYP
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.tokens import Use, new_key, public_jwks, sign, verify_strict
from tests.backbone.test_inbound import ACTS, Door, door, outcomes, position
from tests.peers import Backbone, a_token
from tests.scene import Filed, Scene

__all__ = ["door"]
GRANT = ("immigration-office", "grant")


async def let_time_pass(scene: Scene) -> None:
    await scene.sql("UPDATE inbound_message SET received_at = received_at - interval '11 minutes'")


async def a_lost_grant(scene: Scene, stand_in: Backbone) -> Filed:
    """The stand-in grants the stay and never posts it; it knows the dossier."""
    filed = await scene.stay_examined()
    await scene.run("backbone:hand_over")
    stand_in.behave(lose_events=True)
    assert stand_in.act(filed.number, *GRANT, evidence=ACTS["grant"]).json()["state"] == "lost"
    stand_in.behave()
    return filed


async def test_an_event_that_was_lost_is_asked_for_when_the_next_one_waits_for_it(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await a_lost_grant(scene, stand_in)
    stand_in.act(filed.number, "diplomatic-post", "request-visa", evidence=ACTS["request-visa"])
    assert (await door.post(stand_in.portal.events[-1])).status_code == 202
    await scene.run("backbone:apply", "backbone:sweep", pulling.PULL)
    assert await position(scene) == {"work-granted", "stay-exam"} and await scene.queued(pulling.PULL) == []
    await let_time_pass(scene)
    await scene_sweep(scene)
    assert await position(scene) == {"visa-requested"}
    assert [(seq, outcome) for seq, outcome, _remark in await outcomes(scene)] == [(1, "applied"), (2, "applied")]
    assert stand_in.dossier(filed.number)["sent"][0]["state"] == "pulled"


async def scene_sweep(scene: Scene) -> None:
    async with scene.session() as session:
        await pulling.queue_gaps(session)
    await scene.run(pulling.PULL, "backbone:apply")


async def test_a_gap_that_stays_is_asked_about_once_in_ten_minutes(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await door.send(door.claims(filed, "request-visa", 3))
    await let_time_pass(scene)
    with stopped_at(now()):
        for _ in range(3):
            async with scene.session() as session:
                await pulling.queue_gaps(session)
    assert [row.args["number"] for row in await scene.queued(pulling.PULL)] == [filed.number]
    await scene.run(pulling.PULL)
    await scene.sql("UPDATE rate SET window_start = window_start - interval '10 minutes' WHERE key LIKE 'pull/%'")
    await scene_sweep(scene)
    assert await outcomes(scene) == [(3, "waiting", "")]


async def test_more_than_fit_into_one_answer_are_asked_for_in_turn(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.run("backbone:hand_over")
    stand_in.behave(lose_events=True)
    for _ in range(60):
        assert stand_in.act(filed.number, "flanders", contract.RECEIVED).status_code == 202
    await pulling.pull(scene.resources, filed.number)
    assert await scene.value("SELECT count(*) FROM inbound_message") == 60
    await scene.run("backbone:apply")
    assert {outcome for _seq, outcome, _remark in await outcomes(scene)} == {"applied"}


async def test_what_is_known_already_changes_nothing(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await a_lost_grant(scene, stand_in)
    for _ in range(2):
        await pulling.pull(scene.resources, filed.number)
    await scene.sql("DELETE FROM inbound_message")
    await pulling.pull(scene.resources, filed.number)
    await scene.run("backbone:apply")
    assert await scene.value("SELECT count(*) FROM event WHERE action = 'grant'") == 1


@contextmanager
def answering(scene: Scene, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    """The backbone answers questions like that; its keys are the real ones."""
    courier = courier_of(scene.resources)
    with httpx.Client(timeout=60) as real:
        keys = real.get(courier.peer.keys.address).content

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=keys) if request.method == "GET" else answer(request)

    told = courier.http
    object.__setattr__(courier, "http", httpx.AsyncClient(transport=httpx.MockTransport(respond)))
    try:
        yield courier
    finally:
        object.__setattr__(courier, "http", told)


def sets(*tokens: tuple[str, str], more: bool = False) -> httpx.Response:
    return httpx.Response(200, json={"sets": dict(tokens), "moreAvailable": more})


async def test_the_question_is_signed_and_says_what_is_here(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    for seq in (1, 2, 4):
        await door.send(door.claims(filed, "grant", seq))
    asked: list[httpx.Request] = []
    with answering(scene, lambda request: asked.append(request) or sets()):  # type: ignore[func-returns-value]
        await pulling.pull(scene.resources, filed.number)
    (request,) = asked
    assert (request.method, request.url.path, request.headers["content-type"]) == ("POST", "/events/pull", "application/jose")
    use = Use.message(REQUEST_TYP, issuer=stand_in.portal.address, audience=stand_in.address)
    claims = verify_strict(request.content.decode(), public_jwks({"keys": [stand_in.portal.key]}), use)
    assert contract.violations("pull", claims) == [] and (claims["sub"], claims["after"]) == (filed.number, 2)


async def test_only_what_the_backbone_signed_about_this_dossier_is_kept(scene: Scene, door: Door, stand_in: Backbone, caplog: pytest.LogCaptureFixture) -> None:
    filed = await scene.stay_examined()

    def token(seq: int, number: str = filed.number, **changes: Any) -> dict[str, Any]:
        return a_token(stand_in, number, *GRANT, ACTS["grant"], seq, **changes)

    good, foreign, unfit, renamed = token(1), token(2, "SP-2026-0000001-X"), token(3, toe=int(now().timestamp()) + 600), token(4)
    forged = sign(token(5), {**new_key(), "kid": door.key["kid"]}, EVENT_TYP)
    message = sign(token(6), door.key, "permit-window-message+jwt")
    given = [(one["jti"], sign(one, door.key, EVENT_TYP)) for one in (good, foreign, unfit)]
    given += [("another", sign(renamed, door.key, EVENT_TYP)), ("forged", forged), ("message", message), ("words", "a.b.c")]
    with answering(scene, lambda _: sets(*given)):
        await pulling.pull(scene.resources, filed.number)
    assert await scene.sql("SELECT jti FROM inbound_message") == [(good["jti"],)]
    assert "did not sign" in caplog.text and "something else" in caplog.text and filed.number not in caplog.text


async def test_other_bytes_under_a_known_identifier_replace_nothing(scene: Scene, door: Door, stand_in: Backbone, caplog: pytest.LogCaptureFixture) -> None:
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant", 2)
    await door.send(claims)
    before = await scene.sql("SELECT content FROM inbound_message")
    with answering(scene, lambda _: sets((claims["jti"], sign(claims, door.key, EVENT_TYP)))):
        await pulling.pull(scene.resources, filed.number)
    assert await scene.sql("SELECT content FROM inbound_message") == before and "other bytes" in caplog.text


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65_536


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.Response(503), lambda: httpx.Response(302, headers={"location": "https://evil.example"}), lambda: httpx.Response(200, text="<html>"),
        lambda: httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), lambda: httpx.Response(200, json=[]),
        lambda: httpx.Response(200, json={"sets": {}}), lambda: httpx.Response(200, json={"sets": {"a": 1}, "moreAvailable": False}),
        lambda: httpx.Response(200, json={"sets": {}, "moreAvailable": False, "more": True}),
        lambda: httpx.Response(200, content=b"[" * 100_000, headers={"content-type": "application/json"}),
        lambda: httpx.Response(200, content=endless(), headers={"content-type": "application/json"}),
    ],
    ids=["away", "redirect", "HTML", "half", "a list", "no end", "no texts", "a name too many", "deep", "endless"],
)
async def test_an_answer_that_is_none_waits_for_the_next_time(scene: Scene, door: Door, answer: Callable[[], httpx.Response], caplog: pytest.LogCaptureFixture) -> None:
    filed = await scene.stay_examined()
    with answering(scene, lambda _: answer()):
        await pulling.pull(scene.resources, filed.number)
    assert "could not be asked for" in caplog.text and await scene.value("SELECT count(*) FROM inbound_message") == 0


async def test_an_answer_that_promises_more_for_ever_ends(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed, asked = await scene.stay_examined(), []

    def answer(_: httpx.Request) -> httpx.Response:
        claims = a_token(stand_in, filed.number, *GRANT, ACTS["grant"], len(asked) + 1)
        asked.append(claims["jti"])
        return sets((claims["jti"], sign(claims, door.key, EVENT_TYP)), more=True)

    with answering(scene, answer):
        await pulling.pull(scene.resources, filed.number)
    assert len(asked) == 20
    asked.clear()
    with answering(scene, lambda request: asked.append("") or sets(more=True)):  # type: ignore[func-returns-value]
        await pulling.pull(scene.resources, filed.number)
    assert len(asked) == 1


async def test_nothing_is_asked_while_sending_is_stopped(scene: Scene, stand_in: Backbone) -> None:
    filed = await a_lost_grant(scene, stand_in)
    await scene.sql("INSERT INTO hand_over_stop (peer, stopped_at, reason, by) VALUES ('backbone', now(), 'test', 'test')")
    await pulling.pull(scene.resources, filed.number)
    assert await scene.value("SELECT count(*) FROM inbound_message") == 0


@pytest.mark.parametrize(("change", "status"), [({}, 200), ({"iat": -301}, 400), ({"iat": 120}, 400), ({"after": -1}, 400), ({"sub": "x"}, 400), ({"iss": "https://evil.example"}, 400)])
async def test_the_stand_in_answers_nobody_else_and_no_old_question(stand_in: Backbone, change: dict[str, Any], status: int) -> None:
    claims = {"iss": stand_in.portal.address, "aud": stand_in.address, "iat": int(now().timestamp()), "jti": str(uuid4()), "sub": "SP-2026-0000001-X", "after": 0}
    if "iat" in change:
        change = {"iat": claims["iat"] + change["iat"]}
    for path, key in (("/events/pull", stand_in.portal.key), ("/heads", stand_in.portal.key), ("/events/pull", new_key())):
        about = {name: one for name, one in claims.items() if path == "/events/pull" or name not in ("sub", "after")}
        told = {**about, **({"dossiers": ["SP-2026-0000001-X"]} if path == "/heads" else {}), **change}
        text = sign(told, key, REQUEST_TYP)
        answer = httpx.post(f"{stand_in.address}{path}", content=text, headers={"Content-Type": "application/jose"}, timeout=60)
        assert answer.status_code == (status if key == stand_in.portal.key else 400), answer.text
        if answer.status_code == 200 and path == "/events/pull":
            assert contract.violations("pulled", answer.json()) == []
        if answer.status_code == 400:
            assert contract.violations("problem", answer.json()) == []


async def test_a_row_that_says_something_else_than_its_token_decides_nothing(scene: Scene, door: Door, stand_in: Backbone) -> None:
    """A broken web process may write any row: the signed text decides, and where the two differ nothing is done."""
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant", 1)
    row = {"jti": "other", "number": filed.number, "content": sign(claims, door.key, EVENT_TYP), "issuer": claims["iss"]}
    await scene.sql("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at) VALUES (:issuer, :jti, :number, 1, :content, now())", **row)
    await inbound.apply(scene.resources, claims["iss"], "other")
    assert await outcomes(scene) == [(1, "review", "the signature no longer holds")]
    assert await position(scene) == {"work-granted", "stay-exam"}
