"""The sign-in providers: what the configuration says of each, and what each publishes about itself."""

import asyncio
import json
import ssl
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from litestar import Litestar

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.keys import RemoteKeys
from frontoffice.settings import MissingSettings

KINDS = ("citizen", "enterprise", "official")
_AUTH_METHODS = ("private_key_jwt", "client_secret_post", "client_secret_basic")
_TIME_OUT = 5.0
_MAX_BYTES = 64 * 1024
_FRESH_FOR = 3600.0
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, kw_only=True)
class Provider:
    """One provider as it was configured. `origins` are further hosts where its endpoints may lie.

    `binding_levels` are the values of `acr` with which a person may take steps that go out to other authorities; empty: any.
    """

    code: str
    title: str
    kind: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_key_file: str = ""
    auth_method: str = "private_key_jwt"
    algorithms: tuple[str, ...] = ("ES256",)
    announces_iss: bool = True
    origins: tuple[str, ...] = ()
    binding_levels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a configuration that cannot work; raises MissingSettings."""
        if self.kind not in KINDS or self.auth_method not in _AUTH_METHODS:
            raise MissingSettings(f"Provider {self.code}: unknown kind or auth_method.")
        if not (self.client_key_file if self.auth_method == "private_key_jwt" else self.client_secret):
            raise MissingSettings(f"Provider {self.code}: its auth_method lacks a key or a secret.")
        if not self.algorithms or not set(self.algorithms) <= {"ES256", "RS256"}:
            raise MissingSettings(f"Provider {self.code}: algorithms are ES256 and RS256.")
        if any(not _is_safe(one) for one in (self.issuer, *self.origins)):
            raise MissingSettings(f"Provider {self.code}: addresses begin with https, except on this machine.")

    @property
    def idle_seconds(self) -> int:
        """How long a session may rest: officials see other people's files, so theirs ends sooner."""
        return 15 * 60 if self.kind == "official" else 60 * 60

    def owns(self, address: object) -> bool:
        """Whether an address lies where this provider was configured to be."""
        return isinstance(address, str) and _is_safe(address) and _origin(address) in {_origin(one) for one in (self.issuer, *self.origins)}


@cache
def load_providers(file: str) -> Mapping[str, Provider]:
    """The providers of a TOML file, one table each, by code; raises MissingSettings when one of them cannot work."""
    try:
        tables = tomllib.loads(Path(file).read_text())
        found = [Provider(**{"code": name, **_tupled(table)}) for name, table in tables.items()]
    except (OSError, TypeError, ValueError, AttributeError) as error:
        raise MissingSettings(f"FRONTOFFICE_PROVIDERS cannot be read: {type(error).__name__}") from error
    return {one.code: one for one in found}


def _tupled(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


@cache
def _certificates() -> ssl.SSLContext:
    # Reading the certificates takes longer than all the rest of a client.
    return ssl.create_default_context()


def client() -> httpx.AsyncClient:
    """A client for one sign-in: 5 s, no redirects, no proxy taken from the environment."""
    return httpx.AsyncClient(timeout=_TIME_OUT, follow_redirects=False, trust_env=False, verify=_certificates())


@dataclass(frozen=True)
class Metadata:
    """Where a provider's endpoints are."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""


class Peer:
    """A provider at work: its metadata for an hour, and its keys."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.keys: RemoteKeys | None = None
        self._metadata: Metadata | None = None
        self._asked = float("-inf")
        self._lock = asyncio.Lock()

    @property
    def known(self) -> Metadata | None:
        """What was learnt last, without asking."""
        return self._metadata

    async def metadata(self, http: httpx.AsyncClient) -> Metadata:
        """The endpoints; raises Unavailable("sign-in") while they could never be learnt."""
        async with self._lock:
            age = time.monotonic() - self._asked
            if age > (_FRESH_FOR if self._metadata else 1.0):
                self._asked = time.monotonic()
                self._learn(await self._fetched(http))
            if self._metadata is None:
                raise Unavailable("sign-in")
            return self._metadata

    def _learn(self, found: Metadata | None) -> None:
        # A provider that is away for a moment keeps what it said before.
        if found is None:
            return
        if self.keys is None or self.keys.address != found.jwks_uri:
            self.keys = RemoteKeys(found.jwks_uri, name="sign-in", pause=60.0)
        self._metadata = found

    async def _fetched(self, http: httpx.AsyncClient) -> Metadata | None:
        address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            status, raw = await limited(http, http.build_request("GET", address))
            told = json.loads(raw)
        except (httpx.HTTPError, TimeoutError, ValueError, RecursionError):
            return None
        if status != 200 or not isinstance(told, dict) or told.get("issuer") != self.provider.issuer:
            return None
        if not all(self.provider.owns(told.get(name)) for name in _ENDPOINTS):
            return None
        leaving = str(told.get("end_session_endpoint", ""))
        return Metadata(told["authorization_endpoint"], told["token_endpoint"], told["jwks_uri"], leaving if self.provider.owns(leaving) else "")


async def limited(http: httpx.AsyncClient, request: httpx.Request) -> tuple[int, bytes]:
    """Status and body of an answer within 5 s and 64 kB in all; raises httpx.HTTPError, TimeoutError or ValueError."""
    async with asyncio.timeout(_TIME_OUT):
        response = await http.send(request, stream=True)
        try:
            raw = bytearray()
            async for chunk in response.aiter_bytes():
                raw += chunk
                if len(raw) > _MAX_BYTES:
                    raise ValueError("more than 64 kB")
            return response.status_code, bytes(raw)
        finally:
            await response.aclose()


def weak_at(app: Litestar, issuer: str, kind: str, acr: str) -> str:
    """The code of the provider at which a person who signed in with this `acr` needs a stronger key for steps that bind; or nothing.

    Who came by an invitation has no provider: the link and the passport stand in for it.
    """
    if not issuer:
        return ""
    found = next((one.provider for one in peers_of(app).values() if (one.provider.issuer, one.provider.kind) == (issuer, kind)), None)
    return found.code if found and found.binding_levels and acr not in found.binding_levels else ""


def peers_of(app: Litestar) -> Mapping[str, Peer]:
    """The providers of this application by code; what they publish is kept as long as it runs."""
    if "sign_in_peers" not in app.state:
        providers = load_providers(app.state.settings.providers_file)
        app.state.sign_in_peers = {code: Peer(one) for code, one in providers.items()}
    peers: Mapping[str, Peer] = app.state.sign_in_peers
    return peers
