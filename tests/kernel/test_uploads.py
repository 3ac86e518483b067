"""The streaming reader of forms with files: what it takes, what it refuses, and that it never runs ahead."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from frontoffice.kernel.errors import BadRequest, TooLarge
from frontoffice.kernel.uploads import Receive, UploadCut, UploadLimits, file_name, read_form_upload

TYPE = "multipart/form-data; boundary=edge"
END = b"--edge--\r\n"


def text_part(name: str, value: str | bytes) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return b'--edge\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value)


def file_part(name: str, data: bytes, *, given: str = "a.pdf", kind: str = "application/pdf") -> bytes:
    head = (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{given}"\r\nContent-Type: {kind}\r\n\r\n'
    )
    return head.encode() + data + b"\r\n"


class Sender:
    """An ASGI `receive` that gives the body in pieces, then says that the sender is gone."""

    def __init__(self, body: bytes | Iterable[bytes], *, piece: int = 1000, cut: bool = False) -> None:
        if isinstance(body, bytes):
            body = [body[start : start + piece] for start in range(0, len(body), piece)]
        self._pieces = list(body)
        self._cut = cut
        self.given = 0

    async def __call__(self) -> dict[str, Any]:
        if self.given >= len(self._pieces):
            return {"type": "http.disconnect"}
        piece = self._pieces[self.given]
        self.given += 1
        more = self._cut or self.given < len(self._pieces)
        return {"type": "http.request", "body": piece, "more_body": more}


async def read_all(
    receive: Receive,
    content_type: str | None = TYPE,
    limits: UploadLimits = UploadLimits(),
    on_field: Callable[[str, str], None] | None = None,
) -> tuple[list[tuple[str, str]], list[tuple[str, str | None, str, bytes]]]:
    fields: list[tuple[str, str]] = []
    files = []
    collect = on_field or (lambda name, value: fields.append((name, value)))
    async for one in read_form_upload(receive, content_type, on_field=collect, limits=limits):
        data = b"".join([chunk async for chunk in one.chunks])
        files.append((one.field, one.name, one.declared_type, data))
    return fields, files


TRICKY = b"\r\n--edg\r\n--\r\n-edge\r\n\r\n--ed" * 50 + bytes(range(256))


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 1000, 10**6])
async def test_fields_and_files_in_order_however_the_body_is_cut(piece: int) -> None:
    body = (
        text_part("csrf", "token")
        + text_part("note", "Žluťoučký\r\nkůň")
        + file_part("passport", TRICKY)
        + text_part("empty", "")
        + file_part("photo", b"", given="", kind="application/octet-stream")
        + file_part("photo", b"x" * 3000, given="b.PNG", kind="Image/PNG; q=1")
        + END
    )
    fields, files = await read_all(Sender(body, piece=piece))
    assert fields == [("csrf", "token"), ("note", "Žluťoučký\r\nkůň"), ("empty", "")]
    assert files == [
        ("passport", "a.pdf", "application/pdf", TRICKY),
        ("photo", None, "application/octet-stream", b""),
        ("photo", "b.PNG", "image/png", b"x" * 3000),
    ]


async def test_a_field_that_is_refused_stops_the_reading() -> None:
    class Stop(Exception):
        pass

    def refuse(_name: str, _value: str) -> None:
        raise Stop

    sender = Sender([text_part("csrf", "wrong"), *[file_part("f", b"x" * 1000)] * 20, END])
    with pytest.raises(Stop):
        await read_all(sender, on_field=refuse)
    assert sender.given <= 2


async def test_nothing_is_read_before_the_caller_asks() -> None:
    sender = Sender([text_part("csrf", "t"), file_part("f", b"")[:-2], *[b"x" * 100] * 50, b"\r\n" + END])
    async for one in read_form_upload(sender, TYPE, on_field=lambda _name, _value: None):
        before = sender.given
        await asyncio.sleep(0)
        assert sender.given == before
        async for chunk in one.chunks:
            assert chunk
            assert sender.given <= before + 1
            before = sender.given


async def test_a_file_that_is_not_read_is_skipped() -> None:
    body = file_part("a", b"x" * 5000) + file_part("b", b"second") + END
    seen = []
    async for one in read_form_upload(Sender(body), TYPE, on_field=lambda _name, _value: None):
        seen.append(one.field)
    assert seen == ["a", "b"]


LIMITS = UploadLimits(file_bytes=1000, files=2, fields=3, field_bytes=100)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (file_part("f", b"x" * 1001) + END, TooLarge),
        (text_part("f", "x" * 101) + END, TooLarge),
        (text_part("f", "x") * 4 + END, BadRequest),
        (file_part("f", b"x") * 3 + END, BadRequest),
        (text_part("f", b"\xff\xfe") + END, BadRequest),
        (b'--edge\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n' + END, BadRequest),
        (b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, BadRequest),
        (b"--edge\r\n\r\nx\r\n" + END, BadRequest),
        (b"--edge\r\nbad header\r\n\r\nx\r\n" + END, BadRequest),
        (b"--edge\r\nX: " + b"y" * 100_000 + b"\r\n\r\nx\r\n" + END, BadRequest),
        (b"".join([b"--edge\r\n", *[b"X: y\r\n"] * 500, b"\r\nx\r\n"]) + END, BadRequest),
        (b"nothing like a form", BadRequest),
        (b"", UploadCut),
        (file_part("f", b"x" * 500), UploadCut),
        (text_part("f", "x")[:-4], UploadCut),
    ],
)
async def test_broken_or_oversized_forms(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        await read_all(Sender(body or [b""]), limits=LIMITS)


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "multipart/form-data", "multipart/mixed; boundary=edge"]
)
async def test_other_content_types_are_bad_requests(content_type: str | None) -> None:
    with pytest.raises(BadRequest):
        await read_all(Sender(END), content_type)


@pytest.mark.parametrize("arrived", [0, 30, 150, 5000])
async def test_a_sender_who_leaves_is_an_upload_cut(arrived: int) -> None:
    body = (text_part("csrf", "t") + file_part("f", b"x" * 100_000))[:arrived]
    with pytest.raises(UploadCut):
        await read_all(Sender(body, cut=True))


async def test_the_limit_stops_the_reading_at_once() -> None:
    sender = Sender([file_part("f", b"")[:-2], *[b"x" * 600] * 100, b"\r\n" + END])
    with pytest.raises(TooLarge):
        await read_all(sender, limits=LIMITS)
    assert sender.given == 3


async def test_silence_and_a_trickle_are_cut_but_a_slow_reader_is_not() -> None:
    limits = UploadLimits(patience_seconds=0.1, slowest_bytes_per_second=1000)

    async def silent() -> dict[str, Any]:
        await asyncio.sleep(10)
        return {}

    with pytest.raises(UploadCut):
        await read_all(silent, limits=limits)

    body = file_part("f", b"x" * 200) + END
    quick = Sender(body, piece=100)

    async def trickle() -> dict[str, Any]:
        await asyncio.sleep(0.03)
        return await slow()

    slow = Sender(body, piece=10)
    with pytest.raises(UploadCut):
        await read_all(trickle, limits=limits)

    async for one in read_form_upload(quick, TYPE, on_field=lambda _name, _value: None, limits=limits):
        async for _ in one.chunks:
            await asyncio.sleep(0.06)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("passport.pdf", "passport.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Jan\\diploma.pdf", "diploma.pdf"),
        ("Zoe\u0308.pdf", "Zo\u00eb.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie: x.pdf"),
        ('quo"te;.pdf', 'quo"te;.pdf'),
        ("نام\u200cخانوادگی.pdf", "نام\u200cخانوادگی.pdf"),
        ("राजेश.jpg", "राजेश.jpg"),
        ("  spaced .pdf ", "spaced .pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("x" * 300, "x" * 150),
        ("x." + "y" * 300, "x." + "y" * 148),
        ("", None),
        ("..", None),
        ("/", None),
        ("\u202e\u200d", None),
        ("folder/", None),
    ],
)
def test_file_names_are_safe_to_show(raw: str, shown: str | None) -> None:
    assert file_name(raw) == shown


async def test_a_quote_in_a_name_arrives_as_browsers_send_it() -> None:
    _, files = await read_all(Sender(file_part("f", b"x", given="a%22b.pdf") + END))
    assert files[0][1] == 'a"b.pdf'
