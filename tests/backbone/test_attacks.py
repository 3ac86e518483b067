"""What comes to the door of events and is not a signed event of the backbone: each is refused, and nothing of it is kept."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from frontoffice.backbone import contract
from frontoffice.backbone.envelope import EVENT_TYP, MESSAGE_TYP, RECEIPT_TYP
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Key, new_key, sign
from tests.backbone.test_inbound import Door, door
from tests.kernel.forgeries import b64, ecdsa, hs256, last_bits_changed, public_der
from tests.peers import told_with
from tests.scene import Scene

__all__ = ["door"]
Claims = dict[str, Any]
NUMBER = "SP-2026-0000123-C"


class Forger:
    """A good event of the backbone, and its parts to spoil."""

    def __init__(self, door: Door) -> None:
        self.key: dict[str, str] = dict(door.key)
        self.portal_key: Key = door.backbone.portal.key
        self.header = {"alg": "ES256", "kid": self.key["kid"], "typ": EVENT_TYP}
        instant = int(now().timestamp())
        self.claims: Claims = {
            "iss": door.backbone.address, "aud": door.backbone.portal.address, "iat": instant, "jti": "attack", "toe": instant, "sub": NUMBER, "seq": 1,
            "events": told_with("immigration-office", "grant", {"annex": "46"}),
        }

    def made(self, header: Any = None, claims: Any = None, by: Callable[[bytes], bytes] | None = None) -> str:
        """A token of these parts, which are bytes or become JSON; signed by the backbone's own key unless told otherwise."""
        head, payload = (one if isinstance(one, bytes) else json.dumps(one).encode() for one in (self.header if header is None else header,
                                                                                                 self.claims if claims is None else claims))
        signed = f"{b64(head)}.{b64(payload)}"
        return f"{signed}.{b64((by or ecdsa(self.key))(signed.encode()))}"

    def headed(self, **changes: Any) -> str:
        return self.made({**self.header, **changes})

    def claiming(self, **changes: Any) -> str:
        return self.made(claims={name: one for name, one in {**self.claims, **changes}.items() if one is not ...})

    def saying(self, **changes: Any) -> str:
        claims = deepcopy(self.claims)
        claims["events"][contract.EVENTS + contract.STEP].update(changes)
        return self.made(claims=claims)


def on_p384(signed: bytes) -> bytes:
    r, s = decode_dss_signature(ec.generate_private_key(ec.SECP384R1()).sign(signed, ec.ECDSA(hashes.SHA384())))
    return r.to_bytes(48) + s.to_bytes(48)


def nested(depth: int) -> Any:
    found: Any = "x"
    for _ in range(depth):
        found = {"a": found}
    return found


def part(forger: Forger, place: int, spoil: Callable[[str], str]) -> str:
    parts = forger.made().split(".")
    parts[place] = spoil(parts[place])
    return ".".join(parts)


def twice(forger: Forger, name: bytes) -> str:
    """A payload in which one name stands twice, the second time with what the attacker wants."""
    payload = json.dumps(forger.claims).encode()
    return forger.made(claims=payload[:-1] + b',"' + name + b'":"SP-2026-0000999-X"}')


