"""The register of persons: identities, doubles and what officials decided; officials reach it by functions only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = postgresql.TIMESTAMP(timezone=True)
_TABLES = ("identity", "identity_of_dossier", "identity_name", "identity_key", "identity_search", "identity_double", "identity_act", "identity_move")

_FUNCTIONS = (
    """
    CREATE FUNCTION is_identity_clerk() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT EXISTS (
            SELECT FROM live_session() l JOIN party p ON p.id = l.party_id
              JOIN session s ON s.token_hash = decode(coalesce(current_setting('app.session', true), ''), 'hex')
             WHERE s.kind = 'official' AND p.authority_code = 'immigration-office')
    $$
    """,
    """
    CREATE FUNCTION surviving_identity(wanted uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH RECURSIVE chain AS (
            SELECT i.id, i.merged_into FROM identity i WHERE i.id = wanted
            UNION SELECT i.id, i.merged_into FROM identity i JOIN chain c ON i.id = c.merged_into)
        SELECT c.id FROM chain c WHERE c.merged_into IS NULL
    $$
    """,
    # The dossiers of the second side: those of the other identity, those that a merge took from it, or the one in question.
    """
    CREATE FUNCTION other_side(wanted uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT d.dossier_id FROM identity_double d WHERE d.id = wanted AND d.other_id IS NULL
        UNION SELECT unnest(m.dossiers) FROM identity_move m JOIN identity_double d ON d.id = m.double_id
               WHERE m.double_id = wanted AND m.kind = 'merge' AND m.undone_at IS NULL
        UNION SELECT l.dossier_id FROM identity_double d JOIN identity_of_dossier l ON l.identity_id = surviving_identity(d.other_id)
               WHERE d.id = wanted AND surviving_identity(d.other_id) <> surviving_identity(d.identity_id)
    $$
    """,
    """
    CREATE FUNCTION records_of(identities uuid[], dossiers uuid[], without uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT coalesce(jsonb_agg(jsonb_build_object('dossier', l.dossier_id, 'number', d.number, 'procedure', d.procedure, 'edition', d.edition,
                   'filed_at', d.filed_at, 'provenance', l.provenance, 'particulars', l.particulars) ORDER BY d.filed_at, d.number), '[]')
          FROM identity_of_dossier l JOIN dossier d ON d.id = l.dossier_id
         WHERE (l.identity_id = ANY(identities) OR l.dossier_id = ANY(dossiers)) AND l.dossier_id <> ALL(without)
    $$
    """,
    """
    CREATE FUNCTION identity_doubles(part text, most int)
    RETURNS TABLE (id uuid, opened_at timestamptz, settled_at timestamptz, score int, state varchar, is_pair boolean, waits boolean, is_mine boolean,
                   left_records jsonb, right_records jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT d.id, d.opened_at, d.settled_at, d.score, d.state, d.other_id IS NOT NULL, d.first_by IS NOT NULL,
               coalesce(d.first_by = (SELECT person_id FROM live_session()), false),
               records_of(ARRAY[surviving_identity(d.identity_id)], '{}', s.dossiers), records_of('{}', s.dossiers, '{}')
          FROM identity_double d CROSS JOIN LATERAL (SELECT coalesce(array_agg(o), '{}') AS dossiers FROM other_side(d.id) o) s
         WHERE is_identity_clerk() AND (d.state = 'open') = (part = 'open')
           AND (d.state <> 'open' OR d.other_id IS NULL OR surviving_identity(d.other_id) <> surviving_identity(d.identity_id))
         ORDER BY CASE WHEN part = 'open' THEN d.opened_at END, d.settled_at DESC, d.id
         LIMIT least(most, 200)
    $$
    """,
    """
    CREATE FUNCTION show_identity_double(wanted uuid, instant timestamptz) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one identity_double%ROWTYPE; me uuid := (SELECT person_id FROM live_session()); theirs uuid[];
    BEGIN
        IF NOT is_identity_clerk() THEN RETURN NULL; END IF;
        SELECT * INTO one FROM identity_double d WHERE d.id = wanted;
        IF NOT FOUND THEN RETURN NULL; END IF;
        INSERT INTO identity_act (id, double_id, person_id, said, at)
        SELECT gen_random_uuid(), wanted, me, 'seen', instant
         WHERE NOT EXISTS (SELECT FROM identity_act a WHERE a.double_id = wanted AND a.person_id = me AND a.at > instant - interval '15 minutes');
        theirs := ARRAY(SELECT other_side(wanted));
        RETURN jsonb_build_object(
            'id', one.id, 'state', one.state, 'version', one.version, 'score', one.score, 'reasons', one.reasons, 'is_pair', one.other_id IS NOT NULL,
            'opened_at', one.opened_at, 'waits', one.first_by IS NOT NULL, 'is_mine', coalesce(one.first_by = me, false),
            'left_records', records_of(ARRAY[surviving_identity(one.identity_id)], '{}', theirs), 'right_records', records_of('{}', theirs, '{}'),
            'acts', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', p.name, 'said', a.said, 'at', a.at) ORDER BY a.at), '[]')
                       FROM identity_act a JOIN party p ON p.id = a.person_id WHERE a.double_id = wanted AND a.said <> 'seen'));
    END $$
    """,
    """
    CREATE FUNCTION decide_identity_double(wanted uuid, decision text, seen int, instant timestamptz) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one identity_double%ROWTYPE; me uuid := (SELECT person_id FROM live_session()); changes boolean;
    BEGIN
        IF NOT is_identity_clerk() THEN RETURN 'absent'; END IF;
        SELECT * INTO one FROM identity_double d WHERE d.id = wanted FOR UPDATE;
        IF NOT FOUND THEN RETURN 'absent'; END IF;
        IF one.state <> 'open' OR one.version <> seen THEN RETURN 'moved'; END IF;
        -- What changes the register takes two officials: making two identities one, or taking a dossier from a person.
        changes := decision = CASE WHEN one.other_id IS NULL THEN 'different' ELSE 'same' END;
        IF changes AND one.first_by = me THEN RETURN 'again'; END IF;
        INSERT INTO identity_act (id, double_id, person_id, said, at) VALUES (gen_random_uuid(), wanted, me, decision, instant);
        IF changes AND one.first_by IS NULL THEN
            UPDATE identity_double d SET first_by = me, first_at = instant, version = d.version + 1 WHERE d.id = wanted;
            RETURN 'first';
        END IF;
        UPDATE identity_double d
           SET state = decision, version = d.version + 1, settled_at = instant, first_by = coalesce(d.first_by, me), first_at = coalesce(d.first_at, instant),
               second_by = CASE WHEN d.first_by <> me THEN me END, second_at = CASE WHEN d.first_by <> me THEN instant END
         WHERE d.id = wanted;
        RETURN 'settled';
    END $$
    """,
    """
    CREATE FUNCTION undo_identity_double(wanted uuid, seen int, instant timestamptz) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one identity_double%ROWTYPE;
    BEGIN
        IF NOT is_identity_clerk() THEN RETURN 'absent'; END IF;
        SELECT * INTO one FROM identity_double d WHERE d.id = wanted FOR UPDATE;
        IF NOT FOUND THEN RETURN 'absent'; END IF;
        IF one.state = 'open' OR one.version <> seen THEN RETURN 'moved'; END IF;
        INSERT INTO identity_act (id, double_id, person_id, said, at)
        VALUES (gen_random_uuid(), wanted, (SELECT person_id FROM live_session()), 'undo', instant);
        UPDATE identity_double d SET state = 'open', version = d.version + 1, settled_at = NULL, first_by = NULL, first_at = NULL, second_by = NULL,
               second_at = NULL WHERE d.id = wanted;
        RETURN 'undone';
    END $$
    """,
    """
    CREATE FUNCTION question_identity_link(wanted uuid, in_question uuid, new_id uuid, instant timestamptz) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE whose uuid; found_id uuid;
    BEGIN
        IF NOT is_identity_clerk() THEN RETURN NULL; END IF;
        -- Only a dossier that the double shows, of a person who has another one as well.
        SELECT l.identity_id INTO whose FROM identity_of_dossier l JOIN identity_double d ON d.id = wanted
         WHERE l.dossier_id = in_question AND l.identity_id IN (surviving_identity(d.identity_id), surviving_identity(d.other_id))
           AND EXISTS (SELECT FROM identity_of_dossier o WHERE o.identity_id = l.identity_id AND o.dossier_id <> in_question);
        IF NOT FOUND THEN RETURN NULL; END IF;
        INSERT INTO identity_double (id, identity_id, dossier_id, score, reasons, opened_at)
        VALUES (new_id, whose, in_question, 0, ARRAY['asked-by-official'], instant) ON CONFLICT DO NOTHING;
        SELECT d.id INTO found_id FROM identity_double d WHERE d.identity_id = whose AND d.dossier_id = in_question AND d.other_id IS NULL;
        RETURN found_id;
    END $$
    """,
)
_FOR_WEB = (
    "is_identity_clerk()", "identity_doubles(text, int)", "show_identity_double(uuid, timestamptz)",
    "decide_identity_double(uuid, text, int, timestamptz)", "undo_identity_double(uuid, int, timestamptz)",
    "question_identity_link(uuid, uuid, uuid, timestamptz)",
)
# These are called by the others only, and by the jobs.
_INNER = ("surviving_identity(uuid)", "other_side(uuid)", "records_of(uuid[], uuid[], uuid[])")


def _key(table: str, *columns: str, at: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(list(columns), [f"{at}.id"], name=op.f(f"fk_{table}_{columns[0]}"))


def upgrade() -> None:
    _create_identities()
    _create_doubles()
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    for signature in (*_FOR_WEB, *_INNER):
        op.execute(f"ALTER FUNCTION {signature} OWNER TO frontoffice_gate")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_jobs")
    for signature in _FOR_WEB:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_web")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    for table in _TABLES:
        # Without a policy the web role sees no row, and it has no right to look either.
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO frontoffice_gate")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO frontoffice_jobs")
    for table in ("identity_act", "identity_search"):
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM frontoffice_gate, frontoffice_jobs")


def _create_identities() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("golden", postgresql.JSONB(), server_default="{}", nullable=False), sa.Column("merged_into", sa.Uuid()),
        _key("identity", "merged_into", at="identity"), sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
    )
    op.create_index("ix_identity_merged_into", "identity", ["merged_into"])
    op.create_table(
        "identity_of_dossier",
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("provenance", sa.String(20), nullable=False), sa.Column("particulars", postgresql.JSONB(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _key("identity_of_dossier", "dossier_id", at="dossier"), _key("identity_of_dossier", "identity_id", at="identity"),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_identity_of_dossier")),
    )
    op.create_index("ix_identity_of_dossier_identity_id", "identity_of_dossier", ["identity_id"])
    op.create_table(
        "identity_name",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("identity_id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False), sa.Column("surname", sa.Text(), nullable=False), sa.Column("given_names", sa.Text(), nullable=False),
        _key("identity_name", "identity_id", at="identity"), _key("identity_name", "dossier_id", at="dossier"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_name")),
    )
    op.create_index("ix_identity_name_identity_id", "identity_name", ["identity_id"])
    op.create_table(
        "identity_key",
        sa.Column("identity_id", sa.Uuid(), nullable=False), sa.Column("kind", sa.String(10), nullable=False), sa.Column("value", sa.Text(), nullable=False),
        _key("identity_key", "identity_id", at="identity"), sa.PrimaryKeyConstraint("identity_id", "kind", "value", name=op.f("pk_identity_key")),
    )
    op.create_index("ix_identity_key_exact", "identity_key", ["kind", "value"], unique=True, postgresql_where=sa.text("kind IN ('passport', 'register')"))
    op.create_index("ix_identity_key_value", "identity_key", ["kind", "value"])
    op.create_table(
        "identity_search",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("identity_id", sa.Uuid()),
        sa.Column("at", _INSTANT, nullable=False), sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.String(10)), nullable=False), sa.Column("found", postgresql.JSONB(), nullable=False),
        _key("identity_search", "dossier_id", at="dossier"), _key("identity_search", "identity_id", at="identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_search")),
    )
    op.create_index("ix_identity_search_dossier_id", "identity_search", ["dossier_id"])


def _create_doubles() -> None:
    op.create_table(
        "identity_double",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("identity_id", sa.Uuid(), nullable=False), sa.Column("other_id", sa.Uuid()),
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.String(30)), nullable=False), sa.Column("state", sa.String(10), server_default="open", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False), sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("first_by", sa.Uuid()), sa.Column("first_at", _INSTANT), sa.Column("second_by", sa.Uuid()), sa.Column("second_at", _INSTANT),
        sa.Column("settled_at", _INSTANT),
        sa.CheckConstraint("state IN ('open', 'same', 'different')", name=op.f("ck_identity_double_state")),
        sa.CheckConstraint("other_id IS NULL OR identity_id < other_id", name=op.f("ck_identity_double_order")),
        _key("identity_double", "identity_id", at="identity"), _key("identity_double", "other_id", at="identity"),
        _key("identity_double", "dossier_id", at="dossier"), _key("identity_double", "first_by", at="party"), _key("identity_double", "second_by", at="party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_double")),
    )
    op.create_index("ix_identity_double_other_id", "identity_double", ["other_id"])
    op.create_index("ix_identity_double_pair", "identity_double", ["identity_id", "other_id"], unique=True, postgresql_where=sa.text("other_id IS NOT NULL"))
    op.create_index("ix_identity_double_link", "identity_double", ["identity_id", "dossier_id"], unique=True, postgresql_where=sa.text("other_id IS NULL"))
    op.create_index("ix_identity_double_open", "identity_double", ["opened_at"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_identity_double_settled", "identity_double", ["settled_at"], postgresql_where=sa.text("state <> 'open'"))
    op.create_table(
        "identity_act",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("double_id", sa.Uuid(), nullable=False), sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.String(10), nullable=False), sa.Column("at", _INSTANT, nullable=False),
        sa.CheckConstraint("said IN ('seen', 'same', 'different', 'undo')", name=op.f("ck_identity_act_said")),
        _key("identity_act", "double_id", at="identity_double"), _key("identity_act", "person_id", at="party"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_act")),
    )
    op.create_index("ix_identity_act_double_id", "identity_act", ["double_id", "at"])
    op.create_table(
        "identity_move",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("double_id", sa.Uuid(), nullable=False), sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False), sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("dossiers", postgresql.ARRAY(sa.Uuid()), nullable=False), sa.Column("at", _INSTANT, nullable=False), sa.Column("undone_at", _INSTANT),
        _key("identity_move", "double_id", at="identity_double"), _key("identity_move", "from_id", at="identity"), _key("identity_move", "into_id", at="identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_move")),
    )
    op.create_index("ix_identity_move_double_id", "identity_move", ["double_id"])


def downgrade() -> None:
    for signature in (*_FOR_WEB, *_INNER):
        op.execute(f"DROP FUNCTION {signature}")
    for table in reversed(_TABLES):
        op.drop_table(table)
