"""The planner: when to ask for which certificate, so that none is too old when it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import completeness, queries
from frontoffice.dossiers.access import may_fill, may_see
from frontoffice.dossiers.ages import Age, ages
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.fields import Day
from frontoffice.forms.identifiers import Wrong
from frontoffice.kernel.errors import NotFound, Problem
from frontoffice.kernel.i18n import BRUSSELS
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, page, problems_by_field
from frontoffice.kernel.time import add_months, today
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import READERS

FILING: Final = Day(name="filing", label=_("On which day do you want to file?"), optional=True)
_MONTHS_AHEAD: Final = 24


@dataclass(frozen=True)
class Planned:
    """One certificate: on which days it may be issued to count, first and last, and what has been given; `mine` is for the reader to bring."""

    age: Age
    first: date
    last: date
    mine: bool
    hidden: bool


def plan(dossier: OpenDossier, filed_on: date) -> list[Planned]:
    """The certificates that this dossier needs and whose age is limited, the most urgent first."""
    known, roles = completeness.facts(dossier), dossier.filling_roles
    wanted = completeness.documents_that_count(dossier, known)
    found = [
        Planned(age, age.order_from, age.filed_on, may_fill(roles, age.requirement), not may_see(roles, age.requirement))
        for age in ages(dossier, known, wanted, planned=filed_on).values()
    ]
    return sorted(found, key=lambda one: (not one.mine, one.first))


def _day(typed: Mapping[str, str]) -> tuple[date, list[Problem]]:
    """The day on which somebody means to file, and what is wrong with what was typed: then today stands in for it."""
    try:
        text = FILING.read(typed)
    except Wrong as wrong:
        return today(), [Problem(FILING.name, wrong.message, wrong.params)]
    if not text:
        return today(), []
    day = date.fromisoformat(text)
    if day < today():
        return today(), [Problem(FILING.name, _("Choose today or a later day"))]
    if day > add_months(today(), _MONTHS_AHEAD):
        return today(), [Problem(FILING.name, _("This day is too far away: the rules may have changed by then"))]
    return day, []


@get("/dossiers/{key:str}/planner", name="planner")
async def planner(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """When to ask for each certificate; for a draft the reader may say on which day it is to be filed."""
    dossier = await queries.dossier(session, actor, key)
    if dossier.roles & READERS:
        raise NotFound
    typed = {name: value for name, value in request.query_params.items() if name in FILING.raw_names()}
    day, problems = (dossier.filed_at.astimezone(BRUSSELS).date(), []) if dossier.filed_at else _day(typed)
    planned = plan(dossier, day)
    return page(request, "documents/planner.html", status=422 if problems else 200, dossier=dossier, planned=planned, filing=FILING, typed=typed, day=day,
                decided_on=next((one.age.decided_on for one in planned), None), problems=problems_by_field(problems))


ROUTES = (planner,)
