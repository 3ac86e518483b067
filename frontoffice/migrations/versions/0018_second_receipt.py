"""The second receipt: the authority can work with what was filed; and until when it knows what happened to a dossier."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_SEALED = ("sealed_receipt", "receipt_check")
_RETURNS = 'procedure varchar, edition varchar, filed_at timestamptz, "position" varchar[], taken_back boolean'
_COLUMNS = """d.procedure, d.edition, f.filed_at, d.position,
               EXISTS (SELECT FROM event later WHERE later.dossier_id = e.dossier_id AND later.seq > e.seq AND 'draft' = ANY(later.gives))"""


def upgrade() -> None:
    op.add_column("dossier", sa.Column("answered_by", sa.String(40), nullable=False, server_default=""))
    op.add_column("dossier", sa.Column("told_until", _INSTANT))
    # Until now this was when the latest event was confirmed.
    op.execute("UPDATE dossier SET told_until = confirmed_at WHERE confirmed_at IS NOT NULL")
    op.add_column("filing", sa.Column("validated_at", _INSTANT))
    op.add_column("filing", sa.Column("validation_sealed_at", _INSTANT))
    op.create_index("ix_filing_validation_unsealed", "filing", ["validated_at"],
                    postgresql_where=sa.text("validated_at IS NOT NULL AND validation_sealed_at IS NULL"))
    for table in _SEALED:
        op.add_column(table, sa.Column("kind", sa.String(20), nullable=False, server_default="filing"))
        op.create_check_constraint("kind", table, "kind IN ('filing', 'validation')")
    op.drop_constraint("uq_sealed_receipt_event_id", "sealed_receipt")
    op.create_unique_constraint("uq_sealed_receipt_event_id", "sealed_receipt", ["event_id", "kind", "locale", "hidden"])
    # With the code of a second receipt alone a stranger learns when the authority said so, and whether it has taken that back since.
    _check(f"{_RETURNS}, validated_at timestamptz, refused boolean",
           f"{_COLUMNS}, CASE WHEN c.kind = 'validation' THEN f.validated_at END,"
           " c.kind = 'validation' AND d.filed_at = f.filed_at AND d.refused_at IS NOT NULL")


def downgrade() -> None:
    for table in _SEALED:
        op.execute(f"DELETE FROM {table} WHERE kind = 'validation'")
    _check(_RETURNS, _COLUMNS)
    op.drop_constraint("uq_sealed_receipt_event_id", "sealed_receipt")
    op.create_unique_constraint("uq_sealed_receipt_event_id", "sealed_receipt", ["event_id", "locale", "hidden"])
    for table in _SEALED:
        op.drop_column(table, "kind")
    op.drop_index("ix_filing_validation_unsealed", "filing")
    for name in ("validation_sealed_at", "validated_at"):
        op.drop_column("filing", name)
    for name in ("told_until", "answered_by"):
        op.drop_column("dossier", name)


def _check(returns: str, columns: str) -> None:
    """Make the function of a stranger's check anew: what it returns cannot be changed."""
    op.execute("DROP FUNCTION check_receipt(bytea)")
    op.execute(f"""
    CREATE FUNCTION check_receipt(its_hash bytea)
    RETURNS TABLE ({returns})
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT {columns}
          FROM receipt_check c JOIN filing f ON f.event_id = c.event_id JOIN event e ON e.id = f.event_id JOIN dossier d ON d.id = f.dossier_id
         WHERE c.code_hash = its_hash
    $$
    """)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute("ALTER FUNCTION check_receipt(bytea) OWNER TO frontoffice_gate")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    op.execute("REVOKE ALL ON FUNCTION check_receipt(bytea) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION check_receipt(bytea) TO frontoffice_web")
