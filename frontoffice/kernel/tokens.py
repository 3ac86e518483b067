"""Signs our messages, and checks a signed token of a peer or a sign-in provider; the only module that imports jose."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from jose import jwk, jws
from jose.exceptions import JOSEError

from frontoffice.kernel.strict_json import NotStrict, TooDeep, read_object
from frontoffice.kernel.time import now

Claims = dict[str, Any]
Key = Mapping[str, Any]
KeySet = Mapping[str, Any]

MAX_BYTES: Final = 64 * 1024
_HEADER_NAMES: Final = frozenset({"alg", "kid", "typ", "cty"})
_MESSAGE_HEADER_NAMES: Final = frozenset({"alg", "kid", "typ"})
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_PUBLIC_MEMBERS: Final = {"EC": ("crv", "x", "y"), "RSA": ("n", "e")}
_KEY_TYPES: Final = {"ES256": "EC", "RS256": "RSA"}
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
# A sound key passes for a faulty one once in two hundred million times.
_ROCA_PRIMES: Final = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
_LATEST_INSTANT: Final = 253_402_300_799  # the last second of the year 9999, in seconds since 1970


class BadToken(Exception):
    """The token proves nothing; `reason` is a short word for the log and holds nothing of the token's content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Use:
    """What one kind of token must look like. Times are in seconds; without `required` an `exp` is still obeyed.

    Without an audience the token is for everybody, and names none."""

    issuer: str
    audience: str | None
    algorithm: str = "ES256"
    typ: str
    typ_may_be_absent: bool = False
    kid_may_be_absent: bool = False
    required: frozenset[str] = field(default=frozenset({"iss", "aud", "iat", "jti"}))
    header_names: frozenset[str] = _HEADER_NAMES
    leeway: int = 60
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        if self.algorithm not in _KEY_TYPES:
            raise ValueError(f"{self.algorithm} is not one of {', '.join(_KEY_TYPES)}")

    @classmethod
    def message(cls, typ: str, *, issuer: str, audience: str, max_bytes: int = MAX_BYTES) -> "Use":
        """A signed message between the portal and the backbone: ES256, a header of `alg`, `kid` and this `typ` alone, any age."""
        return cls(issuer=issuer, audience=audience, typ=typ, header_names=_MESSAGE_HEADER_NAMES, max_bytes=max_bytes)

    @classmethod
    def published(cls, typ: str, *, issuer: str, max_bytes: int) -> "Use":
        """A signed statement that anyone may check, of any age: ES256, `typ` exact, no audience."""
        return cls(issuer=issuer, audience=None, typ=typ, required=frozenset({"iss", "iat", "sub"}), max_bytes=max_bytes)

    @classmethod
    def sign_in(cls, *, issuer: str, client_id: str, algorithm: str) -> "Use":
        """An id_token of a sign-in provider: its `nonce`, compared by the caller, stands in for `jti`; `exp` is a must.

        Without `kid` it must be signed by the only key of the set (OpenID Connect Core, section 10.1).
        """
        required = frozenset({"iss", "sub", "aud", "iat", "exp"})
        return cls(
            issuer=issuer,
            audience=client_id,
            algorithm=algorithm,
            typ="JWT",
            typ_may_be_absent=True,
            kid_may_be_absent=True,
            required=required,
        )

    @classmethod
    def client_assertion(cls, client_id: str, *, audience: str) -> "Use":
        """The proof by which a system gets an access token (RFC 7523, section 3): issued by itself, about itself, and soon over.

        How soon, and that it is used once, is the caller's to check.
        """
        required = frozenset({"iss", "sub", "aud", "iat", "exp", "jti"})
        return cls(issuer=client_id, audience=audience, typ="JWT", typ_may_be_absent=True, kid_may_be_absent=True, required=required, max_bytes=8 * 1024)


