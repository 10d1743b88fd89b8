"""Counts without visitors, and what was imported."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
)

from askfirst.store.ledger.tables.metadata import metadata

tallies = Table(
    "tallies",
    metadata,
    Column("site_id", Integer, primary_key=True),  # 0: the site is not known
    Column("day", String(10), primary_key=True),
    Column("reason", String(32), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

choice_counts = Table(
    "choice_counts",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("page", String(200), primary_key=True),  # a path, or '' where it is not known
    Column("language", String(35), primary_key=True),
    Column("version", Integer, primary_key=True),  # 0: no wording was shown
    Column("count", BigInteger, nullable=False),
)

load_counts = Table(
    "load_counts",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("source", String(16), primary_key=True),  # see askfirst.store.ledger.load_counts
    Column("language", String(8), primary_key=True),  # such as de, or '' where it is not told
    Column("count", BigInteger, nullable=False),
)

imported_logs = Table(
    "imported_logs",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),  # a keyed hash of the first `lines` of a file
    Column("lines", BigInteger, nullable=False),  # 0 for a piece, which has head and tail as digest
    Column("imported_at", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False, server_default="0"),  # without blanks and remarks
    Column("head", String(32), nullable=False, server_default=""),  # a keyed hash of the first 8
    Column("tail", String(32), nullable=False, server_default=""),  # and of the last 8
)
