"""Keys of the API that are switched off, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("off_since", sa.BigInteger()))
