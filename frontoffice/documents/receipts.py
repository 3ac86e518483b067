"""Receipts: of each filing one in the dossier's language, and a translation in each other one, for everybody who sees the same; sealed by a job and kept."""

import asyncio
import itertools
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.check_codes import in_groups, new_code
from frontoffice.documents.checking import storage_of
from frontoffice.documents.manifest import signed_manifest
from frontoffice.documents.model import Manifest, ReceiptCheck, SealedReceipt
from frontoffice.documents.sealing import Seal, SealUnusable, load_seal, sealed
from frontoffice.dossiers import completeness, queries
from frontoffice.dossiers.filings import SEAL, Filed, as_filed, audiences, fitting, hidden_from, readers
from frontoffice.dossiers.language import official, translated_from
from frontoffice.dossiers.model import Filing
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.dossiers.receipt import ReceiptAnswer, ReceiptDocument, ReceiptFacts, ReceiptPage, receipt_pdf
from frontoffice.dossiers.summary import answer_cards, document_rows
from frontoffice.dossiers.track import ROLE_TITLES
from frontoffice.kernel.database import transaction
from frontoffice.kernel.errors import Unavailable
from frontoffice.kernel.i18n import LOCALES, Locale, as_locale, translator
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.message import Message, Names, say
from frontoffice.kernel.rendering import addresses
from frontoffice.kernel.time import now
from frontoffice.kernel.web import hash_of
from frontoffice.parties.directory import authority_titled
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.vocabulary import READERS
from frontoffice.settings import Settings

logger = logging.getLogger("frontoffice.documents")

FILING: Final = "filing"
VALIDATION: Final = "validation"
_ASLEEP_AFTER: Final = timedelta(seconds=60)
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || filing.dossier_id)"
).bindparams(name=f"{SEAL}/")
# What is hidden, and the language.
Kind = tuple[frozenset[str], Locale]


@dataclass(frozen=True)
class Sealed:
    """A receipt that is kept: its SHA-256 in hexadecimal, its size in bytes, what it hides, and its language."""

    id: UUID
    sha256: str
    size: int
    hidden: frozenset[str]
    locale: str

    @property
    def key(self) -> str:
        """The name of its object in the clean bucket."""
        return object_of(self.id)


def object_of(receipt: UUID) -> str:
    """The name of a receipt's object in the clean bucket."""
    return f"receipts/{receipt}.pdf"


@dataclass(frozen=True)
class FiledReceipts:
    """One filing with the receipts of it in every language, and whether its manifest is there.

    `validated_at` is when the authority said that it can work with it, `seconds` the receipts of that, the same for every reader."""

    filed: Filed
    receipts: Sequence[Sealed]
    has_manifest: bool
    validated_at: datetime | None = None
    seconds: Sequence[Sealed] = ()

    def language(self, dossier: OpenDossier) -> Locale:
        """The language of the procedure when this was filed, in which the receipts are no translations."""
        return official(self.filed.language, dossier.language)

    def for_reader(self, dossier: OpenDossier, locale: Locale) -> Sealed | None:
        """The fullest receipt in this language that this reader may have; None while none has been sealed."""
        sealed = [one for one in self.receipts if one.locale == locale]
        wanted = fitting((one.hidden for one in sealed), hidden_from(dossier.procedure, dossier.filling_roles))
        return next((one for one in sealed if one.hidden == wanted), None)

    def second(self, locale: Locale) -> Sealed | None:
        """The second receipt in this language; None while there is none."""
        return next((one for one in self.seconds if one.locale == locale), None)


async def receipts_of(session: AsyncSession, dossier: OpenDossier) -> list[FiledReceipts]:
    """The filings of a dossier that the caller was allowed to open, the latest first, with their receipts.

    What was taken back before an authority opened it is not for an authority: it is given the latest alone."""
    statement = (
        select(Filing.event_id, Filing.filed_at, Filing.facts, Filing.validated_at, Manifest.event_id.is_not(None).label("has_manifest"),
               SealedReceipt.id, SealedReceipt.sha256, SealedReceipt.size, SealedReceipt.hidden, SealedReceipt.locale, SealedReceipt.kind)
        .outerjoin(Manifest, Manifest.event_id == Filing.event_id)
        .outerjoin(SealedReceipt, SealedReceipt.event_id == Filing.event_id)
        .where(Filing.dossier_id == dossier.id).order_by(Filing.filed_at.desc(), Filing.event_id)
    )
    rows = (await session.execute(statement)).all()
    found = [_with_receipts(event_id, list(same)) for event_id, same in itertools.groupby(rows, key=lambda row: row.event_id)]
    return found[:1] if dossier.roles & READERS else found


