"""What visitors have asked of the staff or corrected, and what of them was revealed outside."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from askfirst.store.ledger.tables.metadata import metadata

visitor_requests = Table(
    "visitor_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32)),  # None: of nobody yet, or of somebody who was erased
    Column("was_erased", Integer, nullable=False, server_default="0"),  # 1: the visitor is gone
    Column("kind", String(16), nullable=False),
    Column("way", String(16), nullable=False),  # how it came: mail, post, ...
    Column("came_on", String(10), nullable=False),  # a day of the site's time zone
    Column("due_on", String(10), nullable=False),
    Column("state", String(16), nullable=False),
    Column("identity", String(300), nullable=False, server_default=""),  # how it was checked
    Index("ix_visitor_requests_site_id", "site_id", "visitor_id"),
)

request_acts = Table(
    "request_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("visitor_requests.id"), nullable=False, index=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("happened_at", BigInteger, nullable=False),
    Column("who", String(254), nullable=False),  # an account's email address
    Column("act", String(16), nullable=False),
    Column("words", String(500), nullable=False, server_default=""),
)

disclosure_register = Table(
    "disclosure_register",  # append-only but for taking the visitor away
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32)),  # None: the visitor was erased
    Column("entered_at", BigInteger, nullable=False),
    Column("entered_by", String(254), nullable=False),  # an account's email address
    Column("revealed_on", String(10), nullable=False),  # a day of the site's time zone
    Column("to_whom", String(200), nullable=False),
    Column("ground", String(16), nullable=False),
    Column("reference", String(100), nullable=False),
    Column("kinds", JSON, nullable=False),  # of data
    Column("first_day", String(10), nullable=False),  # of the data
    Column("last_day", String(10), nullable=False),
    Column("hidden_until", BigInteger),  # from the visitor; None: not hidden
    Column("corrects", ForeignKey("disclosure_register.id"), unique=True),  # an earlier entry
    Index("ix_disclosure_register_site_id", "site_id", "visitor_id"),
    sqlite_autoincrement=True,
)

corrections = Table(
    "corrections",  # append-only but for the last two, and for what is forgotten after some days
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(32), nullable=False),  # of one act, which may be of several ids
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), nullable=False, index=True),
    Column("corrected_at", BigInteger, nullable=False),
    Column("corrected_by", String(64), nullable=False),  # as in consent records
    Column("kind", String(16), nullable=False),  # see askfirst.rules.corrections
    Column("from_value", String(300), nullable=False),  # '': hidden, or of a detached visit
    Column("to_value", String(35), nullable=False),  # '': left out
    Column("which", String(32), nullable=False),  # a hash of visitor and visit or event; '': all
    Column("visit_id", String(64)),  # None: of every visit, or of a detached one that is forgotten
    Column("last_visit", String(64)),  # the visit that went on
    Column("visit_first", BigInteger),  # of a detached visit
    Column("visit_last", BigInteger),
    Column("page_mark", String(64)),  # these two until no event can come late any more
    Column("detached_id", String(32)),
    Column("applied_at", BigInteger),  # None: under way
    Column("bytes_gone_at", BigInteger),  # when no file held what was wrong any more
)
