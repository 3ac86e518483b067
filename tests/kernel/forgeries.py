"""Tokens made by hand: good ones, and forgeries, each with the reason why it must be refused."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from frontoffice.kernel.tokens import Use, new_key, public_jwks

TYP = "secevent+jwt"
USE = Use.message(TYP, issuer="urn:backbone", audience="urn:portal")
KEY = new_key()
KEYS = public_jwks({"keys": [KEY]})
OTHER = new_key()
RSA = rsa.generate_private_key(65537, 2048)
SMALL_RSA = rsa.generate_private_key(65537, 1024)
SIGN_IN = Use.sign_in(issuer="https://sign-in.example", client_id="portal", algorithm="RS256")


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def good_claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": "urn:backbone",
        "aud": "urn:portal",
        "iat": int(time.time()),
        "jti": "one",
        "sub": "SP-2026-0000001-X",
    }
    return {name: value for name, value in (claims | changes).items() if value is not ...}


def ecdsa(key: dict[str, str]) -> Callable[[bytes], bytes]:
    def sign_with(signed: bytes) -> bytes:
        curve = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}[key["crv"]]
        number = int.from_bytes(base64.urlsafe_b64decode(key["d"] + "=="))
        r, s = decode_dss_signature(ec.derive_private_key(number, curve).sign(signed, ec.ECDSA(hashes.SHA256())))
        size = curve.key_size // 8
        return r.to_bytes(size) + s.to_bytes(size)

    return sign_with


def rs256(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda signed: key.sign(signed, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda signed: hmac.digest(secret, signed, "sha256")


def rsa_jwk(key: rsa.RSAPrivateKey, **more: str) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
    return {"kty": "RSA", "kid": "rsa", "n": b64(n), "e": b64(numbers.e.to_bytes(3)), **more}


def public_der(key: dict[str, str]) -> bytes:
    number = int.from_bytes(base64.urlsafe_b64decode(key["d"] + "=="))
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return ec.derive_private_key(number, ec.SECP256R1()).public_key().public_bytes(*form)


def made(
    header: dict[str, Any] | bytes | None = None,
    payload: dict[str, Any] | bytes | None = None,
    by: Callable[[bytes], bytes] | None = None,
) -> str:
    """A token made by hand, so that it can be wrong in any way; names set to ... are left out."""
    if not isinstance(header, bytes):
        names = {"alg": "ES256", "kid": KEY["kid"], "typ": TYP} | (header or {})
        header = json.dumps({name: value for name, value in names.items() if value is not ...}).encode()
    if not isinstance(payload, bytes):
        payload = json.dumps(good_claims() if payload is None else payload).encode()
    signed = f"{b64(header)}.{b64(payload)}"
    return f"{signed}.{b64((by or ecdsa(KEY))(signed.encode()))}"


def altered(text: str, part: int, change: Callable[[str], str]) -> str:
    parts = text.split(".")
    parts[part] = change(parts[part])
    return ".".join(parts)


def last_bits_changed(part: str) -> str:
    """Another spelling of the same bytes: the unused low bits of the last character."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) ^ 1]


