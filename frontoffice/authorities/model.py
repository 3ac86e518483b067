"""The systems of authorities, what they were answered to steps, and the changes that they follow."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class ApiClient(Base):
    """A system of an authority: a party of kind "system" with public keys. Its access tokens are rows of `session`.

    `territory` narrows what it sees to one Region or municipality; empty where its authority has a territory of its own, or none.
    """

    __tablename__ = "api_client"

    id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    authority: Mapped[str] = mapped_column(String(40))
    territory: Mapped[str] = mapped_column(String(40), server_default="")
    keys: Mapped[dict[str, Any]] = mapped_column(JSONB)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(120))
    keys_at: Mapped[datetime] = mapped_column(Instant)
    keys_by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[str] = mapped_column(String(120), server_default="")


class ApiAnswer(Base):
    """What a system was answered to a step under its own key, so that the same request again gets the same answer."""

    __tablename__ = "api_answer"
    __table_args__ = (Index("ix_api_answer_dossier_id", "dossier_id"),)

    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_client.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"))
    asked_sha256: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class AuthorityChange(Base):
    """The latest change of a dossier as one authority knows it, written by the database itself with each step and each coming or going.

    `change` is the number of the transaction: what is smaller than every open one will not be joined by anything before it.
    """

    __tablename__ = "authority_change"
    __table_args__ = (
        Index("ix_authority_change_change", "party_id", "change", "dossier_id"),
        Index("ix_authority_change_headline", "party_id", "headline", "change", "dossier_id"),
        Index("ix_authority_change_changed_at", "party_id", "changed_at", "change"),
        Index("ix_authority_change_dossier_id", "dossier_id"),
    )

    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(String(30))
    headline: Mapped[str] = mapped_column(String(40))
    region: Mapped[str | None] = mapped_column(String(40))
    municipality: Mapped[str | None] = mapped_column(String(40))
    change: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Instant)
