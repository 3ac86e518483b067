"""The pages that anyone may read: the start page, help, accessibility, privacy, and the figures of the law."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.idle import IDLE_DRAFT, WARNED_BEFORE
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, locale_of, page
from frontoffice.kernel.time import today
from frontoffice.procedures.finder.questions import STEPS
from frontoffice.procedures.posts import POSTS
from frontoffice.procedures.territory import REGION_TITLES
from frontoffice.public import machine_pages
from frontoffice.public.figures_list import SHORTAGE_LISTS, posts_by_country, shown
from frontoffice.public.texts import in_words

_TOPICS = frozenset({"help", "accessibility", "privacy"})
# The day on which the statement was last compared with what our tests find.
_STATED_ON = date(2026, 11, 21)
# The purposes of the finder's first question, as people look for them.
_TILES: Mapping[str, Sequence[str]] = {
    _("Work"): ("work", "hire", "renew"), _("Family"): ("family", "marriage"), _("Study and research"): ("study", "research"),
    _("Young people"): ("au-pair", "working-holiday"), _("Visit and guarantee"): ("visit", "guarantor"),
    _("Arrival and protection"): ("arrival", "humanitarian"),
}



@get("/", name="home", public=True)
async def home(request: Web, session: AsyncSession) -> Response[str]:
    """What this window is for, who does what, and the way in; `session` tells the header who is signed in."""
    purposes = {value: label for value, label, _hint in STEPS[0].form.fields[0].options}
    return page(request, "public/home.html", tiles={title: [(one, purposes[one]) for one in some] for title, some in _TILES.items()})


@get("/figures", name="figures", public=True)
async def figures_page(request: Web, session: AsyncSession) -> Response[str]:
    """The figures of the law by subject, for all Regions or one, or those that hold the words of `q`; raises NotFound for an unknown Region."""
    region, sought = request.query_params.get("region", ""), request.query_params.get("q", "").strip()[:60]
    if region and region not in REGION_TITLES:
        raise NotFound
    locale = locale_of(request)
    return page(
        request, "public/figures.html", subjects=shown(today(), region, sought=sought, locale=locale), region=region, q=sought,
        regions=list(REGION_TITLES.items()), value=partial(in_words, locale=locale), shortage=SHORTAGE_LISTS, posts=posts_by_country(locale),
        post=next(iter(POSTS.values())),
    )


@get("/{topic:str}", name="information", public=True)
async def information(request: Web, session: AsyncSession, topic: str) -> Response[str]:
    """Help, the accessibility statement or the privacy notice; raises NotFound for anything else."""
    if topic not in _TOPICS:
        raise NotFound
    return page(request, f"public/{topic}.html", stated_on=_STATED_ON, kept_days=IDLE_DRAFT.days, warned_days=WARNED_BEFORE.days)


ROUTES = (home, figures_page, information, *machine_pages.ROUTES)
