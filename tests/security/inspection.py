"""What must hold for every single answer: its headers, its cookies, and a page in which nothing of a person's text acts."""

import re
from html.parser import HTMLParser

import httpx

from frontoffice.kernel.web import CONTENT_SECURITY_POLICY

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; report-uri /csp"
)
FEATURES = ("accelerometer", "camera", "display-capture", "fullscreen", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb")
ALWAYS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join(f"{one}=()" for one in FEATURES),
    "content-security-policy": POLICY,
}
# What these say is the same for everybody, so browsers may keep it.
KEPT = ("/static/", "/contract/v3/", "/contract/authorities/", "/favicon.ico", "/.well-known/jwks.json", "/.well-known/former-keys.json")
COOKIE = re.compile(r"__Host-[a-z-]+=[A-Za-z0-9_.~%=+/|:-]*; Path=/; Secure; HttpOnly; SameSite=Lax(; Max-Age=\d+)?")
TELLTALES = re.compile(
    r"(?i:Traceback|sqlalchemy|psycopg|litestar|uvicorn|asyncpg|jinja2|\.py\b|/site-packages|row-level security|violates|Python/|"
    r"line \d+, in|127\.0\.0\.1|frontoffice_web)|SELECT |INSERT |UPDATE "
)


# The only pictures in pages of ours: those that we made of documents.
PICTURE = re.compile(r"/[a-z]{2}/dossiers/[0-9A-Za-z-]+/documents/[a-z-]+/[0-9a-f-]{36}/previews/[0-9]+")


class Acting(HTMLParser):
    """Collects whatever in a page could act by itself or lead elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.words |= {tag, *given}
        if tag in ("base", "iframe", "object", "embed", "frame", "applet", "style", "marquee", "audio", "video"):
            self.found.append(f"<{tag}>")
        if tag == "img" and not PICTURE.fullmatch(given.get("src", "")):
            self.found.append(f"a picture from {given.get('src')}")
        if tag == "script" and not given.get("src", "").startswith("/static/built/"):
            self.found.append("a script of its own")
        if tag == "form" and not re.match(r"/[a-z]", given.get("action", "")):
            self.found.append(f"a form to {given.get('action')}")
        self.found += [f"{tag} {name}={value}" for name, value in given.items() if self._acts(name, value)]

    @staticmethod
    def _acts(name: str, value: str) -> bool:
        if name.startswith("on") or name in ("style", "srcdoc", "formaction", "background", "ping", "xlink:href") or not re.fullmatch(r"[a-z:-]+|data-[a-z0-9.-]+", name):
            return True
        address = name in ("href", "src", "action", "hx-get", "hx-post")
        return address and not re.match(r"(/[^/\\]|/$|#|https?://)", value)


def inspect(response: httpx.Response) -> None:
    """Refuse an answer that lacks a header, loosens a cookie, tells about the machine, or holds something that acts."""
    about = f"{response.request.method} {response.request.url.path} {response.status_code}"
    assert CONTENT_SECURITY_POLICY == POLICY
    for name, value in ALWAYS.items():
        assert response.headers.get_list(name) == [value], (about, name, response.headers.get_list(name))
    if not response.request.url.path.startswith(KEPT):
        assert response.headers.get_list("cache-control") == ["no-store"], about
    assert not [name for name in response.headers if name.startswith("access-control-") or name in ("server", "x-powered-by", "date")], about
    assert len(response.headers.get_list("belgov-trace-id")) == 1, about
    for cookie in response.headers.get_list("set-cookie"):
        assert COOKIE.fullmatch(cookie), (about, cookie)
    location = response.headers.get("location", "")
    assert not location or re.match(r"/[a-z]", location) or location.startswith("https://download.example/documents/download?token="), (about, location)
    inspect_body(response, about)


def inspect_body(response: httpx.Response, about: str) -> None:
    """The part of `inspect` that reads the page."""
    kind = response.headers.get("content-type", "")
    if response.status_code >= 400:
        assert not TELLTALES.search(response.text), (about, TELLTALES.findall(response.text))
    if kind.startswith("text/html") and response.content:
        acting = Acting(response.text)
        assert not acting.found, (about, acting.found)
