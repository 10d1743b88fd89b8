"""The kinds of events, and the column without which one says nothing."""

KINDS: tuple[str, ...] = (
    "",
    "page_view",
    "link_click",
    "engagement",
    "web_vitals",
    "form_submit",
    "custom_event",
)
"""The kinds of events; what is stored is the place in this list."""

NEEDED: dict[str, str] = {
    "link_click": "link_url",
    "engagement": "engaged_ms",
    "web_vitals": "lcp_ms",
    "form_submit": "form",
    "custom_event": "event_name",
}
"""The column without which an event of a kind says nothing, so that it is not recorded."""
