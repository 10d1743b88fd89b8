"""The first tables: accounts, sites with their policies, consent records, and counts.

Every time is in milliseconds since the epoch. The tables are created in an order that never
changes: a restore compares a backup's tables with those that the migrations make.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INTEGER, COUNT, TIME, JSON = sa.Integer(), sa.BigInteger(), sa.BigInteger(), sa.JSON()
SECRET_HASH = sa.LargeBinary(length=32)  # SHA-256 of a secret that only its holder has
HASH = sa.String(length=64)  # SHA-256 in hexadecimal digits
ID = sa.String(length=32)  # 128 random bits in hexadecimal digits
DAY = sa.String(length=10)  # 2026-07-01
EMAIL = sa.String(length=254)
LANGUAGE = sa.String(length=35)  # a tag of BCP 47


def upgrade() -> None:
    # The links by which the owner's account is created.
    _create(
        "setup_links",
        ["token_hash"],
        _column("token_hash", SECRET_HASH),
        _column("created_at", TIME),
        _column("expires_at", TIME),
    )
    # The websites; `hosts` lists their host names.
    _create(
        "sites",
        ["id"],
        _column("id", INTEGER),
        _column("key", sa.String(length=16)),
        _column("name", sa.String(length=200)),
        _column("hosts", JSON),
        _column("time_zone", sa.String(length=64)),
        _column("ip_mode", sa.String(length=16)),
        _column("created_at", TIME),
        sa.UniqueConstraint("key"),
    )
    # The accounts of those who read the reports.
    _create(
        "staff",
        ["id"],
        _column("id", INTEGER),
        _column("email", EMAIL),
        _column("password_hash", sa.String(length=200)),
        _column("created_at", TIME),
        sa.UniqueConstraint("email"),
    )
    # What was refused, counted by site, day and reason.
    _create(
        "tallies",
        ["site_id", "day", "reason"],
        _column("site_id", INTEGER),
        _column("day", DAY),
        _column("reason", sa.String(length=32)),
        _column("count", COUNT),
    )
    # The chain of consent records: rows are only appended, and each holds the hash of the last.
    _create(
        "consent_records",
        ["seq"],
        _column("seq", INTEGER),
        _column("record_id", ID),
        _column("consent_id", ID),
        _column("site_id", INTEGER),
        _column("visitor_id", ID, nullable=True),
        _column("nonce", ID, nullable=True),
        _column("subject", HASH),
        _column("state", sa.String(length=16)),
        _column("schema", sa.String(length=32)),
        _column("event_type", sa.String(length=16)),
        _column("given_by", sa.String(length=64)),
        _column("event_time", TIME),
        _column("valid_until", TIME),
        _column("policy_version", INTEGER),
        _column("notice_hash", HASH),
        _column("ui_hash", HASH),
        _column("purposes", JSON),
        _column("language", LANGUAGE),
        _column("method", sa.String(length=32)),
        _column("signals", JSON),
        _column("previous_hash", HASH),
        _column("hash", HASH),
        _references_site(),
        sa.UniqueConstraint("hash"),
        sa.UniqueConstraint("record_id"),
        sqlite_autoincrement=True,
    )
    _index("consent_records", "consent_id")
    _index("consent_records", "visitor_id")
    # Who was shown or sent a visitor's data.
    _create(
        "disclosures",
        ["id"],
        _column("id", INTEGER),
        _column("site_id", INTEGER),
        _column("visitor_id", ID),
        _column("disclosed_at", TIME),
        _column("to_whom", EMAIL),
        _column("what", sa.String(length=32)),
        _references_site(),
    )
    _index("disclosures", "visitor_id")
    # Requests for erasure, and the receipts that remain of them.
    _create(
        "erasures",
        ["receipt_id"],
        _column("receipt_id", ID),
        _column("site_id", INTEGER),
        _column("requested_at", TIME),
        _column("completed_at", TIME, nullable=True),
        _column("visitor_id", ID, nullable=True),
        _column("bytes_gone_at", TIME, nullable=True),
        _column("counts", JSON),
        _references_site(),
        sa.UniqueConstraint("visitor_id"),
    )
    # The texts that policies name by their hash.
    _create(
        "wordings",
        ["hash"],
        _column("hash", HASH),
        _column("texts", JSON),
    )
    # How often the banner was loaded, shown, accepted, refused and withdrawn.
    _create(
        "choice_counts",
        ["site_id", "day", "kind", "page", "language", "version"],
        _column("site_id", INTEGER),
        _column("day", DAY),
        _column("kind", sa.String(length=16)),
        _column("page", sa.String(length=200)),
        _column("language", LANGUAGE),
        _column("version", INTEGER),
        _column("count", COUNT),
        _references_site(),
    )
    # The next version of a site's policy while it is being edited.
    _create(
        "drafts",
        ["site_id"],
        _column("site_id", INTEGER),
        _column("content", JSON),
        _column("changed_at", TIME),
        _references_site(),
    )
    # The published versions of each site's policy.
    _create(
        "policies",
        ["site_id", "version"],
        _column("site_id", INTEGER),
        _column("version", INTEGER),
        _column("asks_again", INTEGER),
        _column("content", JSON),
        _column("hash", HASH),
        _column("published_at", TIME),
        _references_site(),
    )
    # Who is signed in.
    _create(
        "sessions",
        ["id_hash"],
        _column("id_hash", SECRET_HASH),
        _column("staff_id", INTEGER),
        _column("csrf", sa.String(length=43)),
        _column("created_at", TIME),
        _column("expires_at", TIME),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
    )
    # The consents that no longer hold.
    _create(
        "withdrawals",
        ["seq"],
        _column("seq", INTEGER),
        _column("consent_id", ID),
        _column("site_id", INTEGER),
        _column("withdrawn_at", TIME),
        _references_site(),
        sa.UniqueConstraint("consent_id"),
        sqlite_autoincrement=True,
    )


def _create(name: str, key: list[str], *parts: sa.schema.SchemaItem, **options: Any) -> None:
    """Create a table of these columns and constraints, with the columns of its primary key."""
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*key), **options)


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _references_site() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["site_id"], ["sites.id"])


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])
