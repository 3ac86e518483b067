"""Documents that may come in pieces, whose every state is known, up to what the authority did with them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("changed_at", _INSTANT, server_default=sa.func.now(), nullable=False),
        sa.Column("previews", sa.Integer(), server_default="0", nullable=False),
        sa.Column("preview_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("previewed_at", _INSTANT),
        sa.Column("taken_over_at", _INSTANT),
        sa.Column("not_taken_at", _INSTANT),
        sa.Column("not_taken_reason", sa.String(2000), server_default="", nullable=False),
        sa.Column("judged_by", sa.Uuid()),
        sa.Column("page_order", sa.Integer()),
        sa.Column("joined_into", sa.Uuid()),
        sa.Column("replaces", sa.Uuid()),
        sa.Column("reused_from", sa.Uuid()),
    )


_STATE = "ck_document_state"
_FUNCTIONS = (
    """
    CREATE FUNCTION date_document() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN NEW.changed_at := session_instant(); END IF;
        RETURN NEW;
    END $$
    """,
    # Under the gate's rights: nobody else may write, change or leave out a line of it.
    """
    CREATE FUNCTION note_document_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        news text[] := '{}';
        why text := '';
        one text;
    BEGIN
        IF TG_OP = 'INSERT' THEN news := ARRAY[NEW.state];
        ELSE
            IF NEW.state <> OLD.state THEN news := news || NEW.state::text; END IF;
            IF NEW.joined_into IS NOT NULL AND OLD.joined_into IS NULL THEN news := news || 'joined'::text; END IF;
            IF NEW.handed_over_at IS NOT NULL AND OLD.handed_over_at IS NULL THEN news := news || 'handed-over'::text; END IF;
            IF NEW.taken_over_at IS NOT NULL AND OLD.taken_over_at IS NULL THEN news := news || 'taken-over'::text; END IF;
            IF NEW.not_taken_at IS NOT NULL AND NEW.not_taken_at IS DISTINCT FROM OLD.not_taken_at THEN news := news || 'not-taken'::text; END IF;
        END IF;
        FOREACH one IN ARRAY news LOOP
            why := CASE one WHEN 'refused' THEN NEW.reason WHEN 'not-taken' THEN NEW.not_taken_reason ELSE '' END;
            INSERT INTO document_change (document_id, dossier_id, state, reason, at, party_id, person_id)
            VALUES (NEW.id, NEW.dossier_id, one, why, session_instant(),
                    CASE WHEN one IN ('taken-over', 'not-taken') THEN NEW.judged_by END,
                    CASE WHEN one IN ('taken-over', 'not-taken') THEN (SELECT l.person_id FROM live_session() l) END);
        END LOOP;
        RETURN NULL;
    END $$
    """,
)
# A dossier that was taken back to correct it has no day of filing for a while.
_RECORDS_OF = """
    CREATE OR REPLACE FUNCTION records_of(identities uuid[], dossiers uuid[], without uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT coalesce(jsonb_agg(jsonb_build_object('dossier', l.dossier_id, 'number', d.number, 'procedure', d.procedure, 'edition', d.edition,
                   'filed_at', {filed_at}, {more}'provenance', l.provenance, 'particulars', l.particulars) ORDER BY {filed_at}, d.number), '[]')
          FROM identity_of_dossier l JOIN dossier d ON d.id = l.dossier_id
         WHERE (l.identity_id = ANY(identities) OR l.dossier_id = ANY(dossiers)) AND l.dossier_id <> ALL(without)
    $$
"""
_SEEN = "EXISTS (SELECT FROM document d WHERE d.id = document_id)"
_POLICIES = {
    "upload": (("SELECT", _SEEN, None), ("UPDATE", _SEEN, _SEEN), ("INSERT", None, _SEEN), ("DELETE", _SEEN, None)),
    "segment": (("SELECT", _SEEN, None), ("INSERT", None, _SEEN)),
    "preview": (("SELECT", _SEEN, None),),
    "document_change": (("SELECT", "sees_dossier(dossier_id)", None),),
}


def upgrade() -> None:
    op.drop_constraint(op.f(_STATE), "document")
    op.create_check_constraint(op.f(_STATE), "document", "state IN ('uploading', 'received', 'checking', 'checked', 'refused', 'replaced')")
    op.alter_column("document", "sha256", server_default="")
    op.create_check_constraint(op.f("ck_document_measured"), "document", "state <> 'checked' OR sha256 <> ''")
    for column in _columns():
        op.add_column("document", column)
    for name in ("joined_into", "replaces", "reused_from"):
        op.create_foreign_key(op.f(f"fk_document_{name}"), "document", "document", [name], ["id"])
    op.create_foreign_key(op.f("fk_document_judged_by"), "document", "party", ["judged_by"], ["id"])
    op.create_index("ix_document_undrawn", "document", ["changed_at"], postgresql_where=sa.text("state = 'checked' AND previewed_at IS NULL"))
    op.create_index("ix_document_joined_into", "document", ["joined_into"], postgresql_where=sa.text("joined_into IS NOT NULL"))
    op.create_index("ix_document_given_by", "document", ["given_by", "requirement", "given_at"])
    op.create_index("ix_document_waiting", "document", ["state", "changed_at"], postgresql_where=sa.text("state IN ('uploading', 'received', 'checking')"))
    _create_tables()
    _protect()


def _create_tables() -> None:
    op.create_table(
        "upload",
        sa.Column("document_id", sa.Uuid(), nullable=False), sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), server_default="0", nullable=False), sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False), sa.Column("expires_at", _INSTANT, nullable=False),
        sa.CheckConstraint("stored >= 0 AND stored <= length", name=op.f("ck_upload_stored")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_upload_document_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["party.id"], name=op.f("fk_upload_person_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_expires_at", "upload", ["expires_at"])
    op.create_table(
        "segment",
        sa.Column("document_id", sa.Uuid(), nullable=False), sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False), sa.Column("size", sa.BigInteger(), nullable=False), sa.Column("sha256", sa.String(64), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_segment_size")), sa.CheckConstraint("starts_at >= 0", name=op.f("ck_segment_starts_at")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_segment_document_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "starts_at", name=op.f("pk_segment")), sa.UniqueConstraint("key", name=op.f("uq_segment_key")),
    )
    op.create_table(
        "preview",
        sa.Column("document_id", sa.Uuid(), nullable=False), sa.Column("number", sa.Integer(), nullable=False), sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False), sa.Column("width", sa.Integer(), nullable=False), sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_preview_document_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "number", name=op.f("pk_preview")),
    )
    op.create_table(
        "document_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False), sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(2000), server_default="", nullable=False), sa.Column("at", _INSTANT, nullable=False),
        sa.Column("party_id", sa.Uuid()), sa.Column("person_id", sa.Uuid()),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_change_document_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_document_change_dossier_id")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_document_change_party_id")),
        sa.ForeignKeyConstraint(["person_id"], ["party.id"], name=op.f("fk_document_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_change")),
    )
    op.create_index("ix_document_change_document_id", "document_change", ["document_id", "id"])


def _protect() -> None:
    op.execute(_RECORDS_OF.format(filed_at="coalesce(d.filed_at, d.created_at)", more="'taken_back', d.filed_at IS NULL, "))
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute("ALTER FUNCTION note_document_change() OWNER TO frontoffice_gate")
    op.execute("REVOKE ALL ON FUNCTION note_document_change() FROM PUBLIC")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    for table, policies in _POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO frontoffice_gate")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO frontoffice_jobs")
        for command, using, check in policies:
            clause = (f" USING ({using})" if using else "") + (f" WITH CHECK ({check})" if check else "")
            op.execute(f"CREATE POLICY web_{command.lower()} ON {table} FOR {command} TO frontoffice_web{clause}")
            op.execute(f"GRANT {command} ON {table} TO frontoffice_web")
    op.execute("REVOKE INSERT, UPDATE ON document_change FROM frontoffice_jobs")
    op.execute("CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON document_change FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute("CREATE TRIGGER dated BEFORE INSERT OR UPDATE ON document FOR EACH ROW EXECUTE FUNCTION date_document()")
    op.execute("CREATE TRIGGER noted AFTER INSERT OR UPDATE ON document FOR EACH ROW EXECUTE FUNCTION note_document_change()")


def downgrade() -> None:
    op.execute(_RECORDS_OF.format(filed_at="d.filed_at", more=""))
    op.execute("DROP TRIGGER noted ON document")
    op.execute("DROP TRIGGER dated ON document")
    op.execute("DROP TRIGGER only_added ON document_change")
    for table in reversed(_POLICIES):
        op.drop_table(table)
    op.execute("DROP FUNCTION note_document_change()")
    op.execute("DROP FUNCTION date_document()")
    for name in ("waiting", "joined_into", "undrawn", "given_by"):
        op.drop_index(f"ix_document_{name}", "document")
    op.drop_constraint(op.f("fk_document_judged_by"), "document")
    for name in ("joined_into", "replaces", "reused_from"):
        op.drop_constraint(op.f(f"fk_document_{name}"), "document")
    for column in reversed(_columns()):
        op.drop_column("document", column.name)
    op.drop_constraint(op.f("ck_document_measured"), "document")
    op.alter_column("document", "sha256", server_default=None)
    op.drop_constraint(op.f(_STATE), "document")
    op.execute("UPDATE document SET state = 'refused' WHERE state IN ('uploading', 'checking')")
    op.create_check_constraint(op.f(_STATE), "document", "state IN ('received', 'checked', 'refused', 'replaced')")
