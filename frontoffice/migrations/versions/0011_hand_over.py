"""What the authority answers to a message, what operators do about hand-overs, and when both sides last knew the same."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_ANSWERED = (("validated_at", _INSTANT), ("refused_at", _INSTANT))


def upgrade() -> None:
    for table in ("message", "dossier"):
        for name, kind in _ANSWERED:
            op.add_column(table, sa.Column(name, kind))
        op.add_column(table, sa.Column("refusal", JSONB, nullable=False, server_default="[]"))
    for name in ("verified_at", "asked_at"):
        op.add_column("dossier", sa.Column(name, _INSTANT))
    op.create_index("ix_dossier_asked_at", "dossier", ["asked_at"], postgresql_where=sa.text("asked_at IS NOT NULL"))
    op.add_column("message", sa.Column("answered_by", sa.String(40), nullable=False, server_default=""))
    op.add_column("message", sa.Column("trace", sa.String(55), nullable=False, server_default=""))
    why = (("reason", 300), ("by", 120))
    op.create_table(
        "hand_over_hold", sa.Column("dossier_id", sa.Uuid, sa.ForeignKey("dossier.id"), primary_key=True), sa.Column("held_at", _INSTANT, nullable=False),
        *(sa.Column(name, sa.String(longest), nullable=False) for name, longest in why),
    )
    op.create_table(
        "hand_over_stop", sa.Column("peer", sa.String(40), primary_key=True), sa.Column("stopped_at", _INSTANT, nullable=False),
        *(sa.Column(name, sa.String(longest), nullable=False) for name, longest in why),
    )
    op.create_table(
        "hand_over_act", sa.Column("id", sa.Uuid, primary_key=True), sa.Column("dossier_id", sa.Uuid, sa.ForeignKey("dossier.id")),
        sa.Column("event_id", sa.Uuid, sa.ForeignKey("event.id")), sa.Column("kind", sa.String(20), nullable=False),
        *(sa.Column(name, sa.String(longest), nullable=False) for name, longest in why), sa.Column("acted_at", _INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('retry', 'hold', 'release', 'package', 'conclude', 'stop', 'start', 'reviewed')", name="kind"),
    )
    op.create_index("ix_hand_over_act_dossier_id", "hand_over_act", ["dossier_id", "acted_at"])
    op.execute("CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON hand_over_act FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    for table in ("hand_over_hold", "hand_over_stop", "hand_over_act"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO frontoffice_jobs")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO frontoffice_gate")


def downgrade() -> None:
    for table in ("hand_over_act", "hand_over_stop", "hand_over_hold"):
        op.drop_table(table)
    for name in ("trace", "answered_by"):
        op.drop_column("message", name)
    op.drop_index("ix_dossier_asked_at", "dossier")
    for name in ("asked_at", "verified_at"):
        op.drop_column("dossier", name)
    for table in ("message", "dossier"):
        for name in ("refusal", *(name for name, _kind in _ANSWERED)):
            op.drop_column(table, name)
