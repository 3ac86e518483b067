"""Documents are found by their day of issue, for reminders before they are too old."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_document_issued_on", "document", ["requirement", "issued_on"],
                    postgresql_where=sa.text("issued_on IS NOT NULL AND state = 'checked'"))


def downgrade() -> None:
    op.drop_index("ix_document_issued_on", "document")
