"""The ledger's tables, and which of them hold no personal data."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
)

metadata = MetaData()

# Times are whole milliseconds since the epoch, in UTC, by the server's clock.

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

disclosures = Table(
    "disclosures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), nullable=False, index=True),
    Column("disclosed_at", BigInteger, nullable=False),
    Column("to_whom", String(254), nullable=False),
    Column("what", String(32), nullable=False),
)

visitor_links = Table(
    "visitor_links",
    metadata,
    Column("visitor_id", String(32), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("earlier_id", String(32), nullable=False, index=True),  # whom the visitor was before
    Column("linked_at", BigInteger, nullable=False),
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

left_out_visitors = Table(
    "left_out_visitors",
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("visitor_id", String(32), primary_key=True),  # own visits, which the reports leave out
    Column("left_out_at", BigInteger, nullable=False),
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

KEEPS_NO_VISITOR = frozenset(
    {
        "sites",
        "policies",
        "wordings",
        "drafts",
        "withdrawals",
        "tallies",
        "choice_counts",
        "load_counts",
        "staff",
        "sessions",
        "setup_links",
        "staff_acts",
        "imported_logs",
        "api_keys",
        "goals",
        "funnels",
        "segments",
        "notes",
        "share_links",
        "mail_subscriptions",
        "mails",
    }
)
"""Tables without personal data; the others must be holders in `personal_data`."""
