"""Messages to and from the federal backbone, as the exact bytes that were sent or received."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class Message(Base):
    """One event handed over: its bytes are stored before the first try and sent unchanged at each retry."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_open", "created_at", postgresql_where=text("concluded_at IS NULL")),)

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), index=True)
    content: Mapped[bytes | None] = mapped_column(BYTEA)
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(server_default="0")
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str] = mapped_column(String(300), server_default="")
    receipt: Mapped[str | None]
    concluded_at: Mapped[datetime | None] = mapped_column(Instant)


class Arrival(Base):
    """One message that came in, kept as it came; `outcome` is waiting, applied or review (then `remark` says why)."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        CheckConstraint("outcome IN ('waiting', 'applied', 'review')", name="outcome"),
        Index("ix_inbound_message_dossier_number", "dossier_number", "seq"),
        Index("ix_inbound_message_waiting", "received_at", postgresql_where=text("outcome = 'waiting'")),
    )

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    jti: Mapped[str] = mapped_column(String(255), primary_key=True)
    dossier_number: Mapped[str] = mapped_column(String(30))
    seq: Mapped[int]
    content: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(20), server_default="waiting")
    remark: Mapped[str] = mapped_column(String(300), server_default="")
    concluded_at: Mapped[datetime | None] = mapped_column(Instant)
