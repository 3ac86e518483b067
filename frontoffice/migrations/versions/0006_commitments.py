"""The register of guarantors' commitments: own rows under row-level security, what lies beside them through functions only."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    # Active: accepted or pending, not replaced, and within the liability or, as long as it was not used, within its validity.
    """
    CREATE FUNCTION commitment_runs(one commitment, day date) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
        SELECT one.state IN ('pending', 'legalised', 'accepted', 'used')
           AND CASE WHEN one.entered_on IS NOT NULL THEN coalesce(one.liability_until >= day, true) ELSE coalesce(one.expires_on >= day, true) END
    $$
    """,
    """
    CREATE FUNCTION commitment_hindrance(of_kind text, its_passport text, its_country text, replaced text, day date) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE there text;
    BEGIN
        -- What the calendar has ended no longer holds the place.
        UPDATE commitment c SET covers = false
         WHERE c.kind = of_kind AND c.passport = its_passport AND c.passport_country = its_country AND c.covers AND NOT commitment_runs(c, day);
        SELECT c.number INTO there FROM commitment c
         WHERE c.kind = of_kind AND c.passport = its_passport AND c.passport_country = its_country AND c.covers;
        IF NOT FOUND THEN RETURN CASE WHEN replaced = '' THEN 'none' ELSE 'nothing-to-replace' END; END IF;
        RETURN CASE WHEN there = replaced THEN 'none' WHEN replaced = '' THEN 'covered' ELSE 'nothing-to-replace' END;
    END $$
    """,
    # A guarantor types the register number: by it only authorities find more than the commitments in which one takes part oneself.
    """
    CREATE FUNCTION commitments_beside(wanted uuid, day date, since date)
    RETURNS TABLE (number varchar, kind varchar, state varchar, until date, runs boolean, by_same boolean, is_own boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT CASE WHEN s.by_same THEN o.number END, o.kind, o.state, CASE WHEN s.by_same THEN coalesce(o.liability_until, o.expires_on) END,
               commitment_runs(o, day), s.by_same, o.dossier_id = m.dossier_id
          FROM commitment m
          JOIN commitment o ON o.guarantor_key = m.guarantor_key OR (o.address_key = m.address_key AND o.filed_on >= since)
         CROSS JOIN LATERAL (SELECT o.guarantor_key = m.guarantor_key AS by_same) s
         WHERE m.dossier_id = wanted AND (pg_has_role(session_user, 'frontoffice_jobs', 'USAGE') OR sees_dossier(wanted) AND (
                   sees_dossier(o.dossier_id)
                   OR EXISTS (SELECT FROM live_session() l JOIN party p ON p.id = l.party_id WHERE p.authority_code IS NOT NULL)))
         ORDER BY o.filed_on DESC, o.number LIMIT 500
    $$
    """,
    """
    CREATE FUNCTION refer_to_commitment(of_kind text, its_number text, its_passport text, its_country text, from_dossier uuid, day date) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE one commitment%ROWTYPE;
    BEGIN
        SELECT * INTO one FROM commitment c WHERE c.number = its_number AND c.kind = of_kind FOR UPDATE;
        IF NOT FOUND THEN RETURN 'unknown'; END IF;
        IF one.passport <> its_passport OR one.passport_country <> its_country THEN RETURN 'other-passport'; END IF;
        IF one.state = 'pending' THEN RETURN 'not-legalised'; END IF;
        IF NOT commitment_runs(one, day) THEN RETURN CASE WHEN one.state IN ('legalised', 'accepted') THEN 'expired' ELSE 'ended' END; END IF;
        IF NOT one.proves THEN RETURN 'no-mention'; END IF;
        IF from_dossier IS NOT NULL AND sees_dossier(from_dossier) THEN
            UPDATE commitment c SET visa_dossier_id = from_dossier WHERE c.dossier_id = one.dossier_id;
        END IF;
        RETURN 'good';
    END $$
    """,
)
_GATED = (
    "commitment_hindrance(text, text, text, text, date)", "commitments_beside(uuid, date, date)",
    "refer_to_commitment(text, text, text, text, uuid, date)",
)


def upgrade() -> None:
    op.create_table(
        "commitment",
        sa.Column("dossier_id", sa.Uuid(), nullable=False), sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("guarantor_key", sa.String(64), nullable=False), sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("passport", sa.String(20), nullable=False), sa.Column("passport_country", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False), sa.Column("covers", sa.Boolean(), nullable=False),
        sa.Column("proves", sa.Boolean(), server_default="true", nullable=False), sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("legalised_on", sa.Date()), sa.Column("expires_on", sa.Date()), sa.Column("entered_on", sa.Date()), sa.Column("liability_until", sa.Date()),
        sa.Column("declared_income", sa.Numeric(12, 2), nullable=False), sa.Column("required", sa.Numeric(12, 2)), sa.Column("replaces", sa.String(30)),
        sa.Column("replaced_by", sa.Uuid()), sa.Column("visa_dossier_id", sa.Uuid()),
        sa.CheckConstraint("kind IN ('short-stay', 'study')", name=op.f("ck_commitment_kind")),
        sa.CheckConstraint(
            "state IN ('pending', 'legalised', 'accepted', 'used', 'refused', 'withdrawn', 'expired', 'replaced', 'ended')", name=op.f("ck_commitment_state")),
        *(sa.ForeignKeyConstraint([name], ["dossier.id"], name=op.f(f"fk_commitment_{name}")) for name in ("dossier_id", "replaced_by", "visa_dossier_id")),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_commitment")), sa.UniqueConstraint("number", name=op.f("uq_commitment_number")),
    )
    op.create_index("ix_commitment_covers", "commitment", ["kind", "passport_country", "passport"], unique=True, postgresql_where=sa.text("covers"))
    op.create_index("ix_commitment_replaces", "commitment", ["replaces"], unique=True, postgresql_where=sa.text("state IN ('pending', 'legalised')"))
    op.create_index("ix_commitment_guarantor_key", "commitment", ["guarantor_key"])
    op.create_index("ix_commitment_address_key", "commitment", ["address_key", "filed_on"])
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute("GRANT CREATE ON SCHEMA public TO frontoffice_gate")
    op.execute("GRANT SELECT, UPDATE ON commitment TO frontoffice_gate")
    for signature in _GATED:
        op.execute(f"ALTER FUNCTION {signature} OWNER TO frontoffice_gate")
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO frontoffice_web, frontoffice_jobs")
    op.execute("REVOKE CREATE ON SCHEMA public FROM frontoffice_gate")
    op.execute("ALTER TABLE commitment ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE commitment FORCE ROW LEVEL SECURITY")
    seen = "sees_dossier(dossier_id)"
    op.execute(f"CREATE POLICY web_select ON commitment FOR SELECT TO frontoffice_web USING ({seen})")
    op.execute(f"CREATE POLICY web_insert ON commitment FOR INSERT TO frontoffice_web WITH CHECK ({seen})")
    op.execute(f"CREATE POLICY web_update ON commitment FOR UPDATE TO frontoffice_web USING ({seen}) WITH CHECK ({seen})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON commitment TO frontoffice_web")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON commitment TO frontoffice_jobs")


def downgrade() -> None:
    for signature in (*_GATED, "commitment_runs(commitment, date)"):
        op.execute(f"DROP FUNCTION {signature}")
    op.drop_table("commitment")
