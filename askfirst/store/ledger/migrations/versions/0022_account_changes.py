"""What is taken out of accounts of visitors, and what each browser was when it joined."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    browser = sa.Column("browser", sa.String(length=64), nullable=False, server_default="")
    op.add_column("account_browsers", browser)
    op.create_table(
        "account_removals",
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("number"),
    )
