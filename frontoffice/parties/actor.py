"""The actor: the person signed in and the party that he or she acts for."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncSession

from frontoffice.kernel.database import visitor
from frontoffice.kernel.errors import SignedOut
from frontoffice.kernel.message import Message
from frontoffice.parties.directory import authority_title


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One person under one hat. `kind` is how he or she signed in: citizen, enterprise, official or invited.

    `weak_at` is the provider at which a stronger key is due before a step that binds; empty when this one is strong enough.
    """

    person_id: UUID
    party_id: UUID
    name: str
    party_name: str
    party_kind: str
    kind: str
    capacity: str = ""
    enterprise_number: str = ""
    authority_code: str = ""
    email: str = ""
    locale: str = "en"
    session_hash: bytes = b""
    weak_at: str = ""

    @property
    def acts_for_another(self) -> bool:
        """Whether the hat is that of an enterprise or authority, not the person's own."""
        return self.person_id != self.party_id

    @property
    def party_title(self) -> Message | str:
        """The party acted for as a page names it: an authority in the reader's language, others as they are called."""
        return authority_title(self.party_name) if self.authority_code else self.party_name

    @property
    def is_region(self) -> bool:
        """Whether the actor works for one of the four work authorities."""
        return self.authority_code in REGIONS

    @property
    def is_municipality(self) -> bool:
        """Whether the actor works for a municipality."""
        return self.authority_code.startswith("municipality-")


REGIONS = ("flanders", "brussels", "wallonia", "german-speaking-community")


def actor_of(row: RowMapping) -> Actor:
    """The actor that a session's row describes."""
    return Actor(
        person_id=row["person_id"], party_id=row["party_id"], name=row["person_name"], party_name=row["party_name"],
        party_kind=row["party_kind"], kind=row["kind"], capacity=row["capacity"], enterprise_number=row["enterprise_number"] or "",
        authority_code=row["authority_code"] or "", email=row["email"] or "", locale=row["locale"], session_hash=row["token_hash"],
    )


def actor_in(session: AsyncSession) -> Actor | None:
    """The actor of this transaction; None for a visitor or an ended session."""
    row = visitor(session)
    return actor_of(row) if row and row["live"] else None


def signed_in(session: AsyncSession) -> Actor:
    """The actor of this transaction; raises SignedOut when there is none."""
    actor = actor_in(session)
    if actor is None:
        raise SignedOut
    return actor
