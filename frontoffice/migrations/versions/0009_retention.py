"""What is deleted when its time is over, by whom and why; and what must not be deleted yet."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_REFUSE = """
    CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- A draft that was never filed leaves with all its rows; no role but that of the jobs may delete at all.
        IF TG_OP = 'DELETE' AND (SELECT number IS NULL FROM dossier WHERE id = OLD.dossier_id) THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
    END $$
    """
_REFUSE_UNLESS_ORDERED = _REFUSE.replace("        RAISE", """        -- A filed dossier leaves when its deletion was written down before, and is not finished.
        IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM deletion WHERE dossier_id = OLD.dossier_id AND finished_at IS NULL) THEN RETURN OLD; END IF;
        RAISE""")


def upgrade() -> None:
    op.create_table(
        "deletion",
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("number", sa.String(30), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False), sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("ordered_by", sa.String(80), nullable=False), sa.Column("ordered_at", _INSTANT, nullable=False),
        sa.Column("documents", sa.Integer(), server_default="0", nullable=False), sa.Column("finished_at", _INSTANT),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_deletion_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_deletion")),
    )
    op.create_index("ix_deletion_open", "deletion", ["ordered_at"], postgresql_where=sa.text("finished_at IS NULL"))
    op.create_table(
        "hold",
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("held_by", sa.String(80), nullable=False), sa.Column("held_at", _INSTANT, nullable=False), sa.Column("released_at", _INSTANT),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_hold_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", "held_at", name=op.f("pk_hold")),
    )
    op.create_index("ix_dossier_updated_at", "dossier", ["procedure", "updated_at"], postgresql_where=sa.text("number IS NOT NULL"))
    for table in ("deletion", "hold"):
        # Without a policy the web role sees no row, and it has no right to look either.
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO frontoffice_jobs")
    op.execute(_REFUSE_UNLESS_ORDERED)


def downgrade() -> None:
    op.execute(_REFUSE)
    op.drop_index("ix_dossier_updated_at", "dossier")
    op.drop_table("hold")
    op.drop_table("deletion")
