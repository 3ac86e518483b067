"""Writes HEIF files box by box around one small picture, as phones do and as attackers might."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

# A red square of 64 by 64 pixels, coded once with HEVC: its configuration and its one frame.
_CONFIGURATION = bytes.fromhex(
    "0103700000000000000000001ef000fcfdf8f800000f03200001001840010c01ffff03700000030090000003000003001eba0240210001002b"
    "42010103700000030090000003000003001ea020810596ea4929ae6e04040c08000003000800000300084022000100074401c172b02240"
)
_FRAME = bytes.fromhex("000000182801af1380e533c09ffff052a3ffdd6b3c3f0778ad50f53e")
SIDE = 64


@dataclass(frozen=True)
class Coded:
    """A coded picture: its decoder's configuration, its frame, and the side of the square in pixels."""

    configuration: bytes = _CONFIGURATION
    frame: bytes = _FRAME
    side: int = SIDE


RED = Coded()


@dataclass(frozen=True)
class _Item:
    """A picture in the file: its kind, its bytes, and the numbers (from 1) of its properties."""

    kind: bytes
    data: bytes
    properties: Sequence[int]
    parts: Sequence[int] = field(default_factory=tuple)
    hidden: bool = False


def box(kind: bytes, body: bytes) -> bytes:
    """A box as every part of such a file is."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, body: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags) + body)


def _size(width: int, height: int) -> bytes:
    return _full(b"ispe", struct.pack(">II", width, height))


def _file(items: Sequence[_Item], properties: Sequence[bytes], brand: bytes, brands: Sequence[bytes]) -> bytes:
    """Every item has its bytes of its own in `mdat`, unless the same bytes are there already: small files can say much."""
    head = box(b"ftyp", brand + bytes(4) + b"".join(brands))
    places: dict[bytes, int] = {}
    body = b""
    for one in items:
        if one.data not in places:
            places[one.data] = len(body)
            body += one.data
    meta = _meta(items, properties, dict.fromkeys(places, 0))
    start = len(head) + len(meta) + 8
    return head + _meta(items, properties, {data: start + at for data, at in places.items()}) + box(b"mdat", body)


def _meta(items: Sequence[_Item], properties: Sequence[bytes], places: dict[bytes, int]) -> bytes:
    numbered = list(enumerate(items, 1))
    entries = [_full(b"infe", struct.pack(">HH4sB", number, 0, one.kind, 0), 2, int(one.hidden)) for number, one in numbered]
    located = [struct.pack(">HHHHII", number, 0, 0, 1, places[one.data], len(one.data)) for number, one in numbered]
    belonging = [struct.pack(">HB", number, len(one.properties)) + bytes(one.properties) for number, one in numbered]
    references = [box(b"dimg", struct.pack(f">HH{len(one.parts)}H", number, len(one.parts), *one.parts)) for number, one in numbered if one.parts]
    return _full(b"meta", b"".join([
        _full(b"hdlr", bytes(4) + b"pict" + bytes(13)),
        _full(b"pitm", struct.pack(">H", len(items))),
        _full(b"iloc", struct.pack(">HH", 0x4400, len(items)) + b"".join(located), 1),
        _full(b"iinf", struct.pack(">H", len(items)) + b"".join(entries)),
        *([_full(b"iref", b"".join(references))] if references else []),
        box(b"iprp", box(b"ipco", b"".join(properties)) + _full(b"ipma", struct.pack(">I", len(items)) + b"".join(belonging))),
    ]))


def photo(*, brand: bytes = b"heic", brands: Sequence[bytes] = (b"mif1", b"heic"), says: tuple[int, int] | None = None,
          turned: int = 0, coded: Coded = RED, pictures: int = 1) -> bytes:
    """One coded picture, or several; `says` is the size that the file claims, `turned` how many quarters it is turned."""
    turn = [box(b"irot", bytes([turned]))] if turned else []
    properties = [box(b"hvcC", coded.configuration), _size(*(says or (coded.side, coded.side))), *turn]
    items = [_Item(b"hvc1", coded.frame, [0x81, *range(2, len(properties) + 1)]) for _one in range(pictures)]
    return _file(items, properties, brand, brands)


def grid(columns: int, rows: int, *, says: tuple[int, int] | None = None, coded: Coded = RED, tiles: int | None = None) -> bytes:
    """A picture put together of tiles, as the cameras of phones write it; all tiles are the same bytes."""
    width, height = says or (columns * coded.side, rows * coded.side)
    count = columns * rows if tiles is None else tiles
    properties = [box(b"hvcC", coded.configuration), _size(coded.side, coded.side), _size(width, height)]
    tile = _Item(b"hvc1", coded.frame, [0x81, 2], hidden=True)
    whole = _Item(b"grid", struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, width, height), [3], parts=range(1, count + 1))
    return _file([*([tile] * count), whole], properties, b"heic", (b"mif1", b"heic"))


def grids_of_grids(depth: int) -> bytes:
    """Each grid is made of four, and each of these of four again: the pixels grow faster than the bytes."""
    properties = [box(b"hvcC", RED.configuration), *(_size(SIDE << level, SIDE << level) for level in range(depth + 1))]
    items = [_Item(b"hvc1", RED.frame, [0x81, 2], hidden=True)] * 4
    for level in range(1, depth + 1):
        side = SIDE << level
        below = range(len(items) - 3, len(items) + 1)
        grid_item = _Item(b"grid", struct.pack(">BBBBII", 0, 1, 1, 1, side, side), [2 + level], parts=below, hidden=level < depth)
        items.extend([grid_item] * (4 if level < depth else 1))
    return _file(items, properties, b"heic", (b"mif1", b"heic"))


def grid_of_itself() -> bytes:
    """A grid whose tiles are the grid."""
    properties = [_size(SIDE, SIDE)]
    whole = _Item(b"grid", struct.pack(">BBBBII", 0, 1, 0, 0, SIDE, SIDE), [1], parts=[1])
    return _file([whole], properties, b"heic", (b"mif1", b"heic"))
