"""Copies the rows of a DuckDB file to another, laid so that they take little room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.tables import Table

if TYPE_CHECKING:
    import duckdb

_LAID = {"events": (f"time // {DAY_MS}", "site", "opens", "kind", "time")}
"""What the rows of tables with a column `time` are laid by of which each kind of row fills other
columns. What is the same in rows that follow each other takes next to no room, and a question of
some days leaves the other days unread."""
_AT_ONCE = 500_000
"""About how many rows are sorted at once: few enough for 96 MB. Of so many DuckDB writes four
groups of rows to the disk; fewer than two stay in memory, and take half as much room again."""
_STEP_MS = 600_000


def copy_table(cursor: duckdb.DuckDBPyConnection, table: Table, target: str) -> None:
    """Copy a table to an attached file, with what is to be added up added up."""
    if table.sums:
        cursor.execute(_added_up(table, target))
        return
    every = ", ".join(f'"{name}"' for name in table.columns)  # which may lie in another order
    copied = f"INSERT INTO {target}.{table.name} SELECT {every} FROM {table.name}"
    if table.name not in _LAID:
        cursor.execute(copied)
        return
    laid = ", ".join(_LAID[table.name])
    for run in _runs(cursor, table.name):
        cursor.execute(f"{copied} WHERE {run} ORDER BY {laid}")


def _runs(cursor: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return conditions of which each row meets one, each those of a span of time."""
    began = cursor.execute(f"""
        SELECT min(step) * {_STEP_MS} FROM (
            SELECT step, sum(number) OVER (ORDER BY step) // {_AT_ONCE} AS run FROM (
                SELECT time // {_STEP_MS} AS step, count(*) AS number FROM {table} GROUP BY step))
        GROUP BY run ORDER BY 1""").fetchall()
    bounds = [start for (start,) in began[1:]]
    since = ["true", *(f"time >= {start}" for start in bounds)]
    until = [*(f"time < {start}" for start in bounds), "true"]
    return [f"{one} AND {other}" for one, other in zip(since, until, strict=True)]


def _added_up(table: Table, target: str) -> str:
    kept = ", ".join(f'"{name}"' for name in table.columns if name not in table.sums)
    chosen = ", ".join(
        f'sum("{name}")::{"BIGINT" if kind == "int64" else "INTEGER"} AS "{name}"'
        if name in table.sums
        else f'"{name}"'
        for name, kind in table.columns.items()
    )
    some = " OR ".join(f'sum("{name}") <> 0' for name in table.sums)
    order = ", ".join(f'"{name}"' for name in table.order)
    return (
        f"INSERT INTO {target}.{table.name} SELECT {chosen} FROM {table.name}"
        f" GROUP BY {kept} HAVING {some} ORDER BY {order}"
    )


@contextmanager
def at_once(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Carry out the statements within in one transaction, which syncs the file once."""
    cursor.execute("BEGIN")
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")  # else an attached file could not be detached
        raise
    cursor.execute("COMMIT")
