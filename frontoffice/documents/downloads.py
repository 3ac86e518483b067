"""The links by which documents are fetched from the download address: short-lived and bound to a session."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from frontoffice.kernel.errors import Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.uploads import file_name as shown_file_name

MAX_LIFETIME = timedelta(seconds=60)
_PURPOSE = b"download-link/1\0"
_FACTS = struct.Struct(">16s32sq")  # document, SHA-256 of the session's cookie, expiry in seconds
_MAC_BYTES = 32
_EXTENSIONS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/heic": ".heic"}
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"  # RFC 8187, attr-char, beside letters and digits
_NOT_VALID = _("This download link is no longer valid. Go back to the dossier and open the document again.")


@dataclass(frozen=True)
class DownloadGrant:
    """What a link proves: this session was allowed to open this document less than a minute ago."""

    document_id: UUID
    session_hash: bytes
    expires: datetime


def download_token(secret: bytes, document_id: UUID, session_hash: bytes, expires: datetime) -> str:
    """A token for the download address, to be made after `may_see`; `session_hash` is the SHA-256 (32 bytes) that the
    sessions table holds, so that the other address, which gets no cookie, can check that the session still lives."""
    facts = _FACTS.pack(document_id.bytes, session_hash, int(expires.timestamp()))
    return base64.urlsafe_b64encode(facts + _mac(secret, facts)).decode().rstrip("=")


def read_download_token(secret: bytes, token: str, now: datetime) -> DownloadGrant:
    """The grant behind a token; raises Refused when it is forged, altered, expired or made for longer than allowed."""
    raw = _decoded(token)
    facts, mac = raw[: _FACTS.size], raw[_FACTS.size :]
    if not hmac.compare_digest(mac, _mac(secret, facts)):
        raise Refused(_NOT_VALID)
    document, session_hash, expires = _FACTS.unpack(facts)
    if not 0 < expires - now.timestamp() <= MAX_LIFETIME.total_seconds():
        raise Refused(_NOT_VALID)
    return DownloadGrant(UUID(bytes=document), session_hash, datetime.fromtimestamp(expires, now.tzinfo))


def download_headers(file_name: str | None, media_type: str, size: int) -> dict[str, str]:
    """The headers with which a document leaves: saved, never shown in our name, its name carried by RFC 6266 and 8187.

    A missing name becomes "document" with the extension of the type."""
    extension = _EXTENSIONS.get(media_type, ".bin")
    name = shown_file_name(file_name or "") or "document" + extension
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in name)
    encoded = quote(name, _ATTRIBUTE_CHARACTERS)
    return {
        "Content-Type": media_type if media_type in _EXTENSIONS else "application/octet-stream",
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _mac(secret: bytes, facts: bytes) -> bytes:
    return hmac.new(secret, _PURPOSE + facts, hashlib.sha256).digest()


def _decoded(token: str) -> bytes:
    """The token's bytes; only the one spelling that we write is taken."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise Refused(_NOT_VALID) from error
    if len(raw) != _FACTS.size + _MAC_BYTES or base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        raise Refused(_NOT_VALID)
    return raw
