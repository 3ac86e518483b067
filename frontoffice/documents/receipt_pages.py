"""The receipt of a filing for those who take part: as a page, as the sealed PDF, and its signed manifest."""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.manifest import MEDIA_TYPE
from frontoffice.documents.receipts import FiledReceipts, Sealed, manifest_of, receipts_of
from frontoffice.dossiers import actions, completeness, queries
from frontoffice.dossiers.both_sides import both_sides
from frontoffice.dossiers.filings import as_filed
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.summary import answer_cards, document_rows
from frontoffice.dossiers.track import ROLE_TITLES
from frontoffice.kernel.errors import NotFound, Unavailable
from frontoffice.kernel.i18n import as_locale
from frontoffice.kernel.rendering import Web, addresses, page
from frontoffice.kernel.storage import Storage
from frontoffice.kernel.time import now
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_titled
from frontoffice.settings import Settings

# The transaction of the request is open while the receipt, some tens of kilobytes, is fetched.
_SECONDS_TO_FETCH: Final = 5
_SECONDS_TO_SEAL: Final = 600


@get("/dossiers/{key:str}/receipt", name="receipt")
async def receipt(request: Web, session: AsyncSession, actor: Actor, settings: Settings, key: str, filing: str = "") -> Response[str]:
    """What was filed, with the SHA-256 of each document; of an earlier filing too, which the address names."""
    dossier = await _opened(session, actor, key)
    filings = await receipts_of(session, dossier)
    wanted = _wanted(filings, filing)
    return page(request, "documents/receipt.html", **_shown(dossier, wanted, settings), earlier=[one.filed for one in filings if one is not wanted])


@get("/dossiers/{key:str}/receipt.pdf", name="receipt-pdf")
async def receipt_as_pdf(request: Web, session: AsyncSession, actor: Actor, settings: Settings, storage: Storage, key: str, filing: str = "",
                         language: str = "") -> Response[Any]:
    """The sealed PDF, to keep and to print, or its translation into `language`; a page that says to wait as long as it is being sealed."""
    dossier = await _opened(session, actor, key)
    wanted = _wanted(await receipts_of(session, dossier), filing)
    sealed = wanted.for_reader(dossier, as_locale(language) or wanted.language(dossier))
    if sealed is None:
        return page(request, "documents/receipt_waits.html", **_shown(dossier, wanted, settings))
    return _attachment(await _fetched(storage, sealed), "application/pdf", _named(dossier, wanted, sealed, ""))


@get("/dossiers/{key:str}/second-receipt.pdf", name="second-receipt-pdf")
async def second_receipt_as_pdf(request: Web, session: AsyncSession, actor: Actor, settings: Settings, storage: Storage, key: str,
                                filing: str = "", language: str = "") -> Response[Any]:
    """The sealed PDF that says that the authority can work with a filing; a page that says to wait while it is being made, not found before."""
    dossier = await _opened(session, actor, key)
    wanted = _wanted(await receipts_of(session, dossier), filing)
    if not wanted.validated_at:
        raise NotFound
    second = wanted.second(as_locale(language) or wanted.language(dossier))
    if second is None:
        shown = {**_shown(dossier, wanted, settings), "is_late": _is_late(wanted.validated_at)}
        return page(request, "documents/receipt_waits.html", **shown)
    return _attachment(await _fetched(storage, second), "application/pdf", _named(dossier, wanted, second, ".2"))


@get("/dossiers/{key:str}/manifest", name="manifest")
async def manifest(request: Web, session: AsyncSession, actor: Actor, settings: Settings, key: str, filing: str = "") -> Response[Any]:
    """The list of the documents that were filed, signed, for a program to check; a page that says to wait as long as there is none."""
    dossier = await _opened(session, actor, key)
    wanted = _wanted(await receipts_of(session, dossier), filing)
    content = await manifest_of(session, wanted.filed.event_id)
    if content is None:
        return page(request, "documents/receipt_waits.html", **_shown(dossier, wanted, settings))
    return _attachment(content.encode(), MEDIA_TYPE, f"{wanted.filed.number}.manifest.jws")


async def _opened(session: AsyncSession, actor: Actor, key: str) -> OpenDossier:
    """The dossier; an authority's look at its receipts is one at what was filed, and recorded as such."""
    dossier = await queries.dossier(session, actor, key)
    await actions.note_opening(session, dossier, actor)
    return dossier


def _wanted(filings: list[FiledReceipts], filing: str) -> FiledReceipts:
    """The filing that the address names, or the latest; raises NotFound when nothing was filed."""
    if not filing:
        if not filings:
            raise NotFound
        return filings[0]
    try:
        event_id = UUID(filing)
    except ValueError:
        raise NotFound from None
    found = next((one for one in filings if one.filed.event_id == event_id), None)
    if found is None:
        raise NotFound
    return found


def _shown(dossier: OpenDossier, wanted: FiledReceipts, settings: Settings) -> dict[str, Any]:
    filed, language = wanted.filed, wanted.language(dossier)
    then = as_filed(dossier, filed)
    return {
        "dossier": then, "filed": filed, "cards": answer_cards(then), "documents": document_rows(then, at=filed.filed_at),
        "outcome": completeness.outcome_of(then), "authority": authority_titled(filed.authority), "role_titles": ROLE_TITLES,
        "stands": dossier.filed_at == filed.filed_at, "is_draft": dossier.is_draft, "sealed": wanted.for_reader(dossier, language),
        "has_manifest": wanted.has_manifest,
        "language": language, "validated_at": wanted.validated_at, "second": wanted.second(language), "sides": both_sides(dossier, ()),
        "keys_address": settings.public_url.rstrip("/") + addresses.path("jwks"),
        "is_late": _is_late(filed.filed_at),
    }


def _named(dossier: OpenDossier, wanted: FiledReceipts, sealed: Sealed, which: str) -> str:
    """The name of the file; that of a translation tells its language."""
    return f"{wanted.filed.number}{which}{'' if sealed.locale == wanted.language(dossier) else '.' + sealed.locale}.pdf"


def _is_late(since: datetime) -> bool:
    return (now() - since).total_seconds() > _SECONDS_TO_SEAL


async def _fetched(storage: Storage, sealed: Sealed) -> bytes:
    """The receipt's bytes, compared with their hash; raises Unavailable when the storage does not give them at once."""
    try:
        async with asyncio.timeout(_SECONDS_TO_FETCH):
            return b"".join([piece async for piece in storage.open(storage.clean, sealed.key, expected_sha256=sealed.sha256)])
    except TimeoutError as error:
        raise Unavailable("storage") from error


def _attachment(content: bytes, media_type: str, name: str) -> Response[bytes]:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


ROUTES = (receipt, receipt_as_pdf, second_receipt_as_pdf, manifest)
