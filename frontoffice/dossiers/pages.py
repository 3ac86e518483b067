"""A person's dossiers: the list, and each one's task list or timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import actions, commitments, completeness, editions, idle, lists, passing, queries
from frontoffice.dossiers.both_sides import both_sides
from frontoffice.dossiers.left import left_page
from frontoffice.dossiers.lists import PAGE_SIZE
from frontoffice.dossiers.openings import openings
from frontoffice.dossiers.queries import HappenedEvent, OpenDossier
from frontoffice.dossiers.solving import to_solve
from frontoffice.dossiers.summary import answer_cards, document_rows, key_facts, openings_by_day, taken_over
from frontoffice.dossiers.tasks import is_workers_view, task_groups
from frontoffice.dossiers.track import asked_document, track
from frontoffice.kernel.errors import BadRequest
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.rendering import Web, page, see_other
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor
from frontoffice.parties.directory import authority_titled
from frontoffice.procedures.vocabulary import AUTHORITIES, CITIZENS, FILERS, Role

# Where those find their work who have no work list of dossiers.
_DESKS = {"immigration-office": "doubles", "operators": "hand-overs"}


@get("/dossiers", name="my-dossiers")
async def my_dossiers(request: Web, session: AsyncSession, actor: Actor, before: str = "", q: str = "") -> Response[Any]:
    """The dossiers of the party that one acts for, latest change first."""
    if actor.authority_code:
        return see_other(request, _DESKS.get(actor.authority_code, "queue"))
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
                    lacking_worker=completeness.missing_for(dossier, Role.WORKER), changes=editions.told(dossier), solving=to_solve(dossier),
                    kept_until=idle.kept_until(dossier), kept_days=idle.IDLE_DRAFT.days, warned_days=idle.WARNED_BEFORE.days)
    await actions.note_opening(session, dossier, actor)
    events = await queries.history(session, dossier.id)
    if dossier.left:
        return left_page(request, dossier, dossier.left, events, await openings(session, dossier.id, limit=100))
    told = track(dossier, events)
    return page(
        request, "dossiers/show.html", dossier=dossier, track=told, asked=asked_document(dossier, told), outcome=completeness.outcome_of(dossier),
        openings=openings_by_day(dossier, await openings(session, dossier.id, limit=40)), documents=document_rows(dossier),
        taken_over=taken_over(dossier), sides=both_sides(dossier, events),
        authority=authority_titled(dossier.authority), is_authority=bool(dossier.roles & AUTHORITIES), solving=to_solve(dossier),
        came_from=passing.came_from(dossier),
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


ROUTES = (my_dossiers, show_dossier)
