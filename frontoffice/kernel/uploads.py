"""Reads what is uploaded while it arrives, as a form or as plain bytes: nothing piles up, and nobody who trickles is waited for."""

import asyncio
import time
import unicodedata
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from frontoffice.kernel.errors import BadRequest, TooLarge

Receive = Callable[[], Awaitable[Any]]

NAME_CHARACTERS = 150
# Without these two, names in Persian or Hindi fall apart; they turn nothing round.
_JOINERS = "\u200c\u200d"


class TooManyFiles(BadRequest):
    """A form holds more files than its limit; those before it were given."""


class UploadCut(Exception):
    """The sender went away, or sent next to nothing for a minute, before all had come."""


@dataclass(frozen=True)
class UploadLimits:
    """How much one form may hold; the clock runs only while the sender is waited for, not while storage is."""

    file_bytes: int = 100_000_000
    files: int = 100
    form_bytes: int = 500_000_000
    fields: int = 200
    field_bytes: int = 20_000
    slowest_bytes_per_second: int = 1_000
    patience_seconds: float = 60.0


@dataclass(frozen=True)
class IncomingFile:
    """One file on its way; `chunks` can be read once.

    `name` is safe to show, None when nothing of it was; `is_named` tells whether the sender gave any: an untouched place for a file has none."""

    field: str
    name: str | None
    is_named: bool
    declared_type: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True)
class _Part:
    """What the headers of one part say."""

    field: str
    is_file: bool
    name: str | None
    is_named: bool
    declared_type: str


@dataclass
class _Events:
    """What the parser met in the bytes it was given: a part, bytes of it, its end (None)."""

    waiting: deque[_Part | bytes | None] = field(default_factory=deque)
    complete: bool = False


async def read_form_upload(
    receive: Receive,
    content_type: str | None,
    *,
    on_field: Callable[[str, str], None],
    limits: UploadLimits = UploadLimits(),
) -> AsyncGenerator[IncomingFile]:
    """Read a multipart/form-data body from ASGI's `receive`, giving each file in the order in which it was sent.

    `on_field` gets each text field before any file that follows it, and stops the reading by raising: that is how a
    form token, sent first, is checked before a file is taken. What the caller leaves unread of a file is skipped.
    Raises UploadCut, TooLarge, TooManyFiles, or BadRequest; after each of them the connection must be closed, not drained."""
    reader = _Reader(receive, _parser(content_type), limits)
    fields = files = 0
    while (part := await reader.next_part()) is not None:
        if part.is_file:
            files += 1
            if files > limits.files:
                raise TooManyFiles("too many files")
            yield IncomingFile(part.field, part.name, part.is_named, part.declared_type, reader.part_bytes(limits.file_bytes))
            await reader.skip_part(limits.file_bytes)
        else:
            fields += 1
            if fields > limits.fields:
                raise BadRequest("too many fields")
            on_field(part.field, await reader.text(limits.field_bytes))


def file_name(raw: str) -> str | None:
    """A file name that is safe to show: no folders, NFC, no control or bidi characters, short with its extension kept.

    None when nothing is left."""
    last = raw.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if c in _JOINERS or _is_shown(c)).strip()
    if len(shown) > NAME_CHARACTERS:
        stem, dot, extension = shown.rpartition(".")
        tail = dot + extension if dot and len(extension) <= 10 else ""
        shown = (stem if tail else shown)[: NAME_CHARACTERS - len(tail)].rstrip() + tail
    return shown if shown.strip(". " + _JOINERS) else None


def _is_shown(character: str) -> bool:
    """Not a control, format, lone surrogate, unassigned, line or paragraph separator character."""
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


class Listener:
    """Waits for the messages of one body; who trickles less than the slowest speed over the patience is let go."""

    def __init__(self, receive: Receive, limits: UploadLimits) -> None:
        self._receive = receive
        self._limits = limits
        self._waited = 0.0
        self._heard = 0
        self._waiting: asyncio.Timeout | None = None
        self._stopped = False

    def stop(self) -> None:
        """Hear nothing more: whoever waits for a message gets UploadCut at once."""
        self._stopped = True
        if self._waiting:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def message(self) -> Mapping[str, Any]:
        """One ASGI message that carries bytes; raises UploadCut when there will be none."""
        patience = self._limits.patience_seconds
        begun = time.monotonic()
        if self._stopped:
            raise UploadCut("told to stop")
        try:
            async with asyncio.timeout(patience) as self._waiting:
                message: Mapping[str, Any] = await self._receive()
        except TimeoutError as error:
            raise UploadCut("nothing arrived") from error
        finally:
            self._waiting = None
        if message["type"] != "http.request":
            raise UploadCut("the sender went away")
        self._waited += time.monotonic() - begun
        self._heard += len(message.get("body", b""))
        if self._waited >= patience:
            if self._heard < self._limits.slowest_bytes_per_second * patience:
                raise UploadCut("too slow")
            self._waited, self._heard = 0.0, 0
        return message


