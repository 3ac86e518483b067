"""Sessions that can be ended, the accounts behind them, and answers parked while somebody signs in again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class Account(Base):
    """A person as a sign-in provider knows him or her: the pair (issuer, subject), never an e-mail address."""

    __tablename__ = "account"

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant, server_default=text("now()"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Session(Base):
    """One browser signed in; the cookie holds 256 random bits, this row their SHA-256."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_person_id_live", "person_id", postgresql_where=text("ended_at IS NULL")),)

    token_hash: Mapped[bytes] = mapped_column(BYTEA, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    kind: Mapped[str] = mapped_column(String(20))
    capacity: Mapped[str] = mapped_column(String(40), server_default="")
    issuer: Mapped[str] = mapped_column(String(300), server_default="")
    subject: Mapped[str] = mapped_column(String(255), server_default="")
    acr: Mapped[str] = mapped_column(String(200), server_default="")
    hats: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    browser: Mapped[str] = mapped_column(String(200), server_default="")
    idle_seconds: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ParkedForm(Base):
    """What was typed into a form whose session had ended; given back once to the same person."""

    __tablename__ = "parked_form"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(300), primary_key=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSONB)
    parked_at: Mapped[datetime] = mapped_column(Instant)


class Counter(Base):
    """How often something was tried in a stretch of time, for the limits of rule 43."""

    __tablename__ = "rate"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    hits: Mapped[int]
