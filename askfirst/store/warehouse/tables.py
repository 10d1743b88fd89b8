"""The warehouse's tables as they are stored, as data that each engine makes its statements from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from askfirst.columns import EVENT_COLUMNS, EVENT_NUMBERS, EVENT_TEXTS, PROFILE_TEXTS

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
                **dict.fromkeys(EVENT_TEXTS, _INT),  # keys of texts; 0 is ''
                **{name: EVENT_COLUMNS[name] for name in EVENT_NUMBERS},  # 0: none
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
                "events": _INT,
                "entry": _INT,  # keys of texts "path"; of the first and the last view, 0: no view
                "leaving": _INT,
                "referrer_host": _INT,  # of the first view
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
                **dict.fromkeys(PROFILE_TEXTS, _INT),
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
        Table("form", {"one": _SMALL, "version": _INT}, ("one",), key=("one",)),
    )
}


@lru_cache
def stored(name: str) -> Any:
    """Return a stored table as an unbound Ibis table."""
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    return ibis.table(TABLES[name].columns, name=name)
