"""The tables of the application engine: a dossier, who is related to it, what was answered, sent and done."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint, column, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from frontoffice.dossiers.names import KEY, name_key, turned
from frontoffice.kernel.database import Base
from frontoffice.parties.model import Instant


class Dossier(Base):
    """One application. `position` is the fold of its events; the columns after `updated_at` serve lists only.

    The last ones say what the authority's side has signed: that it has the latest filing (`confirmed_at`, when it first said so) and what
    happened until an instant (`told_until`), that it can work with it (`validated_at`) or cannot (`refused_at`, with reasons), which
    authority said so (`answered_by`), and when both sides were last found to know the same (`verified_at`).
    `asked_at` is when its turn came last to be compared like that; it is empty before anything was sent, and when nothing more can come.
    `warned_at` is when those who work on a draft were told last that it will be deleted if nobody goes on with it.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        Index("ix_dossier_region", "region", "headline", "filed_at", "id"),
        Index("ix_dossier_region_due", "region", "headline", text("COALESCE(due_on, '9999-12-31'::date)"), "id"),
        Index("ix_dossier_municipality", "municipality", "headline", "updated_at", "id"),
        Index("ix_dossier_worker_key", "worker_key", "id"),
        Index("ix_dossier_worker_turned", "worker_turned", "id"),
        Index("ix_dossier_employer_key", "employer_key", "id"),
        Index("ix_dossier_updated_at", "procedure", "updated_at", postgresql_where=text("number IS NOT NULL")),
        Index("ix_dossier_asked_at", "asked_at", postgresql_where=text("asked_at IS NOT NULL")),
        Index("ix_dossier_due_on", "due_on", "id", postgresql_where=text("due_on IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(30), unique=True)
    procedure: Mapped[str] = mapped_column(String(40))
    edition: Mapped[str] = mapped_column(String(20))
    position: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    version: Mapped[int] = mapped_column(Integer, server_default="0")
    language: Mapped[str] = mapped_column(String(2))
    form_key: Mapped[UUID] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    filed_at: Mapped[datetime | None] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    headline: Mapped[str] = mapped_column(String(40))
    worker_name: Mapped[str] = mapped_column(String(300), server_default="")
    employer_name: Mapped[str] = mapped_column(String(300), server_default="")
    worker_key: Mapped[str] = mapped_column(KEY, Computed(name_key(column("worker_name")), persisted=True))
    worker_turned: Mapped[str] = mapped_column(KEY, Computed(turned(column("worker_name")), persisted=True))
    employer_key: Mapped[str] = mapped_column(KEY, Computed(name_key(column("employer_name")), persisted=True))
    category: Mapped[str] = mapped_column(String(40), server_default="")
    region: Mapped[str | None] = mapped_column(String(40))
    municipality: Mapped[str | None] = mapped_column(String(40))
    due_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    told_until: Mapped[datetime | None] = mapped_column(Instant)
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_at: Mapped[datetime | None] = mapped_column(Instant)
    refusal: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    answered_by: Mapped[str] = mapped_column(String(40), server_default="")
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    warned_at: Mapped[datetime | None] = mapped_column(Instant)


class Participation(Base):
    """A party's role in a dossier, from an instant to an instant; whoever has none sees nothing of it.

    `bounced` is the address, not whole, from which the last mail to the party came back; empty while mails arrive.
    """

    __tablename__ = "participation"
    __table_args__ = (
        UniqueConstraint("dossier_id", "party_id", "role", "starts_at", name="uq_participation_dossier_id"),
        Index("ix_participation_party_id", "party_id", "dossier_id"),
        Index("ix_participation_passed_on", "party_id", "starts_at", "dossier_id",
              postgresql_where=text("role = 'former-region' AND ends_at IS NULL")),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    role: Mapped[str] = mapped_column(String(30))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    bounced: Mapped[str] = mapped_column(String(254), server_default="")


class Answer(Base):
    """One page of answers as it was last sent: `raw` what was typed, `content` what of it can be used."""

    __tablename__ = "answer"

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(40), primary_key=True)
    content: Mapped[dict[str, str]] = mapped_column(JSONB)
    raw: Mapped[dict[str, str]] = mapped_column(JSONB)
    complete: Mapped[bool]
    version: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[UUID] = mapped_column(ForeignKey("party.id"))


class Document(Base):
    """A document that somebody gave for one requirement; every version stays, the newest counts.

    `state` is uploading, received, checking, checked, refused or replaced; what the authority did with it follows in columns of its
    own, and `judged_by` is the authority whose word that was. `sha256` is that of the whole file, empty until the check has read it.
    A page of a joined PDF names it in `joined_into`. One that was used again from another dossier keeps who agreed to that, and when;
    `reused_from` is empty once that dossier is gone.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("state IN ('uploading', 'received', 'checking', 'checked', 'refused', 'replaced')", name="state"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("state <> 'checked' OR sha256 <> ''", name="measured"),
        CheckConstraint("(reuse_agreed_at IS NULL) = (reuse_agreed_by IS NULL)", name="reuse_agreed"),
        Index("ix_document_dossier_id", "dossier_id", "requirement"),
        Index("ix_document_given_by", "given_by", "requirement", "given_at"),
        Index("ix_document_issued_on", "requirement", "issued_on", postgresql_where=text("issued_on IS NOT NULL AND state = 'checked'")),
        Index("ix_document_joined_into", "joined_into", postgresql_where=text("joined_into IS NOT NULL")),
        Index("ix_document_replaces", "replaces", postgresql_where=text("replaces IS NOT NULL")),
        Index("ix_document_reused_from", "reused_from", postgresql_where=text("reused_from IS NOT NULL")),
        Index("ix_document_undrawn", "changed_at", postgresql_where=text("state = 'checked' AND previewed_at IS NULL")),
        Index("ix_document_waiting", "state", "changed_at", postgresql_where=text("state IN ('uploading', 'received', 'checking')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    requirement: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(300))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), server_default="")
    state: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
    reason: Mapped[str] = mapped_column(String(300), server_default="")
    reason_params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    pages: Mapped[int | None]
    previews: Mapped[int] = mapped_column(server_default="0")
    preview_tries: Mapped[int] = mapped_column(server_default="0")
    previewed_at: Mapped[datetime | None] = mapped_column(Instant)
    given_by: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    given_role: Mapped[str] = mapped_column(String(30))
    given_at: Mapped[datetime] = mapped_column(Instant)
    handed_over_at: Mapped[datetime | None] = mapped_column(Instant)
    taken_over_at: Mapped[datetime | None] = mapped_column(Instant)
    not_taken_at: Mapped[datetime | None] = mapped_column(Instant)
    not_taken_reason: Mapped[str] = mapped_column(String(2000), server_default="")
    judged_by: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    issued_on: Mapped[date | None]
    page_order: Mapped[int | None]
    joined_into: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    replaces: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    reused_from: Mapped[UUID | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"))
    reuse_agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    reuse_agreed_by: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))


class Event(Base):
    """Something that happened, in the past tense; rows are only ever added."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq", name="uq_event_dossier_id"),
        Index("ix_event_happened_at", "happened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    past: Mapped[str] = mapped_column(String(40))
    takes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    gives: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    role: Mapped[str] = mapped_column(String(30))
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("party.id"))
    happened_at: Mapped[datetime] = mapped_column(Instant)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    message_id: Mapped[str | None] = mapped_column(String(255))


class Filing(Base):
    """What was filed, as it was filed: what is read in the dossier later may have been corrected meanwhile. Rows are only ever added.

    `facts` are those of `dossiers.filings`; `sealed_at` is when every receipt of it had been sealed. `validated_at` is when the authority
    first said that it can work with it, whatever it said later; `validation_sealed_at` when the receipts of that had been sealed.
    """

    __tablename__ = "filing"
    __table_args__ = (
        Index("ix_filing_dossier_id", "dossier_id", "filed_at"),
        Index("ix_filing_unsealed", "filed_at", postgresql_where=text("sealed_at IS NULL")),
        Index("ix_filing_validation_unsealed", "validated_at", postgresql_where=text("validated_at IS NOT NULL AND validation_sealed_at IS NULL")),
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    filed_at: Mapped[datetime] = mapped_column(Instant)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed_at: Mapped[datetime | None] = mapped_column(Instant)
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    validation_sealed_at: Mapped[datetime | None] = mapped_column(Instant)


class Opening(Base):
    """An access record: who looked at a dossier or opened one of its documents, and when."""

    __tablename__ = "opening"
    __table_args__ = (
        Index("ix_opening_dossier_id", "dossier_id", "opened_at"),
        Index("ix_opening_document_id", "document_id", postgresql_where=text("document_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)


class Commitment(Base):
    """A guarantor's commitment in the register: a dossier of that procedure from filing on; rows stay.

    `covers` while it holds the only place for that guest; `proves` unless a post abroad left out its mention; the keys are hashes
    by which commitments of one guarantor or of one address are found.
    """

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("kind IN ('short-stay', 'study')", name="kind"),
        CheckConstraint(
            "state IN ('pending', 'legalised', 'accepted', 'used', 'refused', 'withdrawn', 'expired', 'replaced', 'ended')", name="state"),
        Index("ix_commitment_covers", "kind", "passport_country", "passport", unique=True, postgresql_where=text("covers")),
        Index("ix_commitment_replaces", "replaces", unique=True, postgresql_where=text("state IN ('pending', 'legalised')")),
        Index("ix_commitment_replaced_by", "replaced_by", postgresql_where=text("replaced_by IS NOT NULL")),
        Index("ix_commitment_visa_dossier_id", "visa_dossier_id", postgresql_where=text("visa_dossier_id IS NOT NULL")),
        Index("ix_commitment_guarantor_key", "guarantor_key"),
        Index("ix_commitment_address_key", "address_key", "filed_on"),
    )

    dossier_id: Mapped[UUID] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(30), unique=True)
    guarantor_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str] = mapped_column(String(64))
    passport: Mapped[str] = mapped_column(String(20))
    passport_country: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(20))
    covers: Mapped[bool]
    proves: Mapped[bool] = mapped_column(server_default="true")
    filed_on: Mapped[date]
    legalised_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    entered_on: Mapped[date | None]
    liability_until: Mapped[date | None]
    declared_income: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    required: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    replaces: Mapped[str | None] = mapped_column(String(30))
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"))
    visa_dossier_id: Mapped[UUID | None] = mapped_column(ForeignKey("dossier.id"))


class Serial(Base):
    """The last number given per procedure and year; locked while a dossier is filed, so that no number is skipped."""

    __tablename__ = "serial"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]
