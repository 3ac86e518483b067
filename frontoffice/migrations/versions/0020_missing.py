"""Operators see which messages of an authority did not come, while later ones about the same dossier wait for them."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KINDS = ("late", "refused", "review", "stopped", "held")
# Longer than two times ten minutes: by then it was asked for and did not come.
_MISSING = """FROM inbound_message i
                 {dossier}WHERE {part}i.outcome = 'waiting' AND i.seq > 1 AND i.received_at < cutoff - interval '10 minutes'
                  AND NOT EXISTS (SELECT FROM inbound_message b WHERE b.issuer = i.issuer AND b.dossier_number = i.dossier_number AND b.seq = i.seq - 1)"""
_COUNT = f"""'missing', (SELECT count(*) FROM (SELECT {_MISSING.format(dossier="", part="")} LIMIT most) n),
            """
_LIST = f"""UNION ALL
            (SELECT i.jti, i.received_at, d.id, i.dossier_number, NULL, i.received_at, i.seq, 0, NULL, NULL, 'missing'
               {_MISSING.format(dossier="LEFT JOIN dossier d ON d.number = i.dossier_number ", part="part = 'missing' AND ")}
                  AND i.received_at >= after_at AND (i.received_at, i.jti) > (after_at, after_key)
              ORDER BY i.received_at, i.jti LIMIT most)
            """

_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION hand_overs(part text, told text[], cutoff timestamptz, after_at timestamptz, after_key text, most int)
    RETURNS TABLE (key text, noted_at timestamptz, number varchar, procedure varchar, edition varchar, action varchar, happened_at timestamptz,
                   seq int, tries int, tried_at timestamptz, next_try_at timestamptz, last_error varchar, is_held boolean, last_act varchar,
                   last_acted_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH found AS (
            SELECT l.event_id::text AS key, l.noted_at, e.dossier_id, NULL::varchar AS number, e.action, e.happened_at, e.seq, l.tries, l.tried_at, l.next_try_at,
                   l.last_error
              FROM late_hand_overs(told, cutoff, after_at, after_key, most) l JOIN event e ON e.id = l.event_id WHERE part = 'late'
            UNION ALL
            (SELECT m.event_id::text, m.refused_at, m.dossier_id, NULL, e.action, e.happened_at, e.seq, m.tries, m.tried_at, NULL, 'refused'
               FROM message m JOIN event e ON e.id = m.event_id
              WHERE part = 'refused' AND m.refused_at IS NOT NULL AND m.reviewed_at IS NULL
                AND m.refused_at >= after_at AND (m.refused_at, m.event_id::text) > (after_at, after_key)
              ORDER BY m.refused_at, m.event_id::text LIMIT most)
            UNION ALL
            (SELECT i.jti, i.concluded_at, d.id, i.dossier_number, NULL, i.received_at, i.seq, 0, NULL, NULL, i.remark
               FROM inbound_message i LEFT JOIN dossier d ON d.number = i.dossier_number
              WHERE part = 'review' AND i.outcome = 'review' AND i.reviewed_at IS NULL
                AND i.concluded_at >= after_at AND (i.concluded_at, i.jti) > (after_at, after_key)
              ORDER BY i.concluded_at, i.jti LIMIT most)
            {list}UNION ALL
            (SELECT h.dossier_id::text, h.held_at, h.dossier_id, NULL, NULL, h.held_at, 0, 0, NULL, NULL, h.reason
               FROM hand_over_hold h
              WHERE part = 'held' AND h.held_at >= after_at AND (h.held_at, h.dossier_id::text) > (after_at, after_key)
              ORDER BY h.held_at, h.dossier_id::text LIMIT most))
        SELECT f.key, f.noted_at, coalesce(d.number, f.number), d.procedure, d.edition, f.action, f.happened_at, f.seq, f.tries, f.tried_at, f.next_try_at,
               f.last_error, EXISTS (SELECT FROM hand_over_hold h WHERE h.dossier_id = f.dossier_id), a.kind, a.acted_at
          FROM found f LEFT JOIN dossier d ON d.id = f.dossier_id
               LEFT JOIN LATERAL (SELECT o.kind, o.acted_at FROM hand_over_act o WHERE o.dossier_id = f.dossier_id ORDER BY o.acted_at DESC LIMIT 1) a ON true
         WHERE may_operate() ORDER BY f.noted_at, f.key
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION hand_over_overview(told text[], cutoff timestamptz, held_before timestamptz, most int) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH late AS MATERIALIZED (
            SELECT EXISTS (SELECT FROM hand_over_hold h WHERE h.dossier_id = e.dossier_id) AS is_held
              FROM late_hand_overs(told, cutoff, '-infinity', '', most) l JOIN event e ON e.id = l.event_id WHERE may_operate())
        SELECT jsonb_build_object(
            'late', (SELECT count(*) FROM late), 'unheld', (SELECT count(*) FROM late WHERE NOT is_held),
            'refused', (SELECT count(*) FROM (SELECT FROM message m WHERE m.refused_at IS NOT NULL AND m.reviewed_at IS NULL
                         LIMIT most) n),
            'review', (SELECT count(*) FROM (SELECT FROM inbound_message i WHERE i.outcome = 'review' AND i.reviewed_at IS NULL LIMIT most) n),
            {count}'held', (SELECT count(*) FROM (SELECT FROM hand_over_hold LIMIT most) n),
            'held_long', (SELECT count(*) FROM (SELECT FROM hand_over_hold h WHERE h.held_at < held_before LIMIT most) n),
            'stop', (SELECT jsonb_build_object('at', s.stopped_at, 'reason', s.reason, 'by', name_of_operator(s.by)) FROM hand_over_stop s
                      WHERE s.peer = 'backbone'),
            'acts', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'reason', a.reason, 'by', name_of_operator(a.by), 'at', a.acted_at,
                             'number', coalesce(d.number, '')) ORDER BY a.acted_at DESC), '[]')
                       FROM (SELECT * FROM hand_over_act ORDER BY acted_at DESC LIMIT 10) a LEFT JOIN dossier d ON d.id = a.dossier_id))
         WHERE may_operate()
    $$
    """,
)


def upgrade() -> None:
    _replace(count=_COUNT, list=_LIST)
    _allow(*_KINDS, "missing")


def downgrade() -> None:
    op.execute("DELETE FROM hand_over_alarm WHERE kind = 'missing'")
    _allow(*_KINDS)
    _replace(count="", list="")


def _replace(**parts: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    for function in _FUNCTIONS:
        op.execute(function.format(**parts))
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")


def _allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_hand_over_alarm_kind"), "hand_over_alarm")
    op.create_check_constraint("kind", "hand_over_alarm", f"kind IN {kinds}")
