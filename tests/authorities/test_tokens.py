"""How a system comes in, and everything that does not get anybody in."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from frontoffice.authorities import administration
from frontoffice.authorities.administration import NewClient
from frontoffice.authorities.callers import SCOPES, token_hash
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Conflict, NotFound
from frontoffice.kernel.time import now, stopped_at
from frontoffice.kernel.tokens import new_key
from frontoffice.kernel.web import hash_of
from tests.authorities.systems import DOSSIERS, TOKEN, System, Town, key_set
from tests.dossiers.drafts import THAT_DAY
from tests.web import ORIGIN


def part(content: Any) -> str:
    """A part of a compact JWS."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(system: System, **changes: Any) -> dict[str, Any]:
    instant = int(now().timestamp())
    return {"iss": str(system.id), "sub": str(system.id), "aud": ORIGIN + TOKEN, "iat": instant, "exp": instant + 60, "jti": uuid4().hex, **changes}


def unsigned(system: System) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims_of(system))}.{part(b'')}"


def hmac_of_the_public_key(system: System) -> str:
    head = f"{part({'alg': 'HS256', 'kid': system.key['kid'], 'typ': 'JWT'})}.{part(claims_of(system))}"
    public = json.dumps(json.loads(key_set(system.key))["keys"][0]).encode()
    return f"{head}.{part(hmac.new(public, head.encode(), hashlib.sha256).digest())}"


def by_another_key_of_that_name(system: System) -> str:
    return system.assertion({**new_key(), "alg": "ES256", "kid": system.key["kid"]})


def altered(system: System) -> str:
    head, _payload, signature = system.assertion().split(".")
    return f"{head}.{part(claims_of(system))}.{signature}"


def with_a_key_of_its_own(system: System) -> str:
    own = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "typ": "JWT", "jwk": own.as_dict(private=False)}, claims_of(system), own)


def with_a_critical_header(system: System) -> str:
    return jwt.encode({"alg": "ES256", "kid": system.key["kid"], "crit": ["b64"], "b64": True}, claims_of(system), ECKey.import_key(dict(system.key)))


def seconds(system: System, **changes: int) -> str:
    instant = int(now().timestamp())
    return system.assertion(**{name: instant + shift for name, shift in changes.items()})


FORGED: Mapping[str, Callable[[System], str]] = {
    "alg none": unsigned, "HS256 with the public key": hmac_of_the_public_key, "another key of that name": by_another_key_of_that_name, "altered": altered,
    "a key in the header": with_a_key_of_its_own, "a critical header": with_a_critical_header,
    "unknown kid": lambda one: one.assertion({**one.key, "kid": "other"}), "for another audience": lambda one: one.assertion(aud="https://backbone.example"),
    "for two audiences": lambda one: one.assertion(aud=[ORIGIN + TOKEN, "https://other.example"]), "no audience": lambda one: one.assertion(aud=None),
    "of another issuer": lambda one: one.assertion(iss=str(uuid4())), "about another": lambda one: one.assertion(sub=str(uuid4())),
    "its id spelt otherwise": lambda one: one.assertion(iss=str(one.id).upper(), sub=str(one.id).upper()),
    "no subject": lambda one: one.assertion(sub=None), "no jti": lambda one: one.assertion(jti=None), "no exp": lambda one: one.assertion(exp=None),
    "no iat": lambda one: one.assertion(iat=None), "over": lambda one: seconds(one, iat=-200, exp=-61), "from the future": lambda one: seconds(one, iat=61, exp=120),
    "good for too long": lambda one: seconds(one, iat=0, exp=301), "good for a year": lambda one: seconds(one, iat=0, exp=31_536_000),
    "of another kind": lambda one: one.assertion(typ="permit-window-message+jwt"), "no token": lambda one: "abc", "five parts": lambda one: one.assertion() + ".a.b",
    "padded": lambda one: one.assertion() + "=", "with a line end": lambda one: one.assertion() + "\n", "no object": lambda one: f"{part({})}.{part([])}.{part(b'x')}",
    "a subject that is a number": lambda one: one.assertion(sub=7), "a subject that is a list": lambda one: one.assertion(sub=[str(one.id)]),
}


@pytest.mark.parametrize("name", FORGED)
async def test_what_proves_nothing_gets_nothing(town: Town, name: str) -> None:
    system = await town.system("flanders", come_in=False)
    answer = await system.ask_token(FORGED[name](system))
    assert answer.status_code == 401 and answer.json()["error"] == "invalid_client"
    assert not await town.office.portal.sql("SELECT FROM session WHERE kind = 'system'")
    # Whatever was wrong, it is told in the same words.
    other = await system.ask_token(FORGED["unknown kid"](system))
    assert {**answer.json(), "instance": ""} == {**other.json(), "instance": ""}


