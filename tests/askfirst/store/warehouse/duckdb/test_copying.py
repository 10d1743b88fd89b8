"""A copy of a file holds every row, and lays those of a day by kind so that they take less room."""

from collections.abc import Iterator
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.duckdb import copying
from askfirst.store.warehouse.duckdb.schema import creating_all
from askfirst.store.warehouse.tables import TABLES

EVENTS = TABLES["events"]
Row = tuple[int, int, bool, int]
"""The site and time of an event, whether it opens its visit, and its kind."""

steps = st.integers(-3, 3 * DAY_MS // 600_000).map(lambda step: step * 600_000)
rows = st.tuples(st.integers(1, 2), steps, st.booleans(), st.integers(1, 3))


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("ATTACH ':memory:' AS fresh")
        connection.execute(f"{creating_all()}; {creating_all('fresh')}")
        yield connection


def copied(cursor: duckdb.DuckDBPyConnection, events: list[Row], at_once: int) -> list[Row]:
    """Return the rows of a copy of these events, of which few are sorted at once, as they lie."""
    cursor.execute("DELETE FROM events; DELETE FROM fresh.events")
    every = ", ".join(f'"{name}"' for name in EVENTS.columns)
    given_columns = {"site": "?", "time": "?", "opens": "?", "kind": "?", "event_id": "uuid()"}
    values = ", ".join(given_columns.get(name, "0") for name in EVENTS.columns)
    for event in events:
        cursor.execute(f"INSERT INTO events ({every}) VALUES ({values})", list(event))
    with patch.object(copying, "_AT_ONCE", at_once):
        copying.copy_table(cursor, EVENTS, "fresh")
    lost = "(FROM events EXCEPT ALL FROM fresh.events) UNION ALL "
    doubled = "(FROM fresh.events EXCEPT ALL FROM events)"
    assert cursor.execute(lost + doubled).fetchall() == []
    asked = "SELECT site, time, opens, kind FROM fresh.events ORDER BY rowid"
    return cursor.execute(asked).fetchall()


@given(events=st.lists(rows, min_size=1, max_size=20), at_once=st.integers(1, 10))
def test_whatever_the_times_are_a_copy_has_every_row_once(
    cursor: duckdb.DuckDBPyConnection, events: list[Row], at_once: int
):
    assert sorted(copied(cursor, events, at_once)) == sorted(events)


def test_rows_of_a_day_lie_by_site_and_kind_and_then_in_order_of_time(
    cursor: duckdb.DuckDBPyConnection,
):
    came = [
        (site, day * DAY_MS + time, kind == 1, kind)
        for day in (5, 6)
        for time in (1, 2)
        for kind in (2, 1)
        for site in (2, 1)
    ]
    lie = sorted(came, key=lambda row: (row[1] // DAY_MS, row[0], row[2], row[3], row[1]))
    assert copied(cursor, came, 100) == lie != came
