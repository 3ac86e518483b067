"""How tus 1.0 speaks: the headers that come and go, and what each refusal is called."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final
from uuid import UUID

from litestar import Response

from frontoffice.documents.unfinished import Unfinished
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.i18n import translator
from frontoffice.kernel.rendering import Web, locale_of
from frontoffice.kernel.uploads import file_name
from frontoffice.kernel.web import scope_of

VERSION: Final = "1.0.0"
OFFSET: Final = "Upload-Offset"
CHECKSUMS: Final = ("sha1", "sha256")
_CONTENT: Final = "application/offset+octet-stream"
_LONGEST_METADATA: Final = 8_000
_DIGITS: Final = 15
_TITLES: Final = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 409: "Conflict", 410: "Gone", 412: "Precondition Failed", 413: "Content Too Large",
    415: "Unsupported Media Type", 422: "Unprocessable Content", 423: "Locked", 460: "Checksum Mismatch", 501: "Not Implemented",
}
_NOT_READ: Final = _("The address or the form is not complete.")


class Told(Exception):
    """A request is turned down with a status of the protocol; `message` is a msgid for people, with its `params`."""

    def __init__(self, status: int, message: str = _NOT_READ, *, params: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(status))
        self.status, self.message, self.params, self.headers = status, message, params or {}, headers or {}


def tell(request: Web, told: Told) -> Response[bytes]:
    """The refusal as RFC 9457, its detail in the language that the sender prefers. The link ends with it: what is still on its way is not read."""
    detail = translator(locale_of(request))(told.message, **told.params)
    body = {"type": "about:blank", "title": _TITLES[told.status], "status": told.status, "detail": detail,
            "instance": UUID(scope_of(request)["frontoffice.trace"]).urn}
    return Response(json.dumps(body).encode(), status_code=told.status, media_type="application/problem+json", headers={"Connection": "close", **told.headers})


def check_version(request: Web) -> None:
    """Raise 412 unless the sender speaks our version of the protocol."""
    if request.headers.get("tus-resumable") != VERSION:
        raise Told(412, headers={"Tus-Version": VERSION})


def check_content(request: Web) -> None:
    """Raise 415 unless the body is a stretch of a file."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _CONTENT:
        raise Told(415)


def has_content(request: Web) -> bool:
    """Whether a creation brings the first stretch along."""
    return _CONTENT in request.headers.get("content-type", "").lower()


def number(request: Web, name: str) -> int:
    """A header that counts bytes; raises 400."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Told(400)
    return int(text)


def metadata(request: Web) -> dict[str, str]:
    """What the sender says of the file, by key; raises 400 for what is not pairs of keys and texts in base64."""
    found: dict[str, str] = {}
    text = request.headers.get("upload-metadata", "")
    if len(text) > _LONGEST_METADATA:
        raise Told(400)
    for pair in filter(None, (one.strip() for one in text.split(","))):
        key, _space, encoded = pair.partition(" ")
        try:
            found[key.lower()] = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Told(400) from None
    return found


def shown_name(said: Mapping[str, str]) -> str:
    """The name of the file, safe to show; empty when there is none."""
    return file_name(said.get("filename") or said.get("name") or "") or ""


def shown_type(said: Mapping[str, str]) -> str:
    """The media type that the sender believes in."""
    declared = (said.get("filetype") or said.get("type") or "").partition(";")[0].strip().lower()
    return declared[:60] if declared.isascii() and declared.isprintable() else ""


def progress(upload: Unfinished, stored: int | None = None) -> dict[str, str]:
    """The headers that tell how far an upload is, and until when it may go on."""
    offset = upload.stored if stored is None else stored
    expires = {"Upload-Expires": http_day(upload.expires)} if upload.expires and offset < upload.length else {}
    return {OFFSET: str(offset), **expires}


def described(upload: Unfinished) -> dict[str, str]:
    """The headers that tell what an upload is."""
    pairs = (("filename", upload.file_name), ("filetype", upload.media_type))
    said = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in pairs if text)
    return {"Upload-Length": str(upload.length), **({"Upload-Metadata": said} if said else {})}


def http_day(moment: datetime) -> str:
    """An instant as HTTP writes it (RFC 9110, IMF-fixdate)."""
    return format_datetime(moment, usegmt=True)


class Checksum:
    """The sum that a stretch must have, and that of the bytes that came."""

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._sum: Any = hashlib.new(algorithm)
        self._expected = expected

    @classmethod
    def of(cls, request: Web) -> "Checksum | None":
        """The one that this request announces, if any; raises 400 for an algorithm that we do not know."""
        text = request.headers.get("upload-checksum")
        if text is None:
            return None
        algorithm, _space, encoded = text.strip().partition(" ")
        try:
            expected = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            raise Told(400) from None
        if algorithm not in CHECKSUMS:
            raise Told(400)
        return cls(algorithm, expected)

    async def over(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same bytes, added up."""
        async for chunk in chunks:
            self._sum.update(chunk)
            yield chunk

    @property
    def fits(self) -> bool:
        """Whether the bytes that came are those that were sent."""
        return hmac.compare_digest(self._sum.digest(), self._expected)
