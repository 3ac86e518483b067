"""Who exists and for whom one acts: persons, enterprises, authorities, mandates and invitations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import BYTEA, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base

Instant = TIMESTAMP(timezone=True)


class Party(Base):
    """A person, an enterprise or an authority: whoever can be related to a dossier; or a system that acts for an authority."""

    __tablename__ = "party"
    __table_args__ = (CheckConstraint("kind IN ('person', 'enterprise', 'authority', 'system')", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))
    enterprise_number: Mapped[str | None] = mapped_column(String(10), unique=True)
    authority_code: Mapped[str | None] = mapped_column(String(40), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(2), server_default="en")
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=text("now()"))


class Mandate(Base):
    """One enterprise lets another act for it on one dossier, from a day to a day."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="period"),
        Index("ix_mandate_open", "mandatary_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    mandator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    mandatary_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    offered_by: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    offered_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Invitation(Base):
    """A link that lets a worker in: `purpose` is "join" (7 days) or "return" (15 minutes); the secret is stored hashed."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("purpose IN ('join', 'return')", name="purpose"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    email: Mapped[str] = mapped_column(String(254), index=True)
    locale: Mapped[str] = mapped_column(String(2))
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(server_default="0")
    used_at: Mapped[datetime | None] = mapped_column(Instant)
