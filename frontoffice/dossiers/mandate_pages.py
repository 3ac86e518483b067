"""Giving a lawyer's office or an agency a mandate for one dossier, and taking it back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms import identifiers
from frontoffice.forms.fields import Checked, Day
from frontoffice.forms.form import Form, Values
from frontoffice.kernel.errors import NotFound, Problem, Refused
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, page, problems_by_field, see_other
from frontoffice.kernel.time import today
from frontoffice.parties import mandates
from frontoffice.parties.actor import Actor
from frontoffice.parties.parking import forget, parked
from frontoffice.procedures.vocabulary import Role


def _check(values: Values, others: Values) -> Sequence[Problem]:
    problems = []
    if values["office"] == others["own_number"]:
        problems.append(Problem("office", _("This is the number of your own enterprise: type that of the office")))
    if date.fromisoformat(values["first_day"]) < date.fromisoformat(others["today"]):
        problems.append(Problem("first_day", _("A mandate begins today or later")))
    if values["last_day"] < values["first_day"]:
        problems.append(Problem("last_day", _("The last day cannot come before the first day")))
    return problems


_FORM = Form(check=_check, fields=(
    Checked(name="office", label=_("Enterprise number of the office"), reader=identifiers.enterprise_number, width=20, inputmode="numeric",
            missing=_("Type the enterprise number of the office"),
            hint=_("10 digits, as in the Crossroads Bank for Enterprises, such as 0123.456.789.")),
    Day(name="first_day", label=_("First day of the mandate"), missing=_("Type the first day of the mandate")),
    Day(name="last_day", label=_("Last day of the mandate"), missing=_("Type the last day of the mandate"),
        hint=_("The office loses its access at the end of this day. You can end it sooner at any time.")),
))


def _for_filers(dossier: OpenDossier) -> OpenDossier:
    if not dossier.roles & {Role.EMPLOYER, Role.MANDATARY}:
        raise NotFound
    return dossier


async def _mandate_page(request: Web, session: AsyncSession, dossier: OpenDossier, *, raw: Mapping[str, str] | None = None,
                        problems: Sequence[Problem] = ()) -> Response[str]:
    first = _FORM.fields[1].raw_of(today().isoformat())
    return page(
        request, "parties/mandate.html", status=422 if problems else 200, dossier=dossier, mandate=await mandates.current(session, dossier.id),
        may_give=Role.EMPLOYER in dossier.roles, fields=_FORM.fields, raw=raw or first, problems=problems_by_field(problems),
    )


@get("/dossiers/{key:str}/mandate", name="mandate")
async def show_mandate(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """Who has a mandate for this dossier, or the form to give one."""
    dossier = _for_filers(await queries.dossier(session, actor, key))
    return await _mandate_page(request, session, dossier, raw=await parked(session, actor, request))


@post("/dossiers/{key:str}/mandate", name="give-mandate")
async def give_mandate(request: Web, session: AsyncSession, actor: Actor, form: dict[str, str], key: str) -> Response[Any]:
    """Offer the mandate; the office still has to accept."""
    dossier = _for_filers(await queries.dossier(session, actor, key, lock=True))
    if Role.EMPLOYER not in dossier.roles:
        raise Refused(_("Only the employer gives a mandate"))
    reading = _FORM.read(form, {"own_number": actor.enterprise_number, "today": today().isoformat()})
    if reading.problems:
        return await _mandate_page(request, session, dossier, raw=reading.raw, problems=reading.problems)
    first, last = (date.fromisoformat(reading.values[name]) for name in ("first_day", "last_day"))
    await mandates.offer(session, actor, dossier.id, number=reading.values["office"], first=first, last=last)
    await forget(session, actor, request)
    return see_other(request, "mandate", key=dossier.key)


@post("/dossiers/{key:str}/mandate/end", name="end-mandate")
async def end_mandate(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[None]:
    """End the mandate now: the employer takes over, or the office lays it down."""
    dossier = _for_filers(await queries.dossier(session, actor, key, lock=True))
    await mandates.end(session, dossier.id)
    return see_other(request, "mandate", key=dossier.key) if Role.EMPLOYER in dossier.roles else see_other(request, "my-mandates")


ROUTES = (show_mandate, give_mandate, end_mandate)
