"""What a provider's claims say: who the person is, and for whom he or she may act."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.forms.identifiers import Wrong, enterprise_number
from frontoffice.kernel.i18n import Locale, as_locale
from frontoffice.kernel.i18n import mark as _
from frontoffice.parties.directory import AUTHORITY_NAMES, authority_name, greet
from frontoffice.procedures.territory import municipality

MOST = 200
CAPACITIES: Mapping[str, str] = {
    "legal-representative": _("legal representative"),
    "access-manager": _("access manager"),
    "mandatary": _("mandatary"),
}


@dataclass(frozen=True, kw_only=True)
class Hat:
    """A party for whom a person may act; `name` of an authority and `capacity` are msgids."""

    kind: str
    party_id: str
    name: str
    capacity: str = ""
    number: str = ""
    authority: str = ""

    @classmethod
    def read(cls, stored: Mapping[str, str]) -> "Hat":
        """A hat as a session keeps it."""
        return cls(**stored)

    def stored(self) -> dict[str, str]:
        """The hat as plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom an id_token describes. A text that the provider sent in another shape counts as absent."""

    issuer: str
    subject: str
    name: str
    email: str | None
    locale: Locale | None
    acr: str
    claims: Mapping[str, Any]


def identity_of(claims: Mapping[str, Any]) -> Identity:
    """The person in the claims of a checked id_token."""
    parts = [_text(claims, "given_name"), _text(claims, "family_name")]
    name = " ".join(one for one in parts if one) or _text(claims, "name") or _text(claims, "preferred_username")
    email = _text(claims, "email", 254) if claims.get("email_verified") is True else ""
    return Identity(
        issuer=claims["iss"], subject=claims["sub"], name=name[:300] or "–", email=email if "@" in email else None,
        locale=as_locale(_text(claims, "locale")[:2].lower()), acr=_text(claims, "acr", 200), claims=claims,
    )


def _text(claims: Mapping[str, Any], name: str, longest: int = 300) -> str:
    value = claims.get(name)
    return " ".join(value.split())[:longest] if isinstance(value, str) else ""


async def hats_of(session: AsyncSession, kind: str, person_id: UUID, identity: Identity) -> list[Hat]:
    """For whom the person may act after signing in at a provider of that kind; empty when for nobody."""
    if kind == "citizen":
        return [Hat(kind="person", party_id=str(person_id), name=identity.name)]
    if kind == "official":
        return await _authority(session, identity.claims)
    return await _enterprises(session, identity.claims)


async def _authority(session: AsyncSession, claims: Mapping[str, Any]) -> list[Hat]:
    code = authority_code(claims)
    if code is None:
        return []
    name = authority_name(code)
    party_id = await greet(session, kind="authority", name=name, authority=code)
    capacity = CAPACITIES["access-manager"] if _text(claims, "capacity") == "access-manager" else ""
    return [Hat(kind="authority", party_id=str(party_id), name=name, capacity=capacity, authority=code)]


def authority_code(claims: Mapping[str, Any]) -> str | None:
    """The authority of an official: one that we know, and of a municipality only with the territory that it names."""
    code, territory = _text(claims, "authority", 40), _text(claims, "territory", 40)
    if code == "municipality":
        code = f"municipality-{territory}"
    if not code.startswith("municipality-"):
        return code if code in AUTHORITY_NAMES else None
    number = code.removeprefix("municipality-")
    return code if territory in ("", number) and municipality(number) else None


# One statement however many enterprises there are.
_GREET_ALL = text("""
    SELECT greet_party(gen_random_uuid(), 'enterprise', one.name, one.number, NULL, NULL, NULL)
      FROM unnest(CAST(:numbers AS text[]), CAST(:names AS text[])) WITH ORDINALITY AS one(number, name, nth) ORDER BY one.nth
""")


async def _enterprises(session: AsyncSession, claims: Mapping[str, Any]) -> list[Hat]:
    hats = enterprises_in(claims)
    if not hats:
        return []
    given = {"numbers": [one.number for one in hats], "names": [one.name for one in hats]}
    found: Sequence[UUID] = (await session.scalars(_GREET_ALL, given)).all()
    return [replace(hat, party_id=str(party_id)) for hat, party_id in zip(hats, found, strict=True)]


def enterprises_in(claims: Mapping[str, Any]) -> list[Hat]:
    """The enterprises of the claims, without those whose number cannot be one; of a number that comes twice the first counts."""
    listed = claims.get("enterprises")
    found: dict[str, Hat] = {}
    for one in listed[:MOST] if isinstance(listed, list) else []:
        if not isinstance(one, Mapping):
            continue
        try:
            number = enterprise_number(_text(one, "number", 60))
        except Wrong:
            continue
        hat = Hat(kind="enterprise", party_id="", name=_text(one, "name") or number, capacity=CAPACITIES.get(_text(one, "capacity"), ""), number=number)
        found.setdefault(number, hat)
    return list(found.values())
