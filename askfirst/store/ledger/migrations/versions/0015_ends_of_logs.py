"""By which lines an imported log is told where another one shares them; older ones are not."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column(
        "imported_logs", sa.Column("rows", sa.BigInteger(), nullable=False, server_default="0")
    )
    for name in ("head", "tail"):
        column = sa.Column(name, sa.String(32), nullable=False, server_default="")
        op.add_column("imported_logs", column)