def _with_receipts(event_id: UUID, rows: Sequence[Row[Any]]) -> FiledReceipts:
    first, kept = rows[0], [(one.kind, Sealed(one.id, one.sha256, one.size, frozenset(one.hidden), one.locale)) for one in rows if one.id]
    return FiledReceipts(
        Filed.of(event_id, first.filed_at, first.facts), [one for kind, one in kept if kind == FILING], first.has_manifest, first.validated_at,
        [one for kind, one in kept if kind == VALIDATION],
    )


async def manifest_of(session: AsyncSession, event_id: UUID) -> str | None:
    """The signed manifest of a filing that the caller was allowed to see; None while there is none."""
    return await session.scalar(select(Manifest.content).where(Manifest.event_id == event_id))


def receipt_facts(dossier: OpenDossier, filed: Filed, kind: Kind, code: str, settings: Settings) -> ReceiptFacts:
    """What one kind of receipt says of a filing; `dossier` is as it was filed, and what this kind hides is left out of it here alone."""
    hidden, locale = kind
    translate = translator(locale)
    # Read with every role, since whoever files takes the worker's part too as long as no worker takes part in person.
    dossier = replace(dossier, roles=readers(dossier.procedure))
    outcome = completeness.outcome_of(dossier)
    reason = f"{say(outcome.reason, locale)} {say(outcome.lies_in, locale)}" if isinstance(outcome, Competence) else ""

    def shown(value: Message | Names | str) -> str:
        return say(value, locale) if isinstance(value, Message) else value.in_language(locale) if isinstance(value, Names) else value

    pages = tuple(
        ReceiptPage(translate(card.page.title), tuple(ReceiptAnswer(translate(label), shown(value)) for label, value in card.rows))
        for card in answer_cards(dossier) if card.rows and f"page:{card.page.code}" not in hidden
    )
    documents = tuple(
        ReceiptDocument(translate(row.requirement.title), "" if f"document:{row.requirement.code}" in hidden else one.file_name, one.size, one.sha256,
                        translate(ROLE_TITLES[one.given_role]))
        for row in document_rows(dossier, at=filed.filed_at) for one in row.given
    )
    portal = settings.public_url.rstrip("/")
    return ReceiptFacts(
        procedure=translate(dossier.procedure.title), number=filed.number, filed_at=filed.filed_at.replace(microsecond=0), filed_by=", ".join(filed.filed_by),
        authority=say(authority_titled(filed.authority), locale), authority_reason=reason,
        address=portal + addresses.path("show-dossier", locale, key=filed.number), code=in_groups(code),
        check_form=portal + addresses.path("check-form", locale), check_address=portal + addresses.path("check-receipt", locale, code=code),
        pages=pages, documents=documents, translation=translated_from(dossier.language, locale, translate),
    )


@dataclass(frozen=True)
class _Work:
    """What the job has before it: a filing, and the kinds of its receipts that are there already."""

    dossier: OpenDossier
    filed: Filed
    done: frozenset[Kind]
    has_manifest: bool


async def seal(resources: Resources, event_id: str) -> None:
    """Sign the manifest of a filing, then make and seal each receipt of it that is not there yet.

    May be repeated after any interruption. Without a usable seal the log says why, nothing unsealed is kept, and the job is tried again."""
    work = await _begin(resources, UUID(event_id))
    if work is None:
        return
    if not work.has_manifest:
        await _keep_manifest(resources, work)
    organisation = usable_seal(resources.settings)
    for kind in itertools.product(audiences(work.dossier.procedure), LOCALES):
        if kind not in work.done:
            await _seal_one(resources, work, kind, organisation)
    async with transaction(resources.engine) as session:
        await session.execute(update(Filing).where(Filing.event_id == work.filed.event_id).values(sealed_at=now()))


