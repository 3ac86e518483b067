"""Pages about mails: who is told of a dossier, one more address for them, and the link by which its owner agrees or wants no more."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.dossiers import queries
from frontoffice.dossiers.queries import OpenDossier
from frontoffice.forms.fields import Choice, Email
from frontoffice.forms.form import Form
from frontoffice.kernel.errors import NotFound, Problem
from frontoffice.kernel.i18n import LANGUAGE_NAMES, LOCALES, as_locale
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.rendering import Web, locale_of, page, problems_by_field, see_other
from frontoffice.notices import second
from frontoffice.notices.receivers import masked
from frontoffice.notices.return_path import own_domain
from frontoffice.notices.told import lines
from frontoffice.parties.actor import Actor
from frontoffice.procedures.vocabulary import AUTHORITIES
from frontoffice.settings import Settings

_FORM: Final = Form(fields=(
    Email(name="email", label=_("E-mail address"), hint=_("Of a colleague or relative, for example. We ask the owner first."),
          missing=_("Type the e-mail address"), autocomplete="off"),
    Choice(name="language", label=_("Language of the mails"), choices=tuple((one, LANGUAGE_NAMES[one], "") for one in LOCALES),
           missing=_("Choose the language of the mails")),
))
_OURS: Final = _("This is an address of this service: type one at which somebody reads")
_KNOWN: Final = _("Mails about this dossier go to this address already: type another one")


async def _open(session: AsyncSession, actor: Actor, key: str) -> OpenDossier:
    """The dossier, for those who are told of it by mail: authorities are told by their work lists."""
    dossier = await queries.dossier(session, actor, key)
    if not dossier.roles - AUTHORITIES:
        raise NotFound
    return dossier


@get("/dossiers/{key:str}/told", name="who-is-told")
async def show_told(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[str]:
    """Who is told by mail, what became of the last mail, and the second address."""
    return await _told_page(request, session, actor, await _open(session, actor, key))


async def _told_page(request: Web, session: AsyncSession, actor: Actor, dossier: OpenDossier, *, raw: Mapping[str, str] | None = None,
                     problems: Sequence[Problem] = ()) -> Response[str]:
    added = await second.latest(session, actor, dossier)
    return page(
        request, "told/told.html", status=422 if problems else 200, dossier=dossier, lines=await lines(session, dossier, actor.party_id),
        added=added, address=masked(added.email) if added else "", fields=_FORM.fields, raw=raw or {"language": locale_of(request)},
        problems=problems_by_field(problems),
    )


@post("/dossiers/{key:str}/told", name="add-address")
async def add_address(request: Web, session: AsyncSession, actor: Actor, settings: Settings, form: dict[str, str], key: str) -> Response[Any]:
    """Ask the owner of one more address whether mails may go there."""
    dossier = await _open(session, actor, key)
    reading = _FORM.read(form, {})
    problems = list(reading.problems)
    if not problems and (wrong := await _wrong(session, dossier, actor, reading.values["email"], settings)):
        problems = [Problem("email", wrong)]
    if problems:
        return await _told_page(request, session, actor, dossier, raw=reading.raw, problems=problems)
    await second.add(session, actor, dossier, reading.values["email"], as_locale(reading.values["language"]) or "en", settings=settings)
    return see_other(request, "who-is-told", anchor="second", key=dossier.key)


async def _wrong(session: AsyncSession, dossier: OpenDossier, actor: Actor, email: str, settings: Settings) -> str:
    """Why no mails can go to this address; empty when they can."""
    if email.rpartition("@")[2].lower() == own_domain(settings):
        return _OURS
    return _KNOWN if await second.is_known(session, dossier, actor, email) else ""


@post("/dossiers/{key:str}/told/end", name="end-address")
async def end_address(request: Web, session: AsyncSession, actor: Actor, key: str) -> Response[Any]:
    """Send no more mails to the second address."""
    dossier = await _open(session, actor, key)
    await second.end(session, actor, dossier)
    return see_other(request, "who-is-told", anchor="second", key=dossier.key)


@get("/addresses/{token:str}", name="show-address", public=True)
async def show_address(request: Web, session: AsyncSession, token: str) -> Response[str]:
    """What the link of a mail is for; scanners of mail may look as often as they like."""
    link = await second.behind(session, token)
    return page(request, "told/address.html", status=200 if link else 404, link=link, token=token)


@post("/addresses/{token:str}", name="settle-address", public=True)
async def settle_address(request: Web, session: AsyncSession, form: dict[str, str], token: str) -> Response[Any]:
    """Agree to the mails, or want no more of them; what was settled stays so when it is sent again."""
    if await second.behind(session, token) is None:
        return page(request, "told/address.html", status=404, link=None, token=token)
    await second.settle(session, token, wanted=form.get("answer") == "yes")
    return see_other(request, "show-address", token=token)


ROUTES = (show_told, add_address, end_address, show_address, settle_address)
