"""Reading work lists: what waits at one authority, page by page, at the same price for a hundred dossiers or a million.

Every list is a union over states, each read in the order of an index and cut after one page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, Text, all_, any_, false, func, literal, literal_column, select, true, tuple_, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.counter.clocks import QueueClock, clock_of
from frontoffice.dossiers.access import is_visible_to
from frontoffice.dossiers.model import Answer, Dossier, Participation
from frontoffice.dossiers.names import name_key
from frontoffice.forms.identifiers import show_enterprise_number
from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import mark as _
from frontoffice.parties.actor import Actor
from frontoffice.parties.model import Party
from frontoffice.procedures import EDITIONS, edition_of
from frontoffice.procedures.lifecycle import Headline
from frontoffice.procedures.single_permit.categories import category
from frontoffice.procedures.vocabulary import Role

PAGE_SIZE = 25
MOST_FOUND = 50
COUNT_LIMIT = 100

_STATES = tuple(sorted(frozenset[str]().union(*(one.life.states() for one in EDITIONS))))
_FINAL = tuple(sorted(frozenset[str]().union(*(one.life.final for one in EDITIONS))))
_UNDER_WAY = frozenset(_STATES) - frozenset(_FINAL) - {"draft", "worker-part", "worker-confirmed"}


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One part of a work list: dossiers with one of these headlines whose position holds, or lacks, a state."""

    code: str
    title: str
    says: str
    headlines: Sequence[str]
    holds: str = ""
    lacks: str = ""
    newest_first: bool = False

    @property
    def counted(self) -> bool:
        """Whether its number tells how much work waits."""
        return not self.newest_first


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An authority's work list: which column names the authority, since when a dossier waits there, its parts."""

    column: Any
    since: Any
    tabs: Sequence[Tab]
    sorts: Sequence[str]

    def tab(self, code: str) -> Tab:
        """The part of that code, or the first; raises NotFound."""
        found = next((one for one in self.tabs if code in ("", one.code)), None)
        if found is None:
            raise NotFound
        return found


# Work lists name states, not procedures: a state that several procedures share stands in one part of the list.
_AT_THE_REGION = frozenset({"filed", "checking", "complement", "work-exam"})
# The Region may decide on the work while the Immigration Office waits for a document: the headline then tells the latter.
_REGION = Desk(column=Dossier.region, since=Dossier.filed_at, sorts=("filed", "due"), tabs=(
    Tab(code="to-take-up", title=_("To take up"), headlines=("filed",), says=_("Filed, and nobody has taken them up yet.")),
    Tab(code="checking", title=_("Completeness check"), headlines=("checking",),
        says=_("Declare them admissible, ask for a document or declare them inadmissible.")),
    Tab(code="documents-asked", title=_("Documents asked"), headlines=("complement",), says=_("You asked for something and wait for it.")),
    Tab(code="to-decide", title=_("Decision on work"), headlines=("work-exam", "stay-complement"), holds="work-exam",
        says=_("Admissible: authorise or refuse the work.")),
    Tab(code="waiting", title=_("Waiting for others"), lacks="work-exam", headlines=tuple(sorted(_UNDER_WAY - _AT_THE_REGION)),
        says=_("Your part is done. Somebody else takes the next step.")),
    Tab(code="closed", title=_("Closed"), headlines=_FINAL, newest_first=True, says=_("Nothing more happens with these.")),
    Tab(code="all", title=_("All"), headlines=_STATES, newest_first=True, says=_("Every dossier of your Region, the newest first.")),
))
_MUNICIPALITY = Desk(column=Dossier.municipality, since=Dossier.updated_at, sorts=("filed",), tabs=(
    Tab(code="arrivals", title=_("Arrivals"), headlines=("arrived", "declared"), says=_("Check the passport and the address of these people.")),
    Tab(code="to-legalise", title=_("Signatures to legalise"), headlines=("to-legalise",),
        says=_("Guarantors come in person, with an identity card and the proof of their income.")),
    Tab(code="papers", title=_("Papers to issue"), headlines=("registered", "checked-in"), says=_("Issue annex 3, 15 or 49.")),
    Tab(code="address-check", title=_("Address check"), headlines=("address-check",), says=_("Record what the police officer found.")),
    Tab(code="card-to-order", title=_("Card to order"), headlines=("address-confirmed",), says=_("The address is confirmed: order the card.")),
    Tab(code="card-to-deliver", title=_("Card to deliver"), headlines=("card-ordered",), says=_("Deliver the card when it has come.")),
    Tab(code="documents-asked", title=_("Documents asked"), headlines=("complement",), says=_("You asked for a document; it has not come yet.")),
    Tab(code="closed", title=_("Closed"), headlines=_FINAL, newest_first=True, says=_("Nothing more happens with these.")),
    Tab(code="all", title=_("All"), headlines=_STATES, newest_first=True, says=_("Every dossier of your municipality, the newest first.")),
))


