"""What was filed as it was filed, the sealed receipts of it, its signed manifest, and what a stranger may check."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("filing", "sealed_receipt", "manifest", "receipt_check")
# What a visitor with a code may know, and nothing else of the dossier; a code that was never given out finds no row.
_CHECK = """
    CREATE FUNCTION check_receipt(its_hash bytea)
    RETURNS TABLE (procedure varchar, edition varchar, filed_at timestamptz, "position" varchar[], taken_back boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT d.procedure, d.edition, f.filed_at, d.position,
               EXISTS (SELECT FROM event later WHERE later.dossier_id = e.dossier_id AND later.seq > e.seq AND 'draft' = ANY(later.gives))
          FROM receipt_check c JOIN filing f ON f.event_id = c.event_id JOIN event e ON e.id = f.event_id JOIN dossier d ON d.id = f.dossier_id
         WHERE c.code_hash = its_hash
    $$
"""
# Dossiers that were filed before: their answers have not changed since, and the job seals their receipts too.
_EARLIER = """
    INSERT INTO filing (event_id, dossier_id, filed_at, facts)
    SELECT e.id, d.id, d.filed_at, jsonb_build_object(
               'number', d.number, 'edition', d.edition,
               'filed_by', (SELECT coalesce(jsonb_agg(p.name ORDER BY p.id <> e.person_id), '[]') FROM party p WHERE p.id IN (e.person_id, e.party_id)),
               'authority', coalesce((SELECT q.authority_code FROM participation r JOIN party q ON q.id = r.party_id
                                       WHERE r.dossier_id = d.id AND r.reason ? 'row' ORDER BY r.starts_at LIMIT 1), ''),
               'answers', (SELECT coalesce(jsonb_object_agg(a.page, a.content), '{}') FROM answer a WHERE a.dossier_id = d.id AND a.page <> 'former'),
               'documents', (SELECT coalesce(jsonb_agg(o.id ORDER BY o.given_at), '[]') FROM document o
                              WHERE o.dossier_id = d.id AND o.state = 'checked' AND o.given_at <= e.happened_at))
      FROM dossier d JOIN event e ON e.dossier_id = d.id AND e.action = 'submit'
     WHERE d.number IS NOT NULL AND d.filed_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "filing",
        sa.Column("event_id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("filed_at", _INSTANT, nullable=False), sa.Column("facts", postgresql.JSONB(), nullable=False), sa.Column("sealed_at", _INSTANT),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_filing_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_filing_dossier_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_filing")),
    )
    op.create_index("ix_filing_dossier_id", "filing", ["dossier_id", "filed_at"])
    op.create_index("ix_filing_unsealed", "filing", ["filed_at"], postgresql_where=sa.text("sealed_at IS NULL"))
    op.create_table(
        "sealed_receipt",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("event_id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("hidden", postgresql.ARRAY(sa.String(60)), nullable=False), sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False), sa.Column("size", sa.Integer(), nullable=False), sa.Column("sealed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["filing.event_id"], name=op.f("fk_sealed_receipt_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_sealed_receipt_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_receipt")),
        sa.UniqueConstraint("event_id", "locale", "hidden", name=op.f("uq_sealed_receipt_event_id")),
    )
    op.create_index("ix_sealed_receipt_dossier_id", "sealed_receipt", ["dossier_id"])
    op.create_table(
        "manifest",
        sa.Column("event_id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["filing.event_id"], name=op.f("fk_manifest_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_manifest_dossier_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_manifest")),
    )
    op.create_table(
        "receipt_check",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False), sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["filing.event_id"], name=op.f("fk_receipt_check_event_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_receipt_check_dossier_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_receipt_check")),
    )
    op.create_index("ix_receipt_check_event_id", "receipt_check", ["event_id"])
    _protect()
    op.execute(_EARLIER)


def _protect() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO frontoffice_jobs")
        if table != "receipt_check":
            # Codes are checked through the function only: the web role sees no row of theirs.
            op.execute(f"CREATE POLICY web_select ON {table} FOR SELECT TO frontoffice_web USING (sees_dossier(dossier_id))")
            op.execute(f"GRANT SELECT ON {table} TO frontoffice_web")
    for table in ("sealed_receipt", "manifest", "receipt_check"):
        op.execute(f"REVOKE UPDATE ON {table} FROM frontoffice_jobs")
    op.execute("CREATE POLICY web_insert ON filing FOR INSERT TO frontoffice_web WITH CHECK (sees_dossier(dossier_id))")
    op.execute("GRANT INSERT ON filing TO frontoffice_web")
    op.execute("GRANT SELECT ON filing, receipt_check TO frontoffice_gate")
    op.execute(_CHECK)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute("ALTER FUNCTION check_receipt(bytea) OWNER TO frontoffice_gate")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    op.execute("REVOKE ALL ON FUNCTION check_receipt(bytea) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION check_receipt(bytea) TO frontoffice_web")


def downgrade() -> None:
    op.execute("DROP FUNCTION check_receipt(bytea)")
    for table in reversed(_TABLES):
        op.drop_table(table)
