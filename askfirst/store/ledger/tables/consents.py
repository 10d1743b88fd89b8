"""What visitors have decided, and what was done with what is known of them."""

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

consent_records = Table(
    "consent_records",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("record_id", String(32), nullable=False, unique=True),
    Column("consent_id", String(32), nullable=False, index=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), index=True),
    Column("nonce", String(32)),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("schema", String(32), nullable=False),
    Column("event_type", String(16), nullable=False),
    Column("given_by", String(64), nullable=False),
    Column("event_time", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("notice_hash", String(64), nullable=False),
    Column("ui_hash", String(64), nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("language", String(35), nullable=False),
    Column("method", String(32), nullable=False),
    Column("signals", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    sqlite_autoincrement=True,
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("consent_id", String(32), nullable=False, unique=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("withdrawn_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

visitor_links = Table(
    "visitor_links",
    metadata,
    Column("visitor_id", String(32), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("earlier_id", String(32), nullable=False, index=True),  # whom the visitor was before
    Column("linked_at", BigInteger, nullable=False),
)

receipt_codes = Table(
    "receipt_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),  # SHA-256: the code itself is not kept
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), nullable=False, index=True),
    Column("consent_id", String(32), nullable=False),
)

left_out_visitors = Table(
    "left_out_visitors",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("visitor_id", String(32), primary_key=True),  # own visits, which the reports leave out
    Column("left_out_at", BigInteger, nullable=False),
)

restrictions = Table(
    "restrictions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), nullable=False, index=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("begun_by", String(64), nullable=False),
    Column("lifted_at", BigInteger),  # written once; a later restriction is a row of its own
    Column("lifted_by", String(64)),
)

erasures = Table(
    "erasures",
    metadata,
    Column("receipt_id", String(32), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("visitor_id", String(32), unique=True),  # only until the rows are gone
    Column("bytes_gone_at", BigInteger),  # when no file holds the deleted bytes any more
    Column("counts", JSON, nullable=False),  # see erasure_receipts
    Column("asked_by", String(16)),  # as in consent records; none: not known any more
    Column("part", String(8)),  # see erasure_receipts; none: everything
    Column("part_of", String(32)),  # the visitor of a part, only until its rows are gone
    Column("visit_id", String(64)),  # likewise
    Column("span_first", BigInteger),  # these two stay, for a restored backup is asked for them
    Column("span_until", BigInteger),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), nullable=False, index=True),
    Column("disclosed_at", BigInteger, nullable=False),
    Column("to_whom", String(254), nullable=False),
    Column("what", String(32), nullable=False),
    Column("reason", String(300), nullable=False, server_default=""),  # where one must be given
)
