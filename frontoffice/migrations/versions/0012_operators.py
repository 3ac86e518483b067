"""Operators see which hand-overs are stuck, and act, through functions of the database; alarms are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
# A refusal that nobody has looked at since it came; indexes and queries must say it in the same words.
_REFUSED = "refused_at IS NOT NULL AND reviewed_at IS NULL"
_REVIEW = "outcome = 'review' AND reviewed_at IS NULL"

_FUNCTIONS = (
    # The operators' own pages, and the commands that run as the role of the jobs.
    """
    CREATE FUNCTION may_operate() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT pg_has_role(session_user, 'frontoffice_jobs', 'MEMBER') OR EXISTS (
            SELECT FROM live_session() l JOIN party p ON p.id = l.party_id
              JOIN session s ON s.token_hash = decode(coalesce(current_setting('app.session', true), ''), 'hex')
             WHERE s.kind = 'official' AND p.authority_code = 'operators')
    $$
    """,
    """
    CREATE FUNCTION sending_stopped() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT EXISTS (SELECT FROM hand_over_stop s WHERE s.peer = 'backbone')
    $$
    """,
    # Events that nobody has written a message for yet: the sweep finds them within minutes, so two days are plenty to look back.
    """
    CREATE FUNCTION late_hand_overs(told text[], cutoff timestamptz, after_at timestamptz, after_key text, most int)
    RETURNS TABLE (event_id uuid, noted_at timestamptz, tries int, tried_at timestamptz, next_try_at timestamptz, last_error varchar)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT * FROM (
            (SELECT m.event_id, m.created_at AS noted_at, m.tries, m.tried_at, m.next_try_at, m.last_error FROM message m
              WHERE m.concluded_at IS NULL AND m.created_at < cutoff AND m.created_at >= after_at AND (m.created_at > after_at OR m.event_id::text > after_key)
              ORDER BY m.created_at, m.event_id::text LIMIT most)
            UNION ALL
            (SELECT e.id, e.happened_at, 0, NULL, NULL, '' FROM event e
              WHERE e.happened_at < cutoff AND e.happened_at >= greatest(after_at, cutoff - interval '2 days') AND e.action = ANY(told)
                AND e.message_id IS NULL AND (e.happened_at > after_at OR e.id::text > after_key)
                AND NOT EXISTS (SELECT FROM message m WHERE m.event_id = e.id)
              ORDER BY e.happened_at, e.id::text LIMIT most)) found
         ORDER BY found.noted_at, found.event_id::text LIMIT most
    $$
    """,
    """
    CREATE FUNCTION hand_overs(part text, told text[], cutoff timestamptz, after_at timestamptz, after_key text, most int)
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
            UNION ALL
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
    CREATE FUNCTION name_of_operator(said varchar) RETURNS varchar
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT coalesce((SELECT p.name FROM party p
                          WHERE p.id = CASE WHEN said ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN said::uuid END), said)
    $$
    """,
    # Counts stop at `most`: they tell what waits, not how many millions.
    """
    CREATE FUNCTION hand_over_overview(told text[], cutoff timestamptz, held_before timestamptz, most int) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH late AS MATERIALIZED (
            SELECT EXISTS (SELECT FROM hand_over_hold h WHERE h.dossier_id = e.dossier_id) AS is_held
              FROM late_hand_overs(told, cutoff, '-infinity', '', most) l JOIN event e ON e.id = l.event_id WHERE may_operate())
        SELECT jsonb_build_object(
            'late', (SELECT count(*) FROM late), 'unheld', (SELECT count(*) FROM late WHERE NOT is_held),
            'refused', (SELECT count(*) FROM (SELECT FROM message m WHERE m.refused_at IS NOT NULL AND m.reviewed_at IS NULL
                         LIMIT most) n),
            'review', (SELECT count(*) FROM (SELECT FROM inbound_message i WHERE i.outcome = 'review' AND i.reviewed_at IS NULL LIMIT most) n),
            'held', (SELECT count(*) FROM (SELECT FROM hand_over_hold LIMIT most) n),
            'held_long', (SELECT count(*) FROM (SELECT FROM hand_over_hold h WHERE h.held_at < held_before LIMIT most) n),
            'stop', (SELECT jsonb_build_object('at', s.stopped_at, 'reason', s.reason, 'by', name_of_operator(s.by)) FROM hand_over_stop s
                      WHERE s.peer = 'backbone'),
            'acts', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'reason', a.reason, 'by', name_of_operator(a.by), 'at', a.acted_at,
                             'number', coalesce(d.number, '')) ORDER BY a.acted_at DESC), '[]')
                       FROM (SELECT * FROM hand_over_act ORDER BY acted_at DESC LIMIT 10) a LEFT JOIN dossier d ON d.id = a.dossier_id))
         WHERE may_operate()
    $$
    """,
    """
    CREATE FUNCTION show_hand_over(wanted text, told text[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one dossier%ROWTYPE;
    BEGIN
        IF NOT may_operate() THEN RETURN NULL; END IF;
        SELECT * INTO one FROM dossier d WHERE d.number = wanted;
        IF NOT FOUND AND NOT EXISTS (SELECT FROM inbound_message i WHERE i.dossier_number = wanted) THEN RETURN NULL; END IF;
        RETURN jsonb_build_object(
            'number', wanted, 'dossier_id', one.id, 'procedure', one.procedure, 'edition', one.edition,
            'stopped', sending_stopped(),
            'hold', (SELECT jsonb_build_object('at', h.held_at, 'reason', h.reason, 'by', name_of_operator(h.by)) FROM hand_over_hold h
                      WHERE h.dossier_id = one.id),
            'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'event_id', e.id, 'seq', e.seq, 'action', e.action, 'happened_at', e.happened_at, 'is_signed', m.content IS NOT NULL,
                    'tries', coalesce(m.tries, 0), 'tried_at', m.tried_at, 'next_try_at', m.next_try_at, 'last_error', coalesce(m.last_error, ''),
                    'concluded_at', m.concluded_at, 'validated_at', m.validated_at, 'refused_at', m.refused_at,
                    'reasons', jsonb_array_length(coalesce(m.refusal, '[]')), 'answered_by', coalesce(m.answered_by, ''), 'reviewed_at', m.reviewed_at)
                    ORDER BY e.seq DESC), '[]')
                FROM (SELECT * FROM event v WHERE v.dossier_id = one.id AND v.action = ANY(told) AND v.message_id IS NULL ORDER BY v.seq DESC LIMIT 100) e
                LEFT JOIN message m ON m.event_id = e.id),
            'arrivals', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'jti', i.jti, 'seq', i.seq, 'received_at', i.received_at, 'outcome', i.outcome, 'remark', i.remark, 'concluded_at', i.concluded_at,
                    'reviewed_at', i.reviewed_at) ORDER BY i.seq DESC, i.received_at DESC), '[]')
                FROM (SELECT * FROM inbound_message v WHERE v.dossier_number = wanted ORDER BY v.seq DESC LIMIT 100) i),
            'acts', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', a.kind, 'reason', a.reason, 'by', name_of_operator(a.by), 'at', a.acted_at)
                    ORDER BY a.acted_at DESC), '[]')
                FROM (SELECT * FROM hand_over_act v WHERE v.dossier_id = one.id
                       UNION SELECT v.* FROM hand_over_act v JOIN inbound_message i ON i.jti = v.jti AND v.jti <> '' WHERE i.dossier_number = wanted
                       ORDER BY acted_at DESC LIMIT 100) a));
    END $$
    """,
    """
    CREATE FUNCTION note_hand_over_act(its_kind text, its_dossier uuid, its_event uuid, its_jti text, why text, who text, instant timestamptz) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO hand_over_act (id, dossier_id, event_id, jti, kind, reason, by, acted_at)
        VALUES (gen_random_uuid(), its_dossier, its_event, its_jti, its_kind, why, coalesce((SELECT person_id::text FROM live_session()), who), instant)
    $$
    """,
    # What an operator does about one dossier. "Event" is what still waits to be sent, for the caller to queue.
    """
    CREATE FUNCTION act_on_hand_over(act text, wanted text, about text, told text[], why text, who text, instant timestamptz)
    RETURNS TABLE (outcome text, dossier_id uuid, event_id uuid)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_variable
    DECLARE its_event uuid; its_jti text := '';
    BEGIN
        IF NOT may_operate() THEN RETURN QUERY SELECT 'absent', dossier_id, event_id; RETURN; END IF;
        -- Without a lock: each act is one statement, and whoever concludes a message locks in the other order, message before dossier.
        SELECT d.id INTO dossier_id FROM dossier d WHERE d.number = wanted;
        SELECT e.id INTO event_id FROM event e LEFT JOIN message m ON m.event_id = e.id
         WHERE e.dossier_id = dossier_id AND e.action = ANY(told) AND e.message_id IS NULL AND m.concluded_at IS NULL ORDER BY e.seq DESC LIMIT 1;
        IF act = 'reviewed' THEN
            UPDATE message m SET reviewed_at = instant WHERE m.event_id::text = about AND m.dossier_id = dossier_id AND m.refused_at IS NOT NULL
               AND m.reviewed_at IS NULL RETURNING m.event_id INTO its_event;
            IF its_event IS NULL THEN
                UPDATE inbound_message i SET reviewed_at = instant WHERE i.jti = about AND i.dossier_number = wanted AND i.outcome = 'review'
                   AND i.reviewed_at IS NULL RETURNING i.jti INTO its_jti;
            END IF;
            outcome := CASE WHEN its_event IS NULL AND its_jti IS NULL THEN 'nothing' ELSE 'done' END;
        ELSIF dossier_id IS NULL THEN
            outcome := 'absent';
        ELSIF act = 'hold' THEN
            INSERT INTO hand_over_hold (dossier_id, held_at, reason, by)
            VALUES (dossier_id, instant, why, coalesce((SELECT person_id::text FROM live_session()), who)) ON CONFLICT DO NOTHING;
            outcome := CASE WHEN FOUND THEN 'done' ELSE 'held' END;
        ELSIF act = 'release' THEN
            DELETE FROM hand_over_hold h WHERE h.dossier_id = dossier_id;
            outcome := CASE WHEN FOUND THEN 'done' ELSE 'not-held' END;
        ELSIF act = 'retry' THEN
            outcome := CASE WHEN sending_stopped() THEN 'stopped' WHEN EXISTS (SELECT FROM hand_over_hold h WHERE h.dossier_id = dossier_id) THEN 'held'
                            WHEN event_id IS NULL THEN 'nothing' ELSE 'done' END;
            IF outcome = 'done' THEN
                UPDATE message m SET next_try_at = instant WHERE m.dossier_id = dossier_id AND m.concluded_at IS NULL;
                its_event := event_id;
            END IF;
        ELSE
            outcome := 'absent';
        END IF;
        IF outcome = 'done' THEN PERFORM note_hand_over_act(act, dossier_id, its_event, its_jti, why, who, instant); END IF;
        RETURN NEXT;
    END $$
    """,
    """
    CREATE FUNCTION switch_sending(act text, why text, who text, instant timestamptz) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT may_operate() OR act NOT IN ('stop', 'start') THEN RETURN 'absent'; END IF;
        IF act = 'stop' THEN
            INSERT INTO hand_over_stop (peer, stopped_at, reason, by)
            VALUES ('backbone', instant, why, coalesce((SELECT person_id::text FROM live_session()), who)) ON CONFLICT DO NOTHING;
        ELSE
            DELETE FROM hand_over_stop s WHERE s.peer = 'backbone';
        END IF;
        IF NOT FOUND THEN RETURN 'already'; END IF;
        PERFORM note_hand_over_act(act, NULL, NULL, '', why, who, instant);
        RETURN 'done';
    END $$
    """,
)
_FOR_WEB = (
    "may_operate()", "hand_overs(text, text[], timestamptz, timestamptz, text, int)",
    "hand_over_overview(text[], timestamptz, timestamptz, int)", "show_hand_over(text, text[])",
    "act_on_hand_over(text, text, text, text[], text, text, timestamptz)", "switch_sending(text, text, text, timestamptz)",
)
# These are called by the others only.
_INNER = (
    "sending_stopped()",
    "late_hand_overs(text[], timestamptz, timestamptz, text, int)", "name_of_operator(varchar)",
    "note_hand_over_act(text, uuid, uuid, text, text, text, timestamptz)",
)


def upgrade() -> None:
    for table in ("message", "inbound_message"):
        op.add_column(table, sa.Column("reviewed_at", _INSTANT))
    op.create_index("ix_message_refused", "message", ["refused_at", "event_id"], postgresql_where=sa.text(_REFUSED))
    op.create_index("ix_inbound_message_review", "inbound_message", ["concluded_at", "jti"], postgresql_where=sa.text(_REVIEW))
    op.add_column("hand_over_act", sa.Column("jti", sa.String(255), server_default="", nullable=False))
    op.create_index("ix_hand_over_act_acted_at", "hand_over_act", ["acted_at"])
    op.create_index("ix_hand_over_act_jti", "hand_over_act", ["jti"], postgresql_where=sa.text("jti <> ''"))
    op.create_table(
        "hand_over_alarm",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("kind", sa.String(20), nullable=False), sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False), sa.Column("ended_at", _INSTANT), sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('late', 'refused', 'review', 'stopped', 'held')", name="kind"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over_alarm")),
    )
    op.create_index("ix_hand_over_alarm_open", "hand_over_alarm", ["kind"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))
    op.execute("ALTER TABLE hand_over_alarm ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE hand_over_alarm FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT, UPDATE ON hand_over_alarm TO frontoffice_jobs")
    op.execute("GRANT DELETE ON hand_over_hold, hand_over_stop TO frontoffice_gate")
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    for signature in (*_FOR_WEB, *_INNER):
        op.execute(f"ALTER FUNCTION {signature} OWNER TO frontoffice_gate")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    for signature in _FOR_WEB:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")


def downgrade() -> None:
    for signature in (*_FOR_WEB, *_INNER):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("REVOKE DELETE ON hand_over_hold, hand_over_stop FROM frontoffice_gate")
    op.drop_table("hand_over_alarm")
    for index, table in (("jti", "hand_over_act"), ("acted_at", "hand_over_act"), ("review", "inbound_message"), ("refused", "message")):
        op.drop_index(f"ix_{table}_{index}", table)
    op.drop_column("hand_over_act", "jti")
    for table in ("inbound_message", "message"):
        op.drop_column(table, "reviewed_at")
