"""The authority's side over HTTP: the work list of a Region or municipality, with its filters in the address."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.counter import queries
from frontoffice.counter.queries import COUNT_LIMIT, MOST_FOUND, After, desk_of
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.rendering import Web, page
from frontoffice.kernel.time import today
from frontoffice.parties.actor import Actor

_LONGEST_SEARCH = 100


def _sought(typed: str) -> str:
    """What was typed to search for, without what cannot be part of a name."""
    return " ".join("".join(c for c in typed if c.isprintable()).split())[:_LONGEST_SEARCH]


def _after(text: str, sort: str) -> After | None:
    """The row that an address says to go on after; raises NotFound for anything else."""
    if not text:
        return None
    key, _, identity = text.rpartition("_")
    try:
        moment: date | datetime = date.fromisoformat(key) if sort == "due" else datetime.fromisoformat(key)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            raise NotFound
        return After(moment, UUID(identity))
    except ValueError as error:
        raise NotFound from error


def _written(after: After | None) -> str:
    return f"{after.key.isoformat()}_{after.id}" if after else ""


@get("/counter", name="queue")
async def queue(request: Web, session: AsyncSession, actor: Actor) -> Response[str]:
    """One part of the authority's work list, or what a search found."""
    desk = desk_of(actor)
    asked = request.query_params
    tab = desk.tab(asked.get("state", ""))
    sort = asked.get("sort", "") if asked.get("sort") in desk.sorts and not tab.newest_first else desk.sorts[0]
    sought = _sought(asked.get("q", ""))
    numbers = await queries.counts(session, actor)
    if sought:
        found = await queries.search(session, actor, sought)
    else:
        found = await queries.work_list(session, actor, tab, sort=sort, after=_after(asked.get("after", ""), sort))
    day = today()
    context: dict[str, Any] = {
        "tab": tab, "tabs": [(one, numbers.get(one.code)) for one in desk.tabs], "sort": sort, "sorts": desk.sorts, "sought": sought,
        "rows": [(row, row.clock(day)) for row in found.rows], "next_page": _written(found.after), "first_page": not asked.get("after"),
        "most": COUNT_LIMIT, "most_found": MOST_FOUND, "wide": True,
    }
    return page(request, "counter/queue.html", **context)


ROUTES = (queue,)
