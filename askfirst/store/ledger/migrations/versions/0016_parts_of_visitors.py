"""Erasures of a part of what is kept of a visitor: one visit, or a span of time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for name, kind in (
        ("asked_by", sa.String(16)),
        ("part", sa.String(8)),
        ("part_of", sa.String(32)),
        ("visit_id", sa.String(64)),
        ("span_first", sa.BigInteger()),
        ("span_until", sa.BigInteger()),
    ):
        op.add_column("erasures", sa.Column(name, kind))
