"""The six questions as SQL of ClickHouse written by hand, over the same data, asked at once.

What several questions start from is stored in the server's memory once for all of them: as common
table expressions, which ClickHouse evaluates wherever they are named, it took twice as long. It
takes the same liberties as `hand_sql`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.warehouse.asking import ROWS, Answers
from benchmarks.warehouse.hand_sql import BEFORE, offset_of, used, values_of
from benchmarks.warehouse.window import Asked

_OPEN = "site = $site AND time >= $open_from AND time < $end"
_CLOSED = "site = $site AND day >= $first_day AND day < $closed_day"
_PAST = "site = $site AND time >= $start AND time < $open_from"

_ACTS = f"""
SELECT visit, visitor, views, if(own > 0, own, of_visit) AS profile
FROM (
    SELECT visit, visitor, profile AS own, toInt64(countIf(kind = 1)) AS views
    FROM events WHERE {_OPEN} GROUP BY visit, visitor, profile
) AS e LEFT JOIN (
    SELECT visit, profile AS of_visit FROM open_visits WHERE site = $site
    UNION ALL SELECT visit, profile FROM visits
    WHERE site = $site AND start >= $open_from - 86400000
) AS v USING (visit)
"""
_BEGUN = f"""
SELECT visit, visitor, min(time) AS start, max(time) - min(time) AS ms,
    countIf(kind = 1) AS views, count() AS events,
    argMinIf(referrer_host, (time, toString(event_id)), kind = 1) AS referrer
FROM events WHERE {_OPEN} AND visit IN (SELECT visit FROM open_visits WHERE site = $site)
GROUP BY visit, visitor
"""
_BACK = """
SELECT DISTINCT visitor FROM acts WHERE visitor <= (SELECT max(visitor) FROM visits)
"""
_EARLIER = f"""
SELECT DISTINCT visitor, profile FROM visits
WHERE site = $site AND start >= $start - 86400000 AND start < $open_from
    AND start + lasted >= $start AND visitor IN (SELECT visitor FROM back)
