"""The tables of documents on their way in: what has arrived of them, and every state that each was ever in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
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


class Preview(Base):
    """A picture that we made of one page of a document, an object in the clean bucket; number 0 is the first page, small.

    `size` is in bytes, `width` and `height` in pixels."""

    __tablename__ = "preview"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]


class DocumentChange(Base):
    """That a document came to stand otherwise; written by the database itself, so that none leaves a state silently.

    `state` is a code of `dossiers.standing`, or "joined" for a page that became part of another document. `party_id` and `person_id`
    are those of the authority that has it or cannot use it; no person when its signed message told so."""

    __tablename__ = "document_change"
    __table_args__ = (Index("ix_document_change_document_id", "document_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(2000), server_default="")
    at: Mapped[datetime] = mapped_column(Instant)
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))


class SealedReceipt(Base):
    """A receipt as a sealed PDF, the clean object receipts/<id>.pdf: in one language, without the pages and requirements `hidden`.

    `kind` is filing for the receipt of what was filed, validation for the second one: the authority can work with it."""

    __tablename__ = "sealed_receipt"
    __table_args__ = (
        CheckConstraint("kind IN ('filing', 'validation')", name="kind"),
        UniqueConstraint("event_id", "kind", "locale", "hidden", name="uq_sealed_receipt_event_id"),
        Index("ix_sealed_receipt_dossier_id", "dossier_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("filing.event_id", ondelete="CASCADE"))
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    kind: Mapped[str] = mapped_column(String(20), server_default="filing")
    hidden: Mapped[list[str]] = mapped_column(ARRAY(String(60)))
    locale: Mapped[str] = mapped_column(String(2))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(Instant)


class Manifest(Base):
    """The signed list of the documents of one filing, a compact JWS."""

    __tablename__ = "manifest"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("filing.event_id", ondelete="CASCADE"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    content: Mapped[str] = mapped_column(Text)


class ReceiptCheck(Base):
    """The SHA-256 of a code that stands on a receipt of that kind; the code itself is on paper only."""

    __tablename__ = "receipt_check"
    __table_args__ = (CheckConstraint("kind IN ('filing', 'validation')", name="kind"), Index("ix_receipt_check_event_id", "event_id"))

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), server_default="filing")
    event_id: Mapped[UUID] = mapped_column(ForeignKey("filing.event_id", ondelete="CASCADE"))
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)


class Deletion(Base):
    """That a filed dossier is to be deleted, or has been: of which kind it was, why, and who ordered it; the row stays for ever."""

    __tablename__ = "deletion"
    __table_args__ = (Index("ix_deletion_open", "ordered_at", postgresql_where=text("finished_at IS NULL")),)

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300))
    ordered_by: Mapped[str] = mapped_column(String(80))
    ordered_at: Mapped[datetime] = mapped_column(Instant)
    documents: Mapped[int] = mapped_column(server_default="0")
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class Hold(Base):
    """That a dossier must not be deleted for now, such as for an appeal, and why; it wins over every period."""

    __tablename__ = "hold"

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    held_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    held_by: Mapped[str] = mapped_column(String(80))
    released_at: Mapped[datetime | None] = mapped_column(Instant)
