"""A person's dossiers: the list, each one's task list or timeline, and the receipt."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions, commitments, completeness, editions, lists, queries
from frontoffice.dossiers.lists import PAGE_SIZE
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.dossiers.receipt import ReceiptAnswer, ReceiptDocument, ReceiptFacts, ReceiptPage, receipt_pdf
from frontoffice.dossiers.summary import answer_cards, document_rows, key_facts, openings_by_day
from frontoffice.dossiers.tasks import is_workers_view, task_groups
from frontoffice.dossiers.track import ROLE_TITLES, asked_document, track
from frontoffice.kernel.errors import BadRequest, NotFound
from frontoffice.kernel.i18n import BRUSSELS, Locale, translator
from frontoffice.kernel.message import Message, Names, say
from frontoffice.kernel.rendering import Web, addresses, locale_of, page, see_other
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_titled
from frontoffice.procedures.competence import Competence
from frontoffice.procedures.vocabulary import AUTHORITIES, CITIZENS, FILERS, Role
from frontoffice.settings import Settings


@get("/dossiers", name="my-dossiers")
async def my_dossiers(request: Web, session: AsyncSession, actor: Actor, before: str = "", q: str = "") -> Response[Any]:
    """The dossiers of the party that one acts for, latest change first."""
    if actor.authority_code:
        return see_other(request, "doubles" if actor.authority_code == "immigration-office" else "queue")
    rows = await lists.dossiers_of(session, actor, before=_cursor(before), sought=q.strip()[:60])
    more = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return page(request, "dossiers/list.html", rows=rows[:PAGE_SIZE], more=f"{more.updated_at.isoformat()}~{more.id}" if more else "", q=q,
                may_start=not actor.authority_code, own_roles=FILERS if actor.party_kind == "enterprise" else CITIZENS)


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    if not text:
        return None
    instant, _sep, key = text.partition("~")
    try:
        return datetime.fromisoformat(instant.replace(" ", "+")), UUID(key)
    except ValueError:
        raise BadRequest("not a place in the list") from None


@get("/dossiers/{key:str}", name="show-dossier")
async def show_dossier(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """A draft's task list, or a filed dossier's timeline; an authority's look is recorded."""
    dossier = await queries.dossier(session, actor, key)
    if dossier.is_draft or not dossier.number:
        groups = task_groups(dossier)
        return page(request, "dossiers/tasks.html", dossier=dossier, groups=groups, missing=completeness.missing(dossier), worker_view=is_workers_view(dossier),
                    lacking_worker=completeness.missing_for(dossier, Role.WORKER), changes=editions.told(dossier))
    if dossier.roles & AUTHORITIES:
        await actions.note_opening(session, dossier, actor)
    events = await queries.history(session, dossier.id)
    told = track(dossier, events)
    return page(
        request, "dossiers/show.html", dossier=dossier, track=told, asked=asked_document(dossier, told), outcome=completeness.outcome_of(dossier),
        openings=openings_by_day(dossier, await queries.openings(session, dossier.id, limit=40)), documents=document_rows(dossier),
        authority=authority_titled(dossier.authority), is_authority=bool(dossier.roles & AUTHORITIES),
        register=await commitments.register_view(session, dossier), **_for_authorities(dossier, events),
    )


def _for_authorities(dossier: OpenDossier, events: Sequence[HappenedEvent]) -> dict[str, Any]:
    """The facts, remarks and answers that only an authority's page shows; pay is judged by the figures of the day of filing."""
    if not dossier.roles & AUTHORITIES:
        return {"cards": [], "key_facts": [], "remarks": []}
    filed_on = dossier.filed_at.astimezone(BRUSSELS).date() if dossier.filed_at else today()
    examines = bool(dossier.roles & {Role.REGION, Role.IMMIGRATION_OFFICE})
    remarks = dossier.procedure.remarks(completeness.facts(dossier), filed_on) if examines else []
    return {"cards": answer_cards(dossier), "key_facts": key_facts(dossier, events), "remarks": remarks}


def _filed(dossier: OpenDossier) -> OpenDossier:
    if dossier.filed_at is None:
        raise NotFound
    return dossier


@get("/dossiers/{key:str}/receipt", name="receipt")
async def receipt(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """What was filed, with the SHA-256 of each document."""
    dossier = _filed(await queries.dossier(session, actor, key))
    events = await queries.history(session, dossier.id)
    return page(request, "dossiers/receipt.html", dossier=dossier, cards=answer_cards(dossier), documents=document_rows(dossier, at=dossier.filed_at),
                outcome=completeness.outcome_of(dossier), filing=next(one for one in events if one.action == "submit"),
                authority=authority_titled(dossier.authority), role_titles=ROLE_TITLES)


@get("/dossiers/{key:str}/receipt.pdf", name="receipt-pdf")
async def receipt_as_pdf(request: Web, session: AsyncSession, actor: Actor, settings: Settings, key: str) -> Response[bytes]:
    """The same as a PDF, to keep and to print."""
    dossier = _filed(await queries.dossier(session, actor, key))
    events = await queries.history(session, dossier.id)
    filing = next(one for one in events if one.action == "submit")
    locale = locale_of(request)
    facts = _receipt_facts(dossier, ", ".join(dict.fromkeys((filing.person_name, filing.party_name))), settings, locale)
    name = f"{dossier.number}.pdf"
    # Typesetting takes a tenth of a second: other people's pages need not wait for it.
    pdf = await asyncio.to_thread(receipt_pdf, facts, locale, translator(locale))
    return Response(pdf, media_type="application/pdf",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _receipt_facts(dossier: OpenDossier, filed_by: str, settings: Settings, locale: Locale) -> ReceiptFacts:
    translate = translator(locale)
    outcome = completeness.outcome_of(dossier)
    reason = f"{say(outcome.reason, locale)} {say(outcome.lies_in, locale)}" if isinstance(outcome, Competence) else ""

    def text(value: Message | Names | str) -> str:
        return say(value, locale) if isinstance(value, Message) else value.in_language(locale) if isinstance(value, Names) else value

    pages = tuple(
        ReceiptPage(translate(card.page.title), tuple(ReceiptAnswer(translate(label), text(value)) for label, value in card.rows))
        for card in answer_cards(dossier) if card.rows
    )
    documents = tuple(
        ReceiptDocument(translate(row.requirement.title), "" if row.hidden else one.file_name, one.size, one.sha256, translate(ROLE_TITLES[one.given_role]))
        for row in document_rows(dossier, at=dossier.filed_at) for one in row.given
    )
    assert dossier.filed_at and dossier.number
    return ReceiptFacts(
        procedure=translate(dossier.procedure.title), number=dossier.number, filed_at=dossier.filed_at.replace(microsecond=0), filed_by=filed_by,
        authority=say(authority_titled(dossier.authority), locale), authority_reason=reason,
        address=settings.public_url.rstrip("/") + addresses.path("show-dossier", locale, key=dossier.number), pages=pages, documents=documents,
        received_by_authority_at=dossier.confirmed_at,
    )


ROUTES = (my_dossiers, show_dossier, receipt, receipt_as_pdf)
