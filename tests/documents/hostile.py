"""Files as people send them, and as attackers do: each made here, from a few lines."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

Make = Callable[[Pdf], None]


def packed(one: bytes, size: int, before: bytes = b"") -> bytes:
    """So many times this byte, deflated: a megabyte is packed once, and its packed block repeated."""
    chunk = one * (1 << 20)
    packer = zlib.compressobj(9, wbits=-15)
    head = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
    total = zlib.adler32(before)
    for _ in range(size >> 20):
        total = zlib.adler32(chunk, total)
    return b"\x78\xda" + head + block * (size >> 20) + packer.flush() + total.to_bytes(4)


def pdf(change: Make | None = None, *, pages: int = 1, **save: Any) -> bytes:
    """A PDF of blank pages after `change`."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    if change is not None:
        change(document)
    output = io.BytesIO()
    document.save(output, **save)
    return output.getvalue()


def action(**entries: Any) -> Make:
    """The document does this when it is opened."""

    def change(document: Pdf) -> None:
        document.Root.OpenAction = document.make_indirect(Dictionary(**entries))

    return change


def page_action(**entries: Any) -> Make:
    """A page does this when it is shown."""

    def change(document: Pdf) -> None:
        document.pages[0].AA = Dictionary(O=Dictionary(**entries))

    return change


def link(**entries: Any) -> Make:
    """A place on the page does this when it is clicked."""

    def change(document: Pdf) -> None:
        spot = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(**entries))
        document.pages[0].Annots = Array([spot])

    return change


def annotation(subtype: str) -> Make:
    def change(document: Pdf) -> None:
        spot = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=[0, 0, 9, 9])
        document.pages[0].Annots = Array([spot])

    return change


def go_to_first_page(document: Pdf) -> None:
    document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])


def named_script(document: Pdf) -> None:
    tree = Dictionary(Names=Array([String("a"), Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))]))
    document.Root.Names = Dictionary(JavaScript=document.make_indirect(tree))


def orphan_script(document: Pdf) -> None:
    """A script that nothing points to: kept in the file because the page's private data holds it."""
    document.pages[0].PieceInfo = Dictionary(X=document.make_indirect(Dictionary(S=Name.JavaScript)))


def deep_script(document: Pdf) -> None:
    inner = Dictionary(S=Name.JavaScript, JS=String("1"))
    for _ in range(20):
        inner = Dictionary(Next=Array([inner]))
    document.pages[0].PieceInfo = inner


def attachment(document: Pdf) -> None:
    document.attachments["a.exe"] = b"MZ"


def attachment_of(content: bytes) -> Make:
    """Another file inside."""

    def change(document: Pdf) -> None:
        document.attachments["a.com"] = content

    return change


def xfa_form(document: Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(document, b"<xdp/>"))


def plain_form(document: Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]))


def portfolio(document: Pdf) -> None:
    document.Root.Collection = Dictionary(View=Name.D)


def nested(document: Pdf) -> None:
    inner = Array([])
    for _ in range(300):
        inner = Array([inner])
    document.pages[0].PieceInfo = Dictionary(X=inner)


def content_bomb(size: int) -> Make:
    """A page's drawing of `size` bytes."""

    def change(document: Pdf) -> None:
        document.pages[0].Contents = Stream(document, packed(b" ", size))
        document.pages[0].Contents.stream_dict.Filter = Name.FlateDecode

    return change


def picture_in_pdf(width: int, height: int, unpacked: int) -> Make:
    """A page with a lossless picture that says it is so large, and unpacks to so many bytes."""

    def change(document: Pdf) -> None:
        image = Stream(document, zlib.compress(bytes(unpacked), 9))
        image.stream_dict.update(
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=width,
                Height=height,
                ColorSpace=Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=Name.FlateDecode,
            )
        )
        document.pages[0].Resources = Dictionary(XObject=Dictionary(I=image))

    return change


def lossless_scans(document: Pdf) -> None:
    """Twenty-five pages that unpack to more than is checked, and the small drawing that a page has as well."""
    picture_in_pdf(2480, 3508, 2480 * 3508 * 3)(document)
    image = document.pages[0].Resources.XObject.I
    for _ in range(24):
        document.add_blank_page()
        copy = Stream(document, image.read_raw_bytes())
        copy.stream_dict.update(image.stream_dict)
        document.pages[-1].Resources = Dictionary(XObject=Dictionary(I=copy))
        document.pages[-1].Contents = Stream(document, b"q Q " * 100)


def escaped_names() -> bytes:
    """A script whose names are written with escapes, which a search for the plain word would miss."""
    plain = pdf(action(S=Name("/Placeholder"), XX=String("1")))
    return plain.replace(b"/Placeholder", b"/Java#53cript")


def endless_pages() -> bytes:
    """A page tree that holds itself."""
    document = pikepdf.new()
    document.add_blank_page()
    tree = document.Root.Pages
    tree.Kids.append(tree)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **save: Any) -> bytes:
    """A picture of one colour."""
    output = io.BytesIO()
    Image.new(mode, size, 1).save(output, kind, **save)
    return output.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_saying(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says it is so large, whatever it holds."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", data or zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """A small picture with a comment that unpacks to 200 MB."""
    return png_with((b"zTXt", b"Comment\0\0" + packed(b"\0", 200 << 20)))


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A small picture with these chunks before its pixels."""
    plain = picture("PNG")
    return plain[:33] + b"".join(png_chunk(kind, data) for kind, data in chunks) + plain[33:]


def moving(kind: str) -> bytes:
    """Three pictures, one after the other."""
    frames = [Image.new("RGB", (40, 30), (shade, 0, 0)) for shade in (10, 100, 200)]
    output = io.BytesIO()
    frames[0].save(output, kind, save_all=True, append_images=frames[1:])
    return output.getvalue()


def jpeg_with(marker: int, data: bytes) -> bytes:
    """A photo with a segment of its own right behind its first bytes."""
    plain = picture("JPEG")
    return plain[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + plain[2:]


def jpeg_saying(width: int, height: int, kind: int = 0xC0) -> bytes:
    """A photo whose frame says another size or another coding than it has."""
    plain = picture("JPEG")
    frame = plain.index(b"\xff\xc0")
    return plain[: frame + 1] + bytes([kind]) + plain[frame + 2 : frame + 5] + struct.pack(">HH", height, width) + plain[frame + 9 :]


def jpeg_of_scans(scans: int) -> bytes:
    """A large progressive photo that is drawn over and over: few bytes, and years of work."""
    plain = picture("JPEG", (6000, 8000), "L", progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * scans + b"\xff\xd9"


def exif(entries: bytes, count: int) -> bytes:
    """A segment of camera data with these directory entries, twelve bytes each."""
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", count) + entries + bytes(4)


def tar(name: str, content: bytes) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as file:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        file.addfile(entry, io.BytesIO(content))
    return output.getvalue()


def zip_bomb() -> bytes:
    """An archive of archives that unpacks to 100 MB."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("a.pdf", bytes(100 << 20))
    return output.getvalue()


def archive(*names: str, content: bytes = b"x") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names or ("a.txt",):
            file.writestr(name, content)
    return output.getvalue()
