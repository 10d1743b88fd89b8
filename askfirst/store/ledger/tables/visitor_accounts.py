"""Accounts of visitors: how they sign in, which browsers are theirs, and what they volunteer.

What is readable of a person here, the email address and what was volunteered, is sealed with a key
outside the database (`askfirst.system.sealing`); an address is found by a keyed hash.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from askfirst.store.ledger.tables.metadata import metadata

visitor_accounts = Table(
    "visitor_accounts",
    metadata,
    Column("id", String(32), primary_key=True),  # random, hexadecimal
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("email_hash", LargeBinary(32), nullable=False),
    Column("email", LargeBinary, nullable=False),  # sealed
    Column("password_hash", String(200), nullable=False, server_default=""),  # '': links only
    Column("language", String(35), nullable=False),  # of the mails
    Column("created_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),  # None: the address is not confirmed yet
    Column("password_changed_at", BigInteger),
    Column("access_ended_at", BigInteger),  # lost or stolen, the last time
    Column("access_ended_by", String(16), nullable=False, server_default=""),  # visitor or staff
    Column("needs_password", Integer, nullable=False, server_default="0"),  # before all else
    UniqueConstraint("site_id", "email_hash"),
)

account_browsers = Table(
    "account_browsers",  # the visitor ids that an account joins: one of each browser
    metadata,
    Column("account_id", ForeignKey("visitor_accounts.id"), primary_key=True),
    Column("visitor_id", String(32), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("joined_at", BigInteger, nullable=False),
    Column("browser", String(64), nullable=False, server_default=""),  # "Firefox on Linux", or ""
    UniqueConstraint("site_id", "visitor_id"),
)

account_sessions = Table(
    "account_sessions",
    metadata,
    Column("id_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("visitor_accounts.id"), nullable=False, index=True),
    Column("csrf", String(43), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("browser", String(64), nullable=False, server_default=""),  # "Firefox on Linux", or ""
    Column("seen_at", BigInteger),
)

account_links = Table(
    "account_links",  # what a mail's link does, once
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("account_id", ForeignKey("visitor_accounts.id"), nullable=False, index=True),
    Column("what", String(16), nullable=False),  # confirm, sign_in, password, old_email, new_email
    Column("detail", LargeBinary),  # sealed: the new address of a change
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

visitor_access_ends = Table(
    "visitor_access_ends",  # lost or stolen: proofs of these visitors from before open nothing
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("visitor_id", String(32), nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    Column("ended_by", String(16), nullable=False),  # visitor or staff
    Index("ix_visitor_access_ends_visitor_id", "site_id", "visitor_id"),
)

account_fields = Table(
    "account_fields",  # what a visitor volunteers to the site
    metadata,
    Column("account_id", ForeignKey("visitor_accounts.id"), primary_key=True),
    Column("field", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),  # sealed
    Column("changed_at", BigInteger, nullable=False),
)

account_removals = Table(
    "account_removals",  # what was taken out of accounts, by hashes: a restore takes it out again
    metadata,
    Column("number", String(32), primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("removed_at", BigInteger, nullable=False),
)

asked_fields = Table(
    "asked_fields",  # which of them an owner asks for, and why
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("field", String(32), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("reason", String(300), nullable=False),
)

account_messages = Table(
    "account_messages",  # which messages an account has asked for; no row: off
    metadata,
    Column("account_id", ForeignKey("visitor_accounts.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("since", BigInteger, nullable=False),
)

offered_messages = Table(
    "offered_messages",  # which kinds of messages an owner offers
    metadata,
    Column("site_id", ForeignKey("sites.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("words", String(300), nullable=False, server_default=""),  # what they are about
)

visitor_mails = Table(
    "visitor_mails",  # from when a mail to a visitor is due until it is sent or given up
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site_id", ForeignKey("sites.id"), nullable=False),
    Column("account_id", String(32), nullable=False, index=True),
    Column("what", String(16), nullable=False),
    Column("about", String(64), nullable=False),  # nothing is about the same twice
    Column("facts", LargeBinary),  # sealed: recipient and link; None once it is ended
    Column("state", String(16), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_at", BigInteger, nullable=False),
    Column("handed_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("problem", String(400), nullable=False, server_default=""),
    UniqueConstraint("account_id", "what", "about"),
)
