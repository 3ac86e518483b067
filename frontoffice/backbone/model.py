"""Messages to and from the federal backbone, as the exact bytes that were sent or received."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class Message(Base):
    """One event handed over: its bytes are stored before the first try and sent unchanged at each retry.

    `concluded_at` is when the backbone signed that it has message and documents; `validated_at` or `refused_at` when the authority
    then said that it can work with them, or cannot: `refusal` holds its reasons as texts. `trace` is the W3C traceparent of the click.
    """

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
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_at: Mapped[datetime | None] = mapped_column(Instant)
    refusal: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    answered_by: Mapped[str] = mapped_column(String(40), server_default="")
    trace: Mapped[str] = mapped_column(String(55), server_default="")


class HandOverHold(Base):
    """A dossier of which nothing is sent until an operator lets it go; what happens to it meanwhile waits."""

    __tablename__ = "hand_over_hold"

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    held_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(120))


class HandOverStop(Base):
    """The stop switch: while its row is here nothing is sent to that peer at all."""

    __tablename__ = "hand_over_stop"

    peer: Mapped[str] = mapped_column(String(40), primary_key=True)
    stopped_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(120))


class HandOverAct(Base):
    """What an operator did about a hand-over, and why; rows are only ever added. Without a dossier it was about all of them."""

    __tablename__ = "hand_over_act"
    __table_args__ = (
        CheckConstraint("kind IN ('retry', 'hold', 'release', 'package', 'conclude', 'stop', 'start', 'reviewed')", name="kind"),
        Index("ix_hand_over_act_dossier_id", "dossier_id", "acted_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(120))
    acted_at: Mapped[datetime] = mapped_column(Instant)


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
