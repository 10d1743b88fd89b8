"""What a key of the API may do: record events, or read reports."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    scope = sa.Column("scope", sa.String(length=16), nullable=False, server_default="events")
    op.add_column("api_keys", scope)
