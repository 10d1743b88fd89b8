"""Segments that Hypothesis draws: on every column, with every operator, with hostile values."""

import re
from decimal import Decimal

from hypothesis import strategies as st

from askfirst.store.ledger.goals import Deed
from askfirst.store.warehouse.filters.conditions import (
    EMPTY_OPERATORS,
    GOAL,
    GOAL_OPERATORS,
    OPERATORS,
    TEXT_COLUMNS,
    Condition,
    Segment,
)
from askfirst.store.warehouse.filters.numbers import NUMBER_COLUMNS, NUMBER_OPERATORS
from reports.questions.goals.matchers import COLUMN_OF, KIND_OF, LINK_KINDS, sought_by
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

QUANTIFIERS = ("?", "*", "+", "??", "*?", "{0}", "{0,1}", "{2}")

PATTERNS = st.one_of(
    st.sampled_from(
        ("^/", "a|b", "/a", "^$", "shop/[0-9]", ".", "^.$", "(?i)firefox", "[^a-z]", "e+")
    ),
    st.sampled_from((*PLAIN_TEXTS[1:], *HOSTILE_TEXTS)).map(re.escape),
    st.builds(
        "^{}{}{}".format,
        st.sampled_from(PLAIN_TEXTS),
        st.sampled_from(HOSTILE_TEXTS).map(re.escape),
        st.sampled_from(QUANTIFIERS),
    ),
)
"""Patterns on which RE2 and `re` agree, as long as a `$` is not asked of a text with a newline."""

_OFTEN = (
    "path", "country", "browser", "entry", "leaving", "first_referrer_host", "referrer_host",
    "link_url",
)  # fmt: skip


NUMBERS = st.one_of(
    st.sampled_from((0, 1, 2, 403, 404, 405, 1080, 1920, 2**31 - 1)), st.integers(0, 2**31 - 1)
)


@st.composite
def number_conditions(draw: st.DrawFn) -> Condition:
    column = draw(st.sampled_from(NUMBER_COLUMNS))
    operator = draw(st.sampled_from(NUMBER_OPERATORS))
    found = sorted(draw(NUMBERS) for _ in range(2 if operator == "between" else 1))
    if column in ("amount", "cls"):
        return Condition(column, operator, tuple(f"{Decimal(one) / 1000:f}" for one in found))
    return Condition(column, operator, tuple(map(str, found)))


DEEDS = (
    Deed("page", "/"),
    Deed("page", "/*"),
    Deed("page", "*a"),
    Deed("click", ""),
    Deed("outbound", ""),
    Deed("download", ""),
    Deed("form", "*"),
    Deed("event", "*e*"),
)


def goal_condition(operator: str, number: int) -> Condition:
    """Return a condition about a goal of a number from 1, which asks for one of `DEEDS`."""
    return Condition(GOAL, operator, (str(number),), sought_by(DEEDS[number - 1]))


def deed_of(condition: Condition) -> tuple[str, str, str, str]:
    """Return kind of event, column, pattern and kind of link of the goal of a condition."""
    deed = DEEDS[int(condition.values[0]) - 1]
    column = COLUMN_OF[deed.what]
    link_kind = deed.what if deed.what in LINK_KINDS else ""
    return KIND_OF.get(column, "link_click"), column, deed.pattern, link_kind


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    if draw(st.integers(0, 5)) == 0:
        number = draw(st.integers(1, len(DEEDS)))
        return goal_condition(draw(st.sampled_from(GOAL_OPERATORS)), number)
    if draw(st.integers(0, 3)) == 0:
        return draw(number_conditions())
    column = draw(st.one_of(st.sampled_from(_OFTEN), st.sampled_from(TEXT_COLUMNS)))
    operator = draw(st.sampled_from(OPERATORS))
    if operator in EMPTY_OPERATORS:
        return Condition(column, operator, ())
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
