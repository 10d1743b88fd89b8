"""Whether a share link offers its lists and its chart as files; older links do not."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    default = sa.false()
    op.add_column(
        "share_links", sa.Column("files", sa.Boolean(), nullable=False, server_default=default)
    )
