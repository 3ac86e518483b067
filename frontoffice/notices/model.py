"""Notices, one for each event and receiver in the receiver's language, and the second addresses that get them too."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class SecondAddress(Base):
    """One more address that a party of a dossier wants its mails sent to; it gets nothing before its owner has confirmed it.

    The secret of its links is stored hashed. `ended_by` is "party" when those who added it took it away, "receiver" when its owner did.
    """

    __tablename__ = "second_address"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by = '') AND ended_by IN ('', 'party', 'receiver')", name="ended_by"),
        Index("ix_second_address_dossier_id", "dossier_id", "party_id"),
        Index("uq_second_address_open", "dossier_id", "party_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    email: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(2))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str] = mapped_column(String(10), server_default="")


class Notice(Base):
    """One mail that is due or sent; `template` names the folder of its texts, `facts` hold no personal data.

    A mail that cannot be delivered stays, with `given_up_at` and the last error, for operators to see. `bounced_at` is when a mail server
    said that it did not arrive, at once or later; `bounce_status` is its code (RFC 3463), never its words.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("cause", "address", "template", name="uq_notice_cause"),
        Index("ix_notice_open", "created_at", postgresql_where=text("sent_at IS NULL AND given_up_at IS NULL")),
        Index("ix_notice_given_up", "given_up_at", postgresql_where=text("given_up_at IS NOT NULL")),
        Index("ix_notice_second_address_id", "second_address_id", postgresql_where=text("second_address_id IS NOT NULL")),
        Index("ix_notice_bounced", "bounced_at", postgresql_where=text("bounced_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    cause: Mapped[UUID]
    dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    second_address_id: Mapped[UUID | None] = mapped_column(ForeignKey("second_address.id"))
    channel: Mapped[str] = mapped_column(String(10), server_default="mail")
    address: Mapped[str] = mapped_column(String(254))
    locale: Mapped[str] = mapped_column(String(2))
    template: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str] = mapped_column(String(300), server_default="")
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)
    bounced_at: Mapped[datetime | None] = mapped_column(Instant)
    bounce_status: Mapped[str] = mapped_column(String(11), server_default="")
