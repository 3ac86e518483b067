"""A seal for trying things out: a certificate authority of this folder alone, and the certificate that it gave the service."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from frontoffice.local.files import write_private

KEY, CERTIFICATE, ROOT = "seal-key.pem", "seal-certificate.pem", "seal-root.pem"
_YEARS = timedelta(days=3650)


def make_seal(folder: Path, *, begins: datetime | None = None, lasts: timedelta = _YEARS) -> None:
    """Write a new key, its certificate with that of the authority, and the authority's alone; the authority's own key is forgotten."""
    begins = begins or datetime.now(UTC) - timedelta(minutes=5)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _named("Permit window on this machine: root")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), begins, lasts)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    certificate = (
        _certificate(_named("Permit window on this machine"), root_name, key.public_key(), begins, lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    root_text, text = (one.public_bytes(Encoding.PEM).decode() for one in (root, certificate))
    write_private(folder / ROOT, root_text)
    write_private(folder / CERTIFICATE, text + root_text)
    # The key comes last: where it is, the rest is too.
    write_private(folder / KEY, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "For trying out only"),
                      x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime, lasts: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key).serial_number(x509.random_serial_number())
        .not_valid_before(begins).not_valid_after(begins + lasts).add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=not signs_certificates, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates, encipher_only=False, decipher_only=False,
    )