async def read_body(listener: Listener, most: int) -> AsyncGenerator[bytes]:
    """The bytes of a body that holds nothing else, as they come; raises UploadCut, or TooLarge as soon as there are more than `most`."""
    heard, more = 0, True
    while more:
        message = await listener.message()
        body: bytes = message.get("body", b"")
        heard += len(body)
        if heard > most:
            raise TooLarge(most)
        if body:
            yield body
        more = message.get("more_body", False)


class _Reader:
    """Pulls from the sender only when the caller wants more: nothing piles up here."""

    def __init__(self, receive: Receive, parser: tuple[MultipartParser, _Events], limits: UploadLimits) -> None:
        self._listener = Listener(receive, limits)
        self._parser, self._events = parser
        self._limits = limits
        self._in_part = False
        self._read = self._heard = 0

    async def next_part(self) -> _Part | None:
        """The next part's headers, or None at the end of the form."""
        while not self._events.waiting:
            if self._events.complete:
                return None
            await self._pull()
        part = self._events.waiting.popleft()
        if not isinstance(part, _Part):
            raise BadRequest("bytes outside a part")
        self._in_part = True
        self._read = 0
        return part

    async def part_bytes(self, limit: int) -> AsyncIterator[bytes]:
        """The bytes of this part; raises TooLarge as soon as there are more than `limit`, whatever was announced."""
        while self._in_part:
            while not self._events.waiting:
                await self._pull()
            event = self._events.waiting.popleft()
            if not isinstance(event, bytes):
                self._in_part = False
                return
            self._read += len(event)
            if self._read > limit:
                raise TooLarge(limit)
            yield event

    async def skip_part(self, limit: int) -> None:
        """Pass over what was not read; it still counts towards the limit."""
        async for _ in self.part_bytes(limit):
            continue

    async def text(self, limit: int) -> str:
        """The whole part as text; raises BadRequest when it is not UTF-8."""
        pieces = [piece async for piece in self.part_bytes(limit)]
        try:
            return b"".join(pieces).decode()
        except UnicodeDecodeError as error:
            raise BadRequest("not UTF-8") from error

    async def _pull(self) -> None:
        """Wait for one more message of the body and let the parser read it."""
        message = await self._listener.message()
        body: bytes = message.get("body", b"")
        self._heard += len(body)
        if self._heard > self._limits.form_bytes:
            raise TooLarge(self._limits.form_bytes)
        try:
            self._parser.write(body)
        except MultipartParseError as error:
            raise BadRequest("not a well-formed multipart body") from error
        if not message.get("more_body", False) and not self._events.complete:
            raise UploadCut("the body ended before the form did")


def _parser(content_type: str | None) -> tuple[MultipartParser, _Events]:
    """The push parser, and the place where it leaves what it met."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise BadRequest("not a form with files")
    events = _Events()
    headers: dict[bytes, bytes] = {}
    name, value = bytearray(), bytearray()

    def on_header_end() -> None:
        headers[bytes(name).lower()] = bytes(value).strip()
        name.clear()
        value.clear()

    def on_headers_finished() -> None:
        events.waiting.append(_part(headers))
        headers.clear()

    def on_end() -> None:
        events.complete = True

    parser = MultipartParser(
        boundary,
        {
            "on_header_field": lambda data, start, end: name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: value.extend(data[start:end]),
            "on_header_end": on_header_end,
            "on_headers_finished": on_headers_finished,
            "on_part_data": lambda data, start, end: events.waiting.append(data[start:end]),
            "on_part_end": lambda: events.waiting.append(None),
            "on_end": on_end,
        },
    )
    return parser, events


def _part(headers: Mapping[bytes, bytes]) -> _Part:
    _, options = parse_options_header(headers.get(b"content-disposition"))
    if b"name" not in options:
        raise BadRequest("a part without a name")
    try:
        name = options[b"name"].decode()
        given = options[b"filename"].decode() if b"filename" in options else None
    except UnicodeDecodeError as error:
        raise BadRequest("a part's header is not UTF-8") from error
    declared = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    # Browsers write a quote in a file name as %22 (WHATWG, multipart/form-data encoding algorithm).
    shown = file_name(given.replace("%22", '"')) if given is not None else None
    return _Part(name, given is not None, shown, bool(given), declared)
