"""Two libraries read each other's signatures, through a change of keys too, and both refuse what has another form."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from frontoffice.backbone.envelope import EVENT_TYP, MAX_MESSAGE_BYTES, MESSAGE_TYP
from frontoffice.kernel.tokens import BadToken, Use, public_jwks, read_keys, sign, verify_strict
from frontoffice.kernel.tokens import new_key as our_new_key
from tests.backbone.meeting import PORTAL, STRANGER
from tests.backbone.stranger_seals import PortalKeys, Refused, checked, new_key, published, signed

Reader = Callable[[str, dict[str, Any]], dict[str, Any]]
CLAIMS: dict[str, Any] = {"iss": PORTAL, "aud": STRANGER, "iat": 1_700_000_000, "jti": "1", "sub": "SP-2026-0000123-C", "text": "Ingénieur 工程师 ‹ɸ› \u007f"}


def ours(text: str, keys: dict[str, Any]) -> dict[str, Any]:
    return verify_strict(text, read_keys(json.dumps(keys).encode()), Use.message(MESSAGE_TYP, issuer=PORTAL, audience=STRANGER, max_bytes=MAX_MESSAGE_BYTES))


def theirs(text: str, keys: dict[str, Any]) -> dict[str, Any]:
    return checked(text.encode(), PortalKeys(lambda: json.dumps(keys).encode()), MESSAGE_TYP, issuer=PORTAL, audience=STRANGER)


READERS = pytest.mark.parametrize("read", [ours, theirs])


def test_fifty_of_ours_are_read_by_the_other_library() -> None:
    keys = [our_new_key() for _ in range(10)]
    for number in range(50):
        claims = {**CLAIMS, "jti": str(number), "length": number * 997, "text": "é" * number * 997}
        # During a change of keys the signer's is one of several.
        assert theirs(sign(claims, keys[number % 10], MESSAGE_TYP), public_jwks({"keys": keys})) == claims


def test_fifty_of_the_other_library_are_read_by_us() -> None:
    keys = [new_key() for _ in range(10)]
    for number in range(50):
        claims = {**CLAIMS, "jti": str(number), "text": "é" * number * 97}
        assert ours(signed(claims, keys[number % 10], MESSAGE_TYP), published(*keys)) == claims


@READERS
def test_a_message_may_be_as_long_as_the_contract_says(read: Reader) -> None:
    key = our_new_key()
    text = sign({**CLAIMS, "text": "x" * 785_000}, key, MESSAGE_TYP)
    assert 1_040_000 < len(text) < 1024 * 1024
    assert len(read(text, public_jwks({"keys": [key]}))["text"]) == 785_000


@READERS
def test_a_key_counts_while_it_is_published(read: Reader) -> None:
    old, new = our_new_key(), our_new_key()
    before, after = sign(CLAIMS, old, MESSAGE_TYP), sign(CLAIMS, new, MESSAGE_TYP)
    assert read(before, public_jwks({"keys": [old, new]})) == read(after, public_jwks({"keys": [old, new]})) == CLAIMS
    assert read(after, public_jwks({"keys": [new]})) == CLAIMS
    with pytest.raises((BadToken, Refused)):
        read(before, public_jwks({"keys": [new]}))
    with pytest.raises((BadToken, Refused)):
        read(after, public_jwks({"keys": [new, new]}))


def test_a_key_that_is_not_known_is_asked_for_twice_a_minute_at_most() -> None:
    old, new = our_new_key(), our_new_key()
    shown, asked = [old], []

    def fetch() -> bytes:
        asked.append(len(shown))
        return json.dumps(public_jwks({"keys": shown})).encode()

    keys = PortalKeys(fetch)
    keys.named(old["kid"])
    shown.append(new)
    for _ in range(3):
        keys.named(new["kid"])
        with pytest.raises(Refused):
            keys.named("not known")
    assert asked == [1, 2]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


KEY = new_key()
HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": MESSAGE_TYP}


def made(header: str | dict[str, Any], claims: str | bytes | dict[str, Any] = CLAIMS) -> str:
    """A text whose signature holds, whatever it says."""
    parts = [one if isinstance(one, bytes) else (one if isinstance(one, str) else json.dumps(one)).encode() for one in (header, claims)]
    return sealed(".".join(b64(one) for one in parts))


def signature_of(signing_input: str) -> bytes:
    private = KEY.private_key
    assert isinstance(private, EllipticCurvePrivateKey)
    return private.sign(signing_input.encode(), ECDSA(SHA256()))


def sealed(signing_input: str) -> str:
    pair = decode_dss_signature(signature_of(signing_input))
    return f"{signing_input}.{b64(b''.join(one.to_bytes(32, 'big') for one in pair))}"


def loose(part: str) -> str:
    """The same bytes in another spelling: bits that nobody reads are set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert len(part) % 4
    return part[:-1] + alphabet[alphabet.index(part[-1]) + 1]


