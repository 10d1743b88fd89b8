"""What the owner of a site decides of which events the reports leave out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("sites", sa.Column("rules", sa.JSON()))