def new_key() -> dict[str, str]:
    """A new private ES256 key as a JWK, whose `kid` is its RFC 7638 thumbprint."""
    # jose takes the key object itself, which its type stubs do not know.
    made = jwk.construct(ec.generate_private_key(ec.SECP256R1()), "ES256").to_dict()  # type: ignore[arg-type]
    return {**made, "use": "sig", "kid": _thumbprint(made)}


def public_jwks(private: KeySet) -> dict[str, list[dict[str, str]]]:
    """The public half of our keys, to be published; the first of the set signs, the others are kept for a change."""
    names = ("kty", "crv", "x", "y", "kid", "alg", "use")
    return {"keys": [{name: one[name] for name in names} for one in private["keys"]]}


def sign(claims: Mapping[str, Any], key: Key, typ: str) -> str:
    """The compact JWS of the claims, ES256, with the header names alg, kid and typ and no other."""
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return jws.sign(payload, dict(key), headers={"kid": key["kid"], "typ": typ}, algorithm="ES256")


def read_keys(raw: bytes) -> dict[str, Any]:
    """Read a JWK Set that a peer published; raises BadToken when it is not one."""
    keys = _json_object(raw, "keys")
    if not isinstance(keys.get("keys"), list) or not all(isinstance(one, dict) for one in keys["keys"]):
        raise BadToken("keys")
    return keys


def claimed(text: str) -> Claims:
    """What a token says of itself, read as strictly as a checked one but proved by nothing: good only for finding the key; raises BadToken."""
    parts = text.split(".") if len(text) <= MAX_BYTES else ()
    if len(parts) != 3:
        raise BadToken("parts")
    return _json_object(_decode(parts[1]), "payload")


def usable(keys: KeySet, algorithm: str = "ES256") -> None:
    """Raise BadToken unless each key of the set is one that verify_strict would check by, under a name of its own."""
    for one in keys["keys"]:
        kid = one.get("kid")
        if not isinstance(kid, str) or not 1 <= len(kid) <= 200:
            raise BadToken("kid")
        _the_key(keys, kid, algorithm)


def verify_strict(text: str, keys: KeySet, use: Use) -> Claims:
    """The claims of a token that is exactly as `use` says and signed by the one key of the set that it names.

    Whatever is wrong, the exception is BadToken; `unknown-key` tells the caller that the set may be out of date.
    """
    if len(text) > use.max_bytes:
        raise BadToken("size")
    parts = text.split(".")
    if len(parts) != 3:
        raise BadToken("parts")
    header_bytes, payload, signature = (_decode(one) for one in parts)
    header = _json_object(header_bytes, "header")
    _check_header(header, use)
    key = _the_key(keys, header.get("kid"), use.algorithm)
    if not _is_signed(f"{parts[0]}.{parts[1]}".encode(), signature, key, use.algorithm):
        raise BadToken("signature")
    claims = _json_object(payload, "payload")
    _check_claims(claims, use)
    return claims


def _check_header(header: Mapping[str, Any], use: Use) -> None:
    if not use.header_names.issuperset(header):
        raise BadToken("header-names")
    if header.get("alg") != use.algorithm:
        raise BadToken("algorithm")
    if "kid" in header or not use.kid_may_be_absent:
        kid = header.get("kid")
        if not isinstance(kid, str) or not 1 <= len(kid) <= 200:
            raise BadToken("kid")
    if header.get("typ") != use.typ and not (use.typ_may_be_absent and "typ" not in header):
        raise BadToken("typ")
    if "cty" in header and header["cty"] != "application/json":
        raise BadToken("cty")


def _check_claims(claims: Claims, use: Use) -> None:
    if missing := sorted(use.required.difference(claims)):
        raise BadToken(f"missing-{missing[0]}")
    if claims["iss"] != use.issuer:
        raise BadToken("issuer")
    if claims.get("aud") not in (use.audience, [use.audience]):
        raise BadToken("audience")
    for name in ("jti", "sub"):
        if name in claims and not (isinstance(claims[name], str) and 1 <= len(claims[name]) <= 255):
            raise BadToken(name)
    _check_times(claims, use)


