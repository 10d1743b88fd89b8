"""The names of the columns that belong together: by place, by source, by purpose."""

from collections.abc import Callable

from askfirst.columns.column import REVENUE, Column
from askfirst.columns.table import COLUMNS


def _names(chosen: Callable[[Column], bool]) -> tuple[str, ...]:
    return tuple(one.name for one in COLUMNS if chosen(one))


EVENT_COLUMNS: dict[str, str] = {one.name: one.type for one in COLUMNS}
"""The columns of a row as it is exported, and their Ibis types. `time` is UTC."""

EVENT_TEXTS = _names(lambda one: one.kept == "event")
"""Texts that an event has of its own."""
PROFILE_TEXTS = _names(lambda one: one.kept == "profile")
"""Texts that usually stay the same through a visit."""
EVENT_NUMBERS = _names(lambda one: one.kept == "number")
"""Whole numbers that an event has of its own; 0 where there is none."""

HIDDEN_COLUMNS = frozenset(_names(lambda one: not one.purpose))
"""Columns that say no more about a visitor than others do, so no policy names them."""
FIXED_COLUMNS = frozenset(_names(lambda one: bool(one.purpose) and one.is_fixed))
"""Columns that make up an event; they stay with the visit statistics."""
CAMPAIGN_COLUMNS = _names(lambda one: one.thing == "query")
"""Columns that are read from the query of a page's address."""
AGENT_COLUMNS = _names(lambda one: one.thing == "agent")
"""Columns that are read from one header, so one purpose has all of them."""
LINK_COLUMNS = _names(lambda one: one.field.startswith("link_"))
"""Columns of a clicked link: its address reveals its kind, so one purpose has both."""
ORIGIN_COLUMNS = _names(lambda one: one.name in ("referrer_host", "source", "channel"))
"""Columns of where a visitor came from: each reveals the next, so one purpose has them all."""
LANGUAGE_COLUMNS = _names(lambda one: one.field == "accept_language")
"""Columns that are read from the header of languages, so one purpose has them all."""
THOUSANDTHS = frozenset(_names(lambda one: one.in_thousandths))
"""Columns that are kept as whole thousandths: 19,990 is 19.99."""
MONEY_COLUMNS = _names(lambda one: one.purpose == REVENUE)
"""Columns of an amount of money, which means nothing without its currency."""
