"""Codes that open a visitor's own page, as hashes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "receipt_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("site_id", sa.Integer(), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("visitor_id", sa.String(32), nullable=False),
        sa.Column("consent_id", sa.String(32), nullable=False),
    )
    op.create_index("ix_receipt_codes_visitor_id", "receipt_codes", ["visitor_id"])
