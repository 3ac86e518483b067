"""The information pages: which there are, and how a reader gets one in the own language with the figures of today."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import Locale
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, locale_of, page
from frontoffice.kernel.time import today
from frontoffice.public.texts import Text, body_of, read

# In the order of the index; every text stands in exactly one group.
GROUPS: Mapping[str, Sequence[str]] = {
    _("Working in Belgium"): ("single-permit", "work-authorisation", "renewal-and-change", "unlimited-permit", "researcher", "other-doors"),
    _("Living in Belgium"): ("family-reunification", "marriage", "study", "au-pair", "working-holiday", "humanitarian-visa", "arrival"),
    _("A short stay, and standing guarantor"): ("short-stay-visa", "guarantor"),
    _("Your rights, and words explained"): ("rights-of-the-worker", "beware-of-sellers", "glossary"),
}
SLUGS = tuple(slug for some in GROUPS.values() for slug in some)


@lru_cache(maxsize=4)
def _index(locale: Locale) -> Mapping[str, Sequence[tuple[str, Text]]]:
    return {title: [(slug, read(slug, locale)) for slug in some] for title, some in GROUPS.items()}


@get("/information", name="information-index", public=True)
async def information_index(request: Web, session: AsyncSession) -> Response[str]:
    """Every information page with its first sentences; `session` tells the header who is signed in."""
    return page(request, "public/information_index.html", groups=_index(locale_of(request)))


@get("/information/{slug:str}", name="information-page", public=True)
async def information_page(request: Web, session: AsyncSession, slug: str) -> Response[str]:
    """One information page in the reader's language; raises NotFound for an unknown one."""
    if slug not in SLUGS:
        raise NotFound
    locale = locale_of(request)
    return page(request, "public/information.html", text=read(slug, locale), body=body_of(slug, locale, today()))


ROUTES = (information_index, information_page)
