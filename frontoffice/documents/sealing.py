"""The organisation's electronic seal under a receipt: PAdES, level B-B, made with a key that only the worker can read."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509 import Certificate, load_pem_x509_certificates
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "Seal"


class SealUnusable(Exception):
    """Why nothing can be sealed now, in words for the operator; names files and dates, never what is in them."""


@dataclass(frozen=True)
class Seal:
    """A seal that may be used now."""

    signer: Any


def load_seal(key_file: str, certificate_file: str, at: datetime) -> Seal:
    """The seal of a PEM private key (PKCS #8, without passphrase) and its PEM certificate, followed by those that issued it.

    Raises SealUnusable when one is absent or unreadable, when they do not belong together, or outside the certificate's time."""
    if not key_file or not certificate_file:
        raise SealUnusable("FRONTOFFICE_SEAL_KEY_FILE and FRONTOFFICE_SEAL_CERTIFICATE_FILE are not set")
    try:
        key_bytes, certificate_bytes = Path(key_file).read_bytes(), Path(certificate_file).read_bytes()
        chain, key = load_pem_x509_certificates(certificate_bytes), load_pem_private_key(key_bytes, None)
    except (OSError, ValueError, TypeError) as error:
        raise SealUnusable(f"{key_file} or {certificate_file} cannot be read: {type(error).__name__}") from error
    if _public(key.public_key()) != _public(chain[0].public_key()):
        raise SealUnusable(f"{key_file} is not the key of the first certificate in {certificate_file}")
    _check_time(chain, certificate_file, at)
    certificates = list(load_certs_from_pemder_data(certificate_bytes))
    known = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    known.register_multiple(certificates)
    return Seal(SimpleSigner(signing_cert=certificates[0], signing_key=load_private_key_from_pemder_data(key_bytes, None), cert_registry=known))


def _public(key: Any) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[no-any-return]


def _check_time(chain: Sequence[Certificate], name: str, at: datetime) -> None:
    for one in chain:
        if at < one.not_valid_before_utc:
            raise SealUnusable(f"a certificate in {name} is not valid before {one.not_valid_before_utc:%Y-%m-%d %H:%M} UTC")
        if at >= one.not_valid_after_utc:
            raise SealUnusable(f"a certificate in {name} expired on {one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC: put a new key and certificate in place")


async def sealed(pdf: bytes, seal: Seal, *, reason: str) -> bytes:
    """The PDF with the seal appended, all its earlier bytes as they were; any later change breaks it.

    There is no time stamp of a third party in it: the time that it names is the clock of this machine."""
    metadata = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES, reason=reason,
    )
    # PDF/UA wants each widget in the tag tree unless it lies off the page.
    field = SigFieldSpec(FIELD, readable_field_name=reason, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
    signer = PdfSigner(metadata, signer=seal.signer, new_field_spec=field)
    output = await signer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    return output.getvalue()  # type: ignore[no-any-return]
