"""What the surroundings tell the program; the only module that reads the environment."""

import os
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

_PACKAGE = Path(__file__).parent


def resources(name: str) -> Path:
    """The folder `templates`, `locales` or `static`: inside the package once installed, beside it in a checkout."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


class MissingSettings(Exception):
    """Names every setting that is absent, so that an operator mends them in one go."""


def _from(variable: str, default: str | None = None, *, secret: bool = False) -> str:
    metadata = {"variable": variable, "default": default}
    if default is None:
        return field(metadata=metadata, repr=not secret)  # type: ignore[no-any-return]
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One process's settings; a default exists only where it is right in production and may be published."""

    database_url: str = _from("FRONTOFFICE_DATABASE_URL", secret=True)
    public_url: str = _from("FRONTOFFICE_PUBLIC_URL")
    download_url: str = _from("FRONTOFFICE_DOWNLOAD_URL")
    secret_key: str = _from("FRONTOFFICE_SECRET_KEY", secret=True)
    cookie_suffix: str = _from("FRONTOFFICE_COOKIE_SUFFIX", "")
    s3_endpoint: str = _from("FRONTOFFICE_S3_ENDPOINT")
    s3_region: str = _from("FRONTOFFICE_S3_REGION", "us-east-1")
    s3_quarantine: str = _from("FRONTOFFICE_S3_QUARANTINE", "quarantine")
    s3_clean: str = _from("FRONTOFFICE_S3_CLEAN", "clean")
    s3_access_key: str = _from("FRONTOFFICE_S3_ACCESS_KEY", secret=True)
    s3_secret_key: str = _from("FRONTOFFICE_S3_SECRET_KEY", secret=True)
    smtp_url: str = _from("FRONTOFFICE_SMTP_URL", secret=True)
    mail_from: str = _from("FRONTOFFICE_MAIL_FROM")
    providers_file: str = _from("FRONTOFFICE_PROVIDERS")
    backbone_url: str = _from("FRONTOFFICE_BACKBONE_URL")
    backbone_jwks_url: str = _from("FRONTOFFICE_BACKBONE_JWKS_URL")
    backbone_issuer: str = _from("FRONTOFFICE_BACKBONE_ISSUER")
    backbone_rate: str = _from("FRONTOFFICE_BACKBONE_RATE", "5")
    issuer: str = _from("FRONTOFFICE_ISSUER")
    public_jwks_file: str = _from("FRONTOFFICE_PUBLIC_JWKS_FILE")
    signing_key_file: str = _from("FRONTOFFICE_SIGNING_KEY_FILE", "")
    clamav: str = _from("FRONTOFFICE_CLAMAV", "")
    seal_key_file: str = _from("FRONTOFFICE_SEAL_KEY_FILE", "")
    seal_certificate_file: str = _from("FRONTOFFICE_SEAL_CERTIFICATE_FILE", "")
    otlp_endpoint: str = _from("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    operators_mail: str = _from("FRONTOFFICE_OPERATORS_MAIL", "")

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment; raises MissingSettings with every name that is absent."""
        values: dict[str, str] = {}
        missing: list[str] = []
        for one in fields(cls):
            value = os.environ.get(one.metadata["variable"], one.metadata["default"])
            if value is None:
                missing.append(one.metadata["variable"])
            else:
                values[one.name] = value
        if missing:
            raise MissingSettings("These settings are missing: " + ", ".join(missing))
        if len(values["secret_key"]) < 32 or values["secret_key"].startswith("example"):
            raise MissingSettings("FRONTOFFICE_SECRET_KEY must hold at least 32 characters, made for this installation.")
        if values["clamav"]:
            parse_scanner(values["clamav"])
        rate = values["backbone_rate"]
        if not (rate.isascii() and rate.isdigit() and 1 <= len(rate) <= 4 and int(rate)):
            raise MissingSettings("FRONTOFFICE_BACKBONE_RATE must be a whole number of messages a second, from 1 to 9999.")
        return cls(**values)


def parse_scanner(address: str) -> str | tuple[str, int]:
    """The path of a socket or the host and port of a virus scanner; raises MissingSettings when it is neither."""
    parts = urlsplit(address)
    with suppress(ValueError):
        if parts.scheme == "unix" and parts.path and not parts.netloc:
            return parts.path
        if parts.scheme == "tcp" and parts.hostname and parts.port:
            return parts.hostname, parts.port
    raise MissingSettings("FRONTOFFICE_CLAMAV must be tcp://host:port or unix:///path.")
