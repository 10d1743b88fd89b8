"""Sites, and what each of them says to its visitors."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
)

from askfirst.store.ledger.tables.metadata import metadata

sites = Table(
    "sites",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(16), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("hosts", JSON, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("ip_mode", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),  # the row of a deleted site stays for its consent records
    Column("erased_records", Integer, nullable=False, server_default="0"),  # that name nobody now
    Column("rows_gone_at", BigInteger),  # when its events and whatever named its visitors were gone
    Column("bytes_gone_at", BigInteger),  # when no file held the deleted bytes any more
    Column("rules", JSON),  # see askfirst.recording_rules; none: as they are shipped
    Column("report_rules", JSON),  # see askfirst.rules; none: no rule
    Column("rules_changed_at", BigInteger),  # since when stored events are to follow them, or none
)

policies = Table(
    "policies",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("asks_again", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("published_at", BigInteger, nullable=False),
)

wordings = Table(
    "wordings",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("texts", JSON, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)
