"""A draft that nobody goes on with is announced before it is deleted, leaves what was made of its documents, and the consent to that stays."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_REUSED = "fk_document_reused_from"
# When a draft or a document is deleted the database looks for what names it: without these it would read a whole table for each.
_NAMED_BY = tuple((table, "dossier_id") for table in ("document_change", "manifest", "receipt_check", "identity_name", "identity_double"))
_SOMETIMES_NAMED_BY = (
    ("document", "replaces"), ("document", "reused_from"), ("opening", "document_id"), ("commitment", "replaced_by"), ("commitment", "visa_dossier_id"),
    ("notice", "second_address_id"),
)


def upgrade() -> None:
    op.add_column("dossier", sa.Column("warned_at", _INSTANT))
    op.add_column("document", sa.Column("reuse_agreed_at", _INSTANT))
    op.add_column("document", sa.Column("reuse_agreed_by", sa.Uuid()))
    op.create_foreign_key(op.f("fk_document_reuse_agreed_by"), "document", "party", ["reuse_agreed_by"], ["id"])
    op.create_check_constraint(op.f("ck_document_reuse_agreed"), "document", "(reuse_agreed_at IS NULL) = (reuse_agreed_by IS NULL)")
    # The other links lead to documents of the same dossier, which go together; this one leads to another, which may go first.
    _name_source(ondelete="SET NULL")
    for table, column in _NAMED_BY:
        op.create_index(f"ix_{table}_{column}", table, [column])
    for table, column in _SOMETIMES_NAMED_BY:
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    for table, column in (*_NAMED_BY, *_SOMETIMES_NAMED_BY):
        op.drop_index(f"ix_{table}_{column}", table)
    _name_source(ondelete=None)
    op.drop_constraint(op.f("ck_document_reuse_agreed"), "document")
    op.drop_constraint(op.f("fk_document_reuse_agreed_by"), "document")
    op.drop_column("document", "reuse_agreed_by")
    op.drop_column("document", "reuse_agreed_at")
    op.drop_column("dossier", "warned_at")


def _name_source(*, ondelete: str | None) -> None:
    op.drop_constraint(op.f(_REUSED), "document")
    op.create_foreign_key(op.f(_REUSED), "document", "document", ["reused_from"], ["id"], ondelete=ondelete)