async def test_an_assertion_of_another_library_is_read(town: Town) -> None:
    system = await town.system("flanders", come_in=False)
    for aud in (ORIGIN + TOKEN, ORIGIN, [ORIGIN]):
        made = jwt.encode({"alg": "ES256", "kid": system.key["kid"]}, claims_of(system, aud=aud), ECKey.import_key(dict(system.key)))
        assert (await system.ask_token(made)).status_code == 200
    nameless = jwt.encode({"alg": "ES256"}, claims_of(system), ECKey.import_key(dict(system.key)))
    assert (await system.ask_token(nameless)).status_code == 200


async def test_an_assertion_is_used_once(town: Town) -> None:
    system = await town.system("flanders", come_in=False)
    assertion = system.assertion()
    assert [(await system.ask_token(assertion)).status_code for _ in range(3)] == [200, 401, 401]


async def test_one_system_cannot_speak_for_another(town: Town) -> None:
    flanders, brussels = await town.system("flanders", come_in=False), await town.system("brussels", come_in=False)
    for forged in (flanders.assertion(iss=str(brussels.id), sub=str(brussels.id)), flanders.assertion(sub=str(brussels.id)),
                   flanders.assertion(iss=str(brussels.id))):
        assert (await flanders.ask_token(forged)).status_code == 401
    assert (await flanders.ask_token(client_id=str(brussels.id))).status_code == 401


FORMS: tuple[tuple[dict[str, str | None], str], ...] = (
    ({"grant_type": None}, "invalid_request"), ({"grant_type": "password"}, "unsupported_grant_type"), ({"client_assertion": None}, "invalid_request"),
    ({"client_assertion_type": "jwt"}, "invalid_request"), ({"client_secret": "x"}, "invalid_request"), ({"scope": "everything"}, "invalid_scope"),
    ({"scope": " "}, "invalid_scope"), ({"authority": "brussels"}, "invalid_request"), ({"territory": "brussels"}, "invalid_request"),
)


