"""What changes of an account, a site and a visitor: reset links, acts, deletion, earlier ids."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("deleted_at", "rows_gone_at", "bytes_gone_at"):
        op.add_column("sites", sa.Column(name, sa.BigInteger()))
    op.add_column(
        "sites", sa.Column("erased_records", sa.Integer(), nullable=False, server_default="0")
    )
    op.execute(
        "UPDATE sites SET erased_records = (SELECT count(*) FROM consent_records AS record"
        " WHERE record.site_id = sites.id AND record.visitor_id IS NULL)"
    )
    op.add_column("staff", sa.Column("password_changed_at", sa.BigInteger()))
    op.execute("DELETE FROM sessions")  # strangers may hold their secrets, see CHANGELOG
    op.add_column(
        "sessions",
        sa.Column("browser", sa.String(length=64), nullable=False, server_default=""),
    )
    op.add_column("sessions", sa.Column("seen_at", sa.BigInteger()))
    op.add_column("setup_links", sa.Column("staff_id", sa.Integer()))
    op.create_table(
        "staff_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("site_key", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("network", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("times", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_staff_acts_happened_at", "staff_acts", ["happened_at"])
    op.create_table(
        "visitor_links",
        sa.Column("visitor_id", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("earlier_id", sa.String(length=32), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("visitor_id"),
    )
    op.create_index("ix_visitor_links_earlier_id", "visitor_links", ["earlier_id"])
