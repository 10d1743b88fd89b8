"""The columns of an event: what each holds, where it is stored, and what it is counted by."""

KINDS: tuple[str, ...] = ("", "page_view", "link_click")
"""The kinds of events; what is stored is the place in this list."""

EVENT_TEXTS = (
    "host", "path", "referrer", "referrer_host", "utm_source", "utm_medium", "utm_campaign",
    "link_url", "link_kind",
)  # fmt: skip
"""Texts that an event has of its own."""

PROFILE_TEXTS = (
    "ip", "country", "browser", "browser_version", "os", "os_version", "device", "language",
)  # fmt: skip
"""Texts that usually stay the same through a visit."""
