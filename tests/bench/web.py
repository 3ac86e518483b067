"""A light HTTP/1.1 client, so that the load is made by far less work than the server does to answer it."""

import asyncio
import gzip
import html
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

_FORM = [("content-type", "application/x-www-form-urlencoded")]
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    head: bytes
    body: bytes
    seconds: float

    @property
    def status(self) -> int:
        """The status code."""
        return int(self.head[9:12])

    def header(self, name: str) -> str:
        """One header of the answer, or an empty text."""
        return next((value for key, value in self._headers() if key == name), "")

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the answer sets; an empty value takes one away."""
        pairs = (value.split(";")[0].partition("=") for key, value in self._headers() if key == "set-cookie")
        return {name.strip(): value for name, _, value in pairs}

    def _headers(self) -> list[tuple[str, str]]:
        parts = (line.decode("latin-1").partition(":") for line in self.head.split(b"\r\n")[1:])
        return [(name.lower(), value.strip()) for name, _, value in parts if name]

    @property
    def text(self) -> str:
        """The body as text."""
        return (gzip.decompress(self.body) if self.header("content-encoding") == "gzip" else self.body).decode()

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms."""
        return {name: html.unescape(value) for name, value in _HIDDEN.findall(self.text)}


def written(method: str, path: str, headers: list[tuple[str, str]], body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if body or method == "POST":
        lines.append(f"content-length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


class Connection:
    """One connection that is kept open; `source` is the loopback address that it comes from."""

    def __init__(self, host: str, port: int, *, source: str = "127.0.0.1") -> None:
        self._where, self._source = (host, port), source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and read its whole answer."""
        begun = time.perf_counter()
        reader, writer = await self.opened()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        small = head.lower()
        length = small.find(b"content-length: ")
        if length >= 0:
            body = await reader.readexactly(int(small[length + 16:small.index(b"\r", length)]))
        else:
            body = await _chunks(reader) if b"transfer-encoding: chunked" in small else b""
        answer = Answer(head, body, time.perf_counter() - begun)
        if b"connection: close" in small or head.startswith(b"HTTP/1.0"):
            self.close()
        return answer

    async def opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The streams of the connection, opened when it is not."""
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection(*self._where, local_addr=(self._source, 0))
        return self._streams

    def close(self) -> None:
        """Give the connection up."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = bytearray()
    while size := int((await reader.readline()).split(b";")[0], 16):
        found += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()
    return bytes(found)


class Visitor(ABC):
    """A browser without script: keeps cookies, sends forms with the hidden fields of the page that showed them."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.cookies: dict[str, str] = {}

    @abstractmethod
    async def exchange(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """Bring a request to the server."""

    def headers(self) -> list[tuple[str, str]]:
        """What goes with each request."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return [
            ("host", urlsplit(self.origin).netloc), ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) bench"), ("accept-encoding", "gzip"),
            ("accept", "text/html"), ("sec-fetch-site", "same-origin"), *([("cookie", cookies)] if cookies else []),
        ]

    async def send(self, method: str, path: str, headers: list[tuple[str, str]] | None = None, body: bytes = b"") -> Answer:
        """Send a request and keep the cookies of its answer; raises RuntimeError for a status of 400 or more."""
        answer = await self.exchange(method, path, self.headers() + (headers or []), body)
        for name, value in answer.cookies.items():
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status}\n{shown_text(answer)}")
        return answer

    async def get(self, path: str) -> Answer:
        """Open an address; redirects are not followed."""
        return await self.send("GET", path)

    async def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form."""
        return await self.send("POST", path, _FORM, urlencode(fields).encode())

    async def upload(self, path: str, fields: Mapping[str, str], file: tuple[str, str, bytes]) -> Answer:
        """Send a form with one file: its name, type and bytes."""
        name, kind, content = file
        edge = secrets.token_hex(16)
        parts = [f'--{edge}\r\ncontent-disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()]
        parts.append(f'--{edge}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\ncontent-type: {kind}\r\n\r\n')
        body = "".join(parts).encode() + content + f"\r\n--{edge}--\r\n".encode()
        return await self.send("POST", path, [("content-type", f"multipart/form-data; boundary={edge}")], body)


def shown_text(answer: Answer) -> str:
    """The words of a page, for whoever must find out why a run stopped."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[:1500]


class NetVisitor(Visitor):
    """A browser on the network, with one connection."""

    def __init__(self, origin: str, *, source: str = "127.0.0.1") -> None:
        super().__init__(origin)
        parts = urlsplit(origin)
        self.connection = Connection(parts.hostname or "", parts.port or 80, source=source)

    async def exchange(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        """Bring a request to the server."""
        return await self.connection.exchange(written(method, path, headers, body))
