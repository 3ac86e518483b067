"""Download links cannot be forged, stretched or carried over, and a file name cannot break out of its header."""

import base64
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest

from frontoffice.documents.downloads import DownloadGrant, download_headers, download_token, read_download_token
from frontoffice.kernel.errors import Refused

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = b"s" * 32
DOCUMENT = uuid4()
SESSION = b"h" * 32


def token(seconds: int = 60, secret: bytes = SECRET) -> str:
    return download_token(secret, DOCUMENT, SESSION, NOW + timedelta(seconds=seconds))


def test_a_fresh_link_says_who_may_fetch_what() -> None:
    grant = read_download_token(SECRET, token(), NOW)
    assert grant == DownloadGrant(DOCUMENT, SESSION, NOW + timedelta(seconds=60))
    assert read_download_token(SECRET, token(), NOW + timedelta(seconds=59)).document_id == DOCUMENT


def flip(text: str, at: int) -> str:
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[at] ^= 1
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


GENUINE = token()
FORGED = {
    "expired": token(0),
    "long expired": token(-3600),
    "made for longer": token(61),
    "other secret": token(secret=b"t" * 32),
    "empty": "",
    "not base64": "%%%%",
    "not ASCII": "é" * 100,
    "padded": GENUINE + "=",
    "with a space": GENUINE + " ",
    "shorter": GENUINE[:-2],
    "longer": GENUINE + "AAAA",
    "last bits set": GENUINE[:-1] + chr(ord(GENUINE[-1]) + 1),
    **{f"byte {at} changed": flip(GENUINE, at) for at in (0, 15, 16, 47, 48, 55, 56, 87)},
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_link_that_is_not_ours_or_not_fresh_is_refused(kind: str) -> None:
    with pytest.raises(Refused):
        read_download_token(SECRET, FORGED[kind], NOW)


DISPOSITION = re.compile(r"""attachment; filename="[^"\\%]+"; filename\*=UTF-8''([A-Za-z0-9!#$&+\-.^_`|~%]+)""")


@pytest.mark.parametrize(
    ("given", "arrives"),
    [
        ("passport.pdf", "passport.pdf"),
        ('quo"te.pdf', 'quo"te.pdf'),
        ("semi;colon, comma.pdf", "semi;colon, comma.pdf"),
        ("100%25.pdf", "100%25.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie: x=1.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("राजेश कुमार.pdf", "राजेश कुमार.pdf"),
        ("Łukasz’s diplôme.pdf", "Łukasz’s diplôme.pdf"),
        ("../../etc/passwd", "passwd"),
        ("back\\slash.pdf", "slash.pdf"),
        ("", "document.pdf"),
        (None, "document.pdf"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_the_name_arrives_and_breaks_nothing(given: str | None, arrives: str) -> None:
    disposition = download_headers(given, "application/pdf", 3)["Content-Disposition"]
    assert disposition.isascii()
    assert disposition.isprintable()
    match = DISPOSITION.fullmatch(disposition)
    assert match is not None
    assert unquote(match[1]) == arrives


def test_a_document_never_acts_in_our_name() -> None:
    headers = download_headers("a.html", "text/html", 9)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Length"] == "9"
