"""Authorities collect dossiers and take steps with systems of their own.

An access token is a session whose person is the system: every policy holds for it as for an official of the same authority.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("api_client", "api_answer", "authority_change")

# A system whose territory is narrower than its authority's sees the dossiers of that territory only.
_SEES = """
    CREATE OR REPLACE FUNCTION sees_dossier(wanted uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (
            SELECT FROM session s JOIN participation p ON p.party_id = s.party_id
             WHERE s.token_hash = decode(coalesce(current_setting('app.session', true), ''), 'hex')
               AND s.ended_at IS NULL AND s.ends_at > session_instant()
               AND s.seen_at + make_interval(secs => s.idle_seconds) > session_instant()
               AND p.dossier_id = wanted AND p.starts_at <= session_instant()
               AND (p.ends_at IS NULL OR p.ends_at > session_instant()){more});
    END $$
"""
_IN_TERRITORY = """
               AND (s.kind <> 'system' OR s.capacity = ''
                    OR EXISTS (SELECT FROM dossier d WHERE d.id = wanted AND s.capacity IN (d.region, d.municipality)))"""

_FUNCTIONS = (
    """
    CREATE FUNCTION api_client_keys(wanted uuid) RETURNS TABLE (keys jsonb, scopes varchar[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT c.keys, c.scopes FROM api_client c WHERE c.id = wanted AND c.ended_at IS NULL
    $$
    """,
    # Whose system it is and where comes from its row, whatever the request says.
    """
    CREATE FUNCTION open_api_session(wanted uuid, its_hash bytea, its_scopes varchar[], instant timestamptz, its_end timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one record;
    BEGIN
        SELECT c.id, c.territory, q.id AS party_id INTO one FROM api_client c JOIN party q ON q.authority_code = c.authority
         WHERE c.id = wanted AND c.ended_at IS NULL AND its_scopes <@ c.scopes FOR SHARE OF c;
        IF NOT FOUND THEN RETURN false; END IF;
        INSERT INTO session (token_hash, person_id, party_id, kind, capacity, acr, idle_seconds, created_at, seen_at, ends_at)
        VALUES (its_hash, one.id, one.party_id, 'system', one.territory, array_to_string(its_scopes, ' '),
                ceil(extract(epoch FROM its_end - instant))::int, instant, instant, its_end);
        RETURN true;
    END $$
    """,
    # Whether a token lives, what it is for, and how often its system came in this stretch of time, in one go; nothing for one that never was.
    """
    CREATE FUNCTION knock_api(its_hash bytea, instant timestamptz, its_window timestamptz) RETURNS TABLE (live boolean, scopes varchar, hits int)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT s.ended_at IS NULL AND s.ends_at > instant, s.acr, count_hit('api:' || s.person_id, its_window)
          FROM session s WHERE s.token_hash = its_hash AND s.kind = 'system'
    $$
    """,
    """
    CREATE FUNCTION end_sessions_of_api_client() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE session SET ended_at = session_instant() WHERE person_id = NEW.id AND ended_at IS NULL;
        RETURN NULL;
    END $$
    """,
    # In the order of transactions, not of clocks: whoever asks only for what is older than every open transaction misses nothing.
    """
    CREATE FUNCTION note_change_of_dossier() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO authority_change (party_id, dossier_id, number, headline, region, municipality, change, changed_at)
        SELECT DISTINCT q.id, NEW.id, NEW.number, NEW.headline, NEW.region, NEW.municipality, pg_current_xact_id()::text::bigint, session_instant()
          FROM participation p JOIN party q ON q.id = p.party_id AND q.kind = 'authority'
         WHERE p.dossier_id = NEW.id AND (p.ends_at IS NULL OR p.ends_at > session_instant()) AND p.role <> 'former-region'
         ORDER BY q.id
        ON CONFLICT (party_id, dossier_id) DO UPDATE
           SET number = excluded.number, headline = excluded.headline, region = excluded.region, municipality = excluded.municipality,
               change = excluded.change, changed_at = excluded.changed_at;
        RETURN NULL;
    END $$
    """,
    # An authority that leaves keeps the row as it stood, and is told that there was a change.
    """
    CREATE FUNCTION note_change_of_participation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO authority_change (party_id, dossier_id, number, headline, region, municipality, change, changed_at)
        SELECT q.id, d.id, d.number, d.headline, d.region, d.municipality, pg_current_xact_id()::text::bigint, session_instant()
          FROM dossier d JOIN party q ON q.id = NEW.party_id AND q.kind = 'authority'
         WHERE d.id = NEW.dossier_id AND d.number IS NOT NULL
        ON CONFLICT (party_id, dossier_id) DO UPDATE SET change = excluded.change, changed_at = excluded.changed_at;
        RETURN NULL;
    END $$
    """,
)
_FOR_WEB = ("api_client_keys(uuid)", "knock_api(bytea, timestamptz, timestamptz)", "open_api_session(uuid, bytea, varchar[], timestamptz, timestamptz)")
_TRIGGERED = ("end_sessions_of_api_client()", "note_change_of_dossier()", "note_change_of_participation()")
_TRIGGERS = (
    ("end_sessions", "api_client", "AFTER UPDATE ON api_client FOR EACH ROW EXECUTE FUNCTION end_sessions_of_api_client()"),
    ("note_change", "dossier", "AFTER UPDATE OF version ON dossier FOR EACH ROW WHEN (NEW.version <> OLD.version AND NEW.number IS NOT NULL)"
                               " EXECUTE FUNCTION note_change_of_dossier()"),
    ("note_change", "participation", "AFTER INSERT OR UPDATE OF ends_at ON participation FOR EACH ROW EXECUTE FUNCTION note_change_of_participation()"),
)
# Dossiers that authorities have already: each counts as changed now.
_EARLIER = """
    INSERT INTO authority_change (party_id, dossier_id, number, headline, region, municipality, change, changed_at)
    SELECT DISTINCT q.id, d.id, d.number, d.headline, d.region, d.municipality, pg_current_xact_id()::text::bigint, d.updated_at
      FROM participation p JOIN party q ON q.id = p.party_id AND q.kind = 'authority' JOIN dossier d ON d.id = p.dossier_id
     WHERE d.number IS NOT NULL
"""


def upgrade() -> None:
    _create_clients()
    _create_changes()
    op.drop_constraint(op.f("ck_party_kind"), "party")
    op.create_check_constraint(op.f("ck_party_kind"), "party", "kind IN ('person', 'enterprise', 'authority', 'system')")
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute(_SEES.format(more=_IN_TERRITORY))
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    for signature in (*_FOR_WEB, *_TRIGGERED):
        op.execute(f"ALTER FUNCTION {signature} OWNER TO frontoffice_gate")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO frontoffice_jobs")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO frontoffice_gate")
    op.execute("REVOKE DELETE ON api_client FROM frontoffice_jobs")
    op.execute("CREATE POLICY web_select ON authority_change FOR SELECT TO frontoffice_web USING (party_id = (SELECT party_id FROM live_session()))")
    op.execute("GRANT SELECT ON authority_change TO frontoffice_web")
    mine = "client_id = (SELECT person_id FROM live_session())"
    for command, clause in (("SELECT", f"USING ({mine})"), ("INSERT", f"WITH CHECK ({mine})"), ("UPDATE", f"USING ({mine}) WITH CHECK ({mine})")):
        op.execute(f"CREATE POLICY web_{command.lower()} ON api_answer FOR {command} TO frontoffice_web {clause}")
    op.execute("GRANT SELECT, INSERT, UPDATE ON api_answer TO frontoffice_web")
    op.execute(_EARLIER)
    for name, _table, rest in _TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {rest}")


def _create_clients() -> None:
    by = sa.String(120)
    op.create_table(
        "api_client",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("authority", sa.String(40), nullable=False),
        sa.Column("territory", sa.String(40), server_default="", nullable=False), sa.Column("keys", postgresql.JSONB(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(20)), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False), sa.Column("created_by", by, nullable=False),
        sa.Column("keys_at", _INSTANT, nullable=False), sa.Column("keys_by", by, nullable=False),
        sa.Column("ended_at", _INSTANT), sa.Column("ended_by", by, server_default="", nullable=False),
        sa.ForeignKeyConstraint(["id"], ["party.id"], name=op.f("fk_api_client_id")), sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
    )
    op.create_table(
        "api_answer",
        sa.Column("client_id", sa.Uuid(), nullable=False), sa.Column("key", sa.String(64), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("asked_sha256", sa.String(64), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False), sa.Column("answer", postgresql.JSON()),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_answer_client_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_api_answer_dossier_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("client_id", "key", name=op.f("pk_api_answer")),
    )
    op.create_index("ix_api_answer_dossier_id", "api_answer", ["dossier_id"])


def _create_changes() -> None:
    op.create_table(
        "authority_change",
        sa.Column("party_id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(30), nullable=False), sa.Column("headline", sa.String(40), nullable=False),
        sa.Column("region", sa.String(40)), sa.Column("municipality", sa.String(40)),
        sa.Column("change", sa.BigInteger(), nullable=False), sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_authority_change_party_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_authority_change_dossier_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("party_id", "dossier_id", name=op.f("pk_authority_change")),
    )
    op.create_index("ix_authority_change_change", "authority_change", ["party_id", "change", "dossier_id"])
    op.create_index("ix_authority_change_headline", "authority_change", ["party_id", "headline", "change", "dossier_id"])
    op.create_index("ix_authority_change_changed_at", "authority_change", ["party_id", "changed_at", "change"])
    op.create_index("ix_authority_change_dossier_id", "authority_change", ["dossier_id"])


def downgrade() -> None:
    for name, table, _rest in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(_SEES.format(more=""))
    for signature in (*_FOR_WEB, *_TRIGGERED):
        op.execute(f"DROP FUNCTION {signature}")
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute("DELETE FROM session WHERE kind = 'system'")
    op.execute("DELETE FROM party WHERE kind = 'system'")
    op.drop_constraint(op.f("ck_party_kind"), "party")
    op.create_check_constraint(op.f("ck_party_kind"), "party", "kind IN ('person', 'enterprise', 'authority')")
