"""Turns a dossier as it stands into the claims of a message for the backbone; pure, signs and stores nothing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

MESSAGE_TYP: Final = "permit-window-message+jwt"
RECEIPT_TYP: Final = "permit-window-receipt+jwt"
DOCUMENT_RECEIPT_TYP: Final = "permit-window-document-receipt+jwt"
EVENT_TYP: Final = "secevent+jwt"
REQUEST_TYP: Final = "permit-window-request+jwt"
HEADS_TYP: Final = "permit-window-heads+jwt"
SCHEMA: Final = "urn:permit-window:backbone:v3:message"
MAX_MESSAGE_BYTES: Final = 1024 * 1024


class NotWritable(ValueError):
    """A value that the contract's canonical form has no place for: a fractional number, or no JSON at all."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One document that belongs to the message; its bytes follow, one by one. `given_by` is a role, `size` in bytes."""

    id: UUID
    code: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    given_by: str


@dataclass(frozen=True, kw_only=True)
class CompetentAuthority:
    """Who decides and why: the row of the competence table, the reason in plain English, the answers it used."""

    code: str
    role: str
    row: int
    reason: str
    source: str = ""
    confidence: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """All that one message tells. `seq` counts this dossier's messages from 1, `version` its filing and completions.

    `employer`, `employment` and `person` are the typed summary, the same in every procedure and left out when empty; `answers` is
    everything as it was filled in, page by page. Amounts are decimal texts, days ISO 8601, never fractional numbers.
    """

    message_id: UUID
    event_id: UUID
    seq: int
    number: str
    procedure: str
    edition: str
    version: int
    language: str
    action: str
    by: str
    at: datetime
    position: tuple[str, ...]
    authority: CompetentAuthority
    employer: Mapping[str, Any]
    employment: Mapping[str, Any]
    person: Mapping[str, Any]
    answers: Mapping[str, Mapping[str, Any]]
    documents: tuple[Attachment, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)


def build(outgoing: Outgoing, *, issuer: str, audience: str, issued_at: datetime) -> dict[str, Any]:
    """The claims of contract/v3/message.schema.json, ready to be signed with MESSAGE_TYP; raises NotWritable."""
    body = _body(outgoing)
    return {
        "iss": issuer,
        "aud": audience,
        "iat": int(issued_at.timestamp()),
        "jti": str(outgoing.message_id),
        "sub": outgoing.number,
        "txn": str(outgoing.event_id),
        "seq": outgoing.seq,
        "schema": SCHEMA,
        "body_sha256": hashlib.sha256(canonical_body(body)).hexdigest(),
        "documents": [{"id": str(one.id), "sha256": one.sha256, "size": one.size} for one in outgoing.documents],
        "body": body,
    }


def canonical_body(body: Mapping[str, Any]) -> bytes:
    """The bytes that `body_sha256` covers: JSON as in RFC 8785, easy here since there are no fractional numbers."""
    _refuse_fractions(body)
    try:
        text = json.dumps(_sorted(body), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except (TypeError, ValueError) as error:
        raise NotWritable(str(error)) from error


def _body(outgoing: Outgoing) -> dict[str, Any]:
    return {
        "procedure": outgoing.procedure,
        "edition": outgoing.edition,
        "version": outgoing.version,
        "language": outgoing.language,
        "action": outgoing.action,
        "by": outgoing.by,
        "at": outgoing.at.isoformat(timespec="seconds"),
        "position": sorted(outgoing.position),
        "evidence": dict(outgoing.evidence),
        "authority": _authority(outgoing.authority),
        **{name: dict(one) for name, one in (("employer", outgoing.employer), ("employment", outgoing.employment), ("person", outgoing.person)) if one},
        "answers": {page: dict(fields) for page, fields in outgoing.answers.items()},
        "documents": [_document(one) for one in outgoing.documents],
    }


def _authority(authority: CompetentAuthority) -> dict[str, Any]:
    return {
        "code": authority.code,
        "role": authority.role,
        "row": authority.row,
        "reason": authority.reason,
        "source": authority.source,
        "confidence": authority.confidence,
        "answers": dict(authority.answers),
    }


def _document(one: Attachment) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "code": one.code,
        "file_name": one.file_name,
        "media_type": one.media_type,
        "size": one.size,
        "sha256": one.sha256,
        "given_by": one.given_by,
    }


def _refuse_fractions(value: object) -> None:
    if isinstance(value, float):
        raise NotWritable("a fractional number; amounts are texts")
    if isinstance(value, Mapping):
        for one in value.values():
            _refuse_fractions(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _refuse_fractions(one)


def _sorted(value: Any) -> Any:
    """Names in the order of their UTF-16 code units, as RFC 8785 wants; Python alone would sort by code point."""
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    if isinstance(value, (list, tuple)):
        return [_sorted(one) for one in value]
    return value
