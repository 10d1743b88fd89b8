"""The ledger's tables by what they are about, and which of them hold no personal data."""

from askfirst.store.ledger.tables.consents import (
    consent_records,
    disclosures,
    erasures,
    left_out_visitors,
    receipt_codes,
    restrictions,
    visitor_links,
    withdrawals,
)
from askfirst.store.ledger.tables.counts import (
    choice_counts,
    imported_logs,
    load_counts,
    tallies,
)
from askfirst.store.ledger.tables.metadata import metadata
from askfirst.store.ledger.tables.reports import (
    funnels,
    goals,
    mail_subscriptions,
    mails,
    notes,
    segments,
    share_links,
)
from askfirst.store.ledger.tables.sites_and_policies import (
    drafts,
    policies,
    sites,
    wordings,
)
from askfirst.store.ledger.tables.staff_accounts import (
    api_keys,
    sessions,
    setup_links,
    staff,
    staff_acts,
)
from askfirst.store.ledger.tables.visitor_accounts import (
    account_browsers,
    account_fields,
    account_links,
    account_messages,
    account_sessions,
    asked_fields,
    offered_messages,
    visitor_access_ends,
    visitor_accounts,
    visitor_mails,
)
from askfirst.store.ledger.tables.visitor_rights import (
    disclosure_register,
    request_acts,
    visitor_requests,
)

__all__ = [
    "KEEPS_NO_VISITOR",
    "TIME_COLUMNS",
    "account_browsers",
    "account_fields",
    "account_links",
    "account_messages",
    "account_sessions",
    "api_keys",
    "asked_fields",
    "choice_counts",
    "consent_records",
    "disclosure_register",
    "disclosures",
    "drafts",
    "erasures",
    "funnels",
    "goals",
    "imported_logs",
    "left_out_visitors",
    "load_counts",
    "mail_subscriptions",
    "mails",
    "metadata",
    "notes",
    "offered_messages",
    "policies",
    "receipt_codes",
    "request_acts",
    "restrictions",
    "segments",
    "sessions",
    "setup_links",
    "share_links",
    "sites",
    "staff",
    "staff_acts",
    "tallies",
    "visitor_access_ends",
    "visitor_accounts",
    "visitor_links",
    "visitor_mails",
    "visitor_requests",
    "withdrawals",
    "wordings",
]

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

TIME_COLUMNS = frozenset(
    {
        "event_time",
        "valid_until",
        "withdrawn_at",
        "linked_at",
        "left_out_at",
        "begun_at",
        "lifted_at",
        "disclosed_at",
        "requested_at",
        "completed_at",
        "bytes_gone_at",
        "happened_at",
        "entered_at",
        "hidden_until",
        "span_first",
        "span_until",
    }
)
"""Columns of tables about visitors that are milliseconds since the epoch; people read dates."""
