"""The register of persons: identities, what each dossier said of them, the keys that find them, and what officials decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class Identity(Base):
    """One person. `golden` is the best value of each attribute with the dossier that it comes from; one that was merged names where it went."""

    __tablename__ = "identity"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    golden: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"), index=True)


class IdentityOfDossier(Base):
    """Whose dossier it is, why that was decided, and what the dossier says of the person: the source record, which no merge changes."""

    __tablename__ = "identity_of_dossier"

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"), index=True)
    provenance: Mapped[str] = mapped_column(String(20))
    particulars: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(Instant)


class IdentityName(Base):
    """One form of a person's name, of whichever kind; made from the source records."""

    __tablename__ = "identity_name"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"), index=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    surname: Mapped[str] = mapped_column(Text)
    given_names: Mapped[str] = mapped_column(Text)


class IdentityKey(Base):
    """A normalised key that leads to a person; made from the source records. One of kind passport or register exists once."""

    __tablename__ = "identity_key"
    __table_args__ = (
        Index("ix_identity_key_exact", "kind", "value", unique=True, postgresql_where=text("kind IN ('passport', 'register')")),
        Index("ix_identity_key_value", "kind", "value"),
    )

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)


class IdentitySearch(Base):
    """The search that comes before every link: what was found, and what was done (nobody when a dossier names no person). Keys by kind only."""

    __tablename__ = "identity_search"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(20))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(10)))
    found: Mapped[list[Any]] = mapped_column(JSONB)


class Double(Base):
    """A task for two officials: are these two identities one person, or, without a second one, is this dossier really this person's?

    What changes the register takes two officials: "same" for two identities, "different" for a dossier.
    """

    __tablename__ = "identity_double"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'same', 'different')", name="state"),
        CheckConstraint("other_id IS NULL OR identity_id < other_id", name="order"),
        Index("ix_identity_double_pair", "identity_id", "other_id", unique=True, postgresql_where=text("other_id IS NOT NULL")),
        Index("ix_identity_double_link", "identity_id", "dossier_id", unique=True, postgresql_where=text("other_id IS NULL")),
        Index("ix_identity_double_open", "opened_at", postgresql_where=text("state = 'open'")),
        Index("ix_identity_double_settled", "settled_at", postgresql_where=text("state <> 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"), index=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    score: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(String(30)))
    state: Mapped[str] = mapped_column(String(10), server_default="open")
    version: Mapped[int] = mapped_column(server_default="1")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    first_by: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    first_at: Mapped[datetime | None] = mapped_column(Instant)
    second_by: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    second_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class DoubleAct(Base):
    """What an official did with a double: seen, same, different or undo; rows are only ever added."""

    __tablename__ = "identity_act"
    __table_args__ = (
        CheckConstraint("said IN ('seen', 'same', 'different', 'undo')", name="said"),
        Index("ix_identity_act_double_id", "double_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    double_id: Mapped[UUID] = mapped_column(ForeignKey("identity_double.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    said: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)


class IdentityMove(Base):
    """Dossiers that a merge or a split moved from one identity to another; undoing it moves them back."""

    __tablename__ = "identity_move"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    double_id: Mapped[UUID] = mapped_column(ForeignKey("identity_double.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    from_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    into_id: Mapped[UUID] = mapped_column(ForeignKey("identity.id"))
    dossiers: Mapped[list[UUID]] = mapped_column(ARRAY(PG_UUID(as_uuid=True)))
    at: Mapped[datetime] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
