"""Receipts as tests judge them: sealed PDFs by pyHanko's own validator, codes read from the pages of a PDF."""

import io
import re
from pathlib import Path

import pypdfium2
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import SignatureCoverageLevel, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from frontoffice.local.seal import ROOT


async def is_sealed(pdf: bytes, folder: Path) -> bool:
    """Whether the whole file stands under one seal that leads to the authority of this folder, and nothing was changed."""
    roots = list(load_certs_from_pemder([str(folder / ROOT)]))
    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        status = await async_validate_pdf_signature(signature, ValidationContext(trust_roots=roots, allow_fetching=False))
    except Exception:
        # Whatever a spoilt file makes of the validator, it is no seal.
        return False
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and status.modification_level == ModificationLevel.NONE
    return bool(status.bottom_line and status.trusted and whole)


def text_of(pdf: bytes) -> str:
    """All words of a PDF, page by page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "\n")


def code_of(pdf: bytes) -> str:
    """The check code that is printed on a receipt."""
    found = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){6}", re.sub(r"\s", "", text_of(pdf)))
    assert found, text_of(pdf)
    return found.group(0)
