"""The six questions as plain SQL over raw rows, narrow, without a filter and with two.

A page asks them at once, each of all rows of its window: what the goals were set by did the same.
They count what the product's questions count of these rows. The product's also know what has not
happened here: rules by which events are left out, restricted visitors, and acts of other kinds.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import duckdb

from askfirst.clock import DAY_MS
from askfirst.local_days import Offsets
from askfirst.store.warehouse.engine import Value
from benchmarks.load.warehouse_rows import SITE
from benchmarks.warehouse.asking import Answers
from benchmarks.warehouse.hand_sql import listed, used
from benchmarks.warehouse.window import Asked

NO_FILTER = "no filter"
_OF = """(SELECT id FROM texts WHERE "column" = '{}' AND {})"""
_COUNTRY = _OF.format("country", "text = 'AB'")
_BROWSER = _OF.format("browser", "text = 'Chrome'")
_PATHS = _OF.format("path", "contains(text, '/articles/12')")
_SEEN = f"""
SELECT visit FROM events
WHERE site = $site AND time >= $before - {DAY_MS} AND time < $end AND path IN {_PATHS}
"""  # a visit that goes on in the window may have seen the page on the day before
FILTERS = {
    NO_FILTER: "",
    "country + browser": f" AND country = {_COUNTRY} AND browser = {_BROWSER}",
    "page contains": f" AND visit IN ({_SEEN})",
}
"""What each filter of `asking.SEGMENTS` that has a goal adds to a condition."""


def statements(offsets: Offsets, matching: str) -> dict[str, str]:
    """Return the statement of each question, in the order in which they are asked."""
    acts = f"site = $site AND time >= $start AND time < $end{matching}"
    begun = f"site = $site AND start >= $start AND start < $end{matching}"
    before = "$before AND {} < $start"
    return {
        "before": _totals(
            acts.replace("$start AND time < $end", before.format("time"), 1),
            begun.replace("$start AND start < $end", before.format("start"), 1),
        ),
        "days": _days(acts, begun, offsets),
        "totals": _totals(acts, begun),
        "path": _list("path", f"events WHERE {acts} AND kind = 1", "count(*)", "amount"),
        "referrer": _list(
            "referrer_host", f"visits WHERE {begun} AND views > 0", "count(*)", "amount"
        ),
        "browser": _list("browser", f"events WHERE {acts}", _VIEWS, "visitors"),
        "country": _list("country", f"events WHERE {acts}", _VIEWS, "visitors"),
    }


_VIEWS = "count(*) FILTER (kind = 1)"


def _totals(acts: str, begun: str) -> str:
    return f"""
    SELECT visitors, visits, views, bounces, ms / visits / 1000 FROM (
        SELECT count(DISTINCT visitor) AS visitors, {_VIEWS} AS views FROM events WHERE {acts}
    ), (
        SELECT count(*) AS visits, count(*) FILTER (views = 1 AND acts = 1) AS bounces,
            sum(lasted) AS ms FROM visits WHERE {begun}
    )
    """


def _days(acts: str, begun: str, offsets: Offsets) -> str:
    return f"""
    SELECT day * {DAY_MS}, visitors, coalesce(visits, 0), views FROM (
        SELECT {_day("time", offsets)} AS day, count(DISTINCT visitor) AS visitors,
            {_VIEWS} AS views FROM events WHERE {acts} GROUP BY 1
    ) LEFT JOIN (
        SELECT {_day("start", offsets)} AS day, count(*) AS visits FROM visits
        WHERE {begun} GROUP BY 1
    ) USING (day) ORDER BY day
    """


def _day(column: str, offsets: Offsets) -> str:
    """Return the local day of a time, for the offsets of a window."""
    *earlier, (_, last) = offsets
    cases = "".join(f"WHEN {column} < {until} THEN {offset} " for until, offset in earlier)
    offset = f"CASE {cases}ELSE {last} END" if cases else str(last)
    return f"({column} + {offset}) // {DAY_MS}"


def _list(column: str, rows: str, amount: str, lead: str) -> str:
    counted = f"""
    SELECT {column} AS value, {amount} AS amount, count(DISTINCT visitor) AS visitors
    FROM {rows} GROUP BY {column}
    """
    return listed(counted, column, lead)


def plainly(
    connection: duckdb.DuckDBPyConnection, pool: ThreadPoolExecutor, wanted: Asked, name: str
) -> Callable[[], Answers]:
    """Return what asks the whole page once, by the filter of a name."""
    asked = statements(wanted.offsets, FILTERS[name])
    times = {"start": wanted.period.start, "end": wanted.period.end}
    values: dict[str, Value] = {"site": SITE, "before": wanted.before.start, **times}

    def answer(sql: str) -> list[tuple[Any, ...]]:
        with closing(connection.cursor()) as cursor:
            return cursor.execute(sql, used(sql, values)).fetchall()

    def ask() -> Answers:
        found = {question: pool.submit(answer, sql) for question, sql in asked.items()}
        return {question: future.result() for question, future in found.items()}

    return ask
