"""A worker finds its next job by the queue's indexes, however many jobs the database expects."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_FETCH = "procrastinate_fetch_job_v2(varchar[], bigint)"


def upgrade() -> None:
    # A hash can only be looked into, never read from end to end, which seems as cheap where one job is expected.
    op.execute("DROP INDEX ix_procrastinate_jobs_lock")
    op.execute("CREATE INDEX ix_procrastinate_jobs_lock ON procrastinate_jobs USING hash (lock) WHERE status IN ('todo', 'doing')")
    # A queue is mostly empty, and counted as such; a plan made for that compares each of thousands of jobs with each, until it is counted again.
    op.execute(f"ALTER FUNCTION {_FETCH} SET enable_seqscan = off")


def downgrade() -> None:
    op.execute(f"ALTER FUNCTION {_FETCH} RESET enable_seqscan")
    op.execute("DROP INDEX ix_procrastinate_jobs_lock")
    op.execute("CREATE INDEX ix_procrastinate_jobs_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')")
