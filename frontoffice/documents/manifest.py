"""The manifest of a filing: the list of its documents, signed with the keys that we publish, which anyone may check."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from frontoffice.dossiers.filings import Filed
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.kernel.tokens import BadToken, Claims, KeySet, Use, read_keys, sign, verify_strict

TYP: Final = "permit-window-manifest+jwt"
MEDIA_TYPE: Final = "application/jose"
_MAX_BYTES: Final = 512 * 1024
_MAX_KEYS: Final = 64 * 1024
_PIECE: Final = 256 * 1024


def signed_manifest(dossier: OpenDossier, filed: Filed, *, issuer: str, private: KeySet, at: datetime) -> str:
    """The compact JWS over the documents of one filing; file names are left out, since not everybody may know them."""
    claims = {
        "iss": issuer, "iat": int(at.timestamp()), "sub": filed.number, "txn": str(filed.event_id), "procedure": dossier.procedure.code,
        "edition": filed.edition, "filed_at": _instant(filed.filed_at),
        "documents": [
            {"id": str(one.id), "code": one.requirement, "sha256": one.sha256, "size": one.size, "media_type": one.media_type,
             "given_at": _instant(one.given_at)}
            for one in dossier.documents if one.id in filed.documents
        ],
    }
    return sign(claims, private["keys"][0], TYP)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def checked(text: str, keys: KeySet) -> Claims:
    """The claims of a manifest that one of these keys signed, whoever issued it; raises BadToken."""
    return verify_strict(text, keys, Use.published(TYP, issuer=_claimed_issuer(text), max_bytes=_MAX_BYTES))


def _claimed_issuer(text: str) -> str:
    """Who the manifest says it is from. It counts once the signature holds: the keys, which the reader chose, are what is trusted."""
    try:
        return str(claimed(text)["iss"])
    except (KeyError, TypeError) as error:
        raise BadToken("payload") from error


def claimed(text: str) -> Claims:
    """What a token says, its signature not looked at: for one that was checked when it came, or is checked next. Raises BadToken."""
    try:
        middle = text.split(".")[1]
        found: Claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError) as error:
        raise BadToken("payload") from error
    return found


def keys_at(where: str) -> dict[str, Any]:
    """The published keys, from an address (http or https) or a file; raises BadToken, OSError or httpx.HTTPError."""
    if not where.startswith(("https://", "http://")):
        return read_keys(Path(where).read_bytes()[: _MAX_KEYS + 1])
    answer = httpx.get(where, timeout=10, follow_redirects=False)
    answer.raise_for_status()
    if not answer.is_success or len(answer.content) > _MAX_KEYS:
        raise BadToken("keys")
    return read_keys(answer.content)


@dataclass(frozen=True)
class Comparison:
    """Files beside a manifest: those that are in it, by the code of what they are, documents that no file is, files that are no document."""

    same: Mapping[str, str]
    absent: Sequence[str]
    other: Sequence[str]


def compared(claims: Claims, folder: Path) -> Comparison:
    """Compare every file in a folder, and below it, with the documents of a checked manifest; names do not count, bytes do."""
    wanted = {one["sha256"]: one["code"] for one in claims["documents"]}
    found = {path.relative_to(folder).as_posix(): _sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    return Comparison(
        same={name: wanted[digest] for name, digest in found.items() if digest in wanted},
        absent=[f"{code} ({digest})" for digest, code in wanted.items() if digest not in found.values()],
        other=[name for name, digest in found.items() if digest not in wanted],
    )


def _sha256(path: Path) -> str:
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            whole.update(piece)
    return whole.hexdigest()