def desk_of(actor: Actor) -> Desk:
    """The desk that the actor works at; raises NotFound for whoever is no official of a Region or municipality."""
    if actor.kind == "official" and actor.is_region:
        return _REGION
    if actor.kind == "official" and actor.is_municipality:
        return _MUNICIPALITY
    raise NotFound


@dataclass(frozen=True)
class QueueRow:
    """One dossier in a work list."""

    id: UUID
    number: str
    procedure: str
    edition: str
    position: Sequence[str]
    worker_name: str
    employer_name: str
    category: str
    region: str | None
    filed_at: datetime
    updated_at: datetime
    due_on: date | None
    nationality: str | None
    enterprise_number: str | None

    @property
    def headline(self) -> Headline:
        """The single status that people read."""
        return edition_of(self.procedure, self.edition).life.headline(self.position)

    @property
    def category_title(self) -> str:
        """The msgid of the category of worker, or of the procedure where there are no categories."""
        found = category(self.category)
        return found.title if found else edition_of(self.procedure, self.edition).title

    @property
    def shown_enterprise_number(self) -> str:
        """The employer's number as it is written on paper."""
        return show_enterprise_number(self.enterprise_number or "")

    def clock(self, today: date) -> QueueClock:
        """What the clock column says."""
        state = self.headline.state
        since = self.filed_at if state in ("filed", "checking") else self.updated_at
        return clock_of(edition_of(self.procedure, self.edition), state, due_on=self.due_on, since=since, today=today, region=self.region)


_LISTED = (
    Dossier.id, Dossier.number, Dossier.procedure, Dossier.edition, Dossier.position, Dossier.worker_name, Dossier.employer_name,
    Dossier.category, Dossier.region, Dossier.filed_at, Dossier.updated_at, Dossier.due_on,
)
# Written out, not bound: the index holds the same constant, and a bound one would not be recognised.
_NO_DAY = literal_column("'9999-12-31'::date", Date)
_DUE = func.coalesce(Dossier.due_on, _NO_DAY)


@dataclass(frozen=True)
class After:
    """The row after which a page starts: what it is sorted by, and its identity."""

    key: date | datetime
    id: UUID


@dataclass(frozen=True)
class QueuePage:
    """The rows of one page; `after` starts the next one, None when this is the last."""

    rows: Sequence[QueueRow]
    after: After | None = None


async def work_list(session: AsyncSession, actor: Actor, tab: Tab, *, sort: str = "", after: After | None = None) -> QueuePage:
    """One page of a part of the actor's work list: the longest waiting or the nearest last day first."""
    desk = desk_of(actor)
    key = _DUE if sort == "due" and not tab.newest_first else desk.since
    every = _each_state(desk, actor, tab, PAGE_SIZE + 1, key=key, after=after)
    order = (every.c.key.desc(), every.c.id.desc()) if tab.newest_first else (every.c.key, every.c.id)
    first = select(every).order_by(*order).limit(PAGE_SIZE + 1).subquery("first")
    again = (first.c.key.desc(), first.c.id.desc()) if tab.newest_first else (first.c.key, first.c.id)
    found = (await session.execute(_completed(first).add_columns(first.c.key).order_by(*again))).all()
    rows = [QueueRow(*one[:-1]) for one in found[:PAGE_SIZE]]
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    return QueuePage(rows, After(last.key, last.id) if last else None)


