"""The bearer token of uploads: it stands for one session at one slot of one dossier, where no cookie is taken."""

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from frontoffice.kernel.errors import Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.settings import Settings

# No session lives longer.
MAX_LIFETIME: Final = timedelta(hours=12)
_PURPOSE: Final = b"upload-grant/1\0"
_FACTS: Final = struct.Struct(">16s32sq")  # dossier, SHA-256 of the session's cookie, expiry in seconds; then the code of the slot
_MAC_BYTES: Final = 32
_LONGEST: Final = 300
_NOT_VALID: Final = _("This upload can no longer go on from here. Open the page of the document again.")


@dataclass(frozen=True)
class UploadGrant:
    """What a token proves: this session was allowed to bring documents to this slot when the page was made."""

    dossier_id: UUID
    requirement: str
    session_hash: bytes
    expires: datetime


def upload_grant(settings: Settings, dossier_id: UUID, requirement: str, session_hash: bytes, expires: datetime) -> str:
    """A token for uploads to one slot, valid for 12 hours at most; `session_hash` is the SHA-256 (32 bytes) that the sessions table holds.

    It opens nothing by itself: every request asks again whether that session lives and what it may do."""
    facts = _FACTS.pack(dossier_id.bytes, session_hash, int(expires.timestamp())) + requirement.encode()
    return base64.urlsafe_b64encode(facts + _mac(settings, facts)).decode().rstrip("=")


def read_upload_grant(settings: Settings, token: str, now: datetime) -> UploadGrant:
    """The grant behind a token; raises Refused when it is forged, altered, expired or made for longer than allowed."""
    raw = _decoded(token)
    facts, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(settings, facts)):
        raise Refused(_NOT_VALID)
    dossier, session_hash, expires = _FACTS.unpack(facts[: _FACTS.size])
    if not 0 < expires - now.timestamp() <= MAX_LIFETIME.total_seconds():
        raise Refused(_NOT_VALID)
    return UploadGrant(UUID(bytes=dossier), facts[_FACTS.size :].decode(), session_hash, datetime.fromtimestamp(expires, now.tzinfo))


def _mac(settings: Settings, facts: bytes) -> bytes:
    return hmac.new(settings.secret_key.encode(), _PURPOSE + facts, hashlib.sha256).digest()


def _decoded(token: str) -> bytes:
    """The token's bytes; only the one spelling that we write is taken."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) if len(token) <= _LONGEST else b""
    except ValueError as error:
        raise Refused(_NOT_VALID) from error
    if len(raw) <= _FACTS.size + _MAC_BYTES or base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
        raise Refused(_NOT_VALID)
    return raw