STRANGER = new_key()
ATTACKS: dict[str, Callable[[Forger], str | bytes]] = {
    # The algorithm.
    "alg none, no signature": lambda one: one.made({**one.header, "alg": "none"}, by=lambda _: b""),
    "alg none, a signature": lambda one: one.headed(alg="none"),
    "alg NONE": lambda one: one.headed(alg="nOnE"),
    "HS256 with the public key": lambda one: one.made({**one.header, "alg": "HS256"}, by=hs256(public_der(one.key))),
    "HS256 with the kid": lambda one: one.made({**one.header, "alg": "HS256"}, by=hs256(one.key["kid"].encode())),
    "ES384 on P-384": lambda one: one.made({**one.header, "alg": "ES384"}, by=on_p384),
    "ES256 on P-384": lambda one: one.made(by=on_p384),
    "alg is a list": lambda one: one.headed(alg=["ES256"]),
    # The key.
    "a stranger's key under the right kid": lambda one: one.made(by=ecdsa(STRANGER)),
    "a stranger's kid and key": lambda one: sign(one.claims, STRANGER, EVENT_TYP),
    "our own key": lambda one: sign(one.claims, one.portal_key, EVENT_TYP),
    "our own key under the backbone's kid": lambda one: one.made(by=ecdsa(dict(one.portal_key))),
    "kid of another set": lambda one: one.headed(kid=one.portal_key["kid"]),
    "kid is a path": lambda one: one.headed(kid="../../../../dev/null"),
    "kid is a URL": lambda one: one.headed(kid="https://evil.example/keys"),
    "kid is SQL": lambda one: one.headed(kid="' OR 1=1 --"),
    "kid is empty": lambda one: one.headed(kid=""),
    "no kid": lambda one: one.made({name: told for name, told in one.header.items() if name != "kid"}),
    # The header.
    "typ of a message": lambda one: sign(one.claims, one.key, MESSAGE_TYP),
    "typ of a receipt": lambda one: sign(one.claims, one.key, RECEIPT_TYP),
    "typ JWT": lambda one: one.headed(typ="JWT"),
    "typ in capitals": lambda one: one.headed(typ="SECEVENT+JWT"),
    "typ of the event before it was a security event token": lambda one: one.headed(typ="permit-window-event+jwt"),
    "no typ": lambda one: one.made({name: told for name, told in one.header.items() if name != "typ"}),
    **{f"header name {name}": (lambda one, name=name, value=value: one.headed(**{name: value})) for name, value in (  # type: ignore[misc]
        ("crit", ["exp"]), ("jwk", {"kty": "EC"}), ("jku", "https://evil.example/keys"), ("x5u", "https://evil.example/cert"), ("x5c", ["MIIB"]),
        ("x5t", "a"), ("b64", False), ("cty", "JWT"), ("cty", "application/json"), ("zip", "DEF"), ("enc", "A128GCM"), ("url", "x"), ("nonce", "x"))},
    "alg twice": lambda one: one.made(f'{{"alg":"none","alg":"ES256","kid":"{one.key["kid"]}","typ":"{EVENT_TYP}"}}'.encode()),
    "header is a list": lambda one: one.made(b"[]"),
    # The spelling.
    "altered signature": lambda one: part(one, 2, lambda text: ("B" if text[0] == "A" else "A") + text[1:]),
    "signature cut": lambda one: part(one, 2, lambda text: text[:-2]),
    "no signature": lambda one: part(one, 2, lambda _: ""),
    "signature of noughts": lambda one: one.made(by=lambda _: bytes(64)),
    "payload changed": lambda one: part(one, 1, lambda _: b64(json.dumps({**one.claims, "sub": "SP-2026-0000999-X"}).encode())),
    "truncated base64": lambda one: part(one, 1, lambda text: text[:-1]),
    "padded base64": lambda one: part(one, 2, lambda text: text + "=="),
    "plain base64": lambda one: one.made().replace("-", "+").replace("_", "/") + "+",
    "another spelling of the same bits": lambda one: part(one, 2, last_bits_changed),
    "two parts": lambda one: one.made().rpartition(".")[0],
    "four parts": lambda one: one.made() + ".AAAA",
    "five parts, as if encrypted": lambda one: one.made() + ".AAAA.AAAA",
    "blanks around it": lambda one: f" {one.made()}\n",
    "JSON serialisation": lambda one: json.dumps(dict(zip(("protected", "payload", "signature"), one.made().split("."), strict=True))),
    "nothing": lambda _: "",
    "dots": lambda _: "..",
    "no ASCII": lambda one: one.made() + "é",
    "bytes": lambda _: bytes(range(256)) * 4,
    "NUL": lambda one: one.made().encode() + b"\0",
    # The payload.
    "not JSON": lambda one: one.made(claims=b"\xff\xfe"),
    "a list": lambda one: one.made(claims=b"[]"),
    "byte order mark": lambda one: one.made(claims=b"\xef\xbb\xbf" + json.dumps(one.claims).encode()),
    "sub twice": lambda one: twice(one, b"sub"),
    "events twice": lambda one: twice(one, b"events"),
    "a name twice deep inside": lambda one: one.made(claims=json.dumps(one.claims).replace('"annex": "46"', '"annex": "46", "annex": "48"').encode()),
    "eleven levels": lambda one: one.saying(evidence=nested(11)),
    "thousands of levels": lambda one: one.made(claims=b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
    "NaN": lambda one: one.made(claims=json.dumps({**one.claims, "seq": float("nan")}).encode()),
    "half a surrogate": lambda one: one.saying(evidence={"reference": "\ud800"}),
    "NUL in a text": lambda one: one.saying(evidence={"reference": "a\0b"}),
    "foreign issuer": lambda one: one.claiming(iss="https://evil.example"),
    "issuer with a slash more": lambda one: one.claiming(iss=one.claims["iss"] + "/"),
    "our own name as issuer": lambda one: one.claiming(iss=one.claims["aud"]),
    "foreign audience": lambda one: one.claiming(aud="https://evil.example"),
    "audience in a list with another": lambda one: one.claiming(aud=[one.claims["aud"], "https://evil.example"]),
    "audience in a list": lambda one: one.claiming(aud=[one.claims["aud"]]),
    "no audience": lambda one: one.claiming(aud=...),
    "no issuer": lambda one: one.claiming(iss=...),
    "no jti": lambda one: one.claiming(jti=...),
    "no iat": lambda one: one.claiming(iat=...),
    "no toe": lambda one: one.claiming(toe=...),
    "no seq": lambda one: one.claiming(seq=...),
    "no sub": lambda one: one.claiming(sub=...),
    "no events": lambda one: one.claiming(events=...),
    # Counted from when it is sent, not from when the forger began; some seconds more than is allowed, since sending takes time too.
    "70 seconds ahead": lambda one: one.claiming(iat=int(now().timestamp()) + 70),
    "iat is a text": lambda one: one.claiming(iat=str(one.claims["iat"])),
    "iat is true": lambda one: one.claiming(iat=True),
    "iat is below nought": lambda one: one.claiming(iat=-1),
    "acted a minute after it was signed": lambda one: one.claiming(toe=one.claims["iat"] + 61),
    "toe beyond all calendars": lambda one: one.claiming(toe=10**18),
    "expired": lambda one: one.claiming(exp=one.claims["iat"] - 3600),
    "exp at all": lambda one: one.claiming(exp=one.claims["iat"] + 3600),
    "seq nought": lambda one: one.claiming(seq=0),
    "seq below nought": lambda one: one.claiming(seq=-1),
    "seq too high for the column": lambda one: one.claiming(seq=2**31),
    "seq is true": lambda one: one.claiming(seq=True),
    "seq is a fraction": lambda one: one.claiming(seq=1.5),
    "long jti": lambda one: one.claiming(jti="x" * 101),
    "a number of no dossier": lambda one: one.claiming(sub="SP-2026-0000123-C' OR '1'='1"),
    "two events": lambda one: one.claiming(events={**one.claims["events"], contract.EVENTS + contract.RECEIVED: {
        "authority": "flanders", "message": "0190f2f0-0000-4000-8000-000000000001", "message_sha256": "0" * 64}}),
    "events in a list": lambda one: one.claiming(events=[one.claims["events"]]),
    "no event inside": lambda one: one.claiming(events={}),
    "an event of somebody else": lambda one: one.claiming(events={"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}),
    "an event without what is said": lambda one: one.claiming(events={contract.EVENTS + contract.STEP: None}),
    "an unknown authority": lambda one: one.saying(authority="admin"),
    "an authority in capitals": lambda one: one.saying(authority="Flanders"),
    "a claim too many": lambda one: one.claiming(role="region"),
    "a name too many": lambda one: one.saying(role="region"),
    "names of the object itself": lambda one: one.saying(__proto__={"a": "b"}),
    "too many names": lambda one: one.saying(evidence={f"a{number}": "x" for number in range(51)}),
    "oversized": lambda one: one.saying(evidence={"reference": "x" * 15_000, "reasons": ["y" * 15_000] * 3}),
    "oversized and unsigned": lambda _: b"a" * 65_537,
}


@pytest.fixture
async def forger(scene: Scene, door: Door) -> Forger:
    return Forger(door)


async def test_every_attack_is_refused_and_nothing_is_kept(scene: Scene, door: Door, forger: Forger) -> None:
    """One database for all of them: an attack that gets through is named by what it leaves."""
    through = {}
    for name, attack in ATTACKS.items():
        made = attack(forger)
        answer = await door.post(made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"))
        problem = answer.json() if answer.status_code != 202 else {}
        limit = "oversized" in name
        fits = (answer.status_code, problem.get("limit")) == (413, 65536) if limit else answer.status_code == 400 and "err" in problem
        if not fits or contract.violations("problem", problem) or answer.headers["content-type"] != "application/problem+json":
            through[name] = (answer.status_code, problem)
    assert through == {}
    assert await scene.value("SELECT count(*) FROM inbound_message") == 0
    assert await scene.queued("backbone:apply") == []


async def test_the_event_that_they_are_made_from_is_good(scene: Scene, door: Door, forger: Forger) -> None:
    answer = await door.post(forger.made())
    assert (answer.status_code, answer.content) == (202, b"")
    # Half a minute ahead is a clock, not an attack; any age behind is a resend.
    for number, iat in enumerate((forger.claims["iat"] + 30, 0), 2):
        late = {"iat": iat, "toe": min(iat, forger.claims["toe"]), "seq": number, "jti": str(number)}
        assert (await door.post(forger.claiming(**late))).status_code == 202
    assert await scene.value("SELECT count(*) FROM inbound_message") == 3


async def test_a_replay_is_answered_like_the_first_time_and_kept_once(scene: Scene, door: Door, forger: Forger) -> None:
    text = forger.made()
    assert {(await door.post(text)).status_code for _ in range(5)} == {202}
    # Signed again it is another text, under a jti that is taken.
    assert (await door.post(forger.made())).status_code == 409
    assert await scene.sql("SELECT content FROM inbound_message") == [(text,)]
    assert len(await scene.queued("backbone:apply")) == 1


@pytest.mark.parametrize(
    ("attack", "err"),
    [
        ("foreign issuer", "invalid_issuer"), ("foreign audience", "invalid_audience"), ("altered signature", "authentication_failed"),
        ("a stranger's kid and key", "invalid_key"), ("typ JWT", "invalid_request"), ("two events", "invalid_request"), ("nothing", "invalid_request"),
    ],
)
async def test_the_answer_names_the_error_as_rfc_8935_does(door: Door, forger: Forger, attack: str, err: str) -> None:
    made = ATTACKS[attack](forger)
    answer = await door.post(made)
    assert (answer.json()["err"], bool(answer.json()["description"])) == (err, True)


@pytest.mark.parametrize("media_type", ["application/jose", "application/jwt", "application/json", "text/plain", "", "application/secevent+jwt2"])
async def test_another_media_type_is_refused_unread(scene: Scene, door: Door, forger: Forger, media_type: str) -> None:
    assert (await door.post(forger.made(), **{"Content-Type": media_type})).status_code == 415
    assert await scene.value("SELECT count(*) FROM inbound_message") == 0


async def test_the_media_type_may_have_parameters(door: Door, forger: Forger) -> None:
    assert (await door.post(forger.made(), **{"Content-Type": "application/secevent+jwt; charset=utf-8"})).status_code == 202
