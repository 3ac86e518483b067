"""Operators see which messages of an authority did not come, while later ones about the same dossier wait for them."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_KINDS = ("late", "refused", "review", "stopped", "held")
# The columns are those of `hand_overs`, so that the list shows both alike.
_FUNCTION = """
    CREATE FUNCTION missing_hand_overs(missing_before timestamptz, after_at timestamptz, after_key text, most int)
    RETURNS TABLE (key text, noted_at timestamptz, number varchar, procedure varchar, edition varchar, action varchar, happened_at timestamptz,
                   seq int, tries int, tried_at timestamptz, next_try_at timestamptz, last_error varchar, is_held boolean, last_act varchar,
                   last_acted_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT i.jti, i.received_at, i.dossier_number, d.procedure, d.edition, NULL::varchar, i.received_at, i.seq, 0, NULL::timestamptz, NULL::timestamptz,
               'missing', EXISTS (SELECT FROM hand_over_hold h WHERE h.dossier_id = d.id), a.kind, a.acted_at
          FROM inbound_message i LEFT JOIN dossier d ON d.number = i.dossier_number
               LEFT JOIN LATERAL (SELECT o.kind, o.acted_at FROM hand_over_act o WHERE o.dossier_id = d.id ORDER BY o.acted_at DESC LIMIT 1) a ON true
         WHERE may_operate() AND i.outcome = 'waiting' AND i.seq > 1 AND i.received_at < missing_before
           AND i.received_at >= after_at AND (i.received_at, i.jti) > (after_at, after_key)
           AND NOT EXISTS (SELECT FROM inbound_message b WHERE b.issuer = i.issuer AND b.dossier_number = i.dossier_number AND b.seq = i.seq - 1)
         ORDER BY i.received_at, i.jti LIMIT most
    $$
"""
_SIGNATURE = "missing_hand_overs(timestamptz, timestamptz, text, int)"


def upgrade() -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute(_FUNCTION)
    op.execute(f"ALTER FUNCTION {_SIGNATURE} OWNER TO frontoffice_gate")
    op.execute(f"REVOKE ALL ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    _allow(*_KINDS, "missing")


def downgrade() -> None:
    op.execute("DELETE FROM hand_over_alarm WHERE kind = 'missing'")
    _allow(*_KINDS)
    op.execute(f"DROP FUNCTION {_SIGNATURE}")


def _allow(*kinds: str) -> None:
    op.drop_constraint(op.f("ck_hand_over_alarm_kind"), "hand_over_alarm")
    op.create_check_constraint("kind", "hand_over_alarm", f"kind IN {kinds}")
