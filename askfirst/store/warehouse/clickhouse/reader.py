"""Reads a ClickHouse database: each statement sees the commits that were done when it began."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from askfirst.errors import Unavailable
from askfirst.store.warehouse.clickhouse.errors import StatementRefused
from askfirst.store.warehouse.clickhouse.parameters import as_arrays
from askfirst.store.warehouse.clickhouse.schema import quoted
from askfirst.store.warehouse.clickhouse.stored_rows import LOST, StoredRows
from askfirst.store.warehouse.engine import Value

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.client import Client
    from askfirst.store.warehouse.clickhouse.committing.snapshots import Snapshots
    from askfirst.store.warehouse.time_limit import TimeLimit

T = TypeVar("T")
_TIMEOUT = 159
"""The number of ClickHouse's error TIMEOUT_EXCEEDED."""
_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)


class ClickHouseReader:
    """Reads by statements of their own, from any thread.

    A statement names rows beside the warehouse by a common table expression. Few rows are
    parameters of it, many a table in the server's memory.
    """

    def __init__(
        self,
        client: Client,
        snapshots: Snapshots,
        stored: StoredRows,
        limit: TimeLimit | None = None,
    ) -> None:
        self._client = client
        self._limit = limit
        self._stored = stored
        self._snapshots = snapshots
        self._kept: dict[str, pa.Table] = {}
        self._numbers = itertools.count()

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Value] | None = None,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Return the rows of a statement, which may name the tables in `beside`."""
        return _with_texts_of_ids(self._answered(sql, values, beside, self._client.arrow))

    def stream(
        self,
        sql: str,
        values: Mapping[str, Value] | None,
        beside: Mapping[str, pa.Table] | None,
        sink: Callable[[Iterator[pa.RecordBatch]], T],
    ) -> T:
        """Return what `sink` makes of the rows of a statement, block by block."""

        def told(sql: str, values: dict[str, Value], settings: Mapping[str, Any]) -> T:
            return self._client.stream(sql, values, settings, sink)

        return self._answered(sql, values, beside, told)

    def _answered(
        self,
        sql: str,
        values: Mapping[str, Value] | None,
        beside: Mapping[str, pa.Table] | None,
        ask: Callable[[str, dict[str, Value], Mapping[str, Any]], T],
    ) -> T:
        """Return what `ask` finds by a statement; once more where the server lost stored rows."""
        named = _named_in(sql, {**self._kept, **(beside or {})})
        with in_time(self._limit), self._client.within(self._limit):
            told, given = self._told(sql, values, named)
            try:
                return self._asked(told, given, ask)
            except StatementRefused as error:
                if error.number not in LOST:
                    raise
            self._stored.forget(named.values(), told)
            return self._asked(*self._told(sql, values, named), ask)

    def _told(
        self, sql: str, values: Mapping[str, Value] | None, named: Mapping[str, pa.Table]
    ) -> tuple[str, dict[str, Value]]:
        """Return a statement with the tables that it names, and its values."""
        given = dict(values or {})
        queries = {name: self._beside(rows, given) for name, rows in named.items()}
        return _with_tables(sql, queries), given

    def _asked(
        self,
        told: str,
        given: dict[str, Value],
        ask: Callable[[str, dict[str, Value], Mapping[str, Any]], T],
    ) -> T:
        try:
            with self._snapshots.statement() as settings:
                return ask(told, given, {**settings, **self._in_time()})
        except StatementRefused as error:
            if error.number == _TIMEOUT and self._limit:
                raise self._limit.error() from error
            raise

    def _beside(self, rows: pa.Table, values: dict[str, Any]) -> str:
        """Return a query that yields rows; what it needs is added to the values."""
        few = as_arrays(f"beside_{next(self._numbers)}", rows)
        if few is None:
            return self._stored.query(rows)
        query, arrays = few
        values |= arrays
        return query

    def _in_time(self) -> dict[str, int]:
        """Return the settings that end a statement with the limit, in whole seconds."""
        if self._limit is None:
            return {}
        self._limit.check()
        return {"max_execution_time": math.ceil(self._limit.left())}

    def keep(self, name: str, rows: pa.Table) -> None:
        """Let later statements of this reader name these rows as a table."""
        self._kept[name] = rows

    def close(self) -> None:
        """Forget the rows that were kept, and drop what nobody uses any more.

        Where no time is left, whoever reads or writes next drops it.
        """
        self._kept = {}
        if self._limit is None or self._limit.left():
            with self._client.within(self._limit):
                self._stored.drop_left()


@contextmanager
def in_time(limit: TimeLimit | None) -> Iterator[None]:
    """Raise `TookTooLong` for what has failed within when the time was over."""
    try:
        yield
    except Unavailable as error:
        if limit is None or limit.left():
            raise
        raise limit.error() from error


def _named_in(sql: str, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    return {name: one for name, one in tables.items() if re.search(rf"\b{re.escape(name)}\b", sql)}


def _with_tables(sql: str, queries: Mapping[str, str]) -> str:
    """Return a statement before which the tables that it names are introduced."""
    if not queries:
        return sql
    introduced = ", ".join(f"{quoted(name)} AS ({query})" for name, query in queries.items())
    begun = _WITH.match(sql)
    rest = f", {sql[begun.end() :]}" if begun else f" {sql}"
    return f"WITH {introduced}{rest}"


def _with_texts_of_ids(rows: pa.Table) -> pa.Table:
    """Return rows whose columns of type uuid are texts, as DuckDB answers."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    for place, field in enumerate(rows.schema):
        if str(field.type) == "extension<arrow.uuid>":
            texts = [None if one is None else str(one) for one in rows.column(place).to_pylist()]
            rows = rows.set_column(place, field.name, pa.array(texts, pa.string()))
    return rows
