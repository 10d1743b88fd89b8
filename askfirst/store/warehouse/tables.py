"""The warehouse's tables as they are stored, as data that each engine makes its statements from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from askfirst.clock import DAY_MS
from askfirst.columns import (
    DIMENSIONS,
    EVENT_COLUMNS,
    EVENT_NUMBERS,
    EVENT_TEXTS,
    KINDS,
    PROFILE_TEXTS,
)

VERSION = 2
"""The version of this form; 1 was one table of strings, and carried no number."""


@dataclass(frozen=True)
class Table:
    """One stored table; `columns` have Ibis types."""

    name: str
    columns: dict[str, str]
    order: tuple[str, ...]
    """The columns by which rows lie in order, where the engine keeps one."""
    key: tuple[str, ...] = ()
    """Columns of which a row's values are unique: a later row replaces an earlier one."""
    sums: tuple[str, ...] = ()
    """Columns that are added up where all the others agree; a row of zeros may vanish."""


_INT, _LONG, _SMALL = "int32", "int64", "int8"

RULE = "bot_rule"
"""The column of profiles that names the rule by which the reports may leave events out."""

PARTS_OF_SCREENS = {"screen_width": 1, "screen_height": 2}
"""The numbers in the text of a screen, such as 1920x1080, by their place."""

INTERACTIONS = ("link_click", "form_submit", "custom_event")
"""The kinds of events by which a visit of one page view is no bounce."""
ACTS = tuple(KINDS.index(kind) for kind in ("page_view", *INTERACTIONS))
"""What a visitor does, as it is stored; the other kinds tell how long, and how a page loaded."""

LASTS_AT_MOST = 2 * DAY_MS
"""A visit ends 24 hours after it began, and an event may have come a day late: see definitions."""

ENDS = ("entry", "leaving")
"""Columns of a visit: the pages of its first and of its last view."""
FIRST_OF_VISIT = tuple(
    one.column for one in DIMENSIONS.values() if one.kept == "visit" and one.column not in ENDS
)
"""Columns of events of which a visit has what its first view says."""

ADDED: dict[str, dict[str, str]] = {
    "events": {
        **dict.fromkeys(EVENT_TEXTS, _INT),
        **{name: EVENT_COLUMNS[name] for name in EVENT_NUMBERS},
    },
    "profiles": dict.fromkeys(PROFILE_TEXTS, _INT),
    "visits": dict.fromkeys(FIRST_OF_VISIT, _INT),
}
"""The columns that follow from the table of columns: what a table of an older release lacks is
added, 0 in every row."""


def counts_by(table: str, column: str) -> bool:
    """Return whether summaries count by a column of a stored table."""
    return table == "visits" or any(one.column == column for one in DIMENSIONS.values())


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "events",
            {
                "site": _INT,
                "time": _LONG,  # milliseconds since the epoch, UTC
                "visit": _INT,
                "visitor": _INT,
                "profile": _INT,  # 0: that of the visit
                "opens": "boolean",  # whether its id is the visit's
                "kind": _SMALL,  # see askfirst.columns.KINDS
                **ADDED["events"],  # keys of texts, where 0 is '', and numbers, where 0 is none
                "event_id": "uuid",
            },
            ("site", "time"),
        ),
        Table(  # visits that began on a day that is not closed yet
            "open_visits",
            {
                "site": _INT,
                "visit": _INT,
                "visitor": _INT,
                "profile": _INT,
                "start": _LONG,  # of the first event that came
                "visit_id": "uuid",
            },
            ("site", "visit"),
        ),
        Table(  # visits that began on a closed day, with what is known of the whole visit
            "visits",
            {
                "site": _INT,
                "visit": _INT,
                "visitor": _INT,
                "profile": _INT,
                "start": _LONG,
                "lasted": _LONG,  # milliseconds
                "views": _INT,
                "events": _INT,  # page views and interactions, see `ACTS`
                **dict.fromkeys(ENDS, _INT),  # keys of texts "path"; 0: no view
                **dict.fromkeys(FIRST_OF_VISIT, _INT),
                "named": "boolean",  # whether its id stands in visit_ids: no event opens it
            },
            ("site", "start"),
        ),
        Table("visit_ids", {"site": _INT, "visit": _INT, "visit_id": "uuid"}, ("visit",)),
        Table("visitors", {"site": _INT, "visitor": _INT, "visitor_id": "uuid"}, ("visitor",)),
        Table(
            "consents",
            {"site": _INT, "consent": _INT, "visitor": _INT, "consent_id": "uuid"},
            ("consent",),
        ),
        Table(  # what one visitor's events have in common: one for each combination
            "profiles",
            {
                "site": _INT,
                "profile": _INT,
                "visitor": _INT,
                "consent": _INT,
                "policy_version": _INT,
                **ADDED["profiles"],
            },
            ("profile",),
        ),
        Table(  # the dictionaries: `id` counts from 1 within a column's name
            "texts", {"column": "string", "id": _INT, "text": "string"}, ("column", "id")
        ),
        Table("other_ids", {"id": "uuid", "text": "string"}, ("id",)),  # see identifiers
        Table(
            "counts",
            {
                "site": _INT,
                "dimension": _SMALL,
                "value": _INT,
                "day": _INT,  # local, days since 1970-01-01
                "visits": _INT,
                "views": _INT,  # or clicks
                "bounces": _INT,
                "ms": _LONG,  # the length of all visits
            },
            ("site", "dimension", "day", "value"),
            sums=("visits", "views", "bounces", "ms"),
        ),
        Table(
            "gaps",
            {
                "site": _INT,
                "dimension": _SMALL,
                "value": _INT,
                "day": _INT,
                "prev": _INT,  # the visitor's previous local day with the same value; 0: none
                "visitors": _INT,
            },
            ("site", "dimension", "day", "prev", "value"),
            sums=("visitors",),
        ),
        Table(  # up to which local day (not included) a site's days are closed, in which zone
            "summarised",
            {"site": _INT, "zone": "string", "closed_until": _INT},
            ("site",),
            key=("site",),
        ),
        Table("shipped", {"journal": "string", "seq": _LONG}, ("journal",), key=("journal",)),
        Table(  # 1: the version of this form; 2: of what its summaries are, see noted.py
            "form", {"one": _SMALL, "version": _INT}, ("one",), key=("one",)
        ),
    )
}


@lru_cache
def stored(name: str) -> Any:
    """Return a stored table as an unbound Ibis table."""
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    return ibis.table(TABLES[name].columns, name=name)