def _each_state(desk: Desk, actor: Actor, tab: Tab, most: int, *, key: Any, after: After | None = None) -> Any:
    """The first rows of each state of a part, as a subquery with the sort key beside them."""
    wanted = func.unnest(literal(list(tab.headlines), ARRAY(Text))).table_valued("state", name="wanted").render_derived()
    one = select(*_LISTED, key.label("key")).where(*_at(desk, actor), Dossier.headline == wanted.c.state, *_narrowed(tab))
    if after:
        here, there = tuple_(key, Dossier.id), tuple_(literal(after.key, key.type), literal(after.id, Dossier.id.type))
        one = one.where(here < there if tab.newest_first else here > there)
    order = (key.desc(), Dossier.id.desc()) if tab.newest_first else (key, Dossier.id)
    found = one.order_by(*order).limit(most).lateral("found")
    return select(found).select_from(wanted.join(found, true())).subquery("every")


def _at(desk: Desk, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return desk.column == actor.authority_code, is_visible_to(actor), Dossier.filed_at.is_not(None)


def _narrowed(tab: Tab) -> list[ColumnElement[bool]]:
    # Inside coalesce the planner makes no guess from statistics; its low guess led it to sort all rows of a state.
    found: list[ColumnElement[bool]] = []
    if tab.holds:
        found.append(func.coalesce(literal(tab.holds, Text) == any_(Dossier.position), false()))
    if tab.lacks:
        found.append(func.coalesce(literal(tab.lacks, Text) != all_(Dossier.position), false()))
    return found


def _completed(some: Any) -> Select[Any]:
    """The rows of a subquery with the worker's nationality and the employer's number, for few rows only."""
    nationality = (
        select(Answer.content["nationality"].astext).where(Answer.dossier_id == some.c.id, Answer.page == "identity").scalar_subquery()
    )
    number = (
        select(func.max(Party.enterprise_number)).join(Participation, Participation.party_id == Party.id)
        .where(Participation.dossier_id == some.c.id, Participation.role == Role.EMPLOYER).scalar_subquery()
    )
    return select(*(some.c[one.key] for one in _LISTED), nationality.label("nationality"), number.label("enterprise_number"))


async def counts(session: AsyncSession, actor: Actor) -> Mapping[str, int]:
    """How many dossiers wait in each part where that tells something; counting stops at COUNT_LIMIT."""
    desk = desk_of(actor)
    columns = []
    for tab in (one for one in desk.tabs if one.counted):
        every = _each_state(desk, actor, tab, COUNT_LIMIT, key=desk.since)
        some = select(every.c.id).limit(COUNT_LIMIT).subquery()
        columns.append(select(func.count()).select_from(some).scalar_subquery().label(tab.code))
    return dict((await session.execute(select(*columns))).mappings().one())


async def search(session: AsyncSession, actor: Actor, sought: str) -> QueuePage:
    """The actor's dossiers of that number, or whose worker or employer has a name that begins so; at most MOST_FOUND.

    A worker is found by the first and by the last word of the name. Accents and capitals do not count.
    """
    desk = desk_of(actor)
    start = name_key(literal(sought, Text))
    branches = [select(*_LISTED).where(*_at(desk, actor), Dossier.number == sought.upper())]
    for column in (Dossier.worker_key, Dossier.worker_turned, Dossier.employer_key):
        begins = column >= start, column < start.concat(chr(0x10FFFF))
        branches.append(select(*_LISTED).where(*_at(desk, actor), *begins).order_by(column, Dossier.id).limit(MOST_FOUND))
    every = union(*(one.subquery().select() for one in branches)).subquery("every")
    found = select(every).order_by(every.c.worker_name, every.c.id).limit(MOST_FOUND).subquery("first")
    rows = (await session.execute(_completed(found).order_by(found.c.worker_name, found.c.id))).all()
    return QueuePage([QueueRow(*one) for one in rows])
