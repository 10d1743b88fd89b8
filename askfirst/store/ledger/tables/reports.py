"""What staff keep for their reports: goals, segments, notes, links and mail."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from askfirst.store.ledger.tables.metadata import metadata

goals = Table(
    "goals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("what", String(16), nullable=False),  # see askfirst.store.ledger.goals
    Column("pattern", String(300), nullable=False),
    Column("value_from", String(8), nullable=False),  # '', 'fixed' or 'event'
    Column("amount", BigInteger, nullable=False),  # thousandths; 0 unless it is fixed
    Column("currency", String(3), nullable=False),  # '' unless it is fixed
    Column("created_at", BigInteger, nullable=False),
)

funnels = Table(
    "funnels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("within_ms", BigInteger, nullable=False),  # 0: within one visit
    Column("steps", JSON, nullable=False),  # each {"goal": 1}, or {"what": "page", "pattern": "/"}
    Column("created_at", BigInteger, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("conditions", JSON, nullable=False),  # see reports.saved.segments
    Column("changed_by", String(254), nullable=False),  # an account's email address
    Column("changed_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,  # share links keep the number of a segment that is gone
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("day", String(10), nullable=False),  # on local calendars of the site
    Column("words", String(200), nullable=False),
    Column("changed_by", String(254), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

share_links = Table(
    "share_links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("name", String(64), nullable=False),
    Column("start", String(16), nullable=False),  # of the secret, to tell links apart
    Column("segment_id", Integer),  # of which segment the conditions are a copy, if of any
    Column("segment_name", String(64), nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("password_hash", String(200), nullable=False),  # or ''
    Column("embedded_in", JSON, nullable=False),  # hosts whose pages may frame it
    Column("made_by", String(254), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("files", Boolean, nullable=False, server_default=false()),  # whether it offers files
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),  # the row stays, so that the address can say so
    Column("used_day", String(10), nullable=False, server_default=""),  # UTC, or ''
)

mail_subscriptions = Table(
    "mail_subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False, index=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False),  # whose address it goes to
    Column("what", String(16), nullable=False),  # see reports.mail.kinds
    Column("hour", Integer, nullable=False),  # of the site's local day
    Column("silent_hours", Integer, nullable=False),  # after which silence is told
    Column("since", BigInteger, nullable=False),  # when it was last turned on
    Column("stopped_at", BigInteger),  # the row stays: links in old mail name it; 0: a restore
    Column("language", String(35), nullable=False, server_default=""),  # in which dates are written
    UniqueConstraint("site_id", "staff_id", "what"),
    sqlite_autoincrement=True,
)

mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False, index=True),
    Column("subscription_id", ForeignKey("mail_subscriptions.id"), nullable=False),
    Column("about", String(64), nullable=False),  # nothing is sent about the same twice
    Column("facts", JSON, nullable=False),  # the days of a report, the figures of an alert
    Column("state", String(16), nullable=False, index=True),  # see reports.mail.outbox
    Column("made_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", BigInteger, nullable=False),
    Column("handed_at", BigInteger),  # set before the mail server is given the text
    Column("ended_at", BigInteger),
    Column("problem", String(400), nullable=False, server_default=""),
    UniqueConstraint("subscription_id", "about"),
    sqlite_autoincrement=True,
)
