"""Addresses without a language, for browsers and for those who run the service: files, health, and reports of the content policy."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from litestar import Response, get, post

from frontoffice.kernel.errors import NotFound, TooLarge
from frontoffice.kernel.health import DOWN, Checkup, Health
from frontoffice.kernel.rendering import Asset, Web, assets, made_asset
from frontoffice.kernel.time import now
from frontoffice.procedures.choices import SEARCHABLE, names_in

logger = logging.getLogger("frontoffice")

LARGEST_REPORT = 64_000
_A_YEAR = "public, max-age=31536000, immutable"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")



def _names(list_code: str) -> bytes:
    return json.dumps(names_in(list_code), ensure_ascii=False, separators=(",", ":")).encode()


# The names in all languages of the long lists, for the script that searches them.
for _list in SEARCHABLE:
    made_asset(f"choices/{_list}.json", partial(_names, _list))

ROBOTS = """User-agent: *
Disallow: /*/dossiers
Disallow: /*/invitations
Disallow: /*/sign-in
Disallow: /*/counter
Disallow: /*/return
"""


@get("/static/{path:path}", name="static", public=True)
async def static(request: Web, path: Path) -> Response[bytes]:
    """A file of ours; kept for a year under the address that carries its version."""
    name = path.as_posix().lstrip("/")
    found = assets().get(name)
    if found is None:
        raise NotFound
    # During a change of version an old process may be asked for a new file: that answer must not be kept.
    kept = _A_YEAR if request.query_params.get("v") == found.etag else "no-cache"
    return file_response(request, found, kept)


@get("/favicon.ico", name="favicon", public=True)
async def favicon(request: Web) -> Response[bytes]:
    """The icon for browsers that ask for it under its old name."""
    return file_response(request, assets()["icons/window.svg"], "public, max-age=86400")


def file_response(request: Web, found: Asset, kept: str) -> Response[bytes]:
    """A file as the answer to a request, compressed where it helps; `kept` says how long it may be kept."""
    zipped = len(found.zipped) < len(found.content) and _takes_gzip(request.headers.get("accept-encoding", ""))
    etag = f'"{found.etag}{"-gzip" if zipped else ""}"'
    headers = {"Cache-Control": kept, "ETag": etag, "Vary": "Accept-Encoding"}
    if etag in (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")):
        return Response(b"", status_code=304, media_type=found.media_type, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(found.zipped if zipped else found.content, media_type=found.media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@get("/robots.txt", name="robots", public=True, media_type="text/plain")
async def robots() -> str:
    """What search engines should leave alone."""
    return ROBOTS


def _checkup(request: Web) -> Checkup:
    state = request.app.state
    checkup = state.setdefault("checkup", None) or Checkup(state.engine, state.storage, state.settings.clamav)
    state["checkup"] = checkup
    return checkup


@get("/health", name="health", public=True)
async def health(request: Web) -> Response[dict[str, str]]:
    """UP or DEGRADED with 200, DOWN with 503; nothing more."""
    found = await _checkup(request).health()
    return Response({"status": found.status}, status_code=_code(found))


@get("/health/ready", name="ready", public=True)
async def ready(request: Web) -> Response[dict[str, str]]:
    """The same with each part, for callers on this machine that came without a proxy."""
    if not _is_local(request):
        raise NotFound
    found = await _checkup(request).health()
    return Response({"status": found.status, **found.parts}, status_code=_code(found))


def _code(found: Health) -> int:
    return 503 if found.status == DOWN else 200


def _is_local(request: Web) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@dataclass
class _Reports:
    """How many reports came since the last line in the log; a line a minute, so that nobody can fill the log."""

    count: int = 0
    told_at: datetime | None = None

    def note(self) -> None:
        """Count one report."""
        self.count += 1
        if self.told_at is None or not timedelta() <= now() - self.told_at < timedelta(minutes=1):
            logger.warning("browsers refused something that the content policy forbids: %s reports", self.count)
            self.count, self.told_at = 0, now()


_reports = _Reports()


@post("/csp", name="csp", public=True, cookieless=True, status_code=204)
async def csp(request: Web) -> None:
    """Where browsers tell that a page broke the content policy; counted, never kept. Raises TooLarge."""
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST_REPORT:
            raise TooLarge(LARGEST_REPORT)
    _reports.note()


ROUTES = (static, favicon, robots, health, ready, csp)
