"""Dossiers of every procedure: people begin them too, documents carry the day on which they were issued."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MAY_JOIN = """
    CREATE OR REPLACE FUNCTION may_join(wanted uuid, joining uuid, as_role text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE mine uuid := (SELECT party_id FROM live_session());
    BEGIN
        IF mine IS NULL THEN RETURN false; END IF;
        IF sees_dossier(wanted) THEN RETURN true; END IF;
        IF joining <> mine THEN RETURN false; END IF;
        RETURN {of_such} AND NOT EXISTS (SELECT FROM participation p WHERE p.dossier_id = wanted);
    END $$
"""
# An enterprise begins as employer, a person as applicant or guarantor, and only what is being begun: nobody joins what stands empty.
_WHO_BEGINS = """
            EXISTS (SELECT FROM dossier d JOIN party p ON p.id = mine WHERE d.id = wanted AND d.number IS NULL
                       AND d.created_at > session_instant() - interval '1 minute'
                       AND as_role = ANY (CASE p.kind WHEN 'enterprise' THEN '{employer}' WHEN 'person' THEN '{applicant,guarantor}' ELSE '{}' END::text[]))
           """


def upgrade() -> None:
    op.execute(_MAY_JOIN.format(of_such=_WHO_BEGINS))
    op.add_column("document", sa.Column("issued_on", sa.Date(), nullable=True))
    # The edition of 2026-01 was never released: the few drafts on developers' machines go on under its successor.
    _rename("2026-01", "2026-11")


def downgrade() -> None:
    _rename("2026-11", "2026-01")
    op.drop_column("document", "issued_on")
    op.execute(_MAY_JOIN.format(of_such="as_role = 'employer'"))


def _rename(before: str, after: str) -> None:
    op.execute("ALTER TABLE dossier NO FORCE ROW LEVEL SECURITY")
    op.execute(f"UPDATE dossier SET edition = '{after}' WHERE procedure = 'single-permit' AND edition = '{before}'")
    op.execute("ALTER TABLE dossier FORCE ROW LEVEL SECURITY")
