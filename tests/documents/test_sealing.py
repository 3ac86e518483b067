"""A sealed PDF is whole, stays a tagged PDF, and any change breaks it; a seal that cannot be used says why."""

import io
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.generic import NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from frontoffice.documents.sealing import SealUnusable, load_seal, sealed
from frontoffice.dossiers.receipt import receipt_pdf
from frontoffice.kernel.i18n import translator
from frontoffice.local.seal import CERTIFICATE, KEY, make_seal
from tests.documents.receipting import is_sealed
from tests.dossiers.test_receipt import FACTS

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seal")
    make_seal(folder)
    return folder


@pytest.fixture(scope="module")
def plain() -> bytes:
    return receipt_pdf(FACTS, "nl", translator("nl"))


async def seal(plain: bytes, folder: Path) -> bytes:
    return await sealed(plain, load_seal(str(folder / KEY), str(folder / CERTIFICATE), datetime.now(UTC)), reason="Receipt of your application")


async def test_the_seal_covers_the_whole_file_and_leads_to_our_authority(plain: bytes, folder: Path, tmp_path: Path) -> None:
    made = await seal(plain, folder)
    assert made.startswith(plain) and await is_sealed(made, folder)
    (signature,) = PdfFileReader(io.BytesIO(made)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached" and signature.docmdp_level.value == 1
    assert signature.signer_cert.subject.native["common_name"] == "Permit window on this machine"
    make_seal(tmp_path)
    assert not await is_sealed(made, tmp_path), "the seal of another authority must not pass"


async def test_it_stays_a_tagged_pdf_for_everybody(plain: bytes, folder: Path) -> None:
    with pikepdf.open(io.BytesIO(await seal(plain, folder))) as pdf, pikepdf.open(io.BytesIO(plain)) as before:
        assert bool(pdf.Root.MarkInfo.Marked) and str(pdf.Root.Lang) == str(before.Root.Lang)
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert len(pdf.Root.StructTreeRoot.K) == len(before.Root.StructTreeRoot.K)
        assert str(pdf.docinfo.Title) == str(before.docinfo.Title)
        (widget,) = [one for page in pdf.pages for one in page.get("/Annots", [])]
        # Untagged is allowed only off the page.
        assert all(float(one) < 0 for one in widget.Rect) and str(pdf.pages[0].Tabs) == "/S"
        assert str(widget.TU) == "Receipt of your application"


async def test_any_changed_byte_breaks_it(plain: bytes, folder: Path) -> None:
    made, chance = await seal(plain, folder), random.Random(7)
    signature = PdfFileReader(io.BytesIO(made)).embedded_signatures[0]
    begin, first, second, rest = (int(one) for one in signature.byte_range)
    covered = [*range(begin, begin + first), *range(second, second + rest)]
    spots = [*chance.sample(covered, 60), 0, len(plain) - 1, len(plain) + 5, second - first // 2, len(made) - 1]
    for spot in spots:
        changed = bytearray(made)
        changed[spot] ^= 1 << chance.randrange(8)
        assert not await is_sealed(bytes(changed), folder), spot
    for changed_file in (made[:-1], made + b"\n%", plain, b"", made.replace(b"/Reason", b"/Raeson", 1)):
        assert not await is_sealed(changed_file, folder)


async def test_a_later_revision_breaks_it_too(plain: bytes, folder: Path) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(await seal(plain, folder)))
    page = writer.root["/Pages"]["/Kids"][0]
    page[pdf_name("/Rotate")] = NumberObject(180)
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)
    assert not await is_sealed(changed.getvalue(), folder)


@pytest.mark.parametrize(("begins", "at", "why"), [
    (NOW - timedelta(days=30), NOW, "expired on"),
    (NOW + timedelta(days=1), NOW, "not valid before"),
    (NOW - timedelta(days=2), NOW + timedelta(days=1), "expired on"),
])
def test_outside_its_time_a_certificate_is_of_no_use(tmp_path: Path, begins: datetime, at: datetime, why: str) -> None:
    make_seal(tmp_path, begins=begins, lasts=timedelta(days=3) if why == "expired on" and at > NOW else timedelta(days=10))
    with pytest.raises(SealUnusable, match=why):
        load_seal(str(tmp_path / KEY), str(tmp_path / CERTIFICATE), at)


def _another_key(folder: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    (folder / KEY).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.mark.parametrize(("spoil", "why"), [
    (lambda folder: (folder / KEY).unlink(), "cannot be read: FileNotFoundError"),
    (lambda folder: (folder / KEY).write_text("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"), "cannot be read: ValueError"),
    (lambda folder: (folder / CERTIFICATE).write_text(""), "cannot be read: ValueError"),
    (lambda folder: (folder / CERTIFICATE).write_bytes(b"\x00\xff"), "cannot be read: ValueError"),
    (_another_key, "is not the key of the first certificate"),
])
def test_files_that_are_no_seal_say_what_is_wrong(tmp_path: Path, spoil: object, why: str) -> None:
    make_seal(tmp_path)
    spoil(tmp_path)  # type: ignore[operator]
    with pytest.raises(SealUnusable, match=why) as told:
        load_seal(str(tmp_path / KEY), str(tmp_path / CERTIFICATE), NOW)
    assert "PRIVATE" not in str(told.value)


def test_without_files_it_says_which_settings_are_missing() -> None:
    with pytest.raises(SealUnusable, match="FRONTOFFICE_SEAL_KEY_FILE"):
        load_seal("", "", NOW)
