"""The language in which dates and numbers are written, of an account and of its mail."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for table in ("staff", "mail_subscriptions"):
        language = sa.Column("language", sa.String(35), nullable=False, server_default="")
        op.add_column(table, language)