def _check_times(claims: Claims, use: Use) -> None:
    for name in ("iat", "exp", "nbf"):
        value = claims.get(name, 0)
        if type(value) is not int or not 0 <= value <= _LATEST_INSTANT:
            raise BadToken(name)
    instant = now().timestamp()
    if claims["iat"] > instant + use.leeway:
        raise BadToken("iat")
    if "exp" in claims and claims["exp"] <= instant - use.leeway:
        raise BadToken("expired")
    if "nbf" in claims and claims["nbf"] > instant + use.leeway:
        raise BadToken("nbf")


def _the_key(keys: KeySet, kid: str | None, algorithm: str) -> dict[str, Any]:
    """The one key meant, as the members that a check needs; a key made for anything else is refused."""
    one = _named(keys, kid)
    kind = _KEY_TYPES[algorithm]
    if one.get("kty") != kind or one.get("alg", algorithm) != algorithm or one.get("use", "sig") != "sig":
        raise BadToken("key-purpose")
    operations = one.get("key_ops", ["verify"])
    if operations != ["verify"] or not _PRIVATE_MEMBERS.isdisjoint(one):
        raise BadToken("key-purpose")
    members = {name: one.get(name) for name in _PUBLIC_MEMBERS[kind]}
    _check_strength(members, kind)
    return {"kty": kind, "alg": algorithm, **members}


def _named(keys: KeySet, kid: str | None) -> Mapping[str, Any]:
    """The only key of that name; without a name, the only key of the set."""
    listed = keys.get("keys")
    if not isinstance(listed, list):
        raise BadToken("keys")
    found = [one for one in listed if isinstance(one, Mapping) and (kid is None or one.get("kid") == kid)]
    if len(found) != 1:
        raise BadToken("unknown-key" if not found else "ambiguous-key")
    return found[0]


def _check_strength(members: Mapping[str, Any], kind: str) -> None:
    if kind == "EC":
        if members["crv"] != "P-256" or {len(_number(members[name])) for name in "xy"} != {32}:
            raise BadToken("key-curve")
        return
    modulus, exponent = (int.from_bytes(_number(members[name])) for name in "ne")
    if not 2048 <= modulus.bit_length() <= 8192 or exponent != 65537 or _is_guessable(modulus):
        raise BadToken("key-strength")


def _is_guessable(modulus: int) -> bool:
    """Whether the key carries the mark of a faulty chip (ROCA, CVE-2017-15361), whose keys can be computed by others."""
    return all(any(pow(65537, power, prime) == modulus % prime for power in range(prime)) for prime in _ROCA_PRIMES)


def _number(value: object) -> bytes:
    if not isinstance(value, str):
        raise BadToken("key")
    return _decode(value)


def _is_signed(signed: bytes, signature: bytes, key: dict[str, Any], algorithm: str) -> bool:
    # RS256 needs the exact length too: a shorter or longer block is another spelling of the same number.
    length = 64 if algorithm == "ES256" else len(_number(key["n"]))
    if len(signature) != length:
        return False
    try:
        return bool(jwk.construct(key, algorithm).verify(signed, signature))
    except (JOSEError, ValueError):
        # A point that is not on the curve ends here.
        return False


def _decode(part: str) -> bytes:
    """Base64url without padding, in its only canonical spelling (RFC 7515, section 2)."""
    if not _BASE64URL.fullmatch(part) or len(part) % 4 == 1:
        raise BadToken("base64")
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part.encode():
        raise BadToken("base64")
    return raw


def _json_object(raw: bytes, what: str) -> Claims:
    try:
        return read_object(raw)
    except TooDeep as error:
        raise BadToken("depth") from error
    except NotStrict as error:
        raise BadToken(what) from error


def _thumbprint(key: Key) -> str:
    members = {name: key[name] for name in ("crv", "kty", "x", "y")}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