def usable_seal(settings: Settings) -> Seal:
    """The seal of the organisation; when it cannot be used the log says why, and Unavailable is raised."""
    try:
        return load_seal(settings.seal_key_file, settings.seal_certificate_file, now())
    except SealUnusable as problem:
        logger.error("receipts wait, the seal cannot be used: %s", problem)
        raise Unavailable("seal") from problem


async def _begin(resources: Resources, event_id: UUID) -> _Work | None:
    async with transaction(resources.engine) as session:
        row = (await session.execute(select(Filing.dossier_id, Filing.filed_at, Filing.facts).where(Filing.event_id == event_id))).one_or_none()
        if row is None:
            return None
        filed = Filed.of(event_id, row.filed_at, row.facts)
        dossier = as_filed(await queries.any_dossier(session, str(row.dossier_id)), filed)
        made = (SealedReceipt.event_id == event_id, SealedReceipt.kind == FILING)
        kept = (await session.execute(select(SealedReceipt.hidden, SealedReceipt.locale).where(*made))).all()
        done = frozenset((frozenset(one.hidden), locale) for one in kept if (locale := as_locale(one.locale)))
        return _Work(dossier, filed, done, await manifest_of(session, event_id) is not None)


async def _keep_manifest(resources: Resources, work: _Work) -> None:
    settings = resources.settings
    private: Mapping[str, object] = json.loads(await asyncio.to_thread(Path(settings.signing_key_file).read_text, "utf-8"))
    content = signed_manifest(work.dossier, work.filed, issuer=settings.issuer, private=private, at=now())
    async with transaction(resources.engine) as session:
        row = upsert(Manifest).values(event_id=work.filed.event_id, dossier_id=work.dossier.id, content=content)
        await session.execute(row.on_conflict_do_nothing())


async def _seal_one(resources: Resources, work: _Work, kind: Kind, organisation: Seal) -> None:
    hidden, locale = kind
    translate = translator(locale)

    def made(code: str) -> bytes:
        return receipt_pdf(receipt_facts(work.dossier, work.filed, kind, code, resources.settings), locale, translate)

    paper = Paper(work.filed.event_id, work.dossier.id, FILING, hidden, locale)
    await keep_sealed(resources, paper, made, organisation, reason=translate("Receipt of your application"))


@dataclass(frozen=True)
class Paper:
    """A receipt that is to be made: of which filing and dossier, of which kind, what it hides, and its language."""

    event_id: UUID
    dossier_id: UUID
    kind: str
    hidden: frozenset[str]
    locale: Locale


async def keep_sealed(resources: Resources, paper: Paper, made: Callable[[str], bytes], organisation: Seal, *, reason: str) -> None:
    """Make a receipt with a new check code, seal it and keep it; `made` gives the PDF, in a thread of its own.

    Objects first: a row whose object is missing would be a broken promise, an object without a row is cleared at night."""
    code, key = new_code(), uuid4()
    pdf = await sealed(await asyncio.to_thread(made, code), organisation, reason=reason)
    storage = storage_of(resources)
    stored = await storage.put(object_of(key), bytearray(pdf), bucket=storage.clean)
    whose = {"event_id": paper.event_id, "dossier_id": paper.dossier_id, "kind": paper.kind}
    async with transaction(resources.engine) as session:
        row = upsert(SealedReceipt).values(id=key, **whose, hidden=sorted(paper.hidden), locale=paper.locale, sha256=stored.sha256, size=stored.size,
                                           sealed_at=now())
        # Another worker that took over meanwhile may have been faster: then this one's object is left to the night.
        if await session.scalar(row.on_conflict_do_nothing().returning(SealedReceipt.id)):
            await session.execute(upsert(ReceiptCheck).values(code_hash=hash_of(code), **whose))


async def wake(resources: Resources) -> None:
    """Queue again the filings whose receipts have been waiting for a minute without a job."""
    late = select(Filing.event_id, Filing.dossier_id).where(Filing.sealed_at.is_(None), Filing.filed_at < now() - _ASLEEP_AFTER, _WITHOUT_JOB)
    async with transaction(resources.engine) as session:
        for one in (await session.execute(late.limit(500))).all():
            await defer(session, SEAL, lock=f"{SEAL}/{one.dossier_id}", event_id=str(one.event_id))
