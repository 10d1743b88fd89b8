"""Segments that Hypothesis draws: on every column, with every operator, with hostile values."""

import re

from hypothesis import strategies as st

from askfirst.store.warehouse.filters.conditions import COLUMNS, OPERATORS, Condition, Segment
from tests.askfirst.store.warehouse.streams import HOSTILE_TEXTS, PLAIN_TEXTS, TEXTS

_OF_PROFILES = (
    "DE",
    "Firefox",
    "Chrome",
    "142",
    "Linux",
    "mobile",
    "de",
    "10.0.0.1",
    "e",
    "i",
    "0",
)
VALUES = st.one_of(TEXTS, st.sampled_from(_OF_PROFILES))

PATTERNS = st.one_of(
    st.sampled_from(
        ("^/", "a|b", "/a", "^$", "shop/[0-9]", ".", "^.$", "(?i)firefox", "[^a-z]", "e+")
    ),
    st.sampled_from((*PLAIN_TEXTS[1:], *HOSTILE_TEXTS)).map(re.escape),
)
"""Patterns on which RE2 and `re` agree, as long as a `$` is not asked of a text with a newline."""

_OFTEN = (
    "path", "country", "browser", "entry", "leaving", "first_referrer_host", "referrer_host",
    "link_url",
)  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    column = draw(st.one_of(st.sampled_from(_OFTEN), st.sampled_from(COLUMNS)))
    operator = draw(st.sampled_from(OPERATORS))
    if operator == "one_of":
        return Condition(column, operator, tuple(draw(st.lists(VALUES, min_size=1, max_size=4))))
    if operator == "matches":
        return Condition(column, operator, (draw(PATTERNS),))
    needed = VALUES if operator in ("is", "is_not") else VALUES.filter(bool)
    return Condition(column, operator, (draw(needed),))


@st.composite
def segments(draw: st.DrawFn, most: int = 3) -> Segment:
    found = draw(st.lists(conditions(), max_size=most))
    return Segment(tuple(found), draw(st.sampled_from(("visits", "visits", "events"))))
