"""Events: an entry that waits in the journal."""

from typing import Literal

import msgspec

from askfirst.columns import EVENT_COLUMNS, PURPOSE

__all__ = ["EVENT_COLUMNS", "PURPOSE", "EventKind", "Facts", "JournalEntry", "LinkKind"]

EventKind = Literal[
    "page_view", "link_click", "engagement", "web_vitals", "form_submit", "custom_event"
]
LinkKind = Literal["internal", "outbound", "download", "mail", "telephone"]
Facts = dict[str, str | int]
"""What only some events have, by the name of its column."""


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One accepted event as the collector saw it, before it is enriched.

    `happened_at` is milliseconds since the epoch by the server's clock; `ip` is a plain address as
    the policy wanted it when the event came (whole, shortened or empty), and `country` is that of
    the whole address; `url` and `referrer` have no fragments. `without` names the columns of the
    warehouse that the visitor's consent does not cover: they stay empty.

    `hints` belongs to the user agent: client hints, and the points at which a screen can be
    touched. `rule` names the rule by which the sender looks like a program, or is ''.
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
    facts: Facts = {}
    hints: str = ""
    rule: str = ""
