"""Certificates of unavailability: of each last day that an outage of ours moved one in every language, sealed by a job and kept."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.documents.checking import storage_of
from frontoffice.documents.receipts import usable_seal
from frontoffice.documents.sealing import Seal, sealed
from frontoffice.dossiers.language import translated_from
from frontoffice.dossiers.model import Dossier
from frontoffice.dossiers.outage_model import Certificate, ReliefRow
from frontoffice.dossiers.printing import Printer, qr_code, typeset
from frontoffice.dossiers.relief import Outage
from frontoffice.dossiers.relieving import CERTIFY
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import LOCALES, Locale, Translate, show_day, show_moment, translator
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.rendering import addresses
from frontoffice.kernel.time import now
from frontoffice.procedures import edition_of
from frontoffice.settings import Settings

_ASLEEP_AFTER: Final = timedelta(seconds=60)
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || relief.id)"
).bindparams(name=f"{CERTIFY}/")


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What the job has before it: the relief as it was granted, whose it is, its language, and the languages that are there already."""

    relief: ReliefRow
    number: str
    procedure: str
    period: str
    language: str
    done: frozenset[str]


def object_of(certificate: UUID) -> str:
    """The name of a certificate's object in the clean bucket."""
    return f"certificates/{certificate}.pdf"


async def certificate_of(session: AsyncSession, dossier_id: UUID, relief: UUID, locale: Locale) -> Certificate | None:
    """The certificate of a relief of a dossier that the caller was allowed to open; None while it has not been sealed."""
    statement = select(Certificate).where(Certificate.dossier_id == dossier_id, Certificate.relief_id == relief, Certificate.locale == locale)
    return await session.scalar(statement)


async def certify(resources: Resources, relief_id: str) -> None:
    """Make and seal each certificate of a relief that is not there yet; may be repeated after any interruption."""
    work = await _begin(resources, UUID(relief_id))
    if work is None:
        return
    organisation = usable_seal(resources.settings)
    for locale in LOCALES:
        if locale not in work.done:
            await _seal_one(resources, work, locale, organisation)
    async with transaction(resources.engine) as session:
        await session.execute(update(ReliefRow).where(ReliefRow.id == work.relief.id).values(sealed_at=now()))


async def _begin(resources: Resources, key: UUID) -> _Work | None:
    async with transaction(resources.engine) as session:
        found = (await session.execute(
            select(ReliefRow, Dossier.number, Dossier.procedure, Dossier.edition, Dossier.language)
            .join(Dossier, Dossier.id == ReliefRow.dossier_id).where(ReliefRow.id == key)
        )).one_or_none()
        if found is None:
            return None
        done = (await session.scalars(select(Certificate.locale).where(Certificate.relief_id == key))).all()
    relief, number, code, edition, language = found
    procedure = edition_of(code, edition)
    period = next(one.title for one in procedure.clocks if one.code == relief.clock)
    return _Work(relief=relief, number=number or "", procedure=procedure.title, period=period, language=language, done=frozenset(done))


async def _seal_one(resources: Resources, work: _Work, locale: Locale, organisation: Seal) -> None:
    """Objects first: a row whose object is missing would be a broken promise, an object without a row is cleared at night."""
    key, translate = uuid4(), translator(locale)
    made = await asyncio.to_thread(_pdf, work, locale, translate, resources.settings)
    pdf = await sealed(made, organisation, reason=translate("Certificate of unavailability"))
    storage = storage_of(resources)
    stored = await storage.put(object_of(key), bytearray(pdf), bucket=storage.clean)
    async with transaction(resources.engine) as session:
        row = upsert(Certificate).values(id=key, relief_id=work.relief.id, dossier_id=work.relief.dossier_id, locale=locale, sha256=stored.sha256,
                                         size=stored.size, sealed_at=now())
        await session.execute(row.on_conflict_do_nothing())


def _pdf(work: _Work, locale: Locale, _: Translate, settings: Settings) -> bytes:
    """The certificate in one language; the same relief gives the same bytes."""
    portal, printer = settings.public_url.rstrip("/"), Printer()
    public = portal + addresses.path("outages", locale)
    data: Mapping[str, Any] = {
        "number": printer.printable(work.number), "procedure": printer.printable(_(work.procedure)), "qr": qr_code(public),
        "summary": [(label, printer.printable(value)) for label, value in _summary(work, locale, _)]
        + [(_("Follow the dossier at"), portal + addresses.path("show-dossier", locale, key=work.number))],
        "outages": [[(label, printer.printable(value)) for label, value in _told(Outage.of(one), locale, _)] for one in work.relief.outages],
        "proof": [
            _("The permit window did not work, wholly or in part, on the last day of this period. That is why the last day moved: by the length of the "
              "outage, each day that began counted, and by one working day more."),
            _("The permit window promises this for what you must send through it. It does not change the time in which an authority must decide."),
        ],
        "check": [(_("Address"), public)], "translation": translated_from(work.language, locale, _), "words": _words(_), "unprinted": printer.unprinted,
    }
    return typeset("certificate.typ", data, locale, at=work.relief.granted_at.replace(microsecond=0))


def _summary(work: _Work, locale: Locale, _: Translate) -> list[tuple[str, str]]:
    return [
        (_("Period"), _(work.period)), (_("Last day before the outage"), show_day(work.relief.was_on, locale)),
        (_("Last day now"), show_day(work.relief.last_day, locale)), (_("Date of this certificate"), show_moment(work.relief.granted_at, locale)),
    ]


def _told(outage: Outage, locale: Locale, _: Translate) -> list[tuple[str, str]]:
    return [
        (_("What did not work"), _(outage.title)), (_("From"), show_moment(outage.since, locale)),
        (_("Until"), show_moment(outage.until, locale) if outage.until else ""), (_("Reason"), outage.reason),
    ]


def _words(_: Translate) -> Mapping[str, str]:
    return {
        "product": _("Permit window"), "title": _("Certificate of unavailability"), "number": _("Dossier number"),
        "qr": _("QR code with the address of the public page of outages"), "scan": _("Past outages"), "proof": _("What this certificate proves"),
        "outages": _("When the permit window did not work"), "check": _("How anyone can check this certificate"),
        "check_paper": _("Scan the QR code, or go to the address: the public page of outages gives the same times."),
        "check_file": _("The PDF file carries the electronic seal of this portal. A PDF reader shows whose seal it is, and whether anything "
                        "in the file has changed since. On paper the seal cannot be checked."),
        "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        "unprinted": _("Some characters cannot be printed here. Their Unicode number stands in their place, for example [U+738B]; "
                       "in the dossier itself they are kept as they were written."),
    }


async def wake(resources: Resources) -> None:
    """Queue again the certificates that have been waiting for a minute without a job."""
    late = select(ReliefRow.id).where(ReliefRow.sealed_at.is_(None), ReliefRow.granted_at < now() - _ASLEEP_AFTER, _WITHOUT_JOB)
    async with transaction(resources.engine) as session:
        for key in (await session.scalars(late.limit(500))).all():
            await defer(session, CERTIFY, lock=f"{CERTIFY}/{key}", relief_id=str(key))
