"""An alarm that grows or lasts is told of again: of how many operators were last told, and when."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE hand_over_alarm ADD told integer, ADD told_at timestamptz")
    op.execute("UPDATE hand_over_alarm SET told = most, told_at = begun_at")
    op.execute("ALTER TABLE hand_over_alarm ALTER told SET NOT NULL, ALTER told_at SET NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE hand_over_alarm DROP told, DROP told_at")
