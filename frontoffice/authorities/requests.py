"""Reads what a system sends: bodies, keys and filters, within limits and as the contract says."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from frontoffice.authorities import contract
from frontoffice.authorities.problems import BELGIF, ApiProblem, bad_request
from frontoffice.kernel.rendering import Web
from frontoffice.kernel.strict_json import NotStrict, read_object

MAX_BYTES: Final = 64 * 1024
PAGE_SIZE: Final = 50
MOST_ON_A_PAGE: Final = 100
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CURSOR: Final = re.compile(r"([0-9]{1,18})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True)
class Cursor:
    """A place in the order of changes."""

    change: int
    dossier: UUID

    def __str__(self) -> str:
        return f"{self.change}-{self.dossier}"


@dataclass(frozen=True)
class Asked:
    """Which changes a system asks for."""

    after: Cursor | None = None
    since: datetime | None = None
    headline: str = ""
    size: int = PAGE_SIZE


async def raw_body(request: Web, media_type: str) -> bytes:
    """The body, read no further than it may be long; raises ApiProblem."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise ApiProblem(415, f"{BELGIF}unsupportedMediaType", "Unsupported Media Type", f"Send {media_type}.")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise ApiProblem(413, f"{BELGIF}payloadTooLarge", "Content Too Large", "The body is longer than this resource takes.", limit=MAX_BYTES)
    return bytes(raw)


async def json_body(request: Web, schema: str) -> dict[str, Any]:
    """The body as JSON that one of the contract's schemas allows; raises ApiProblem."""
    raw = await raw_body(request, "application/json")
    try:
        content = read_object(raw)
    except NotStrict as error:
        raise bad_request("The body is not a JSON object that can be read in one way only.") from error
    if places := contract.violations(schema, content):
        raise bad_request("The body is not as the contract says.", *places)
    return content


def idempotency_key(request: Web) -> str:
    """The system's own name for this request; raises ApiProblem when there is none."""
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise bad_request("Send an Idempotency-Key of 8 to 64 letters, digits, hyphens and underscores.", "Idempotency-Key: pattern", where="header")
    return key


def asked_changes(request: Web) -> Asked:
    """The filters in the address; raises ApiProblem for one that is unknown, comes twice or cannot be read."""
    given = _queries(request, ("after", "changedSince", "headline", "pageSize"))
    cursor = _CURSOR.fullmatch(given["after"]) if "after" in given else None
    size = given.get("pageSize", str(PAGE_SIZE))
    wrong = [name for name, is_wrong in (
        ("after", "after" in given and cursor is None), ("changedSince", "changedSince" in given and instant_of(given["changedSince"]) is None),
        ("headline", "headline" in given and not (len(given["headline"]) <= 40 and _CODE.fullmatch(given["headline"]))),
        ("pageSize", not (re.fullmatch("[0-9]{1,3}", size) and 1 <= int(size) <= MOST_ON_A_PAGE)),
    ) if is_wrong]
    if wrong:
        raise bad_request("A filter cannot be read.", *(f"{one}: pattern" for one in wrong), where="query")
    return Asked(Cursor(int(cursor[1]), UUID(cursor[2])) if cursor else None, instant_of(given.get("changedSince", "")), given.get("headline", ""), int(size))


def said_at(request: Web) -> datetime:
    """The instant `notTakenAt` in the address; raises ApiProblem when it is not there."""
    instant = instant_of(_queries(request, ("notTakenAt",)).get("notTakenAt", ""))
    if instant is None:
        raise bad_request("Say which word is taken back: notTakenAt, as the dossier tells it.", "notTakenAt: pattern", where="query")
    return instant


def no_queries(request: Web) -> None:
    """Raise ApiProblem when the address has filters that this resource does not know."""
    _queries(request, ())


def instant_of(written: str) -> datetime | None:
    """An instant with its offset, as RFC 3339 writes it; None for anything else."""
    try:
        return datetime.fromisoformat(written) if _INSTANT.fullmatch(written) else None
    except ValueError:
        return None


def _queries(request: Web, known: Collection[str]) -> dict[str, str]:
    pairs = list(request.query_params.multi_items())
    found = dict(pairs)
    if len(found) != len(pairs) or not set(found) <= set(known):
        raise bad_request("The address has a filter that is unknown or comes twice.", where="query")
    return found
