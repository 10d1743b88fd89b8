"""The same six questions as SQL of DuckDB written by hand, over the same file, asked at once.

Without a filter from the summaries of closed days and the events of the open ones; with one from
the events of the matching visits. It compares with what Ibis makes of the questions, so it takes
liberties that no data of this generator tells: a visit that began before the period counts for a
visitor's past by its profile, and a filter by profile looks at one profile at a time.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa

from askfirst.store.warehouse.engine import Value
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.warehouse_rows import SITE
from benchmarks.warehouse.asking import ROWS, Answers
from benchmarks.warehouse.window import Asked

_OPEN = "site = $site AND time >= $open_from AND time < $end"
_CLOSED = "site = $site AND day >= $first_day AND day < $closed_day"
_PAST = "site = $site AND time >= $start AND time < $open_from"

_ACTS = f"""
SELECT e.visit, e.visitor, views, CASE WHEN own > 0 THEN own ELSE v.profile END AS profile
FROM (
    SELECT visit, visitor, profile AS own, count(*) FILTER (kind = 1) AS views
    FROM events WHERE {_OPEN} GROUP BY visit, visitor, profile
) e LEFT JOIN (
    SELECT visit, profile FROM open_visits WHERE site = $site
    UNION ALL SELECT visit, profile FROM visits
    WHERE site = $site AND start >= $open_from - 86400000
) v USING (visit)
"""
_BEGUN = f"""
SELECT visit, visitor, min(time) AS start, max(time) - min(time) AS ms,
    count(*) FILTER (kind = 1) AS views, count(*) AS events,
    arg_min(referrer_host, (time, event_id)) FILTER (kind = 1) AS referrer
FROM events WHERE {_OPEN} AND visit IN (SELECT visit FROM open_visits WHERE site = $site)
GROUP BY visit, visitor
"""
_BACK = """
SELECT DISTINCT visitor FROM acts
WHERE visitor <= (SELECT coalesce(max(visitor), 0) FROM visits)
"""
_EARLIER = f"""
SELECT DISTINCT visitor, profile FROM visits
WHERE site = $site AND start >= $start - 86400000 AND start < $open_from
    AND start + lasted >= $start AND visitor IN (SELECT visitor FROM back)
UNION ALL SELECT DISTINCT visitor, profile FROM events
WHERE {_PAST} AND profile > 0 AND visitor IN (SELECT visitor FROM back)
"""
BEFORE = """
SELECT (
        SELECT coalesce(sum(visitors), 0) FROM gaps WHERE site = $site AND dimension = 0
            AND day >= $before_day AND day < $first_day AND prev < $before_day
    ), sum(visits), sum(views), sum(bounces), sum(ms) / sum(visits) / 1000
