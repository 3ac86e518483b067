"""The pages of a worker's link: what it is for, the passport check, and asking for another link."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.forms import identifiers
from frontoffice.forms.fields import Checked, Day, Email
from frontoffice.forms.form import Form
from frontoffice.kernel.errors import Problem
from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.limits import limit, sender_of
from frontoffice.kernel.rendering import Web, page, problems_by_field, see_other
from frontoffice.kernel.web import mac
from frontoffice.parties.actor import Actor, actor_in
from frontoffice.settings import Settings
from frontoffice.signin.invitations import OpenInvitation, ask_return, enter, join, note_wrong_try, open_invitation
from frontoffice.signin.pages import browser_in, give_session

_PASSPORT = Form(fields=(
    Checked(name="passport_number", label=_("Passport number"), reader=identifiers.travel_document_number, width=20,
            hint=_("As it stands in your passport."), missing=_("Type your passport number")),
    Day(name="birth_date", label=_("Date of birth"), missing=_("Type your date of birth")),
))
_ADDRESS = Form(fields=(Email(name="email", label=_("E-mail address"), hint=_("The address to which your invitation was sent."),
                        missing=_("Type your e-mail address")),))
_OTHER_PASSPORT = _("The passport number and the date of birth are not those in the dossier. Check both")


def _dead(request: Web) -> Response[str]:
    return page(request, "signin/invitation_over.html", status=404)


def _invitation_page(request: Web, invitation: OpenInvitation, actor: Actor | None, token: str, *, raw: Mapping[str, str] | None = None,
                     problems: Sequence[Problem] = ()) -> Response[str]:
    return page(request, "signin/invitation.html", status=422 if problems else 200, invitation=invitation, token=token, fields=_PASSPORT.fields,
                raw=raw or {}, problems=problems_by_field(problems), may_join=_may_join(invitation, actor))


def _may_join(invitation: OpenInvitation, actor: Actor | None) -> bool:
    """Whether somebody who signed in with an identity of the own joins as that person rather than by the link alone."""
    return actor is not None and actor.kind == "citizen" and invitation.purpose == "join" and invitation.person_id is None


@get("/invitations/{token:str}", name="show-invitation", public=True)
async def show_invitation(request: Web, session: AsyncSession, token: str) -> Response[str]:
    """Who invites, and for what; scanners of mail may look as often as they like."""
    invitation = await open_invitation(session, token)
    if invitation is None or not invitation.is_open:
        return _dead(request)
    return _invitation_page(request, invitation, actor_in(session), token)


@post("/invitations/{token:str}", name="accept-invitation", public=True)
async def accept_invitation(request: Web, session: AsyncSession, settings: Settings, form: dict[str, str], token: str) -> Response[Any]:
    """Use the link: it proves the address, and the passport proves the person once the dossier holds it."""
    invitation, actor = await open_invitation(session, token), actor_in(session)
    if invitation is None or not invitation.is_open:
        return _dead(request)
    if invitation.asks_passport:
        reading = _PASSPORT.read(form, {})
        if reading.problems:
            return _invitation_page(request, invitation, actor, token, raw=reading.raw, problems=reading.problems)
        if not invitation.agrees(reading.values["passport_number"], reading.values["birth_date"]):
            await note_wrong_try(session, invitation)
            return _invitation_page(request, invitation, actor, token, raw=reading.raw, problems=[Problem("passport_number", _OTHER_PASSPORT)])
    if actor and _may_join(invitation, actor):
        if not await join(session, invitation, actor.person_id):
            return _dead(request)
    elif secret := await enter(session, invitation, browser=browser_in(request)):
        give_session(request, settings, secret)
    else:
        return _dead(request)
    return see_other(request, "show-dossier", key=str(invitation.dossier_id))


@get("/return", name="ask-return", public=True)
async def show_return(request: Web, session: AsyncSession) -> Response[str]:
    """Ask for a link to come back."""
    sent = request.query_params.get("sent") == "yes"
    return page(request, "signin/return.html", fields=_ADDRESS.fields, raw={}, problems={}, sent=sent)


@post("/return", name="send-return", public=True)
async def send_return(request: Web, session: AsyncSession, settings: Settings, form: dict[str, str]) -> Response[Any]:
    """Send the link, if the address is known; the answer is the same if it is not."""
    reading = _ADDRESS.read(form, {})
    if reading.problems:
        problems = problems_by_field(reading.problems)
        return page(request, "signin/return.html", status=422, fields=_ADDRESS.fields, raw=reading.raw, problems=problems, sent=False)
    email = reading.values["email"]
    await limit(session, "return-from", sender_of(request, settings), most=20, seconds=300)
    await limit(session, "return", mac(settings, "address", email.lower()), most=5, seconds=6 * 3600)
    await ask_return(session, email, settings)
    return see_other(request, "ask-return", sent="yes")


ROUTES = (show_invitation, accept_invitation, show_return, send_return)
