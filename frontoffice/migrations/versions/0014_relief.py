"""Outages of ours are recorded and move last days; a Region that passed a dossier on reads what it held until then, and writes nothing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
# Since when whoever is signed in only reads a dossier, having passed it on; NULL for everybody else. Dossiers that nobody passed on,
# nearly all of them, are told by one look into the index.
_LEFT_AT = """
    CREATE FUNCTION left_at(wanted uuid) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM participation p WHERE p.dossier_id = wanted AND p.role = 'former-region' AND p.ends_at IS NULL) THEN
            RETURN NULL;
        END IF;
        RETURN (SELECT max(p.starts_at) FROM live_session() l JOIN participation p ON p.party_id = l.party_id
                 WHERE p.dossier_id = wanted AND p.role = 'former-region' AND p.ends_at IS NULL AND p.starts_at <= session_instant());
    END $$
"""
_REFUSE_ANY_CHANGE = """
    CREATE FUNCTION refuse_any_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
    END $$
"""
_WRITES_NOTHING = (
    ("dossier", "UPDATE", "id"), ("participation", "UPDATE", "dossier_id"), ("participation", "INSERT", "dossier_id"), ("answer", "UPDATE", "dossier_id"),
    ("answer", "INSERT", "dossier_id"), ("document", "UPDATE", "dossier_id"), ("document", "INSERT", "dossier_id"), ("event", "INSERT", "dossier_id"),
    ("invitation", "UPDATE", "dossier_id"), ("invitation", "INSERT", "dossier_id"), ("mandate", "INSERT", "dossier_id"), ("filing", "INSERT", "dossier_id"),
)
_READS_UNTIL_THEN = (("document", "given_at"), ("event", "happened_at"))


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("affects", sa.String(20), nullable=False), sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT), sa.Column("reason", sa.String(300), nullable=False), sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False), sa.Column("corrects", sa.Uuid()),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("affects IN ('everything', 'sign-in', 'filing', 'uploads')", name=op.f("ck_outage_affects")),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_outage_period")),
        sa.ForeignKeyConstraint(["corrects"], ["outage.id"], name=op.f("fk_outage_corrects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")), sa.UniqueConstraint("corrects", name=op.f("uq_outage_corrects")),
    )
    op.create_table(
        "relief",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("clock", sa.String(40), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False), sa.Column("was_on", sa.Date(), nullable=False), sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("outages", postgresql.JSONB(), nullable=False), sa.Column("granted_at", _INSTANT, nullable=False), sa.Column("sealed_at", _INSTANT),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_relief_dossier_id")), sa.PrimaryKeyConstraint("id", name=op.f("pk_relief")),
        sa.UniqueConstraint("dossier_id", "clock", "started_on", "last_day", name=op.f("uq_relief_dossier_id")),
    )
    op.create_index("ix_relief_unsealed", "relief", ["granted_at"], postgresql_where=sa.text("sealed_at IS NULL"))
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False), sa.Column("relief_id", sa.Uuid(), nullable=False), sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False), sa.Column("sha256", sa.String(64), nullable=False), sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["relief_id"], ["relief.id"], name=op.f("fk_certificate_relief_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_certificate_dossier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")), sa.UniqueConstraint("relief_id", "locale", name=op.f("uq_certificate_relief_id")),
    )
    op.create_index("ix_certificate_dossier_id", "certificate", ["dossier_id"])
    op.create_index("ix_dossier_due_on", "dossier", ["due_on", "id"], postgresql_where=sa.text("due_on IS NOT NULL"))
    op.create_index("ix_participation_passed_on", "participation", ["party_id", "starts_at", "dossier_id"],
                    postgresql_where=sa.text("role = 'former-region' AND ends_at IS NULL"))
    _protect()


def _protect() -> None:
    # Everybody may know when the portal did not work; what follows for a dossier is for those who see it.
    op.execute(_REFUSE_ANY_CHANGE)
    op.execute("CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON outage FOR EACH ROW EXECUTE FUNCTION refuse_any_change()")
    op.execute("GRANT SELECT ON outage TO frontoffice_web")
    op.execute("GRANT SELECT, INSERT ON outage TO frontoffice_jobs")
    for table in ("relief", "certificate"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY web_select ON {table} FOR SELECT TO frontoffice_web USING (sees_dossier(dossier_id))")
        op.execute(f"GRANT SELECT ON {table} TO frontoffice_web")
        op.execute(f"GRANT SELECT, INSERT, DELETE ON {table} TO frontoffice_jobs")
    op.execute("GRANT UPDATE (sealed_at) ON relief TO frontoffice_jobs")
    op.execute(_LEFT_AT)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute("ALTER FUNCTION left_at(uuid) OWNER TO frontoffice_gate")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    op.execute("REVOKE ALL ON FUNCTION left_at(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION left_at(uuid) TO frontoffice_web, frontoffice_jobs")
    for table, command, column in _WRITES_NOTHING:
        clause = "WITH CHECK" if command == "INSERT" else "USING"
        op.execute(f"CREATE POLICY not_passed_on_{command.lower()} ON {table} AS RESTRICTIVE FOR {command} TO frontoffice_web {clause} (left_at({column}) IS NULL)")
    for table, column in _READS_UNTIL_THEN:
        op.execute(f"CREATE POLICY until_passed_on ON {table} AS RESTRICTIVE FOR SELECT TO frontoffice_web"
                   f" USING ({column} <= coalesce(left_at(dossier_id), 'infinity'))")


def downgrade() -> None:
    for table, _column in _READS_UNTIL_THEN:
        op.execute(f"DROP POLICY until_passed_on ON {table}")
    for table, command, _column in _WRITES_NOTHING:
        op.execute(f"DROP POLICY not_passed_on_{command.lower()} ON {table}")
    op.execute("DROP FUNCTION left_at(uuid)")
    op.drop_index("ix_participation_passed_on", "participation")
    op.drop_index("ix_dossier_due_on", "dossier")
    for table in ("certificate", "relief", "outage"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_any_change()")
