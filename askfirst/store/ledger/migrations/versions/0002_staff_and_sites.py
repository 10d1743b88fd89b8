"""What changes of an account, a site and a visitor: reset links, acts, deletion, earlier ids."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

LINKS_OF_BEFORE = """
    INSERT INTO visitor_links (visitor_id, site_id, earlier_id, linked_at)
    SELECT given.visitor_id, given.site_id, ended.visitor_id, given.event_time
    FROM consent_records AS ended
    JOIN consent_records AS given ON given.seq = ended.seq + 1
        AND given.site_id = ended.site_id AND given.event_time = ended.event_time
    WHERE ended.state = 'withdrawn' AND ended.method = 'renewal' AND given.state = 'given'
        AND given.visitor_id <> ended.visitor_id
"""
"""The ids that turned before links were kept: a yes given anew under another id.

Both records were written in one transaction, and writes were one at a time, so nothing can stand
between them. An id that was erased is null here, and so unequal to none.
"""


def upgrade() -> None:
    for name in ("deleted_at", "rows_gone_at", "bytes_gone_at"):
        op.add_column("sites", sa.Column(name, sa.BigInteger()))
    op.add_column(
        "sites", sa.Column("erased_records", sa.Integer(), nullable=False, server_default="0")
    )
    op.execute(
        "UPDATE sites SET erased_records = (SELECT count(*) FROM consent_records AS record"
        " WHERE record.site_id = sites.id AND record.visitor_id IS NULL)"
    )
    op.add_column("staff", sa.Column("password_changed_at", sa.BigInteger()))
    op.execute("DELETE FROM sessions")  # strangers may hold their secrets, see CHANGELOG
    op.add_column(
        "sessions",
        sa.Column("browser", sa.String(length=64), nullable=False, server_default=""),
    )
    op.add_column("sessions", sa.Column("seen_at", sa.BigInteger()))
    op.add_column("setup_links", sa.Column("staff_id", sa.Integer()))
    op.create_table(
        "staff_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("site_key", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("network", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("times", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_staff_acts_happened_at", "staff_acts", ["happened_at"])
    op.create_table(
        "visitor_links",
        sa.Column("visitor_id", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("earlier_id", sa.String(length=32), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("visitor_id"),
    )
    op.create_index("ix_visitor_links_earlier_id", "visitor_links", ["earlier_id"])
    op.execute(LINKS_OF_BEFORE)
