"""Copies the rows of a DuckDB file to another, laid so that they take little room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager
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


def copy_tables(
    cursor: duckdb.DuckDBPyConnection, tables: Iterable[Table], target: str, at_once: int
) -> None:
    """Copy the rows of tables to an attached file, by so many statements at once.

    DuckDB compresses the rows of one statement by one thread, which is most of the work. Where
    copying fails, what has been copied until then stays in the attached file.
    """
    statements = [one for table in tables for one in copying(cursor, table, target)]
    with ThreadPoolExecutor(at_once) as pool:
        begun = [pool.submit(carry_out, cursor, one) for one in statements]
        wait(begun, return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
    for one in begun:
        if not one.cancelled():
            one.result()


def carry_out(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Carry out one statement of a copy beside others."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)


def copying(cursor: duckdb.DuckDBPyConnection, table: Table, target: str) -> list[str]:
    """Return the statements that copy a table, with what is to be added up added up."""
    if table.sums:
        return [_added_up(table, target)]
    every = ", ".join(f'"{name}"' for name in table.columns)  # which may lie in another order
    copied = f"INSERT INTO {target}.{table.name} SELECT {every} FROM {table.name}"
    if table.name not in _LAID:
        return [copied]
    laid = ", ".join(_LAID[table.name])
    return [f"{copied} WHERE {run} ORDER BY {laid}" for run in _runs(cursor, table.name)]


def _runs(cursor: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return conditions of which each row meets one, each those of a span of time.

    They have about as many rows each: a few that are appended beside others, and are not the last
    ones, let DuckDB write all that follows them twice.
    """
    began = cursor.execute(f"""
        SELECT min(step) * {_STEP_MS} FROM (
            SELECT step, (sum(number) OVER (ORDER BY step) - 1)
                         * ((sum(number) OVER () - 1) // {_AT_ONCE} + 1)
                         // sum(number) OVER () AS run FROM (
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
def in_one_transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Carry out the statements within in one transaction, which syncs the file once."""
    cursor.execute("BEGIN")
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")  # else an attached file could not be detached
        raise
    cursor.execute("COMMIT")
