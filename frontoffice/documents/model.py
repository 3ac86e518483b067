"""The tables of documents on their way in: what has arrived of them, and every state that each was ever in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class Upload(Base):
    """A resumable upload: how long its file is, and how much of it is safely stored; gone once all has arrived."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("stored >= 0 AND stored <= length", name="stored"),
        Index("ix_upload_expires_at", "expires_at"),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    length: Mapped[int] = mapped_column(BigInteger)
    stored: Mapped[int] = mapped_column(BigInteger, server_default="0")
    person_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Segment(Base):
    """A stretch of a file in quarantine, an object of its own: where in the file it begins, how long it is, and its SHA-256.

    Two senders cannot fill the same stretch: the place is part of the key."""

    __tablename__ = "segment"
    __table_args__ = (CheckConstraint("size > 0", name="size"), CheckConstraint("starts_at >= 0", name="starts_at"))

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    starts_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[UUID] = mapped_column(unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))


class DocumentChange(Base):
    """That a document came to stand otherwise; written by the database itself, so that none leaves a state silently.

    `state` is a code of `dossiers.standing`, or "joined" for a page that became part of another document."""

    __tablename__ = "document_change"
    __table_args__ = (Index("ix_document_change_document_id", "document_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(2000), server_default="")
    at: Mapped[datetime] = mapped_column(Instant)
