"""Events: an entry that waits in the journal, and the columns of a row in the warehouse."""

from typing import Literal

import msgspec

EventKind = Literal["page_view", "link_click"]
LinkKind = Literal["internal", "outbound", "download"]


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One accepted event as the collector saw it, before it is enriched.

    `happened_at` is milliseconds since the epoch by the server's clock; `ip` is a plain address as
    the policy wanted it when the event came (whole, shortened or empty), and `country` is that of
    the whole address; `url` and `referrer` have no fragments. `without` names the columns of the
    warehouse that the visitor's consent does not cover: they stay empty.
    """

    event_id: str
    site_id: int
    visitor_id: str
    consent_id: str
    policy_version: int
    kind: EventKind
    happened_at: int
    url: str
    referrer: str
    link_url: str
    link_kind: str
    ip: str
    user_agent: str
    accept_language: str
    without: tuple[str, ...] = ()
    country: str = ""


PURPOSE = "statistics"
"""The built-in purpose: visit statistics. Every stored column belongs to a purpose."""

AGENT_COLUMNS = ("browser", "browser_version", "os", "os_version", "device")
"""The columns that are read from one header, so one purpose has all of them."""
LINK_COLUMNS = ("link_url", "link_kind")
"""The columns of a clicked link: its address reveals its kind, so one purpose has both."""

EVENT_COLUMNS: dict[str, str] = {
    "site_id": "int32",
    "event_id": "string",
    "kind": "string",
    "time": "timestamp(6)",
    "visitor_id": "string",
    "visit_id": "string",
    "consent_id": "string",
    "policy_version": "int32",
    "host": "string",
    "path": "string",
    "referrer": "string",
    "referrer_host": "string",
    "utm_source": "string",
    "utm_medium": "string",
    "utm_campaign": "string",
    "link_url": "string",
    "link_kind": "string",
    "ip": "string",
    "country": "string",
    "browser": "string",
    "browser_version": "string",
    "os": "string",
    "os_version": "string",
    "device": "string",
    "language": "string",
}
"""The warehouse's columns and their Ibis types. `time` is UTC; an unknown text is ''."""
