"""The tables of outages: when the portal did not work, which last days moved by it, and the certificates of that."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class OutageRow(Base):
    """A time when a part of the portal did not work; without `ends_at` it still goes on. Rows are only ever added.

    A row that `corrects` another takes its place, the end of an outage included; one that is `withdrawn` says that there was none.
    """

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint("affects IN ('everything', 'sign-in', 'filing', 'uploads')", name="affects"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="period"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    affects: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(300))
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    corrects: Mapped[UUID | None] = mapped_column(ForeignKey("outage.id"), unique=True)
    withdrawn: Mapped[bool] = mapped_column(server_default="false")


class ReliefRow(Base):
    """A last day that an outage moved, as it was told: what a certificate says, whatever is corrected later.

    `outages` are those that moved it, as they were recorded then; `sealed_at` is when every certificate of it had been sealed.
    """

    __tablename__ = "relief"
    __table_args__ = (
        UniqueConstraint("dossier_id", "clock", "started_on", "last_day", name="uq_relief_dossier_id"),
        Index("ix_relief_unsealed", "granted_at", postgresql_where=text("sealed_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    clock: Mapped[str] = mapped_column(String(40))
    started_on: Mapped[date]
    was_on: Mapped[date]
    last_day: Mapped[date]
    outages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    sealed_at: Mapped[datetime | None] = mapped_column(Instant)


class Certificate(Base):
    """A sealed certificate of unavailability in one language: the object `certificates/<id>.pdf` in the clean bucket."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("relief_id", "locale", name="uq_certificate_relief_id"),
        Index("ix_certificate_dossier_id", "dossier_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    relief_id: Mapped[UUID] = mapped_column(ForeignKey("relief.id", ondelete="CASCADE"))
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    locale: Mapped[str] = mapped_column(String(2))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    sealed_at: Mapped[datetime] = mapped_column(Instant)
