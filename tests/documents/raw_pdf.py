"""PDF files written byte by byte, for what no honest library would write."""

import zlib
from collections.abc import Mapping, Sequence

from tests.documents.hostile import packed

Objects = Mapping[int, bytes]
PAGE = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
}


def written(objects: Objects = PAGE, *, trailer: bytes = b"/Root 1 0 R", head: bytes = b"%PDF-1.7\n", start: int | None = None) -> bytes:
    """A file of these objects, its table of places right unless `start` sends the reader elsewhere."""
    body, places = head, {}
    for number, content in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return body + _table(places, trailer, len(body) if start is None else start)


def _table(places: Mapping[int, int], trailer: bytes, start: int) -> bytes:
    size = max(places) + 1
    lines = [b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n" for number in range(size)]
    return b"xref\n0 %d\n%strailer\n<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, b"".join(lines), size, trailer, start)


def updated(old: bytes, objects: Objects, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """The same file with objects added or written over, as a program does that only adds to the end."""
    before = int(old.rsplit(b"startxref\n", 1)[1].split(b"\n", 1)[0])
    body, parts = old, b""
    for number, content in objects.items():
        parts += b"%d 1\n%010d 00000 n \n" % (number, len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return body + b"xref\n%strailer\n<</Size 20/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (parts, before, trailer, len(body))


def with_page(entries: bytes, more: Objects | None = None, **root: bytes) -> bytes:
    """One page with these entries, further objects from number 4 on, and entries of the catalogue."""
    catalogue = b"".join(b"/%s %s" % (name.encode(), value) for name, value in root.items())
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]%s>>" % entries
    return written({1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue, 2: PAGE[2], 3: page, **(more or {})})


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object whose bytes are written as they are."""
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def drawn(data: bytes, filters: str) -> bytes:
    """A page's drawing, in bytes that these filters unpack."""
    return with_page(b"/Contents 4 0 R", {4: stream(data, b"/Filter[%s]" % filters.encode())})


def deflated(size: int, layers: int = 1) -> bytes:
    """Blanks, packed so often."""
    data = packed(b" ", size)
    for _one in range(layers - 1):
        data = zlib.compress(data, 9)
    return data


def picture(coding: str, data: bytes, width: int, height: int, entries: bytes = b"/ColorSpace/DeviceRGB/BitsPerComponent 8") -> bytes:
    """A page with a picture that says so much of itself."""
    values = b"/Type/XObject/Subtype/Image/Width %d/Height %d/Filter/%s%s" % (width, height, coding.encode(), entries)
    return with_page(b"/Resources<</XObject<</I 4 0 R>>>>", {4: stream(data, values)})


def object_stream(data: bytes, count: int, first: int, *, references: bytes = b"") -> bytes:
    """A file whose page is found in a packed stream of objects, by a packed table of places."""
    head = b"%PDF-1.7\n"
    packed = b"4 0 obj\n" + stream(data, b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode%s" % (count, first, references)) + b"\nendobj\n"
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, len(head), 0), (1, len(head) + len(packed), 0)]
    table = b"".join(bytes([kind]) + place.to_bytes(4) + bytes([index]) for kind, place, index in rows)
    places = stream(zlib.compress(table), b"/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Filter/FlateDecode")
    start = len(head) + len(packed)
    return head + packed + b"5 0 obj\n" + places + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


def packed_objects(contents: Sequence[bytes], padding: int = 0) -> tuple[bytes, int, int]:
    """The bytes of an object stream with objects from 1 on, followed by blanks; their count, and where the first begins."""
    numbers, body = b"", b""
    for number, content in enumerate(contents, 1):
        numbers += b"%d %d " % (number, len(body))
        body += content + b" "
    return packed(b" ", padding, before=numbers + body), len(contents), len(numbers)


def forms(levels: int, each: int) -> bytes:
    """Drawings that each draw the next so many times."""
    pieces = {}
    for level in range(levels):
        number = 4 + level
        values = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        pieces[number] = stream(b"/F Do\n" * each if level < levels - 1 else b"0 0 1 1 re f", values)
    return with_page(b"/Resources<</XObject<</F 4 0 R>>>>/Contents %d 0 R" % (4 + levels), {**pieces, 4 + levels: stream(b"/F Do")})


def form_of_itself(steps: int = 1) -> bytes:
    """A drawing that draws itself, directly or by way of others."""
    pieces = {}
    for step in range(steps):
        values = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % (4 + (step + 1) % steps)
        pieces[4 + step] = stream(b"/F Do", values)
    return with_page(b"/Resources<</XObject<</F 4 0 R>>>>/Contents %d 0 R" % (4 + steps), {**pieces, 4 + steps: stream(b"/F Do")})


def deep_tree(depth: int) -> bytes:
    """A page under so many levels of the page tree."""
    levels = {2 + level: b"<</Type/Pages/Kids[%d 0 R]/Count 1%s>>" % (3 + level, b"/Parent %d 0 R" % (1 + level) if level else b"") for level in range(depth)}
    page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 200 200]>>" % (1 + depth)
    return written({1: PAGE[1], **levels, 2 + depth: page})
