"""Requests that no contract knows: too much, broken, of another kind or at no address; a problem for each, never a page, and nothing is kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event

from tests.authorities.systems import DOSSIERS, TOKEN, System, Town
from tests.security.inspection import inspect

JSON = {"content-type": "application/json"}
DEEP = b'{"action":' + b"[" * 5000 + b"]" * 5000 + b"}"
# Body, further headers, the status.
BODIES: tuple[tuple[bytes, dict[str, str], int], ...] = (
    (b"", JSON, 400), (b"{", JSON, 400), (b"[]", JSON, 400), (b"null", JSON, 400), (b"\xff", JSON, 400), (DEEP, JSON, 400), (b'{"a": NaN}', JSON, 400),
    (b'{"action": "take-up", "action": "admit", "version": 3}', JSON, 400), (b'{"action": "take-up", "version": "3"}', JSON, 400),
    (b'{"action": "take-up", "version": 3.5}', JSON, 400), (b'{"action": "take-up", "version": true}', JSON, 400), (b'{"action": "take-up", "version": -1}', JSON, 400),
    (b'{"action": "take-up", "version": 1e400}', JSON, 400), (b'{"action": "take-up", "version": ' + b"9" * 6000 + b"}", JSON, 400),
    (b'{"action": "take-up"}', JSON, 400), (b'{"action": "take up", "version": 3}', JSON, 400), (b'{"action": "take-up\\n", "version": 3}', JSON, 400),
    (b'{"action": "take-up", "version": 3, "role": "immigration-office"}', JSON, 400), (b'{"action": "take-up", "version": 3, "evidence": []}', JSON, 400),
    (b'{"action": "take-up", "version": 3, "evidence": {"a": {"b": "c"}}}', JSON, 400), (b'{"action": "take-up", "version": 3, "evidence": {"a\\u0000": "c"}}', JSON, 400),
    (b'{"action": "take-up", "version": 3, "evidence": {"reasons": "\\ud800"}}', JSON, 400), (b'{"action": "take-up", "version": 3, "evidence": {"reasons": "\\u0000"}}', JSON, 400),
    (b'{"action": "take-up", "version": 3}', {"content-type": "text/plain"}, 415), (b"action=take-up", {"content-type": "application/x-www-form-urlencoded"}, 415),
    (b'{"action": "take-up", "version": 3}', {}, 415), (b'{"x": "' + b"y" * 65_536 + b'"}', JSON, 413),
    (b'{"action": "take-up", "version": 3}', {**JSON, "idempotency-key": ""}, 400), (b'{"action": "take-up", "version": 3}', {**JSON, "idempotency-key": "short"}, 400),
    (b'{"action": "take-up", "version": 3}', {**JSON, "idempotency-key": "x" * 65}, 400), (b'{"action": "take-up", "version": 3}', {**JSON, "idempotency-key": "with a space"}, 400),
)


async def test_bodies_that_are_not_as_the_contract_says(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    for content, headers, status in BODIES:
        answer = await region.ask("POST", f"{DOSSIERS}/{number}/steps", content=content, headers={"idempotency-key": "a-key-of-ours", **headers})
        assert answer.status_code == status, (content[:80], headers, answer.text)
    assert not await town.office.portal.sql("SELECT FROM api_answer") and not await town.office.portal.sql("SELECT FROM event WHERE action = 'take-up'")


async def test_a_body_without_an_end_is_not_read_to_the_end(town: Town) -> None:
    _hat, number = await town.filed()
    region, sent = await town.system("flanders"), 0

    async def endless() -> object:
        nonlocal sent
        while sent < 100_000_000:
            sent += 10_000
            yield b"x" * 10_000

    answer = await region.ask("POST", f"{DOSSIERS}/{number}/steps", content=endless(), headers={**JSON, "idempotency-key": "a-key-of-ours"})
    assert answer.status_code == 413 and answer.json()["limit"] == 65_536 and sent < 200_000


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/api/v1", 404), ("GET", "/api/v1/", 404), ("GET", "/api/v2/dossiers", 404), ("GET", "/api/", 404), ("GET", "/api/oauth2/tokens", 404),
    ("GET", f"{DOSSIERS}/x/y/z", 404), ("POST", DOSSIERS, 405), ("DELETE", DOSSIERS, 405), ("PATCH", f"{DOSSIERS}/SP-2026-0000001-M", 405),
    ("PUT", TOKEN, 405), ("GET", f"{DOSSIERS}/SP-2026-0000001-M/steps", 405), ("HEAD", DOSSIERS, 405),
    ("GET", f"{DOSSIERS}/SP-2026-0000001-M/documents/not-a-uuid", 404), ("GET", f"{DOSSIERS}/%2e%2e%2f", 404), ("GET", f"{DOSSIERS}/%ff", 400), ("GET", "/en/api/v1/dossiers", 401)])
async def test_addresses_and_methods_that_are_not_there(town: Town, method: str, path: str, status: int) -> None:
    region = await town.system("flanders")
    answer = await region.client.request(method, path, headers={"authorization": f"Bearer {region.token}"} if status != 401 else {})
    inspect(answer)
    assert answer.status_code == status and answer.headers["content-type"].startswith("application/problem+json"), answer.text
    assert "set-cookie" not in answer.headers


async def test_who_takes_no_json_gets_none(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    for accept, status in (("text/html", 406), ("application/json;q=0", 406), ("image/*, text/html", 406), ("application/json", 200), ("*/*", 200), ("application/*", 200),
                           ("text/html, application/json;q=0.5", 200), ("", 200)):
        assert (await region.get(f"{DOSSIERS}/{number}", headers={"accept": accept})).status_code == status, accept


async def test_errors_are_problems_whatever_language_somebody_reads(town: Town) -> None:
    region = await town.system("flanders")
    for language in ("nl", "de"):
        answer = await region.get(f"{DOSSIERS}/SP-2026-0000001-M", headers={"accept-language": language})
        assert answer.json()["title"] == "Not Found" and answer.json()["type"] == "urn:problem-type:belgif:resourceNotFound"


async def test_an_error_of_ours_tells_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_anything: object, **_more: object) -> None:
        raise RuntimeError("SELECT passport FROM worker WHERE name = 'Rajesh'")

    region = await town.system("flanders")
    monkeypatch.setattr("frontoffice.authorities.pages.changes", broken)
    answer = await region.client.get(DOSSIERS, headers={"authorization": f"Bearer {region.token}"})
    inspect(answer)
    assert answer.status_code == 500 and answer.headers["content-type"] == "application/problem+json" and "Rajesh" not in answer.text


async def test_what_was_sent_never_comes_back(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    secret = "Canary-Rajesh-9915"
    for content in ({"action": "take-up", "version": 3, secret: 1}, {"action": secret, "version": 3}, {"action": "take-up", "version": secret},
                    {"action": "take-up", "version": 3, "evidence": {"reasons": [secret, {}]}}):
        answer = await region.ask("POST", f"{DOSSIERS}/{number}/steps", json=content, headers={"idempotency-key": "a-key-of-ours"})
        assert answer.status_code == 400 and secret not in answer.text
    assert secret not in (await region.get(f"{DOSSIERS}?after={secret}")).text


@contextmanager
def said(system: System) -> Iterator[list[str]]:
    """The statements that the portal sends meanwhile, those that only frame a transaction apart."""
    engine, found = system.office.portal.app.app.state.engine.sync_engine, []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


async def test_reading_costs_five_statements_at_most(town: Town) -> None:
    _hat, number = await town.filed()
    region = await town.system("flanders")
    document = (await region.collect(number))["documents"][0]["id"]
    reads = {DOSSIERS: 3, f"{DOSSIERS}?headline=filed": 3, f"{DOSSIERS}/{number}": 5, f"{DOSSIERS}/SP-2026-9999999-0": 3, f"{DOSSIERS}/{number}/documents/{document}": 4}
    with said(region) as statements:
        for path, most in reads.items():
            statements.clear()
            await region.client.get(path, headers={"authorization": f"Bearer {region.token}"})
            assert len(statements) <= most, (path, statements)
        statements.clear()
        answer: httpx.Response = await region.ask("POST", f"{DOSSIERS}/{number}/acknowledgements", content=json.dumps({"version": 2}), headers=JSON)
        assert answer.status_code in (200, 409) and len(statements) <= 7, statements
