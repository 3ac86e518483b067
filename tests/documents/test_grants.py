"""The bearer token of uploads: it says what it was made for, and nobody can make another."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from frontoffice.documents.downloads import download_token
from frontoffice.documents.grants import MAX_LIFETIME, UploadGrant, read_upload_grant, upload_grant
from frontoffice.kernel.errors import Refused
from tests.patrol.conftest import settings

SETTINGS = settings()
OTHERS = replace(SETTINGS, secret_key="t" * 40)
DOSSIER = UUID("11111111-2222-3333-4444-555555555555")
SESSION = bytes(range(32))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def token(hours: float = 1, requirement: str = "contract") -> str:
    return upload_grant(SETTINGS, DOSSIER, requirement, SESSION, NOW + timedelta(hours=hours))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_token_says_what_it_was_made_for_until_it_expires() -> None:
    for requirement in ("contract", "a" * 40):
        grant = read_upload_grant(SETTINGS, token(requirement=requirement), NOW)
        assert grant == UploadGrant(DOSSIER, requirement, SESSION, NOW + timedelta(hours=1))
    assert read_upload_grant(SETTINGS, token(), NOW + timedelta(minutes=59, seconds=59)).requirement == "contract"
    assert read_upload_grant(SETTINGS, token(12), NOW).expires == NOW + MAX_LIFETIME


def test_a_token_fits_where_tokens_go() -> None:
    text = token(requirement="a" * 40)
    assert text.isascii() and all(c.isalnum() or c in "-_" for c in text) and len(text) <= 300


FORGED = {
    "nothing": "", "nonsense": "x" * 120, "too long": "A" * 5000, "not ASCII": "é" * 100, "padded": token() + "=", "a line end": token() + "\n",
    "cut": token()[:-4], "longer": token() + "AAAA", "expired": token(0), "long expired": token(-24), "made for longer": token(12.01),
    "with another secret": upload_grant(OTHERS, DOSSIER, "contract", SESSION, NOW + timedelta(hours=1)),
    "another slot": _spelled(_raw(token()).replace(b"contract", b"passport")),
    "a shorter slot": _spelled(_raw(token()).replace(b"contract", b"contrac")),
    "another dossier": _spelled(b"\x22" + _raw(token())[1:]),
    "another session": _spelled(_raw(token())[:20] + b"\xff" + _raw(token())[21:]),
    "a later end": _spelled(_raw(token())[:55] + b"\xff" + _raw(token())[56:]),
    "a token for downloads": download_token(SETTINGS.secret_key.encode(), DOSSIER, SESSION, NOW + timedelta(seconds=60)),
}


@pytest.mark.parametrize("kind", FORGED)
def test_what_is_forged_expired_or_made_for_too_long_is_refused(kind: str) -> None:
    with pytest.raises(Refused):
        read_upload_grant(SETTINGS, FORGED[kind], NOW)


def test_no_single_character_may_be_changed() -> None:
    good = token()
    for index, letter in enumerate(good):
        with pytest.raises(Refused):
            read_upload_grant(SETTINGS, good[:index] + ("A" if letter != "A" else "B") + good[index + 1:], NOW)