FROM counts
WHERE site = $site AND dimension = 0 AND day >= $before_day AND day < $first_day
"""
_TOTALS = f"""
SELECT sum(visitors), sum(visits), sum(views), sum(bounces), sum(ms) / sum(visits) / 1000 FROM (
    SELECT 0 AS visitors, visits, views, bounces, ms FROM counts WHERE {_CLOSED} AND dimension = 0
    UNION ALL SELECT sum(visitors), 0, 0, 0, 0 FROM gaps
    WHERE {_CLOSED} AND dimension = 0 AND prev < $first_day
    UNION ALL SELECT count(DISTINCT visitor), 0, sum(views), 0, 0 FROM acts
    UNION ALL SELECT -count(DISTINCT visitor), 0, 0, 0, 0 FROM earlier
    UNION ALL SELECT 0, count(*), 0, count(*) FILTER (views = 1 AND events = 1), sum(ms) FROM begun
)
"""


def _days(offset: str) -> str:
    return f"""
    SELECT day * 86400000, sum(visitors), sum(visits), sum(views) FROM (
        SELECT day, 0 AS visitors, visits, views FROM counts WHERE {_CLOSED} AND dimension = 0
        UNION ALL SELECT day, visitors, 0, 0 FROM gaps WHERE {_CLOSED} AND dimension = 0
        UNION ALL SELECT (time + {offset}) // 86400000, count(DISTINCT visitor), 0,
            count(*) FILTER (kind = 1) FROM events WHERE {_OPEN} GROUP BY 1
        UNION ALL SELECT (start + {offset}) // 86400000, 0, 1, 0 FROM begun
    ) GROUP BY day ORDER BY day
    """


def listed(counted: str, column: str, lead: str) -> str:
    """Return the first rows of value, amount and visitors, with the texts of these rows alone."""
    return f"""
    WITH counted AS ({counted}),
    first AS (SELECT * FROM counted QUALIFY rank() OVER (ORDER BY {lead} DESC) <= {ROWS})
    SELECT amount, visitors, coalesce(text, '') AS name FROM first
    LEFT JOIN (SELECT id, text FROM texts WHERE "column" = '{column}') ON id = value
    ORDER BY {lead} DESC, name LIMIT {ROWS}
    """


def _list(number: int, amount: str, column: str, here: str, past: str, lead: str) -> str:
    """Return a list: summaries, and `here` (value, amount, visitors) less `past` (value)."""
    counted = f"""
    SELECT value, sum(amount) AS amount, sum(visitors) AS visitors FROM (
        SELECT value, {amount} AS amount, 0 AS visitors FROM counts
        WHERE {_CLOSED} AND dimension = {number}
        UNION ALL SELECT value, 0, visitors FROM gaps
        WHERE {_CLOSED} AND dimension = {number} AND prev < $first_day
        UNION ALL {here}
        UNION ALL SELECT value, 0, -count(*) FROM ({past}) GROUP BY value
    ) GROUP BY value
    """
    return listed(counted, column, lead)


def _by_profile(number: int, column: str) -> str:
    here = f"""
    SELECT {column}, sum(views), count(DISTINCT a.visitor) FROM acts a
    JOIN (SELECT profile, {column} FROM profiles WHERE profile IN (SELECT profile FROM acts)) p
    USING (profile) GROUP BY {column}
    """
    past = f"""
    SELECT DISTINCT p.{column} AS value, a.visitor
    FROM acts a JOIN profiles p USING (profile)
    WHERE a.visitor IN (SELECT visitor FROM earlier)
    INTERSECT SELECT p.{column}, e.visitor FROM earlier e JOIN profiles p USING (profile)
    """
    return _list(number, "views", column, here, past, "visitors")


_PATHS = _list(
    1,
    "views",
    "path",
    f"""SELECT path, count(*), count(DISTINCT visitor) FROM events
    WHERE {_OPEN} AND kind = 1 GROUP BY path""",
    f"""
    SELECT path AS value FROM (
        SELECT DISTINCT path, visitor FROM events
        WHERE {_OPEN} AND kind = 1 AND visitor IN (SELECT visitor FROM back)
    ) p WHERE EXISTS (
        SELECT 1 FROM events e WHERE {_PAST.replace("site", "e.site", 1).replace("time", "e.time")}
            AND e.kind = 1 AND e.visitor = p.visitor AND e.path = p.path
    )
    """,
    "amount",
)
_REFERRERS = _list(
    4,
    "visits",
    "referrer_host",
    "SELECT referrer, count(*), count(DISTINCT visitor) FROM begun WHERE views > 0 GROUP BY 1",
    """
    SELECT DISTINCT referrer AS value, visitor FROM begun WHERE views > 0
    INTERSECT SELECT referrer_host, visitor FROM visits
    WHERE site = $site AND start >= $start AND start < $open_from AND views > 0
        AND visitor IN (SELECT visitor FROM back)
    """,
    "amount",
)
_KEPT = {"acts": _ACTS, "begun": _BEGUN, "back": _BACK, "earlier": _EARLIER}


def statements(wanted: Asked) -> dict[str, str]:
    """Return the statement of each question, in the order in which they are asked."""
    return {
        "before": BEFORE,
        "days": _days(str(offset_of(wanted))),
        "totals": _TOTALS,
        "path": _PATHS,
        "referrer": _REFERRERS,
        "browser": _by_profile(7, "browser"),
        "country": _by_profile(6, "country"),
    }


def offset_of(wanted: Asked) -> int:
    """Return the offset of the open days' clocks; no clock changes within a day or two of now."""
    return wanted.offsets[-1][1]


def values_of(wanted: Asked) -> dict[str, Value]:
    """Return the parameters of the statements."""
    period, before = wanted.period, wanted.before
    return {
        "site": SITE,
        "start": period.start,
        "end": period.end,
        "first_day": period.first_day,
        "closed_day": period.closed_day,
        "open_from": period.open_from,
        "before_day": before.first_day,
    }


def by_hand(warehouse: Warehouse, pool: ThreadPoolExecutor, wanted: Asked) -> Callable[[], Answers]:
    """Return what asks the whole page once; the period and the one before have closed days."""
    asked, values = statements(wanted), values_of(wanted)

    def ask() -> Answers:
        kept: dict[str, pa.Table] = {}
        with warehouse.reading() as reader:
            for name, sql in _KEPT.items():
                kept[name] = reader.arrow(sql, used(sql, values), _named(sql, kept))
        found = {
            name: pool.submit(_answer, warehouse, sql, used(sql, values), _named(sql, kept))
            for name, sql in asked.items()
        }
        return {name: future.result() for name, future in found.items()}

    return ask


def _named(sql: str, kept: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return {name: rows for name, rows in kept.items() if f" {name}" in sql}


def used(sql: str, values: dict[str, Value]) -> dict[str, Value]:
    """Return the parameters that a statement has."""
    return {name: value for name, value in values.items() if f"${name}" in sql}


def _answer(
    warehouse: Warehouse, sql: str, values: dict[str, Value], kept: dict[str, pa.Table]
) -> list[tuple[Any, ...]]:
    with warehouse.reading() as reader:
        rows = reader.arrow(sql, values, kept)
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
