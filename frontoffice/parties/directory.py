"""The parties that exist: found by their official code or number, and made when they are met for the first time."""

from collections.abc import Mapping
from functools import cache
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.i18n import mark as _
from frontoffice.kernel.message import Message, Names
from frontoffice.procedures.territory import municipalities, municipality

AUTHORITY_NAMES: Mapping[str, str] = {
    "flanders": _("Flanders, Economic Migration"),
    "brussels": _("Brussels Economy and Employment"),
    "wallonia": _("Wallonia, Employment and Work Permits"),
    "german-speaking-community": _("German-speaking Community, Employment"),
    "immigration-office": _("Immigration Office"),
    "diplomatic-post": _("Embassy or consulate"),
    # No authority by law: those who keep the portal running. It takes part in no dossier.
    "operators": _("Operators of the portal"),
}

# One function of the database meets a party or makes it, since the web role may not look through all parties.
_GREET = text("SELECT greet_party(:id, :kind, :name, :number, :authority, :email, :locale)")


async def greet(session: AsyncSession, *, kind: str, name: str, known: UUID | None = None, number: str | None = None,
                authority: str | None = None, email: str | None = None, locale: str = "en") -> UUID:
    """The party of that enterprise number, authority code or person; made when it is new."""
    found = await session.scalar(_GREET, {"id": known or uuid4(), "kind": kind, "name": name[:300], "number": number, "authority": authority,
                                          "email": email, "locale": locale})
    assert isinstance(found, UUID)
    return found


async def authority_party(session: AsyncSession, code: str, name: str = "") -> UUID:
    """The party of an authority, by its code."""
    return await greet(session, kind="authority", name=name or authority_name(code), authority=code)


def authority_name(code: str) -> str:
    """The msgid of an authority's name, or the name of a municipality."""
    if code.startswith("municipality-"):
        place = municipality(code.removeprefix("municipality-"))
        return place.names.nl if place else code
    return AUTHORITY_NAMES.get(code, code)


def authority_title(name: str) -> Message:
    """An authority as a sentence names it: a Region by its msgid, a municipality (whose party goes by the Dutch name) as such."""
    return Message(name) if name in AUTHORITY_NAMES.values() else Message(_("Municipality of %(name)s"), {"name": _names_in_dutch().get(name, name)})


def authority_titled(code: str) -> Message:
    """The authority of that code as a sentence names it; nothing for no code."""
    return authority_title(authority_name(code)) if code else Message("")


@cache
def _names_in_dutch() -> Mapping[str, Names]:
    return {one.names.nl: one.names for one in municipalities().values()}
