"""How the stranger reads and writes signed texts: the rules of the contract, with another library than the portal's."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from jsonschema import Draft202012Validator

CONTRACT = Path(__file__).parents[2] / "frontoffice" / "backbone" / "contract" / "v3"
MIB = 1024 * 1024
CLOCKS_DIFFER = 60
BAD_REQUEST = (400, "urn:problem-type:belgif:badRequest", "Bad Request")
BAD_SIGNATURE = (400, "urn:problem-type:permit-window:backbone:badSignature", "Not a signed text of the portal")
UNAVAILABLE = (503, "urn:problem-type:belgif:serviceUnavailable", "Service Unavailable")


class Refused(Exception):
    """A request that is not carried out, as the problem of RFC 9457 that it is answered with."""

    def __init__(self, what: tuple[int, str, str], *issues: str, **more: Any) -> None:
        super().__init__(what[1], *issues)
        self.status, kind, title = what
        self.problem = {"type": kind, "title": title, "status": self.status, "instance": f"urn:uuid:{uuid4()}", **more}
        if issues:
            schema = {"type": "urn:problem-type:belgif:input-validation:schemaViolation", "title": "Not by the contract", "in": "body"}
            self.problem["issues"] = [{**schema, "detail": one} for one in issues[:50]]


class Large(jws.JWSRegistry):
    """The library takes payloads of 128 kB unless it is told otherwise."""

    max_payload_length = MIB


@cache
def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((CONTRACT / name).read_text("utf-8")))


@cache
def key_set() -> Draft202012Validator:
    return Draft202012Validator(json.loads((CONTRACT / "openapi.json").read_text("utf-8"))["components"]["schemas"]["KeySet"])


def fits(validator: Draft202012Validator, value: object) -> None:
    if places := [f"{one.json_path}: {one.validator}" for one in validator.iter_errors(value)]:
        raise Refused(BAD_REQUEST, *places)


def decoded(part: bytes) -> bytes:
    """Base64url without padding, in the one canonical spelling."""
    try:
        raw = base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Refused(BAD_SIGNATURE, "base64url") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != part:
        raise Refused(BAD_SIGNATURE, "base64url")
    return raw


def one_object(raw: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8, no name twice, ten levels at most, no NUL, and nothing that could not be written in UTF-8 again."""

    def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) != len(pairs):
            raise ValueError("a name twice")
        return found

    def no_number(text: str) -> float:
        raise ValueError(f"{text} is no number of JSON")

    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=named_once, parse_constant=no_number)
        inspect(found, 1)
    except (ValueError, RecursionError) as error:
        raise Refused(BAD_SIGNATURE, "json") from error
    if not isinstance(found, dict):
        raise Refused(BAD_SIGNATURE, "json")
    return found


def inspect(value: object, level: int) -> None:
    if isinstance(value, str):
        if b"\0" in value.encode("utf-8"):
            raise ValueError("NUL")
    elif isinstance(value, (dict, list)):
        if level > 10:
            raise ValueError("too deep")
        for one in (*value, *value.values()) if isinstance(value, dict) else value:
            inspect(one, level + 1)


@dataclass
class PortalKeys:
    """The portal's public keys: kept for ten minutes, and asked for at most twice in a minute."""

    fetch: Callable[[], bytes]
    found: list[dict[str, Any]] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)

    def named(self, kid: object) -> ECKey:
        if not self.found or self.asked[-1] < time.monotonic() - 600 or not self._with(kid):
            self._ask()
        if len(mine := self._with(kid)) != 1:
            raise Refused(BAD_SIGNATURE, "kid")
        return ECKey.import_key({name: mine[0][name] for name in ("kty", "crv", "x", "y")})

    def _with(self, kid: object) -> list[dict[str, Any]]:
        return [one for one in self.found if one["kid"] == kid]

    def _ask(self) -> None:
        instant = time.monotonic()
        if len([one for one in self.asked if one > instant - 60]) >= 2:
            return
        self.asked.append(instant)
        try:
            found = json.loads(self.fetch())
            fits(key_set(), found)
        except (httpx.HTTPError, ValueError, Refused) as error:
            raise Refused(UNAVAILABLE, retryAfterSec=30) from error
        self.found = found["keys"]


def checked(text: bytes, keys: PortalKeys, typ: str, *, issuer: str, audience: str) -> dict[str, Any]:
    """The claims of a signed text; raises Refused unless every rule about signed texts holds."""
    parts = text.split(b".")
    if len(parts) != 3:
        raise Refused(BAD_SIGNATURE, "parts")
    header, payload, _signature = (decoded(one) for one in parts)
    head = one_object(header)
    if head.keys() != {"alg", "kid", "typ"} or head["alg"] != "ES256" or head["typ"] != typ:
        raise Refused(BAD_SIGNATURE, "header")
    try:
        jws.deserialize_compact(text, keys.named(head["kid"]), registry=Large(algorithms=["ES256"]))
    except (JoseError, ValueError) as error:
        raise Refused(BAD_SIGNATURE, "signature") from error
    claims = one_object(payload)
    if claims.get("iss") != issuer or claims.get("aud") != audience:
        raise Refused(BAD_SIGNATURE, "names")
    if not isinstance(claims.get("iat"), int) or claims["iat"] > time.time() + CLOCKS_DIFFER:
        raise Refused(BAD_SIGNATURE, "iat")
    return claims


def signed(claims: Mapping[str, Any], key: ECKey, typ: str) -> str:
    return jws.serialize_compact({"typ": typ, "kid": key.kid, "alg": "ES256"}, json.dumps(claims), key, registry=Large(algorithms=["ES256"]))


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


def published(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [{**one.as_dict(private=False), "alg": "ES256", "use": "sig"} for one in keys]}
