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
    then said that it can work with them, or cannot: `refusal` holds its reasons as texts. `reviewed_at` is when an operator had looked
    at a refusal. `trace` is the W3C traceparent of the click.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_open", "created_at", postgresql_where=text("concluded_at IS NULL")),
        Index("ix_message_unanswered", "concluded_at",
              postgresql_where=text("concluded_at IS NOT NULL AND validated_at IS NULL AND refused_at IS NULL")),
        Index("ix_message_refused", "refused_at", "event_id",
              postgresql_where=text("refused_at IS NOT NULL AND reviewed_at IS NULL")),
    )

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
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)


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


class HandOverPace(Base):
    """How many messages went to a peer in this second, and how many tries failed in a row; shared by every process.

    Until `open_until` nobody sends: the peer failed too often.
    """

    __tablename__ = "hand_over_pace"

    peer: Mapped[str] = mapped_column(String(40), primary_key=True)
    second: Mapped[datetime] = mapped_column(Instant)
    taken: Mapped[int]
    failures: Mapped[int]
    open_until: Mapped[datetime | None] = mapped_column(Instant)


class HandOverAct(Base):
    """What an operator did about a hand-over, and why; rows are only ever added. Without a dossier it was about all of them.

    `by` is the identifier of a person who did it on a page, or the service or ticket named in a shell; `jti` names a message that came in.
    """

    __tablename__ = "hand_over_act"
    __table_args__ = (
        CheckConstraint("kind IN ('retry', 'hold', 'release', 'package', 'conclude', 'stop', 'start', 'reviewed')", name="kind"),
        Index("ix_hand_over_act_dossier_id", "dossier_id", "acted_at"),
        Index("ix_hand_over_act_acted_at", "acted_at"),
        Index("ix_hand_over_act_jti", "jti", postgresql_where=text("jti <> ''")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("event.id"))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(120))
    acted_at: Mapped[datetime] = mapped_column(Instant)
    jti: Mapped[str] = mapped_column(String(255), server_default="")


class HandOverAlarm(Base):
    """A time in which hand-overs needed a person: one row from the first minute to the last, `most` being the most at one time.

    Operators were last told at `told_at`, of `told` hand-overs."""

    __tablename__ = "hand_over_alarm"
    __table_args__ = (
        CheckConstraint("kind IN ('late', 'refused', 'review', 'stopped', 'held', 'missing')", name="kind"),
        Index("ix_hand_over_alarm_open", "kind", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    most: Mapped[int]
    told: Mapped[int]
    told_at: Mapped[datetime] = mapped_column(Instant)


class Arrival(Base):
    """One message that came in, kept as it came; `outcome` is waiting, applied or review: then `remark` says why, and
    `reviewed_at` when an operator had looked at it.
    """

    __tablename__ = "inbound_message"
    __table_args__ = (
        CheckConstraint("outcome IN ('waiting', 'applied', 'review')", name="outcome"),
        Index("ix_inbound_message_dossier_number", "dossier_number", "seq"),
        Index("ix_inbound_message_waiting", "received_at", postgresql_where=text("outcome = 'waiting'")),
        Index("ix_inbound_message_review", "concluded_at", "jti", postgresql_where=text("outcome = 'review' AND reviewed_at IS NULL")),
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
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
