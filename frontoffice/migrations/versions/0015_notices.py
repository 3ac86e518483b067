"""Bounces of mails, and second addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)

# Whoever holds the secret of a mail may say yes or no to more mails, and see nothing of the dossier.
_FUNCTIONS = (
    """
    CREATE FUNCTION second_address_of(its_hash bytea)
    RETURNS TABLE (id uuid, locale varchar, expires_at timestamptz, confirmed_at timestamptz, ended_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT s.id, s.locale, s.expires_at, s.confirmed_at, s.ended_at FROM second_address s WHERE s.token_hash = its_hash
    $$
    """,
    """
    CREATE FUNCTION settle_second_address(its_hash bytea, wanted boolean, at_instant timestamptz) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF wanted THEN
            UPDATE second_address SET confirmed_at = at_instant
             WHERE token_hash = its_hash AND confirmed_at IS NULL AND ended_at IS NULL AND expires_at > at_instant;
        ELSE
            UPDATE second_address SET ended_at = at_instant, ended_by = 'receiver' WHERE token_hash = its_hash AND ended_at IS NULL;
        END IF;
        RETURN FOUND;
    END $$
    """,
)
_GATED = ("second_address_of(bytea)", "settle_second_address(bytea, boolean, timestamptz)")
_OWN = "sees_dossier(dossier_id) AND party_id = (SELECT party_id FROM live_session())"


def upgrade() -> None:
    op.create_table(
        "second_address", sa.Column("id", sa.Uuid, primary_key=True), sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("dossier_id", sa.Uuid, sa.ForeignKey("dossier.id"), nullable=False),
        sa.Column("party_id", sa.Uuid, sa.ForeignKey("party.id"), nullable=False),
        sa.Column("email", sa.String(254), nullable=False), sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("asked_by", sa.Uuid, sa.ForeignKey("party.id"), nullable=False), sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False), sa.Column("confirmed_at", _INSTANT), sa.Column("ended_at", _INSTANT),
        sa.Column("ended_by", sa.String(10), nullable=False, server_default=""),
        sa.UniqueConstraint("token_hash"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by = '') AND ended_by IN ('', 'party', 'receiver')", name="ended_by"),
    )
    op.create_index("ix_second_address_dossier_id", "second_address", ["dossier_id", "party_id"])
    op.create_index("uq_second_address_open", "second_address", ["dossier_id", "party_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))
    op.execute("ALTER TABLE second_address ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE second_address FORCE ROW LEVEL SECURITY")
    for command, clause in (("SELECT", f"USING ({_OWN})"), ("UPDATE", f"USING ({_OWN}) WITH CHECK ({_OWN})"), ("INSERT", f"WITH CHECK ({_OWN})")):
        op.execute(f"CREATE POLICY web_{command.lower()} ON second_address FOR {command} TO frontoffice_web {clause}")
        op.execute(f"GRANT {command} ON second_address TO frontoffice_web")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON second_address TO frontoffice_jobs")
    op.execute("GRANT SELECT, UPDATE ON second_address TO frontoffice_gate")

    op.add_column("notice", sa.Column("channel", sa.String(10), nullable=False, server_default="mail"))
    op.add_column("notice", sa.Column("second_address_id", sa.Uuid, sa.ForeignKey("second_address.id", name="fk_notice_second_address_id")))
    op.add_column("notice", sa.Column("bounced_at", _INSTANT))
    op.add_column("notice", sa.Column("bounce_status", sa.String(11), nullable=False, server_default=""))
    op.create_index("ix_notice_bounced", "notice", ["bounced_at"], postgresql_where=sa.text("bounced_at IS NOT NULL"))
    op.add_column("participation", sa.Column("bounced", sa.String(254), nullable=False, server_default=""))

    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    for function, signature in zip(_FUNCTIONS, _GATED, strict=True):
        op.execute(function)
        op.execute(f"ALTER FUNCTION {signature} OWNER TO frontoffice_gate")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")


def downgrade() -> None:
    for signature in _GATED:
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_column("participation", "bounced")
    op.drop_index("ix_notice_bounced", "notice")
    for name in ("bounce_status", "bounced_at", "second_address_id", "channel"):
        op.drop_column("notice", name)
    op.drop_table("second_address")