UNION ALL SELECT DISTINCT visitor, profile FROM events
WHERE {_PAST} AND profile > 0 AND visitor IN (SELECT visitor FROM back)
"""
_SHARED = {"acts": _ACTS, "begun": _BEGUN, "back": _BACK, "earlier": _EARLIER}

_TOTALS = f"""
SELECT sum(visitors), sum(visits), sum(views), sum(bounces), sum(ms) / sum(visits) / 1000 FROM (
    SELECT toInt64(0) AS visitors, toInt64(visits) AS visits, toInt64(views) AS views,
        toInt64(bounces) AS bounces, ms
    FROM counts WHERE {_CLOSED} AND dimension = 0
    UNION ALL SELECT sum(visitors), 0, 0, 0, 0 FROM gaps
    WHERE {_CLOSED} AND dimension = 0 AND prev < $first_day
    UNION ALL SELECT toInt64(uniqExact(visitor)), 0, toInt64(countIf(kind = 1)), 0, 0
    FROM events WHERE {_OPEN}
    UNION ALL SELECT -toInt64(uniqExact(visitor)), 0, 0, 0, 0 FROM earlier
    UNION ALL SELECT 0, toInt64(count()), 0, toInt64(countIf(views = 1 AND events = 1)), sum(ms)
    FROM begun
)
"""


def _days(offset: int) -> str:
    return f"""
    SELECT toInt64(day) * 86400000, sum(visitors), sum(visits), sum(views) FROM (
        SELECT toInt64(day) AS day, toInt64(0) AS visitors, toInt64(visits) AS visits,
            toInt64(views) AS views
        FROM counts WHERE {_CLOSED} AND dimension = 0
        UNION ALL SELECT day, visitors, 0, 0 FROM gaps WHERE {_CLOSED} AND dimension = 0
        UNION ALL SELECT intDiv(time + {offset}, 86400000) AS day, toInt64(uniqExact(visitor)), 0,
            toInt64(countIf(kind = 1)) FROM events WHERE {_OPEN} GROUP BY day
        UNION ALL SELECT intDiv(start + {offset}, 86400000), 0, 1, 0 FROM begun
    ) GROUP BY day ORDER BY day
    """


def _list(number: int, amount: str, column: str, here: str, past: str, lead: str) -> str:
    """Return a list: summaries, and `here` (value, amount, visitors) less `past` (value)."""
    return f"""
    SELECT amount, visitors, coalesce(text, '') AS name FROM (
        SELECT value, sum(amount) AS amount, sum(visitors) AS visitors FROM (
            SELECT value, toInt64({amount}) AS amount, toInt64(0) AS visitors FROM counts
            WHERE {_CLOSED} AND dimension = {number}
            UNION ALL SELECT value, 0, toInt64(visitors) FROM gaps
            WHERE {_CLOSED} AND dimension = {number} AND prev < $first_day
            UNION ALL {here}
            UNION ALL SELECT value, 0, -toInt64(count()) FROM ({past}) GROUP BY value
        ) GROUP BY value ORDER BY {lead} DESC LIMIT {ROWS} WITH TIES
    ) AS first
    LEFT JOIN (SELECT id, text FROM texts WHERE `column` = '{column}') AS t ON id = value
    ORDER BY {lead} DESC, name LIMIT {ROWS}
    """


def _by_profile(number: int, column: str) -> str:
    known = f"""
    SELECT profile, {column} FROM profiles
    WHERE profile IN (SELECT profile FROM acts) OR profile IN (SELECT profile FROM earlier)
    """
    here = f"""
    SELECT {column}, sum(views), toInt64(uniqExact(visitor))
    FROM acts JOIN ({known}) AS p USING (profile) GROUP BY {column}
    """
    past = f"""
    SELECT {column} AS value, visitor FROM acts JOIN ({known}) AS p USING (profile)
    WHERE visitor IN (SELECT visitor FROM earlier)
    INTERSECT DISTINCT
    SELECT {column}, visitor FROM earlier JOIN ({known}) AS p USING (profile)
    """
    return _list(number, "views", column, here, past, "visitors")


_PATHS = _list(
    1,
    "views",
    "path",
    f"""SELECT path, toInt64(count()), toInt64(uniqExact(visitor)) FROM events
    WHERE {_OPEN} AND kind = 1 GROUP BY path""",
    f"""
    SELECT DISTINCT path AS value, visitor FROM events
    WHERE {_OPEN} AND kind = 1 AND visitor IN (SELECT visitor FROM back)
        AND (path, visitor) IN (
            SELECT path, visitor FROM events
            WHERE {_PAST} AND kind = 1 AND visitor IN (SELECT visitor FROM back)
        )
    """,
    "amount",
)
_REFERRERS = _list(
    4,
    "visits",
    "referrer_host",
    """SELECT referrer, toInt64(count()), toInt64(uniqExact(visitor)) FROM begun
    WHERE views > 0 GROUP BY referrer""",
    """
    SELECT referrer AS value, visitor FROM begun WHERE views > 0
    INTERSECT DISTINCT SELECT referrer_host, visitor FROM visits
    WHERE site = $site AND start >= $start AND start < $open_from AND views > 0
        AND visitor IN (SELECT visitor FROM back)
    """,
    "amount",
)


def statements(wanted: Asked) -> dict[str, str]:
    """Return the statement of each question, in the order in which they are asked."""
    return {
        "before": BEFORE,
        "days": _days(offset_of(wanted)),
        "totals": _TOTALS,
        "path": _PATHS,
        "referrer": _REFERRERS,
        "browser": _by_profile(7, "browser"),
        "country": _by_profile(6, "country"),
    }


def by_hand(warehouse: Warehouse, pool: ThreadPoolExecutor, wanted: Asked) -> Callable[[], Answers]:
    """Return what asks the whole page once; the period and the one before have closed days."""
    asked, values = statements(wanted), values_of(wanted)

    def ask() -> Answers:
        with warehouse.reading() as reader:
            for name, sql in _SHARED.items():
                reader.keep(name, reader.arrow(sql, used(sql, values)))
            found = {
                name: pool.submit(reader.arrow, sql, used(sql, values))
                for name, sql in asked.items()
            }
            return {name: _rows(future.result()) for name, future in found.items()}

    return ask


def _rows(rows: Any) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