def signature_of(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda signed: change(ecdsa(KEY)(signed))


def keys_with(**changes: Any) -> dict[str, Any]:
    one = {name: value for name, value in (KEYS["keys"][0] | changes).items() if value is not ...}
    return {"keys": [one]}


@dataclass(frozen=True)
class Forgery:
    name: str
    reason: str
    text: Callable[[], str]
    keys: Any = field(default_factory=lambda: KEYS)
    use: Use = USE


NOW = int(time.time())
RSA_SIGN_IN_CLAIMS = {"iss": SIGN_IN.issuer, "aud": "portal", "iat": NOW, "exp": NOW + 36_000, "sub": "a"}
RSA_HEADER: dict[str, Any] = {"alg": "RS256", "kid": "rsa", "typ": "JWT"}
P384 = {
    **KEYS["keys"][0],
    "crv": "P-384",
    **{name: b64(b"\1" * 48) for name in "xy"},
}

FORGERIES = [
    # How the text is written.
    Forgery("empty", "parts", lambda: ""),
    Forgery("two parts", "parts", lambda: made().rpartition(".")[0]),
    Forgery("five parts, as JWE has", "parts", lambda: made() + ".a.b"),
    Forgery("no signature", "base64", lambda: made().rpartition(".")[0] + "."),
    Forgery("JSON serialisation", "parts", lambda: json.dumps({"payload": "", "signatures": []})),
    Forgery("padded base64", "base64", lambda: made() + "=="),
    Forgery("other spelling of the signature", "base64", lambda: altered(made(), 2, last_bits_changed)),
    Forgery("plain base64 alphabet", "base64", lambda: altered(made(), 2, lambda part: "+/" + part[2:])),
    Forgery("white space inside", "base64", lambda: altered(made(), 1, lambda part: part[:8] + "\n" + part[8:])),
    Forgery("line feed at the end", "base64", lambda: made() + "\n"),
    Forgery("letters of another script", "base64", lambda: altered(made(), 1, lambda part: part[:-1] + "\u0410")),
    Forgery("half a surrogate pair", "base64", lambda: altered(made(), 0, lambda part: part[:-1] + "\ud800")),
    Forgery("too large", "size", lambda: made(payload=good_claims(more="x" * 70_000))),
    # The header.
    Forgery("not JSON", "header", lambda: made(b"not json")),
    Forgery("a list", "header", lambda: made(b'["alg"]')),
    Forgery("UTF-16", "header", lambda: made(json.dumps({"alg": "ES256", "kid": KEY["kid"]}).encode("utf-16"))),
    Forgery("alg none", "algorithm", lambda: made({"alg": "none"}, by=lambda _: b"\0")),
    Forgery("alg None, other case", "algorithm", lambda: made({"alg": "nOnE"}, by=lambda _: b"\0")),
    Forgery("no alg", "algorithm", lambda: made({"alg": ...})),
    Forgery("alg in a list", "algorithm", lambda: made({"alg": ["ES256"]})),
    Forgery("HS256 under our public key", "algorithm", lambda: made({"alg": "HS256"}, by=hs256(public_der(KEY)))),
    Forgery("ES384 announced", "algorithm", lambda: made({"alg": "ES384"})),
    Forgery("RS256 where ES256 is configured", "algorithm", lambda: made({"alg": "RS256"}, by=rs256(RSA))),
    Forgery("no kid", "kid", lambda: made({"kid": ...})),
    Forgery("kid is a number", "kid", lambda: made({"kid": 1})),
    Forgery("kid is empty", "kid", lambda: made({"kid": ""})),
    Forgery("kid is a path", "unknown-key", lambda: made({"kid": "../../dev/null"})),
    Forgery("other typ", "typ", lambda: made({"typ": "JWT"})),
    Forgery("typ of a receipt", "typ", lambda: made({"typ": "permit-window-receipt+jwt"})),
    Forgery("no typ", "typ", lambda: made({"typ": ...})),
    Forgery("cty of a nested token", "header-names", lambda: made({"cty": "JWT"})),
    *(
        Forgery(f"header name {name}", "header-names", lambda name=name: made({name: ["exp"]}))  # type: ignore[misc]
        for name in ("cty", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "zip", "enc", "p2c", "ALG")
    ),
    Forgery(
        "alg twice",
        "header",
        lambda: made(f'{{"alg":"none","alg":"ES256","kid":"{KEY["kid"]}","typ":"{TYP}"}}'.encode()),
    ),
    Forgery("deep header", "header", lambda: made(b'{"alg":' + b"[" * 20_000 + b"]" * 20_000 + b"}")),
    # The keys.
    Forgery("signed by a stranger", "signature", lambda: made(by=ecdsa(OTHER))),
    Forgery("a stranger's key under our kid", "signature", made, keys_with(x=OTHER["x"], y=OTHER["y"])),
    Forgery("two keys of one kid", "ambiguous-key", made, {"keys": KEYS["keys"] * 2}),
    Forgery("no keys", "unknown-key", made, {"keys": []}),
    Forgery("keys are not a list", "keys", made, {"keys": {KEY["kid"]: KEY}}),
    Forgery("keys are words", "unknown-key", made, {"keys": ["a", 1, None]}),
    Forgery("key for encryption", "key-purpose", made, keys_with(use="enc")),
    Forgery("key that signs only", "key-purpose", made, keys_with(key_ops=["sign"])),
    Forgery("key of another algorithm", "key-purpose", made, keys_with(alg="ES384")),
    Forgery("key of another type", "key-purpose", made, keys_with(kty="OKP")),
    Forgery("symmetric key", "key-purpose", made, {"keys": [{"kty": "oct", "kid": KEY["kid"], "k": "AAAA"}]}),
    Forgery("private key published", "key-purpose", made, {"keys": [KEY]}),
    Forgery("other curve", "key-curve", made, {"keys": [P384]}),
    Forgery("curve K-256", "key-curve", made, keys_with(crv="secp256k1")),
    Forgery("point off the curve", "signature", made, keys_with(x=b64(b"\1" * 32))),
    Forgery("point at nought", "signature", made, keys_with(x=b64(bytes(32)), y=b64(bytes(32)))),
    Forgery("coordinate of 33 bytes", "key-curve", made, keys_with(x=b64(b"\0" * 33))),
    Forgery("no coordinate", "key", made, keys_with(y=...)),
    # The signature.
    Forgery("all noughts", "signature", lambda: made(by=lambda _: bytes(64))),
    Forgery("cut", "signature", lambda: made(by=signature_of(lambda one: one[:63]))),
    Forgery("longer", "signature", lambda: made(by=signature_of(lambda one: one + b"\0"))),
    Forgery("DER", "signature", lambda: made(by=lambda signed: b"\x30\x44" + ecdsa(KEY)(signed))),
    Forgery("halves swapped", "signature", lambda: made(by=signature_of(lambda one: one[32:] + one[:32]))),
    Forgery(
        "payload changed",
        "signature",
        lambda: altered(made(), 1, lambda _: b64(json.dumps(good_claims(sub="Z")).encode())),
    ),
    Forgery(
        "header changed",
        "signature",
        lambda: altered(made({"cty": "application/json"}), 0, lambda _: made().split(".")[0]),
    ),
    # The claims.
    Forgery("payload is not JSON", "payload", lambda: made(payload=b"\xff\xfe")),
    Forgery("payload is a list", "payload", lambda: made(payload=b"[]")),
    Forgery("payload with a byte order mark", "payload", lambda: made(payload=b"\xef\xbb\xbf{}")),
    Forgery("NaN", "payload", lambda: made(payload=b'{"iat":NaN}')),
    Forgery("1e999", "payload", lambda: made(payload=b'{"iat":1e999}')),
    Forgery("number of 20,000 digits", "payload", lambda: made(payload=b'{"iat":' + b"1" * 20_000 + b"}")),
    Forgery("name twice, deep inside", "payload", lambda: made(payload=b'{"body":[{"a":1,"a":2}]}')),
    Forgery("eleven levels", "depth", lambda: made(payload=good_claims(body=json.loads("[" * 10 + "]" * 10)))),
    Forgery("ten thousand levels", "payload", lambda: made(payload=b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}")),
    Forgery("half a surrogate pair in a name", "payload", lambda: made(payload=b'{"\\ud800":1}')),
    Forgery("NUL in a text", "payload", lambda: made(payload=b'{"a":"\\u0000"}')),
    *(
        Forgery(f"no {name}", f"missing-{name}", lambda name=name: made(payload=good_claims(**{name: ...})))  # type: ignore[misc]
        for name in ("iss", "aud", "iat", "jti")
    ),
    Forgery("other issuer", "issuer", lambda: made(payload=good_claims(iss="urn:backbone/"))),
    Forgery("other audience", "audience", lambda: made(payload=good_claims(aud="urn:other"))),
    Forgery("audience beside ours", "audience", lambda: made(payload=good_claims(aud=["urn:portal", "urn:other"]))),
    Forgery("audience is nobody", "audience", lambda: made(payload=good_claims(aud=[]))),
    Forgery("audience is null", "audience", lambda: made(payload=good_claims(aud=None))),
    Forgery("from the future", "iat", lambda: made(payload=good_claims(iat=int(time.time()) + 90))),
    Forgery("iat is a text", "iat", lambda: made(payload=good_claims(iat=str(int(time.time()))))),
    Forgery("iat is true", "iat", lambda: made(payload=good_claims(iat=True))),
    Forgery("iat before 1970", "iat", lambda: made(payload=good_claims(iat=-1))),
    Forgery("expired", "expired", lambda: made(payload=good_claims(exp=int(time.time()) - 61))),
    Forgery("exp is null", "exp", lambda: made(payload=good_claims(exp=None))),
    Forgery("not yet valid", "nbf", lambda: made(payload=good_claims(nbf=int(time.time()) + 90))),
    Forgery("jti is empty", "jti", lambda: made(payload=good_claims(jti=""))),
    Forgery("jti is a number", "jti", lambda: made(payload=good_claims(jti=7))),
    # A sign-in provider, with RS256.
    Forgery(
        "id_token without exp",
        "missing-exp",
        lambda: made(RSA_HEADER, {name: RSA_SIGN_IN_CLAIMS[name] for name in ("iss", "aud", "iat", "sub")}, rs256(RSA)),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "RSA key of 1,024 bits",
        "key-strength",
        lambda: made(RSA_HEADER, RSA_SIGN_IN_CLAIMS, rs256(SMALL_RSA)),
        {"keys": [rsa_jwk(SMALL_RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "RSA exponent 1",
        "key-strength",
        lambda: made(RSA_HEADER, RSA_SIGN_IN_CLAIMS, rs256(RSA)),
        {"keys": [rsa_jwk(RSA, e="AQ")]},
        SIGN_IN,
    ),
    Forgery(
        "HS256 under the provider's key",
        "algorithm",
        lambda: made({**RSA_HEADER, "alg": "HS256"}, RSA_SIGN_IN_CLAIMS, hs256(rsa_jwk(RSA)["n"].encode())),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "PS256 where RS256 is configured",
        "algorithm",
        lambda: made({**RSA_HEADER, "alg": "PS256"}, RSA_SIGN_IN_CLAIMS, rs256(RSA)),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "RS256 named, elliptic key",
        "key-purpose",
        lambda: made({**RSA_HEADER, "kid": KEY["kid"]}, RSA_SIGN_IN_CLAIMS),
        KEYS,
        SIGN_IN,
    ),
    Forgery(
        "RSA signature with a nought in front",
        "signature",
        lambda: made(RSA_HEADER, RSA_SIGN_IN_CLAIMS, lambda signed: b"\0" + rs256(RSA)(signed)),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "id_token for another client",
        "audience",
        lambda: made(RSA_HEADER, {**RSA_SIGN_IN_CLAIMS, "aud": "other"}, rs256(RSA)),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "a message passed off as an id_token",
        "typ",
        lambda: made({**RSA_HEADER, "typ": TYP}, RSA_SIGN_IN_CLAIMS, rs256(RSA)),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
    Forgery(
        "id_token that does not say which of two keys",
        "ambiguous-key",
        lambda: made({**RSA_HEADER, "kid": ...}, RSA_SIGN_IN_CLAIMS, rs256(RSA)),
        {"keys": [rsa_jwk(RSA), rsa_jwk(RSA, kid="b")]},
        SIGN_IN,
    ),
    Forgery(
        "id_token whose kid is null",
        "kid",
        lambda: made({**RSA_HEADER, "kid": None}, RSA_SIGN_IN_CLAIMS, rs256(RSA)),
        {"keys": [rsa_jwk(RSA)]},
        SIGN_IN,
    ),
]
