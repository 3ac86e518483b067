"""The finder and the pages about each procedure: for anyone, nothing is stored, and the answers stand in the address."""

from collections.abc import Mapping, Sequence
from datetime import date

from litestar import Response, get
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.errors import NotFound
from frontoffice.kernel.i18n import LOCALES, as_locale
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.kernel.rendering import Web, locale_of, page, part, problems_by_field
from frontoffice.kernel.time import today
from frontoffice.procedures import every_in_force, in_force
from frontoffice.procedures.finder.journey import Journey, chosen, given_to, known_to, travel
from frontoffice.procedures.finder.questions import MOST_STEPS, UNKNOWN, facts_of
from frontoffice.procedures.finder.result import CATEGORY, Found
from frontoffice.procedures.single_permit.categories import title_of
from frontoffice.procedures.vocabulary import Procedure
from frontoffice.public.procedure_view import view_of

# In the order of the list; a procedure that stands in none of them comes last.
GROUPS: Mapping[str, Sequence[str]] = {
    _("Work"): ("single-permit", "work-authorisation", "unlimited-permit"),
    _("Family"): ("visa-d-family", "visa-d-marriage"),
    _("Study and research"): ("visa-d-study", "visa-d-researcher"),
    _("Young people"): ("visa-d-au-pair", "visa-d-working-holiday"),
    _("Visit"): ("visa-c",),
    _("Guarantor"): ("guarantee-short-stay", "guarantee-study"),
    _("Arrival"): ("declaration-of-arrival",),
    _("Special situations"): ("visa-d-humanitarian",),
}


@get("/finder", name="finder", public=True)
async def finder(request: Web, session: AsyncSession) -> Response[str]:
    """The next question, or where the answers lead; `session` tells the header who is signed in."""
    sent, day = _sent(request), today()
    whole = journey = travel(sent, day)
    again = next((one for one in whole.steps if one.code == sent.get("change")), None)
    if again:
        # The answers that come after it stay, if they still fit what is answered now.
        journey = travel(whole.before(again), day)
    if journey.result:
        return _found(request, journey, day)
    asked = again or journey.asked
    kept = whole.before(asked) if asked else {}
    problems = problems_by_field(journey.problems)
    raw = {name: "" if text == "-" else text for name, text in whole.raw.items()}
    return page(request, "public/finder.html", status=422 if problems else 200, step=asked, raw=raw, known={**journey.values, **facts_of(journey.values)},
                problems=problems, number=len(journey.steps) + 1, most=MOST_STEPS, kept=kept,
                back={**whole.raw, "change": journey.steps[-1].code} if journey.steps else None, answers=_answers(journey))


def _sent(request: Web) -> dict[str, str]:
    return {name: text for name, text in request.query_params.items() if isinstance(text, str)}


Answer = tuple[str, str, Message | Names | str]


def _answers(journey: Journey) -> list[Answer]:
    """Each answer with the page that changes it; what nobody knew is left out."""
    return [(step.code, one.label, one.shown(journey.values[one.name])) for step in journey.steps for one in step.form.fields
            if journey.values.get(one.name, UNKNOWN) != UNKNOWN and journey.values[one.name]]


def _found(request: Web, journey: Journey, day: date) -> Response[str]:
    result = journey.result
    found = result if isinstance(result, Found) else None
    return page(request, "public/found.html", result=result, raw=journey.raw, answers=_answers(journey), last=journey.steps[-1].code,
                procedure=_offered(found.procedure, day) if found else None, category=title_of(found.given.get(CATEGORY, "")) if found else "",
                open_here=frozenset(one.code for one in every_in_force(day)))


def _offered(code: str, day: date) -> Procedure:
    """The edition in force; raises NotFound when there is none."""
    try:
        return in_force(code, day)
    except LookupError:
        raise NotFound from None


@get("/procedures", name="procedures", public=True)
async def procedures(request: Web, session: AsyncSession) -> Response[str]:
    """Every procedure that can be filed here, in groups."""
    known = {one.code: one for one in every_in_force(today())}
    groups = {title: [known.pop(code) for code in codes if code in known] for title, codes in GROUPS.items()}
    return page(request, "public/procedures.html", groups={title: some for title, some in [*groups.items(), (_("Others"), list(known.values()))] if some})


@get("/procedures/{code:str}", name="procedure", public=True)
async def procedure_page(request: Web, session: AsyncSession, code: str) -> Response[str]:
    """What a procedure is and asks, for these answers, in one language or two side by side; raises NotFound for an unknown one."""
    day, sent = today(), _sent(request)
    procedure, journey = _offered(code, day), travel(sent, today())
    given = given_to(procedure, journey, sent)
    view = view_of(procedure, known_to(procedure, given, journey, day), day)
    code_chosen, category = chosen(journey, sent), title_of(given.get(CATEGORY, ""))
    own, other = locale_of(request), as_locale(sent.get("with"))
    shown = [own, other] if other and other != own else [own]
    return page(
        request, "public/procedure.html", view=view, category=category,
        halves=[(one, part("public/_procedure.html", one, view=view, category=category, day=day)) for one in shown],
        answers=_answers(journey), raw={**journey.raw, **({CATEGORY: code_chosen} if code_chosen else {})}, others=[one for one in LOCALES if one != own],
    )


ROUTES = (finder, procedures, procedure_page)
