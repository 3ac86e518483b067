"""The public page of outages: what does not work now, what did not work before, and what we promise about last days."""

from datetime import timedelta
from typing import Final

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers.outages import recorded
from frontoffice.kernel.rendering import Web, page
from frontoffice.kernel.time import now

_SHOWN_FOR: Final = timedelta(days=731)


@get("/outages", name="outages", public=True)
async def outages(request: Web, session: AsyncSession) -> Response[str]:
    """Those that go on or are announced first, then those of the last two years, the latest first."""
    instant = now()
    every = [one.outage for one in await recorded(session)]
    return page(
        request, "public/outages.html",
        running=[one for one in every if one.since <= instant and (one.until is None or one.until > instant)],
        announced=[one for one in reversed(every) if one.since > instant],
        past=[one for one in every if one.until and instant - _SHOWN_FOR < one.until <= instant],
    )


ROUTES = (outages,)
