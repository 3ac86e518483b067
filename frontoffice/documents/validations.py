"""Makes and keeps the second receipt of a filing once the authority said that it can work with what was filed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update

from frontoffice.documents.check_codes import in_groups
from frontoffice.documents.manifest import claimed
from frontoffice.documents.model import SealedReceipt
from frontoffice.documents.receipts import VALIDATION, Paper, keep_sealed, usable_seal
from frontoffice.documents.second_receipt import ReceivedDocument, SecondFacts, second_receipt_pdf, title
from frontoffice.dossiers.filings import Filed
from frontoffice.dossiers.language import translated_from
from frontoffice.dossiers.model import Dossier, Filing
from frontoffice.kernel.database import transaction
from frontoffice.kernel.i18n import LOCALES, Locale, translator
from frontoffice.kernel.jobs import Resources, defer
from frontoffice.kernel.message import say
from frontoffice.kernel.rendering import addresses
from frontoffice.kernel.time import now
from frontoffice.kernel.tokens import Claims
from frontoffice.parties.directory import authority_titled
from frontoffice.procedures import edition_of
from frontoffice.procedures.vocabulary import Procedure
from frontoffice.settings import Settings

VALIDATED: Final = "documents:validated"
_ANSWER: Final = "urn:permit-window:event:message-validated"
_ASLEEP_AFTER: Final = timedelta(seconds=60)
_MESSAGE: Final = text("SELECT content, sha256, receipt, answered_by FROM message WHERE event_id = :event_id")
_ANSWERS: Final = text("SELECT content FROM inbound_message WHERE dossier_number = :number AND outcome = 'applied' ORDER BY seq")
_WITHOUT_JOB: Final = text(
    "NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing') AND j.lock = :name || filing.event_id)"
).bindparams(name=f"{VALIDATED}/")


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What the job has before it: a filing, our message about it with what was answered, and the languages that are there already."""

    dossier_id: UUID
    procedure: Procedure
    filed: Filed
    validated_at: datetime
    message: Claims
    message_sha256: str
    receipt: str
    answer: str
    authority: str
    language: str
    done: frozenset[str]


async def validated(resources: Resources, event_id: str, outcome: str) -> None:
    """Make the second receipt of a filing in every language in which it is not there yet; nothing for another outcome or event.

    May be repeated after any interruption, and asked again by a later answer: there is one for each filing and language."""
    work = await _begin(resources, UUID(event_id)) if outcome == "validated" else None
    if work is None:
        return
    organisation = usable_seal(resources.settings)
    for locale in LOCALES:
        if locale not in work.done:
            paper = Paper(work.filed.event_id, work.dossier_id, VALIDATION, frozenset(), locale)
            made = _maker(work, locale, resources.settings)
            await keep_sealed(resources, paper, made, organisation, reason=title(translator(locale)))
    async with transaction(resources.engine) as session:
        await session.execute(update(Filing).where(Filing.event_id == work.filed.event_id).values(validation_sealed_at=now()))


async def _begin(resources: Resources, event_id: UUID) -> _Work | None:
    filing = (
        select(Filing.dossier_id, Filing.filed_at, Filing.facts, Filing.validated_at, Dossier.procedure, Dossier.language)
        .join(Dossier, Dossier.id == Filing.dossier_id)
        .where(Filing.event_id == event_id, Filing.validated_at.is_not(None), Filing.validation_sealed_at.is_(None))
    )
    async with transaction(resources.engine) as session:
        row = (await session.execute(filing)).one_or_none()
        if row is None:
            return None
        filed = Filed.of(event_id, row.filed_at, row.facts)
        message = (await session.execute(_MESSAGE, {"event_id": event_id})).one()
        answers = (await session.scalars(_ANSWERS, {"number": filed.number})).all()
        made = select(SealedReceipt.locale).where(SealedReceipt.event_id == event_id, SealedReceipt.kind == VALIDATION)
        done = frozenset((await session.scalars(made)).all())
    answer, said = _answer(answers, event_id)
    return _Work(
        dossier_id=row.dossier_id, procedure=edition_of(row.procedure, filed.edition), filed=filed, validated_at=row.validated_at,
        message=claimed(bytes(message.content).decode()), message_sha256=message.sha256, receipt=_identifier(message.receipt),
        answer=answer.get("jti", ""), authority=said.get("authority", message.answered_by),
        language=filed.language or row.language, done=done,
    )


def _identifier(token: str | None) -> str:
    """The identifier of a signed token that is kept; nothing for none, as when a hand-over was concluded by the answer itself."""
    return str(claimed(token)["jti"]) if token else ""


def _answer(tokens: Iterable[str], event_id: UUID) -> tuple[Claims, Claims]:
    """The token in which an authority first said that it can work with the message about this event, and what it said; empty for none."""
    for claims in map(claimed, tokens):
        said = claims.get("events", {}).get(_ANSWER, {})
        if said.get("message") == str(event_id):
            return claims, said
    return {}, {}


def _maker(work: _Work, locale: Locale, settings: Settings) -> Callable[[str], bytes]:
    translate = translator(locale)
    portal = settings.public_url.rstrip("/")

    def made(code: str) -> bytes:
        facts = SecondFacts(
            procedure=translate(work.procedure.title), number=work.filed.number, filed_at=work.filed.filed_at, filed_by=", ".join(work.filed.filed_by),
            authority=say(authority_titled(work.authority), locale), validated_at=work.validated_at,
            version=work.message["body"]["version"], message=work.message["jti"], message_sha256=work.message_sha256, receipt=work.receipt,
            answer=work.answer, documents=_documents(work, locale), address=portal + addresses.path("show-dossier", locale, key=work.filed.number),
            code=in_groups(code), check_form=portal + addresses.path("check-form", locale),
            check_address=portal + addresses.path("check-receipt", locale, code=code), translation=translated_from(work.language, locale, translate),
        )
        return second_receipt_pdf(facts, locale, translate)

    return made


def _documents(work: _Work, locale: Locale) -> tuple[ReceivedDocument, ...]:
    """What our message announced, which is what the authority checked; file names are left out, since not everybody may know them."""
    titles = {one.code: one.title for one in work.procedure.documents}
    translate = translator(locale)
    return tuple(ReceivedDocument(translate(titles[one["code"]]), one["size"], one["sha256"]) for one in work.message["body"]["documents"])


async def wake(resources: Resources) -> None:
    """Queue again the second receipts that have been due for a minute without a job."""
    due = (Filing.validated_at.is_not(None), Filing.validation_sealed_at.is_(None), Filing.validated_at < now() - _ASLEEP_AFTER, _WITHOUT_JOB)
    async with transaction(resources.engine) as session:
        for event_id in (await session.scalars(select(Filing.event_id).where(*due).limit(500))).all():
            await defer(session, VALIDATED, lock=f"{VALIDATED}/{event_id}", event_id=str(event_id), outcome="validated")
