"""The owner's rules for the reports, and the visitors whom they leave out."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("sites", sa.Column("report_rules", sa.JSON()))
    op.add_column("sites", sa.Column("rules_changed_at", sa.BigInteger()))
    op.create_table(
        "left_out_visitors",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("visitor_id", sa.String(length=32), nullable=False),
        sa.Column("left_out_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("site_id", "visitor_id"),
    )
