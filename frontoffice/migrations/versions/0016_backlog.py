"""Many waiting hand-overs: their jobs are found by lock, and one row holds the pace that all processes keep to."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hand_over_pace", sa.Column("peer", sa.String(40), primary_key=True), sa.Column("second", _INSTANT, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False), sa.Column("failures", sa.Integer, nullable=False), sa.Column("open_until", _INSTANT),
    )
    op.execute("ALTER TABLE hand_over_pace ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE hand_over_pace FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON hand_over_pace TO frontoffice_jobs")
    op.execute("CREATE INDEX ix_procrastinate_jobs_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')")


def downgrade() -> None:
    op.execute("DROP INDEX ix_procrastinate_jobs_lock")
    op.drop_table("hand_over_pace")
