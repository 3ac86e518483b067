"""The pages that anyone may read: the start page, help, accessibility, privacy, and the figures of the law."""

from datetime import date

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.rendering import Web, page
from frontoffice.kernel.time import today
from frontoffice.procedures import in_force
from frontoffice.procedures.figures import Figures
from frontoffice.procedures.single_permit.categories import CATEGORIES
from frontoffice.procedures.territory import REGION_TITLES
from frontoffice.public import machine_pages
from frontoffice.public.figures_list import shown

_TOPICS = frozenset({"help", "accessibility", "privacy"})
# The day on which the statement was last compared with what our tests find.
_STATED_ON = date(2026, 11, 21)
_PERIODS = ("complement-period", "decision-period", "municipal-report-period")


@get("/", name="home", public=True)
async def home(request: Web, session: AsyncSession) -> Response[str]:
    """What this window is for, who does what, and the way in; `session` tells the header who is signed in."""
    day = today()
    figures = Figures.at(day)
    return page(
        request, "public/home.html", documents=[one for one in in_force("single-permit", day).documents if one.required],
        open_categories=[one.title for one in CATEGORIES if one.open],
        periods={code.replace("-", "_"): figure.count for code in _PERIODS if (figure := figures.find(code))},
    )


@get("/figures", name="figures", public=True)
async def figures_page(request: Web, session: AsyncSession) -> Response[str]:
    """The amounts and periods of the law, in force and announced, for all Regions or one; raises NotFound for an unknown one."""
    region = request.query_params.get("region", "")
    if region and region not in REGION_TITLES:
        raise NotFound
    return page(request, "public/figures.html", groups=shown(today(), region), region=region, regions=list(REGION_TITLES.items()))


@get("/{topic:str}", name="information", public=True)
async def information(request: Web, session: AsyncSession, topic: str) -> Response[str]:
    """Help, the accessibility statement or the privacy notice; raises NotFound for anything else."""
    if topic not in _TOPICS:
        raise NotFound
    return page(request, f"public/{topic}.html", stated_on=_STATED_ON)


ROUTES = (home, figures_page, information, *machine_pages.ROUTES)
