"""The OpenID Connect code flow: a started sign-in bound to one browser, and the exchange of its code for claims."""

import base64
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx

from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import Locale, as_locale
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import BadToken, Claims, Use, sign
from frontoffice.kernel.web import mac, same
from frontoffice.settings import Settings
from frontoffice.signin.providers import Metadata, Peer, Provider, limited

VALID = timedelta(minutes=10)
CALLBACK = "/sign-in/callback"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class NotSignedIn(Exception):
    """The flow did not prove who is there; `reason` is a short word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Started:
    """A sign-in under way in one browser. State, nonce and PKCE verifier are made from `seed`, which only its cookie holds."""

    seed: str
    provider: str
    return_to: str
    locale: Locale
    expires: int

    @classmethod
    def now(cls, provider: str, return_to: str, locale: Locale) -> "Started":
        """A fresh one."""
        return cls(secrets.token_urlsafe(32), provider, return_to, locale, int((now() + VALID).timestamp()))

    @property
    def expires_at(self) -> datetime:
        """When it can no longer be finished."""
        return datetime.fromtimestamp(self.expires, UTC)

    def secret(self, settings: Settings, purpose: str) -> str:
        """The `state`, `nonce` or `verifier` of this sign-in."""
        return mac(settings, f"sign-in-{purpose}", self.seed)


def cookie_name(settings: Settings) -> str:
    """The name of the short cookie that binds a sign-in to the browser that started it."""
    return f"__Host-signin{settings.cookie_suffix}"


def sealed(started: Started, settings: Settings) -> str:
    """The value of that cookie."""
    text = base64.urlsafe_b64encode(json.dumps(asdict(started)).encode()).decode().rstrip("=")
    return f"{text}.{mac(settings, 'sign-in-cookie', text)}"


def unsealed(value: str, settings: Settings) -> Started:
    """What the cookie says; raises NotSignedIn when it is absent, too old or not of our making."""
    text, _sep, seal = value.partition(".")
    if not text or not same(seal, mac(settings, "sign-in-cookie", text)):
        raise NotSignedIn("no-cookie")
    told = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    started = Started(told["seed"], told["provider"], told["return_to"], as_locale(told["locale"]) or "en", told["expires"])
    if started.expires_at <= now():
        raise NotSignedIn("too-late")
    return started


def redirect_uri(settings: Settings) -> str:
    """The one address to which providers send people back."""
    return settings.public_url.rstrip("/") + CALLBACK


def authorization_url(started: Started, provider: Provider, metadata: Metadata, settings: Settings, *, stronger: bool = False) -> str:
    """Where the browser goes to sign in; a `stronger` key is asked for anew, even of somebody whom the provider still knows."""
    digest = hashlib.sha256(started.secret(settings, "verifier").encode()).digest()
    asked = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": redirect_uri(settings), "scope": "openid profile email",
        "state": started.secret(settings, "state"), "nonce": started.secret(settings, "nonce"),
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="), "code_challenge_method": "S256", "ui_locales": started.locale,
    }
    if stronger and provider.binding_levels:
        asked |= {"acr_values": " ".join(provider.binding_levels), "prompt": "login"}
    return f"{metadata.authorization_endpoint}{'&' if '?' in metadata.authorization_endpoint else '?'}{urlencode(asked)}"


async def claims_of(started: Started, peer: Peer, code: str, settings: Settings, http: httpx.AsyncClient) -> Claims:
    """Exchange the code and check the id_token; raises NotSignedIn, or Unavailable when the provider is away."""
    metadata = await peer.metadata(http)
    text = await _id_token(started, peer.provider, metadata, code, settings, http)
    claims = await _verified(peer, text, http)
    if not same(str(claims.get("nonce", "")), started.secret(settings, "nonce")):
        raise NotSignedIn("nonce")
    if claims.get("azp", peer.provider.client_id) != peer.provider.client_id:
        raise NotSignedIn("azp")
    return claims


async def _verified(peer: Peer, text: str, http: httpx.AsyncClient) -> Claims:
    provider = peer.provider
    assert peer.keys is not None
    for algorithm in provider.algorithms:
        use = Use.sign_in(issuer=provider.issuer, client_id=provider.client_id, algorithm=algorithm)
        try:
            return await peer.keys.verify(http, text, use)
        except BadToken as refusal:
            if refusal.reason != "algorithm":
                raise NotSignedIn(refusal.reason) from refusal
    raise NotSignedIn("algorithm")


async def _id_token(started: Started, provider: Provider, metadata: Metadata, code: str, settings: Settings, http: httpx.AsyncClient) -> str:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri(settings),
            "code_verifier": started.secret(settings, "verifier")}
    headers = {"Accept": "application/json"}
    _prove_client(provider, metadata, form, headers)
    try:
        status, raw = await limited(http, http.build_request("POST", metadata.token_endpoint, data=form, headers=headers))
    except (httpx.HTTPError, TimeoutError, ValueError) as error:
        raise Unavailable("sign-in") from error
    if status >= 500:
        raise Unavailable("sign-in")
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise NotSignedIn("token-answer") from None
    text = told.get("id_token") if isinstance(told, dict) else None
    if status != 200 or not isinstance(text, str):
        # A code that was used before ends here: the provider refuses it.
        raise NotSignedIn("code")
    return text


def _prove_client(provider: Provider, metadata: Metadata, form: dict[str, str], headers: dict[str, str]) -> None:
    """Add what shows that it is us who ask: a signed assertion (RFC 7523), or a secret (RFC 6749, section 2.3.1)."""
    if provider.auth_method == "client_secret_basic":
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    elif provider.auth_method == "client_secret_post":
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    else:
        instant = int(now().timestamp())
        claims = {"iss": provider.client_id, "sub": provider.client_id, "aud": metadata.token_endpoint, "jti": str(uuid4()),
                  "iat": instant, "exp": instant + 60}
        assertion = sign(claims, _client_key(provider.client_key_file), "JWT")
        form |= {"client_id": provider.client_id, "client_assertion_type": _ASSERTION, "client_assertion": assertion}


@cache
def _client_key(file: str) -> dict[str, str]:
    key: dict[str, str] = json.loads(Path(file).read_text())["keys"][0]
    return key