@pytest.mark.parametrize(("changes", "error"), FORMS)
async def test_forms_that_are_not_as_the_contract_says(town: Town, changes: dict[str, str | None], error: str) -> None:
    system = await town.system("flanders", come_in=False)
    form = {"grant_type": "client_credentials", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": system.assertion(), **changes}
    answer = await system.ask("POST", TOKEN, data={name: value for name, value in form.items() if value is not None})
    assert answer.status_code == 400 and answer.json()["error"] == error


async def test_bodies_that_are_no_form(town: Town) -> None:
    system = await town.system("flanders", come_in=False)
    form = {"content-type": "application/x-www-form-urlencoded"}
    for content, headers, status in ((b"{}", {"content-type": "application/json"}, 415), (b"a=" + b"x" * 70_000, form, 413), (b"\xff\xfe=1", form, 400),
                                     (b"grant_type=client_credentials&grant_type=client_credentials", form, 400), (b"", form, 400)):
        assert (await system.ask("POST", TOKEN, content=content, headers=headers)).status_code == status
    assert (await system.get(TOKEN)).status_code == 405


async def test_a_token_is_good_for_ten_minutes_and_for_what_it_was_asked(town: Town) -> None:
    _hat, number = await town.filed()
    system = await town.system("flanders", come_in=False)
    answer = (await system.ask_token(scope="documents:read dossiers:read")).json()
    assert answer["expires_in"] == 600 and answer["scope"] == "documents:read dossiers:read"
    system.token = answer["access_token"]
    assert (await system.get(f"{DOSSIERS}/{number}")).status_code == 200
    refused = await system.step(number, "take-up", 3)
    assert refused.status_code == 403 and refused.json()["requiredScopes"] == ["dossiers:step"] and "insufficient_scope" in refused.headers["www-authenticate"]
    with stopped_at(THAT_DAY + timedelta(minutes=9, seconds=59)):
        assert (await system.get(DOSSIERS)).status_code == 200
    with stopped_at(THAT_DAY + timedelta(minutes=10)):
        ended = await system.get(DOSSIERS)
        assert ended.status_code == 401 and ended.json()["type"].endswith("expiredAccessToken")


async def test_a_system_never_gets_more_than_it_was_let_in_for(town: Town) -> None:
    system = await town.system("flanders", scopes=("dossiers:read",), come_in=False)
    assert (await system.ask_token()).json()["scope"] == "dossiers:read"
    assert (await system.ask_token(scope="dossiers:read dossiers:step")).status_code == 400


async def test_tokens_and_cookies_are_not_each_other(town: Town) -> None:
    hat, number = await town.filed()
    system = await town.system("flanders")
    assert (await town.office.portal.visitor(system.token).get(f"/en/dossiers/{number}")).url.path.endswith("/sign-in")
    official = await town.office.official("flanders")
    for kept in (official, hat):
        system.token = await town.office.portal.session_of(kept.person, kept.party, kind=kept.kind)
        assert (await system.get(DOSSIERS)).status_code == 401
    # The cookie of an official opens nothing here either.
    system.client.cookies.set("__Host-session", system.token, domain="portal.example", path="/")
    system.token = ""
    answer = await system.get(f"{DOSSIERS}/{number}")
    assert answer.status_code == 401 and answer.json()["type"].endswith("noAccessToken")


async def test_only_the_hash_of_a_token_is_kept(town: Town) -> None:
    system = await town.system("flanders")
    [[kept, person]] = await town.office.portal.sql("SELECT token_hash, person_id FROM session WHERE kind = 'system'")
    assert bytes(kept) == token_hash(system.token) != hash_of(system.token) and person == system.id and len(system.token) >= 43


async def test_what_is_changed_about_a_system_ends_its_tokens(town: Town) -> None:
    system = await town.system("flanders")
    second = {**new_key(), "alg": "ES256"}
    async with transaction(town.office.portal.engine) as session:
        await administration.change_keys(session, str(system.id), key_set(system.key, second), by="TICKET-2")
    assert (await system.get(DOSSIERS)).status_code == 401
    for key in (system.key, second):
        assert (await system.ask_token(system.assertion(key))).status_code == 200
    # Of two keys none is meant by an assertion that names none.
    nameless = jwt.encode({"alg": "ES256"}, claims_of(system), ECKey.import_key(dict(second)))
    assert (await system.ask_token(nameless)).status_code == 401
    async with transaction(town.office.portal.engine) as session:
        await administration.change_keys(session, str(system.id), key_set(second), by="TICKET-2")
    assert [(await system.ask_token(system.assertion(key))).status_code for key in (system.key, second)] == [401, 200]
    await system.come_in(client_assertion=system.assertion(second))
    async with transaction(town.office.portal.engine) as session:
        await administration.end(session, str(system.id), by="TICKET-3")
    assert (await system.get(DOSSIERS)).status_code == 401
    assert (await system.ask_token(system.assertion(second))).status_code == 401
    async with transaction(town.office.portal.engine) as session:
        [one] = await administration.clients(session)
        assert one.ended_by == "TICKET-3" and one.keys_by == "TICKET-2" and one.created_by == "TICKET-1"
        with pytest.raises(NotFound):
            await administration.end(session, str(system.id), by="TICKET-4")
        with pytest.raises(NotFound):
            await administration.change_keys(session, "nobody", key_set(second), by="TICKET-4")


REFUSED = (
    ({"authority": "nowhere"}, "no such authority"), ({"authority": "operators"}, "no such authority"), ({"authority": "municipality-00000"}, "no such authority"),
    ({"authority": "municipality-"}, "no such authority"), ({"scopes": ("dossiers:write",)}, "no such scope"), ({"territory": "brussels"}, "territory of its own"),
    ({"authority": "immigration-office", "territory": "Ghent"}, "neither a Region"), ({"keys": b"{}"}, "cannot be used"), ({"keys": b"\xff"}, "cannot be used"),
    ({"keys": b'{"keys": []}'}, "Send one key"), ({"keys": key_set(*(new_key() for _ in range(3)))}, "Send one key"),
    ({"keys": json.dumps({"keys": [{**new_key(), "alg": "ES256"}]}).encode()}, "key-purpose"),
    ({"keys": json.dumps({"keys": [{**one, "kid": "1"} for one in json.loads(key_set(new_key(), new_key()))["keys"]]}).encode()}, "ambiguous-key"),
    ({"keys": json.dumps({"keys": [{**json.loads(key_set(new_key()))["keys"][0], "crv": "P-384"}]}).encode()}, "key-curve"),
    ({"keys": json.dumps({"keys": [{name: value for name, value in json.loads(key_set(new_key()))["keys"][0].items() if name != "kid"}]}).encode()}, "kid"),
    ({"keys": b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]}'}, "key-purpose"),
)


@pytest.mark.parametrize(("changes", "why"), REFUSED)
async def test_who_is_not_let_in(town: Town, changes: dict[str, Any], why: str) -> None:
    new = NewClient(**{"name": "System", "authority": "flanders", "keys": key_set(new_key()), "by": "TICKET-1", **changes})
    with pytest.raises(Conflict, match=why):
        async with transaction(town.office.portal.engine) as session:
            await administration.add(session, new)
    assert not await town.office.portal.sql("SELECT FROM api_client")


async def test_who_comes_too_often_is_told_when_to_come_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    system = await town.system("flanders")
    monkeypatch.setattr("frontoffice.authorities.callers.MOST", 3)
    statuses = [(await system.get(DOSSIERS)).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = await system.get(DOSSIERS)
    assert 1 <= int(answer.headers["retry-after"]) <= 300
    # Others are not held up by it, its other tokens are.
    assert (await (await town.system("brussels")).get(DOSSIERS)).status_code == 200
    await system.come_in()
    assert (await system.get(DOSSIERS)).status_code == 429


async def test_tokens_are_not_given_out_without_end(town: Town) -> None:
    system = await town.system("flanders", come_in=False)
    statuses = [(await system.ask_token()).status_code for _ in range(62)]
    assert statuses == [200] * 60 + [429] * 2
    # A system that is refused does not use up what another one may.
    assert len(SCOPES) == 4 and (await (await town.system("brussels", come_in=False)).ask_token()).status_code == 200
