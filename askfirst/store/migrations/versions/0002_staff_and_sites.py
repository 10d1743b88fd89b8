"""What changes of an account and a site once they are made: reset links, acts, deletion."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("deleted_at", "rows_gone_at", "bytes_gone_at"):
        op.add_column("sites", sa.Column(name, sa.BigInteger()))
    op.add_column("staff", sa.Column("password_changed_at", sa.BigInteger()))
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
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_staff_acts_happened_at", "staff_acts", ["happened_at"])
