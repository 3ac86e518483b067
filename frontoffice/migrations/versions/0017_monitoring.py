"""Figures for monitoring in one function."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Each count walks a partial index that holds only what is still to be done, and stops at `most`. Events that nobody has written
# a message for are looked for two days back, as the sweep does. Nothing is told but numbers.
_FUNCTION = """
    CREATE FUNCTION figures_for_monitoring(told text[], instant timestamptz, most int) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN (WITH unwritten AS (
            SELECT e.happened_at FROM event e
             WHERE e.happened_at > instant - interval '2 days' AND e.action = ANY(told) AND e.message_id IS NULL
               AND NOT EXISTS (SELECT FROM message m WHERE m.event_id = e.id)
             ORDER BY e.happened_at LIMIT most),
        open AS (SELECT m.created_at, m.tries, m.last_error FROM message m WHERE m.concluded_at IS NULL ORDER BY m.created_at LIMIT most),
        unanswered AS (
            SELECT m.concluded_at FROM message m
             WHERE m.concluded_at IS NOT NULL AND m.validated_at IS NULL AND m.refused_at IS NULL ORDER BY m.concluded_at LIMIT most),
        came AS (SELECT i.received_at FROM inbound_message i WHERE i.outcome = 'waiting' ORDER BY i.received_at LIMIT most),
        mails AS (SELECT n.created_at FROM notice n WHERE n.sent_at IS NULL AND n.given_up_at IS NULL ORDER BY n.created_at LIMIT most),
        unchecked AS (SELECT d.changed_at FROM document d WHERE d.state IN ('received', 'checking') ORDER BY d.state, d.changed_at LIMIT most),
        queue AS (
            SELECT count(*) FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, instant) <= instant) AS due,
                   count(*) FILTER (WHERE j.status = 'todo' AND j.scheduled_at > instant) AS later,
                   count(*) FILTER (WHERE j.status = 'doing') AS running, count(*) FILTER (WHERE j.status = 'failed') AS failed
              FROM procrastinate_jobs j)
        SELECT jsonb_build_object(
            'hand_over_waiting', (SELECT count(*) FROM open) + (SELECT count(*) FROM unwritten),
            'hand_over_oldest', extract(epoch FROM instant - least((SELECT min(created_at) FROM open), (SELECT min(happened_at) FROM unwritten))),
            'hand_over_failing', (SELECT count(*) FROM open WHERE tries > 0),
            'hand_over_lost', (SELECT count(*) FROM open WHERE last_error = 'lost-by-the-backbone'),
            'hand_over_pausing', (SELECT count(*) FROM hand_over_pace p WHERE p.open_until > instant),
            'hand_over_unverified_oldest', extract(epoch FROM instant - (SELECT min(d.asked_at) FROM dossier d WHERE d.asked_at IS NOT NULL)),
            'hand_over_refused', (SELECT count(*) FROM (SELECT FROM message m
                WHERE m.refused_at IS NOT NULL AND m.reviewed_at IS NULL LIMIT most) r),
            'hand_over_unanswered', (SELECT count(*) FROM unanswered),
            'hand_over_unanswered_oldest', extract(epoch FROM instant - (SELECT min(concluded_at) FROM unanswered)),
            'hand_over_held', (SELECT count(*) FROM (SELECT FROM hand_over_hold LIMIT most) h),
            'hand_over_stopped', (SELECT count(*) FROM hand_over_stop),
            'inbound_waiting', (SELECT count(*) FROM came),
            'inbound_oldest', extract(epoch FROM instant - (SELECT min(received_at) FROM came)),
            'inbound_review', (SELECT count(*) FROM (SELECT FROM inbound_message i WHERE i.outcome = 'review' AND i.reviewed_at IS NULL LIMIT most) r),
            'notices_waiting', (SELECT count(*) FROM mails),
            'notices_oldest', extract(epoch FROM instant - (SELECT min(created_at) FROM mails)),
            'notices_given_up', (SELECT count(*) FROM (SELECT FROM notice n WHERE n.given_up_at > instant - interval '1 day' LIMIT most) g),
            'notices_bounced', (SELECT count(*) FROM (SELECT FROM notice n WHERE n.bounced_at > instant - interval '1 day' LIMIT most) b),
            'documents_waiting', (SELECT count(*) FROM unchecked),
            'documents_oldest', extract(epoch FROM instant - (SELECT min(changed_at) FROM unchecked)),
            'outages', (SELECT count(*) FROM outage o WHERE o.starts_at <= instant AND (o.ends_at IS NULL OR o.ends_at > instant) AND NOT o.withdrawn
                AND NOT EXISTS (SELECT FROM outage c WHERE c.corrects = o.id)),
            'jobs_due', (SELECT due FROM queue), 'jobs_later', (SELECT later FROM queue), 'jobs_running', (SELECT running FROM queue),
            'jobs_failed', (SELECT failed FROM queue)));
    END $$
"""
_SIGNATURE = "figures_for_monitoring(text[], timestamptz, int)"
_INDEXES = (
    ("ix_message_unanswered", "message", "concluded_at", "concluded_at IS NOT NULL AND validated_at IS NULL AND refused_at IS NULL"),
    ("ix_notice_given_up", "notice", "given_up_at", "given_up_at IS NOT NULL"),
)


def upgrade() -> None:
    for name, table, column, condition in _INDEXES:
        op.create_index(name, table, [column], postgresql_where=sa.text(condition))
    op.execute("GRANT SELECT ON outage, hand_over_pace TO frontoffice_gate")
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute(_FUNCTION)
    op.execute(f"ALTER FUNCTION {_SIGNATURE} OWNER TO frontoffice_gate")
    op.execute(f"REVOKE ALL ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_SIGNATURE}")
    op.execute("REVOKE SELECT ON outage, hand_over_pace FROM frontoffice_gate")
    for name, table, _column, _condition in _INDEXES:
        op.drop_index(name, table)
