"""A copy of a file holds every row, and lays those of a day by kind so that they take less room."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.duckdb import copying
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import Limits
from askfirst.store.warehouse.duckdb.schema import creating_all
from askfirst.store.warehouse.tables import TABLES

EVENTS = TABLES["events"]
MANY = 262_000
"""Rows: more than the two groups that DuckDB stores one by one."""
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


def copied(
    cursor: duckdb.DuckDBPyConnection, events: list[Row], at_once: int, beside: int = 1
) -> list[Row]:
    """Return the rows of a copy of these events, of which few are sorted at once, as they lie.

    So many of the statements go on `beside` each other.
    """
    cursor.execute("DELETE FROM events; DELETE FROM fresh.events")
    every = ", ".join(f'"{name}"' for name in EVENTS.columns)
    given_columns = {"site": "?", "time": "?", "opens": "?", "kind": "?", "event_id": "uuid()"}
    values = ", ".join(given_columns.get(name, "0") for name in EVENTS.columns)
    for event in events:
        cursor.execute(f"INSERT INTO events ({every}) VALUES ({values})", list(event))
    with patch.object(copying, "_AT_ONCE", at_once):
        copying.copy_tables(cursor, [EVENTS], "fresh", beside)
    lost = "(FROM events EXCEPT ALL FROM fresh.events) UNION ALL "
    doubled = "(FROM fresh.events EXCEPT ALL FROM events)"
    assert cursor.execute(lost + doubled).fetchall() == []
    asked = "SELECT site, time, opens, kind FROM fresh.events ORDER BY rowid"
    return cursor.execute(asked).fetchall()


@given(
    events=st.lists(rows, min_size=1, max_size=20),
    at_once=st.integers(1, 10),
    beside=st.integers(1, 3),
)
def test_whatever_the_times_are_a_copy_has_every_row_once(
    cursor: duckdb.DuckDBPyConnection, events: list[Row], at_once: int, beside: int
):
    assert sorted(copied(cursor, events, at_once, beside)) == sorted(events)


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


def test_a_copy_that_was_written_side_by_side_leaves_no_room_free(tmp_path: Path):
    """A few rows that are appended before others let DuckDB write what follows them twice."""
    path = tmp_path / "w"
    columns = {"time": f"i * {3 * DAY_MS} // {MANY}", "opens": "false", "event_id": "uuid()"}
    values = ", ".join(f"{columns.get(name, '0')} AS {name}" for name in EVENTS.columns)
    with closing(DuckDBEngine(path)):  # it has its tables
        pass
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"INSERT INTO events BY NAME SELECT {values} FROM range({MANY}) t(i)")
    with closing(DuckDBEngine(path, limits=Limits(threads=2))) as engine:
        with patch.object(copying, "_AT_ONCE", MANY // 2 - 500):
            engine.rewrite()
        assert engine.first_time(0) == 0
    with duckdb.connect(str(path)) as connection:
        size = "SELECT free_blocks FROM pragma_database_size()"
        assert connection.execute(size).fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (MANY,)


@pytest.mark.parametrize("failing", [0, 3])
def test_after_a_statement_that_fails_no_other_one_begins(
    cursor: duckdb.DuckDBPyConnection, failing: int
):
    begun = []

    def carry_out(_cursor: object, statement: str) -> None:
        begun.append(statement)
        if len(begun) > failing:
            raise duckdb.OutOfMemoryException("could not allocate")

    tables = [TABLES[name] for name in ("visits", "visitors", "consents", "texts", "profiles")]
    with (
        patch.object(copying, "carry_out", carry_out),
        pytest.raises(duckdb.OutOfMemoryException),
    ):
        copying.copy_tables(cursor, tables, "fresh", 1)
    assert len(begun) <= failing + 2 <= len(tables)  # one may begin before the others are stopped
