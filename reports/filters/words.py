"""What analysts call columns and operators, and how a condition reads as a sentence."""

from askfirst.columns import CAMPAIGN_COLUMNS
from askfirst.store.warehouse.filters.conditions import GOAL_OPERATORS, OPERATORS, Condition
from askfirst.store.warehouse.filters.numbers import NUMBER_COLUMNS, NUMBER_OPERATORS
from reports.formatting.template_filters import listed

COLUMN_GROUPS: dict[str, dict[str, str]] = {
    "Pages": {
        "path": "Page",
        "entry": "Entry page",
        "leaving": "Exit page",
        "title": "Title",
        "host": "Host",
        "query": "Parameters",
    },
    "Sources": {
        "first_channel": "Channel",
        "first_source": "Source",
        "first_referrer_host": "Referrer",
        "utm_campaign": "Campaign",
        "utm_source": "Campaign source",
        "utm_medium": "Campaign medium",
        "utm_term": "Campaign term",
        "utm_content": "Campaign content",
        "click_id": "Kind of advertisement",
    },
    "People": {
        "country": "Country",
        "region": "Region",
        "city": "City",
        "language": "Language",
    },
    "Technology": {
        "browser": "Browser",
        "browser_version": "Browser version",
        "os": "System",
        "os_version": "System version",
        "device": "Device",
        "screen": "Screen",
    },
    "Actions": {
        "link_url": "Link followed",
        "link_kind": "Kind of link",
        "form": "Form sent",
        "event_name": "Event",
    },
    "Numbers": {
        "engaged_ms": "Reading time of an event in ms",
        "scroll": "Scroll depth in %",
        "scroll_from": "Scroll depth at the start in %",
        "status": "Status",
        "amount": "Amount",
        "lcp_ms": "Largest paint (LCP) in ms",
        "inp_ms": "Response to input (INP) in ms",
        "cls": "Layout shift (CLS)",
        "ttfb_ms": "Server response (TTFB) in ms",
        "screen_width": "Screen width",
        "screen_height": "Screen height",
    },
}
"""The columns that the form offers, by group, and what analysts call them."""

COLUMN_WORDS: dict[str, str] = {
    name: words for group in COLUMN_GROUPS.values() for name, words in group.items()
}

_OPERATORS: dict[str, str] = {
    "one_of": "is one of",
    "at_least": "is at least",
    "at_most": "is at most",
    "between": "is between",
    "reached": "was reached",
    "not_reached": "was not reached",
}
OPERATOR_WORDS: dict[str, str] = {
    name: _OPERATORS.get(name, name.replace("_", " "))
    for name in (*OPERATORS, *NUMBER_OPERATORS, *GOAL_OPERATORS)
}
"""The operators by name, and how a sentence says them."""

_KINDS = {
    "path": "path",
    "title": "title",
    **dict.fromkeys(CAMPAIGN_COLUMNS, "campaign"),
    "entry": "path",
    "leaving": "path",
    "first_channel": "channel",
    "channel": "channel",
    "first_source": "source",
    "source": "source",
    "first_referrer_host": "referrer",
    "referrer_host": "referrer",
    "country": "country",
    "language": "language",
    "device": "device",
    "link_url": "link",
}
"""How `listed` writes the values of columns; others as they are."""


def column_words(column: str) -> str:
    """Return what analysts call a column; its own name where the form does not offer it."""
    return COLUMN_WORDS.get(column, column.replace("_", " ").capitalize())


def value_words(condition: Condition) -> str:
    """Write the values of a condition: Germany, Austria; 5 and 9; a part of a text as it is."""
    if condition.column in NUMBER_COLUMNS:
        return " and ".join(condition.values)
    whole = condition.operator in ("is", "is_not", "one_of")
    kind = _KINDS.get(condition.column, "attribute") if whole else "attribute"
    return ", ".join(listed(value, kind) for value in condition.values)