def spelled(change: Callable[[str, str, str], str]) -> str:
    return change(*made(HEADER).split("."))


def der(signing_input: str) -> str:
    return f"{signing_input}.{b64(signature_of(signing_input))}"


DEEP = json.dumps({**CLAIMS, "text": "#"}).replace('"#"', "[" * 10 + "]" * 10)
TWICE = json.dumps(CLAIMS)[:-1] + ', "jti": "2"}'
FORMS = {
    "padding": lambda: made(HEADER) + "==",
    "another spelling of the signature": lambda: spelled(lambda head, body, seal: f"{head}.{body}.{loose(seal)}"),
    "another spelling of the payload": lambda: sealed(f"{b64(json.dumps(HEADER).encode())}.{loose(b64(unaligned()))}"),
    "standard base64": lambda: sealed(f"{b64(json.dumps(HEADER).encode())}.{base64.b64encode(json.dumps({**CLAIMS, 'text': '???>>>'}).encode()).decode().rstrip('=')}"),
    "a line end": lambda: made(HEADER) + "\n",
    "a space": lambda: spelled(lambda head, body, seal: f"{head}. {body}.{seal}"),
    "four parts": lambda: made(HEADER) + ".",
    "two parts": lambda: made(HEADER).rpartition(".")[0],
    "a signature in DER": lambda: der(made(HEADER).rpartition(".")[0]),
    "an empty signature": lambda: made(HEADER).rpartition(".")[0] + ".",
    "a signature of noughts": lambda: made(HEADER).rpartition(".")[0] + "." + b64(bytes(64)),
    "other claims": lambda: spelled(lambda head, body, seal: f"{head}.{b64(json.dumps({**CLAIMS, 'jti': '2'}).encode())}.{seal}"),
    "no algorithm": lambda: made({**HEADER, "alg": "none"}),
    "a lower-case algorithm": lambda: made({**HEADER, "alg": "es256"}),
    "another type": lambda: made({**HEADER, "typ": EVENT_TYP}),
    "the type in capitals": lambda: made({**HEADER, "typ": MESSAGE_TYP.upper()}),
    "no kid": lambda: made({name: one for name, one in HEADER.items() if name != "kid"}),
    "crit": lambda: made({**HEADER, "crit": ["exp"], "exp": 1}),
    "b64": lambda: made({**HEADER, "crit": ["b64"], "b64": False}),
    "its own key": lambda: made({**HEADER, "jwk": KEY.as_dict(private=False)}),
    "an address of keys": lambda: made({**HEADER, "jku": "https://evil.example"}),
    "cty": lambda: made({**HEADER, "cty": "application/json"}),
    "a name of the header twice": lambda: made(json.dumps(HEADER)[:-1] + f', "kid": "{KEY.kid}"}}'),
    "a name of the payload twice": lambda: made(HEADER, TWICE),
    "eleven levels": lambda: made(HEADER, DEEP),
    "NUL": lambda: made(HEADER, {**CLAIMS, "text": "\0"}),
    "half a pair": lambda: made(HEADER, {**CLAIMS, "text": "\ud800"}),
    "NaN": lambda: made(HEADER, {**CLAIMS, "text": float("nan")}),
    "Latin-1": lambda: made(HEADER, json.dumps({**CLAIMS, "text": "é"}, ensure_ascii=False).encode("latin-1")),
    "UTF-8 with a mark": lambda: made(HEADER, b"\xef\xbb\xbf" + json.dumps(CLAIMS).encode()),
    "a list": lambda: made(HEADER, "[]"),
    "for another": lambda: made(HEADER, {**CLAIMS, "aud": "urn:example:other"}),
    "by another": lambda: made(HEADER, {**CLAIMS, "iss": f"{PORTAL}/"}),
    "of tomorrow": lambda: made(HEADER, {**CLAIMS, "iat": 2**40}),
    "in JSON": lambda: json.dumps(dict(zip(("protected", "payload", "signature"), made(HEADER).split("."), strict=True))),
}


def unaligned() -> bytes:
    """Claims whose last base64 character has bits to spare."""
    return next(raw for pad in range(3) if len(raw := json.dumps({**CLAIMS, "text": "x" * pad}).encode()) % 3 == 1)


@READERS
@pytest.mark.parametrize("form", FORMS)
def test_neither_reads_what_is_no_signed_text_of_the_contract(read: Reader, form: str) -> None:
    assert read(made(HEADER), published(KEY)) == CLAIMS
    with pytest.raises((BadToken, Refused)):
        read(FORMS[form](), published(KEY))


@READERS
def test_both_count_levels_alike(read: Reader) -> None:
    nine = json.dumps({**CLAIMS, "text": "#"}).replace('"#"', "[" * 9 + "]" * 9)
    assert read(made(HEADER, nine), published(KEY))["jti"] == "1"
