"""A reader of a DuckDB file: statements by one cursor, each in its turn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from askfirst.store.warehouse.duckdb.reading.parsed import ParsedStatements
from askfirst.store.warehouse.duckdb.reading.turns import Turns, one_thread
from askfirst.store.warehouse.engine import Value

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
_AT_ONCE = 10_000
"""Rows of a batch that is streamed."""
Watched = Callable[[], AbstractContextManager[Any]]
"""Watches a statement that runs within; `nullcontext` watches none."""

_COPIED = "Arrow output on a DB-API result makes an extra copy"
warnings.filterwarnings("ignore", message=_COPIED, category=UserWarning)


class DuckDBReader:
    """Reads by one cursor of the file, which keeps the tables that it was handed."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        turns: Turns,
        parsed: ParsedStatements,
        watched: Watched = nullcontext,
    ) -> None:
        self._cursor = cursor
        self._turns = turns
        self._parsed = parsed
        self._watched = watched

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Value] | None = None,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Return the rows of a statement, which may name the tables in `beside`."""
        for name, given in (beside or {}).items():
            self._cursor.register(name, given)

        def sparing() -> pa.Table:
            with one_thread(self._cursor):
                return self._rows(sql, values)

        return self._turns.take(lambda: self._rows(sql, values), sparing, asks=True)

    def _rows(self, sql: str, values: Mapping[str, Value] | None) -> pa.Table:
        # `sql` instead of `execute` would plan a statement twice, longer than most answers take.
        with self._watched():
            statement = self._parsed.of(self._cursor, sql)
            rows: pa.Table = self._cursor.execute(statement, dict(values or {})).to_arrow_table()
            return rows

    def stream(
        self,
        sql: str,
        values: Mapping[str, Value] | None,
        beside: Mapping[str, pa.Table] | None,
        sink: Callable[[Iterator[pa.RecordBatch]], T],
    ) -> T:
        """Return what `sink` makes of the rows of a statement, of which few are in memory."""
        for name, given in (beside or {}).items():
            self._cursor.register(name, given)

        def sunk() -> T:
            with self._watched():
                statement = self._parsed.of(self._cursor, sql)
                found: Any = self._cursor.execute(statement, dict(values or {}))
                return sink(iter(found.to_arrow_reader(_AT_ONCE)))

        def sparing() -> T:
            with one_thread(self._cursor):
                return sunk()

        return self._turns.take(sunk, sparing, asks=True)

    def keep(self, name: str, rows: pa.Table) -> None:
        """Let later statements of this reader name these rows as a table."""
        self._cursor.register(name, rows)
