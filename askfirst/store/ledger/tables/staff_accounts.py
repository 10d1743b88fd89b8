"""Those who work with the reports, and the keys of programs."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
)

from askfirst.store.ledger.tables.metadata import metadata

staff = Table(
    "staff",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("password_changed_at", BigInteger),
    Column("language", String(35), nullable=False, server_default=""),  # '': the browser's
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(43), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("browser", String(64), nullable=False, server_default=""),  # "Firefox on Linux", or ""
    Column("seen_at", BigInteger),
)

setup_links = Table(
    "setup_links",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("staff_id", Integer),  # whose password it sets; without one it creates the owner
)

staff_acts = Table(
    "staff_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("happened_at", BigInteger, nullable=False, index=True),
    Column("who", String(254), nullable=False),  # an account's email address, or ''
    Column("act", String(32), nullable=False),
    Column("site_key", String(16), nullable=False, server_default=""),
    Column("network", String(64), nullable=False, server_default=""),  # a shortened address, or ''
    Column("times", Integer, nullable=False, server_default="1"),  # more than 1 where it is a sum
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("key_hash", LargeBinary(32), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("start", String(16), nullable=False),  # of the secret, to tell keys apart
    Column("created_at", BigInteger, nullable=False),
    Column("used_day", String(10), nullable=False, server_default=""),  # UTC, or ''
    Column("scope", String(16), nullable=False, server_default="events"),  # or reports
    Column("off_since", BigInteger),  # None: the key is on
)
