"""The stand-in keeps the contract, can be told to misbehave, and forgets nothing when it is killed."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import MESSAGE_TYP, RECEIPT_TYP
from frontoffice.kernel.tokens import Use, new_key, read_keys, sign, verify_strict
from tests.peers import (
    Backbone,
    a_backbone,
    a_dossier_number,
    a_portal,
    an_attachment,
    an_outgoing,
    events_about,
    filed,
    wait_for,
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with a_portal() as portal, a_backbone(tmp_path_factory.mktemp("backbone"), portal) as backbone:
        yield backbone


@pytest.fixture
def backbone(running: Backbone) -> Backbone:
    running.behave()
    running.portal.answers.clear()
    return running


def test_a_receipt_is_signed_over_the_bytes_and_lists_what_is_missing(backbone: Backbone) -> None:
    passport = an_attachment(b"%PDF-1.7")
    response = backbone.hand_over(backbone.claims(an_outgoing(documents=(passport,))))
    keys = read_keys(httpx.get(f"{backbone.address}/.well-known/jwks.json", timeout=60).content)
    use = Use.message(RECEIPT_TYP, issuer=backbone.address, audience=backbone.portal.address)
    claims = verify_strict(response.text, keys, use)
    assert contract.violations("receipt", claims) == []
    assert claims["missing"] == [passport.sha256]


def spoilt(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def spoil(claims: dict[str, Any]) -> dict[str, Any]:
        copy: dict[str, Any] = json.loads(json.dumps(claims))
        change(copy)
        return copy

    return spoil


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (spoilt(lambda claims: claims.update(iss="https://other.example")), "badSignature"),
        (spoilt(lambda claims: claims.update(aud="https://other.example")), "badSignature"),
        (spoilt(lambda claims: claims.update(body_sha256="0" * 64)), "badRequest"),
        (spoilt(lambda claims: claims["body"].update(extra="x")), "badRequest"),
        (spoilt(lambda claims: claims["body"]["person"].update(surname="Other")), "badRequest"),
        (spoilt(lambda claims: claims["body"].update(edition="1999-01")), "badRequest"),
        (spoilt(lambda claims: claims["body"]["answers"]["identity"].update(sex="?")), "badRequest"),
        (
            spoilt(lambda claims: claims["documents"].append({"id": str(uuid4()), "sha256": "0" * 64, "size": 1})),
            "badRequest",
        ),
    ],
    ids=["issuer", "audience", "hash", "unknown name", "changed body", "unknown edition", "off its procedure", "foreign document"],
)
def test_what_is_not_by_the_contract_is_a_problem_and_leaves_no_trace(
    backbone: Backbone, spoil: Any, kind: str
) -> None:
    outgoing = an_outgoing()
    response = backbone.hand_over(spoil(backbone.claims(outgoing)))
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert contract.violations("problem", response.json()) == []
    assert response.json()["type"].endswith(kind)
    assert outgoing.number not in httpx.get(f"{backbone.address}/books", timeout=60).text


def test_a_stranger_cannot_hand_over(backbone: Backbone) -> None:
    claims = backbone.claims(an_outgoing())
    text = sign(claims, new_key(), MESSAGE_TYP)
    response = backbone.post(text, **{"Idempotency-Key": claims["txn"]})
    assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (400, "badSignature")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"a.b.c", {"Content-Type": "text/plain"}, 415),
        (b"", {"Content-Type": "application/jose"}, 400),
        (b"\xff\xfe", {"Content-Type": "application/jose"}, 400),
        (b"x" * (1024 * 1024 + 1), {"Content-Type": "application/jose"}, 413),
    ],
)
def test_what_is_no_message_at_all(backbone: Backbone, content: bytes, headers: dict[str, str], status: int) -> None:
    response = httpx.post(f"{backbone.address}/messages", content=content, headers=headers, timeout=60)
    assert response.status_code == status
    assert contract.violations("problem", response.json()) == []


@pytest.mark.parametrize("same", ["txn", "jti", "seq"])
def test_a_key_is_used_once(backbone: Backbone, same: str) -> None:
    first = backbone.claims(an_outgoing())
    assert backbone.hand_over(first).status_code == 202
    second = backbone.claims(an_outgoing(number=first["sub"], seq=2, action="complete"))
    second[same] = first[same]
    response = backbone.hand_over(second)
    assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (409, "keyReused")


def test_the_idempotency_key_is_the_event(backbone: Backbone) -> None:
    claims = backbone.claims(an_outgoing())
    assert backbone.hand_over(claims, **{"Idempotency-Key": str(uuid4())}).status_code == 400


@pytest.mark.parametrize("digest", ["0" * 64, "..%2f..%2fkey.json", "x"])
def test_only_announced_documents_are_taken(backbone: Backbone, digest: str) -> None:
    response = httpx.put(
        f"{backbone.address}/documents/{digest}", content=b"x", headers={"Content-Type": "application/pdf"}, timeout=60,
    )
    assert response.status_code == 404


def test_all_is_there_after_a_kill(backbone: Backbone) -> None:
    content = b"%PDF-1.7 after the kill"
    document = an_attachment(content)
    outgoing = an_outgoing(documents=(document,))
    claims = backbone.claims(outgoing)
    text = sign(claims, backbone.portal.key, MESSAGE_TYP)
    backbone.post(text, **{"Idempotency-Key": claims["txn"]})
    address = f"{backbone.address}/documents/{document.sha256}"
    assert httpx.put(address, content=content, headers={"Content-Type": "application/pdf"}, timeout=60).status_code == 201
    backbone.portal.answers[:] = [503] * 2
    jti = backbone.act(outgoing.number, "immigration-office", "grant").json()["jti"]
    backbone.behave(fail="503", fail_times=1)
    before = httpx.get(f"{backbone.address}/.well-known/jwks.json", timeout=60).json()
    backbone.restart()
    assert httpx.get(f"{backbone.address}/.well-known/jwks.json", timeout=60).json() == before
    assert backbone.post(text, **{"Idempotency-Key": claims["txn"]}).status_code == 503
    again = backbone.post(text, **{"Idempotency-Key": claims["txn"]})
    assert (again.status_code, backbone.dossier(outgoing.number)["documents"][0]["complete"]) == (200, True)
    arrived = wait_for(3, lambda: events_about(backbone, outgoing.number))
    assert {one["jti"] for one in arrived} == {jti}


@pytest.mark.parametrize(
    "behaviour",
    [
        {"fail": "sometimes"},
        {"delay_seconds": -1},
        {"fail_times": 0},
        {"unknown": True},
        {"automatic": {"after": "grant-work", "do": ["take-over"]}},
        {"automatic": {"after": "grant-work", "do": [{"action": "grant", "evidence": {"annex": "1"}}]}},
    ],
)
def test_a_behaviour_that_means_nothing_is_refused(backbone: Backbone, behaviour: dict[str, Any]) -> None:
    assert httpx.put(f"{backbone.address}/behaviour", json=behaviour, timeout=60).status_code == 400


def test_being_slow_is_only_being_slow(backbone: Backbone) -> None:
    backbone.behave(delay_seconds=0.4)
    started = time.monotonic()
    filed(backbone)
    assert time.monotonic() - started >= 0.4


def test_the_page_shows_the_dossier_and_its_forms_work(backbone: Backbone) -> None:
    number = filed(backbone)
    with httpx.Client(base_url=backbone.address, follow_redirects=True, timeout=60) as browser:
        assert number in browser.get("/").text
        form = {
            "dossier": number,
            "action": "refuse-stay",
            "annex": "48",
            "decision_date": "2026-12-01",
            "reasons": "First.\r\n\r\nSecond.",
        }
        shown = browser.post("/desk/acts", data=form)
        assert "Done: Refuse stay." in shown.text
        (event,) = events_about(backbone, number)
        assert event["evidence"]["reasons"] == ["First.", "Second."]
        wanted = {
            "delay_seconds": "0",
            "fail": "503",
            "fail_times": "2",
            "send_twice": "on",
            "after": "submit",
            "do": "grant, issue-visa",
        }
        browser.post("/desk/behaviour", data=wanted).raise_for_status()
        kept = browser.get("/behaviour").json()
    assert (kept["fail"], kept["fail_times"], kept["send_twice"]) == ("503", 2, True)
    assert kept["automatic"] == {"after": "submit", "do": ["grant", "issue-visa"]}


def test_the_page_offers_what_is_open_with_a_sample_that_can_be_sent(backbone: Backbone) -> None:
    number = filed(backbone, action="admit", by="region", position=("stay-exam", "work-exam"))
    with httpx.Client(base_url=backbone.address, follow_redirects=True, timeout=60) as browser:
        page = browser.get("/").text
        assert f'id="{number}-immigration-office-ask-stay-documents-documents"' in page
        assert page.index(f'{number}-immigration-office-ask-stay-documents') < page.index("not open now") < page.index(f'{number}-immigration-office-grant-')
        form = {"dossier": number, "authority": "immigration-office", "action": "ask-stay-documents", "documents": "diploma\r\npassport", "reasons": "Unreadable."}
        assert "Done: Ask stay documents." in browser.post("/desk/acts", data=form).text
        assert browser.post("/desk/acts", data={**form, "action": "grant-work"}).status_code == 400
        assert browser.post("/desk/acts", data={**form, "documents": "The diploma"}).status_code == 400
    (event,) = events_about(backbone, number)
    assert event["evidence"] == {"documents": ["diploma", "passport"], "reasons": ["Unreadable."]}


def test_a_page_of_another_address_cannot_act(backbone: Backbone) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (
        httpx.post(f"{backbone.address}/desk/acts", data={"dossier": a_dossier_number()}, headers=headers, timeout=60).status_code
        == 403
    )
    assert httpx.get(f"{backbone.address}/books", headers={"Host": "evil.example"}, timeout=60).status_code == 400


def test_what_was_received_can_be_read(backbone: Backbone) -> None:
    number = filed(backbone)
    (message,) = backbone.dossier(number)["messages"]
    content = httpx.get(f"{backbone.address}/books/messages/{message['jti']}", timeout=60).json()
    assert content["body"]["person"]["surname"] == "Kumar"
    assert httpx.get(f"{backbone.address}/books/messages/none", timeout=60).status_code == 404


def test_no_personal_data_is_in_the_header_of_a_message(backbone: Backbone) -> None:
    text = sign(backbone.claims(an_outgoing()), backbone.portal.key, MESSAGE_TYP)
    header = text.partition(".")[0]
    assert set(json.loads(base64.urlsafe_b64decode(header + "=="))) == {"alg", "kid", "typ"}
