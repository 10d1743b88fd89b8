"""What visitors have corrected: when, which column, from what to what, of which visit."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("site_id", sa.Integer(), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("visitor_id", sa.String(32), nullable=False),
        sa.Column("corrected_at", sa.BigInteger(), nullable=False),
        sa.Column("corrected_by", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("from_value", sa.String(300), nullable=False),
        sa.Column("to_value", sa.String(35), nullable=False),
        sa.Column("which", sa.String(32), nullable=False),
        sa.Column("visit_id", sa.String(64)),
        sa.Column("last_visit", sa.String(64)),
        sa.Column("visit_first", sa.BigInteger()),
        sa.Column("visit_last", sa.BigInteger()),
        sa.Column("page_mark", sa.String(64)),
        sa.Column("detached_id", sa.String(32)),
        sa.Column("applied_at", sa.BigInteger()),
        sa.Column("bytes_gone_at", sa.BigInteger()),
    )
    op.create_index("ix_corrections_visitor_id", "corrections", ["visitor_id"])
