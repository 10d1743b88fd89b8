"""Requests of visitors with what was done about them, and the register of disclosures."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _requests()
    _acts()
    _register()


def _requests() -> None:
    op.create_table(
        "visitor_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("visitor_id", sa.String(length=32)),
        sa.Column("was_erased", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("came_on", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("identity", sa.String(length=300), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_visitor_requests_site_id", "visitor_requests", ["site_id", "visitor_id"])


def _acts() -> None:
    op.create_table(
        "request_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["request_id"], ["visitor_requests.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_request_acts_request_id", "request_acts", ["request_id"])


def _register() -> None:
    op.create_table(
        "disclosure_register",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("visitor_id", sa.String(length=32)),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.String(length=254), nullable=False),
        sa.Column("revealed_on", sa.String(length=10), nullable=False),
        sa.Column("to_whom", sa.String(length=200), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("hidden_until", sa.BigInteger()),
        sa.Column("corrects", sa.Integer()),
        sa.ForeignKeyConstraint(["corrects"], ["disclosure_register.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("corrects"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_disclosure_register_site_id", "disclosure_register", ["site_id", "visitor_id"]
    )
