"""Which tokens are believed: the good ones of another library, and none of a list of forgeries."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jws as other_library
from joserfc.jwk import ECKey

from frontoffice.kernel.tokens import BadToken, Use, public_jwks, read_keys, sign, verify_strict
from tests.kernel.forgeries import (
    FORGERIES,
    KEY,
    KEYS,
    OTHER,
    RSA,
    RSA_HEADER,
    RSA_SIGN_IN_CLAIMS,
    SIGN_IN,
    TYP,
    USE,
    Forgery,
    b64,
    good_claims,
    made,
    rs256,
    rsa_jwk,
)


def theirs(key: dict[str, str]) -> ECKey:
    members: dict[str, str | list[str]] = {**key}
    return ECKey.import_key(members)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda one: one.name)
def test_a_forgery_is_refused_for_the_right_reason(forgery: Forgery) -> None:
    with pytest.raises(BadToken) as refused:
        verify_strict(forgery.text(), forgery.keys, forgery.use)
    assert refused.value.reason == forgery.reason


def test_there_are_enough_forgeries_and_each_is_named_once() -> None:
    assert len({one.name for one in FORGERIES}) == len(FORGERIES) >= 40


@pytest.mark.parametrize(
    "text",
    [
        made(),
        made(payload=good_claims(aud=["urn:portal"])),
        made(payload=good_claims(iat=int(time.time()) + 30)),
        made(payload=good_claims(iat=1)),
        lambda: made(payload=good_claims(exp=int(time.time()) - 30)),
        made(payload=good_claims(jti=..., sub=...) | {"jti": "é" * 20}),
    ],
    ids=["plain", "audience in a list", "clock ahead", "very old", "just expired", "accents"],
)
def test_what_is_right_or_nearly_on_time_passes(text: str | Callable[[], str]) -> None:
    assert verify_strict(text() if callable(text) else text, KEYS, USE)["iss"] == "urn:backbone"


@pytest.mark.parametrize("typ", ["JWT", ...], ids=["JWT", "absent"])
@pytest.mark.parametrize("more", [{}, {"alg": "RS256", "use": "sig"}], ids=["bare key", "key with purpose"])
def test_a_sign_in_provider_may_use_rs256_and_leave_typ_out(typ: Any, more: dict[str, str]) -> None:
    text = made({**RSA_HEADER, "typ": typ}, RSA_SIGN_IN_CLAIMS, rs256(RSA))
    assert verify_strict(text, {"keys": [rsa_jwk(RSA, **more)]}, SIGN_IN)["sub"] == "a"


@pytest.mark.parametrize(("cty", "reason"), [("application/json", ""), ("JWT", "cty")])
def test_only_a_sign_in_provider_may_say_what_is_inside(cty: str, reason: str) -> None:
    header, keys = {**RSA_HEADER, "cty": cty}, {"keys": [rsa_jwk(RSA)]}
    if reason:
        with pytest.raises(BadToken, match=reason):
            verify_strict(made(header, RSA_SIGN_IN_CLAIMS, rs256(RSA)), keys, SIGN_IN)
    else:
        assert verify_strict(made(header, RSA_SIGN_IN_CLAIMS, rs256(RSA)), keys, SIGN_IN)["sub"] == "a"


def test_a_sign_in_provider_with_one_key_need_not_name_it() -> None:
    text = made({**RSA_HEADER, "kid": ...}, RSA_SIGN_IN_CLAIMS, rs256(RSA))
    assert verify_strict(text, {"keys": [rsa_jwk(RSA)]}, SIGN_IN)["sub"] == "a"


def test_two_keys_are_valid_during_a_change() -> None:
    both = public_jwks({"keys": [OTHER, KEY]})
    for key in (KEY, OTHER):
        assert verify_strict(sign(good_claims(), key, TYP), both, USE)["jti"] == "one"


def test_our_signature_has_three_header_names_and_convinces_another_library() -> None:
    text = sign(good_claims(name="Ω नमस्ते"), KEY, TYP)
    read = other_library.deserialize_compact(text, theirs(KEYS["keys"][0]), algorithms=["ES256"])
    assert read.headers() == {"alg": "ES256", "kid": KEY["kid"], "typ": TYP}
    assert json.loads(read.payload)["name"] == "Ω नमस्ते"


def test_a_token_of_another_library_convinces_us() -> None:
    header = {"alg": "ES256", "kid": KEY["kid"], "typ": TYP}
    text = other_library.serialize_compact(header, json.dumps(good_claims()), theirs(KEY), algorithms=["ES256"])
    assert verify_strict(text, KEYS, USE)["jti"] == "one"


def test_a_published_key_is_public_and_named_by_its_thumbprint() -> None:
    (published,) = KEYS["keys"]
    assert published == {name: KEY[name] for name in ("kty", "crv", "x", "y", "kid", "alg", "use")}
    assert published["kid"] == theirs(published).thumbprint()
    canonical = json.dumps({name: KEY[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":")).encode()
    assert published["kid"] == b64(hashlib.sha256(canonical).digest())


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[]", b'{"keys":{}}', b'{"keys":[1]}', b'{"keys":[],"keys":[]}', b"\xff"]
)
def test_what_is_not_a_key_set_is_refused(raw: bytes) -> None:
    with pytest.raises(BadToken, match="keys"):
        read_keys(raw)


def test_only_the_two_algorithms_of_the_rules_can_be_configured() -> None:
    with pytest.raises(ValueError, match="HS256"):
        Use.sign_in(issuer="i", client_id="c", algorithm="HS256")
