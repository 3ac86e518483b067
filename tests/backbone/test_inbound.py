"""Messages of the backbone: kept once at the door, carried out once and in order, and never more than their signer may."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import permutations
from typing import Any

import httpx
import pytest

from frontoffice.app import create_app
from frontoffice.backbone import contract, inbound, jobs
from frontoffice.backbone.envelope import EVENT_TYP, MESSAGE_TYP
from frontoffice.kernel.jobs import make_queue_for_deferring
from frontoffice.kernel.tokens import Key, new_key, sign
from frontoffice.routes import QUEUED
from tests.peers import Backbone, a_token
from tests.scene import JOBS, Filed, Scene

ACTS = {
    "grant": {"annex": "46", "decision_date": "2026-12-01", "valid_until": "2029-12-01"},
    "request-visa": {"requested_on": "2026-12-02"},
    "issue-visa": {"decision_date": "2026-12-03", "valid_from": "2026-12-03", "valid_until": "2027-12-01"},
    "refuse-stay": {"annex": "48", "decision_date": "2026-12-01", "reasons": ["De bestaansmiddelen zijn niet bewezen.", "Zie punt 2."]},
    "ask-stay-documents": {"documents": ["medical-certificate"], "reasons": ["Ouder dan zes maanden."]},
}


@dataclass
class Door:
    """The portal's door for messages, and a backbone's key to sign with."""

    client: httpx.AsyncClient
    backbone: Backbone
    key: Key

    def claims(self, filed: Filed, action: str, seq: int = 1, *, authority: str = "", evidence: Any = None, **changes: Any) -> dict[str, Any]:
        by = authority or ("diplomatic-post" if "visa" in action else "immigration-office")
        return a_token(self.backbone, filed.number, by, action, ACTS.get(action, {}) if evidence is None else evidence, seq, **changes)

    async def post(self, content: str | bytes, **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/secevent+jwt", **headers}
        return await self.client.post("/backbone/messages", content=content, headers=sent)

    async def send(self, claims: dict[str, Any]) -> httpx.Response:
        return await self.post(sign(claims, self.key, EVENT_TYP))


@pytest.fixture
async def door(scene: Scene, stand_in: Backbone) -> AsyncIterator[Door]:
    app = create_app(replace(scene.settings, database_url=scene.database.web, public_url="https://portal.example"))
    # A flood waits for its connections as long as a busy machine takes.
    app.app.state.engine.sync_engine.pool._timeout = 60.0  # type: ignore[attr-defined]
    # One process stands for two here: what the door keeps, a worker carries out.
    make_queue_for_deferring({*QUEUED, *(job.name for job in JOBS)})
    key = json.loads((stand_in.folder / "key.json").read_text())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://portal.example") as client:
        yield Door(client, stand_in, key)
    await app.app.state.engine.dispose()
    app.app.state.storage.close()


async def position(scene: Scene) -> set[str]:
    return set(await scene.value("SELECT position FROM dossier"))


async def outcomes(scene: Scene) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in await scene.sql("SELECT seq, outcome, remark FROM inbound_message ORDER BY seq, received_at")]


def problem_type(answer: httpx.Response) -> str:
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert contract.violations("problem", problem) == []
    return str(problem["type"]).rpartition(":")[2]


async def test_a_decision_is_kept_at_the_door_and_carried_out_later_as_that_authority(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant")
    answer = await door.send(claims)
    assert (answer.status_code, answer.content) == (202, b"")
    assert await position(scene) == {"work-granted", "stay-exam"}
    await scene.run("backbone:apply")
    assert await position(scene) == {"granted"}
    (event,) = await scene.sql("SELECT e.*, p.authority_code FROM event e JOIN party p ON p.id = e.party_id WHERE action = 'grant'")
    assert (event.role, event.authority_code, event.message_id, event.person_id) == ("immigration-office", "immigration-office", claims["jti"], None)
    assert event.evidence["annex"] == "46" and datetime.fromisoformat(event.evidence["acted_at"]).timestamp() == claims["toe"]
    assert await outcomes(scene) == [(1, "applied", "")]


async def test_reasons_and_asked_documents_are_kept_as_they_were_told(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    await door.send(door.claims(filed, "ask-stay-documents"))
    await scene.run("backbone:apply")
    evidence = await scene.value("SELECT evidence FROM event WHERE action = 'ask-stay-documents'")
    assert (evidence["document"], evidence["documents"]) == ("medical-certificate", ["medical-certificate"])
    assert evidence["reasons"] == ["Ouder dan zes maanden."]
    await scene.sql("UPDATE dossier SET position = '{stay-exam,work-granted}'")
    await door.send(door.claims(filed, "refuse-stay", 2))
    await scene.run("backbone:apply")
    assert await scene.value("SELECT evidence->'reasons' FROM event WHERE action = 'refuse-stay'") == ACTS["refuse-stay"]["reasons"]


async def test_a_replay_changes_nothing(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    text = sign(door.claims(filed, "grant"), door.key, EVENT_TYP)
    answers = [await door.post(text) for _ in range(3)]
    assert [one.status_code for one in answers] == [202] * 3
    await scene.run("backbone:apply")
    assert (await door.post(text)).status_code == 202
    await scene.run("backbone:apply")
    assert await scene.value("SELECT count(*) FROM event WHERE action = 'grant'") == 1


async def test_an_identifier_used_again_with_other_bytes_is_refused(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant")
    await door.send(claims)
    other = await door.send(door.claims(filed, "refuse-stay", jti=claims["jti"]))
    assert (other.status_code, problem_type(other)) == (409, "keyReused")
    await scene.run("backbone:apply")
    assert await position(scene) == {"granted"}


async def test_carrying_out_twice_has_one_effect(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant")
    await door.send(claims)
    for _ in range(3):
        await jobs.apply(scene.resources, claims["iss"], claims["jti"])
    assert await scene.value("SELECT count(*) FROM event WHERE action = 'grant'") == 1


@pytest.mark.parametrize("order", list(permutations(("grant", "request-visa", "issue-visa"))), ids="-".join)
async def test_whatever_order_they_come_in_they_are_carried_out_in_theirs(scene: Scene, door: Door, order: tuple[str, ...]) -> None:
    filed = await scene.stay_examined()
    numbers = {"grant": 1, "request-visa": 2, "issue-visa": 3}
    for action in order:
        assert (await door.send(door.claims(filed, action, numbers[action]))).status_code == 202
        await scene.run("backbone:apply")
    assert await position(scene) == {"visa-issued"}
    assert [outcome for _seq, outcome, _remark in await outcomes(scene)] == ["applied"] * 3


async def test_an_early_one_waits_even_when_its_job_is_lost(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    await door.send(door.claims(filed, "request-visa", 2))
    await scene.run("backbone:apply")
    await door.send(door.claims(filed, "grant", 1))
    await scene.drop_queue()
    await scene.sql("UPDATE inbound_message SET received_at = received_at - interval '5 minutes'")
    await jobs.sweep(scene.resources)
    await scene.run("backbone:apply")
    assert await position(scene) == {"visa-requested"}


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"sub": "SP-2026-0000001-X"}, "no such dossier"),
        ({"authority": "diplomatic-post"}, "this authority takes no part in the dossier"),
        ({"authority": "flanders"}, "Refused: This step is not yours to take"),
        ({"authority": "brussels"}, "this authority takes no part in the dossier"),
        ({"authority": "municipality-11002"}, "this authority takes no part in the dossier"),
        ({"action": "issue-visa", "authority": "immigration-office"}, "Refused: This step is not yours to take"),
        ({"action": "take-over"}, "against the contract: $.action: enum"),
        ({"evidence": {"annex": "the one of the Office"}}, "against the contract: $.evidence.annex: pattern, $.evidence: required"),
        ({"evidence": {**ACTS["grant"], "html": "<b>"}}, "against the contract: $.evidence: additionalProperties"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_does_not_fit_goes_to_a_person_and_changes_nothing(scene: Scene, door: Door, changes: dict[str, Any], remark: str) -> None:
    filed = await scene.stay_examined()
    before = await scene.sql("SELECT position, version, updated_at FROM dossier")
    action = changes.get("action", "grant")
    more = {name: one for name, one in changes.items() if name != "action"}
    assert (await door.send(door.claims(filed, action, **more))).status_code == 202
    await scene.run("backbone:apply")
    assert await outcomes(scene) == [(1, "review", remark)]
    assert await scene.sql("SELECT position, version, updated_at FROM dossier") == before


async def test_a_late_or_contradicting_message_overwrites_nothing(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    await door.send(door.claims(filed, "grant", 1))
    await door.send(door.claims(filed, "refuse-stay", 1))
    await door.send(door.claims(filed, "refuse-stay", 2))
    await door.send(door.claims(filed, "request-visa", 3))
    await scene.run("backbone:apply")
    assert await position(scene) == {"visa-requested"}
    found = [(outcome, remark.partition(":")[0]) for _seq, outcome, remark in await outcomes(scene)]
    assert found == [("applied", ""), ("review", "came after a later message about this dossier"), ("review", "Conflict"), ("applied", "")]


async def test_a_row_that_nobody_signed_decides_nothing(scene: Scene) -> None:
    filed = await scene.stay_examined()
    await scene.sql("INSERT INTO inbound_message (issuer, jti, dossier_number, seq, content, received_at) VALUES ('x', 'y', :number, 1, 'a.b.c', now())",
                    number=filed.number)
    await inbound.apply(scene.resources, "x", "y")
    assert await outcomes(scene) == [(1, "review", "the signature no longer holds")]
    assert await position(scene) == {"work-granted", "stay-exam"}


async def test_forgeries_are_turned_away_and_not_kept(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    claims = door.claims(filed, "grant")
    good = sign(claims, door.key, EVENT_TYP)
    stranger = {**new_key(), "kid": door.key["kid"]}
    header, payload, signature = good.split(".")
    forged = [
        sign(claims, stranger, EVENT_TYP), sign(claims, new_key(), EVENT_TYP), sign(claims, door.key, MESSAGE_TYP), f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{payload[:-2]}AA.{signature}", sign({**claims, "iss": "https://other.example"}, door.key, EVENT_TYP),
        sign({**claims, "aud": "https://other.example"}, door.key, EVENT_TYP), sign({**claims, "iat": claims["iat"] + 600}, door.key, EVENT_TYP), "", "é",
    ]
    for one in forged:
        answer = await door.post(one.encode())
        assert (answer.status_code, problem_type(answer)) == (400, "badSignature"), one
    assert await scene.value("SELECT count(*) FROM inbound_message") == 0


async def test_an_event_off_the_contract_is_named_by_place(scene: Scene, door: Door) -> None:
    filed = await scene.stay_examined()
    answer = await door.send(door.claims(filed, "grant", authority="the Office", evidence={"annex": {"deep": {"deeper": "48"}}}))
    assert (answer.status_code, problem_type(answer)) == (400, "badRequest")
    step = "$.events['urn:permit-window:event:step']"
    assert [one["detail"] for one in answer.json()["issues"]] == [f"{step}.authority: pattern", f"{step}.evidence.annex: anyOf"]
    assert answer.json()["err"] == "invalid_request"


async def test_too_large_and_other_types(scene: Scene, door: Door) -> None:
    large = await door.post(b"a" * 70_000)
    assert (large.status_code, problem_type(large), large.json()["limit"]) == (413, "payloadTooLarge", 65536)
    other = await door.post(b"{}", **{"Content-Type": "application/json"})
    assert (other.status_code, problem_type(other)) == (415, "unsupportedMediaType")


async def test_without_the_backbones_keys_it_is_told_to_come_back(scene: Scene, door: Door) -> None:
    app = create_app(replace(scene.settings, database_url=scene.database.web, public_url="https://portal.example", backbone_jwks_url="http://127.0.0.1:9/"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://portal.example") as client:
        answer = await client.post("/backbone/messages", content=b"a.b.c", headers={"Content-Type": "application/secevent+jwt"})
    assert (answer.status_code, problem_type(answer), answer.headers["retry-after"]) == (503, "serviceUnavailable", "30")
    await app.app.state.engine.dispose()


async def test_our_public_keys_are_published_without_the_private_part(door: Door) -> None:
    answer = await door.client.get("/.well-known/jwks.json")
    assert answer.headers["content-type"] == "application/jwk-set+json"
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert key["kid"] == door.backbone.portal.key["kid"]


async def test_the_stand_ins_own_message_fits(scene: Scene, door: Door, stand_in: Backbone) -> None:
    filed = await scene.stay_examined()
    await scene.run("backbone:hand_over")
    stand_in.act(filed.number, "immigration-office", "grant")
    assert (await door.post(stand_in.portal.events[-1])).status_code == 202
    await scene.run("backbone:apply")
    assert await position(scene) == {"granted"}
