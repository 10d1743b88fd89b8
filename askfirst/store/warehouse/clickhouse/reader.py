"""Reads a ClickHouse database: each statement sees the commits that were done when it began."""

from __future__ import annotations

import itertools
import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from askfirst.errors import AskfirstError
from askfirst.store.warehouse.clickhouse.errors import StatementRefused
from askfirst.store.warehouse.clickhouse.parameters import as_arrays
from askfirst.store.warehouse.clickhouse.schema import quoted
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


@dataclass(frozen=True)
class _Beside:
    """Rows that a statement may name: a query that yields them, and its parameters."""

    query: str
    values: dict[str, Any]
    stored: str = ""
    """The table that holds them, where they are many."""


class ClickHouseReader:
    """Reads by statements of their own, from any thread.

    A statement names rows beside the warehouse by a common table expression. Few rows are
    parameters of it; many become a table in the server's memory, under a name that is never used
    again.
    """

    def __init__(
        self, client: Client, snapshots: Snapshots, kept: str, limit: TimeLimit | None = None
    ) -> None:
        self._client = client
        self._limit = limit
        self._prefix = kept
        self._snapshots = snapshots
        self._kept: dict[str, _Beside] = {}
        self._numbers = itertools.count()

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Value] | None = None,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Return the rows of a statement, which may name the tables in `beside`."""
        with self._prepared(sql, values, beside) as (told, given, settings):
            return _with_texts_of_ids(self._client.arrow(told, given, settings))

    def stream(
        self,
        sql: str,
        values: Mapping[str, Value] | None,
        beside: Mapping[str, pa.Table] | None,
        sink: Callable[[Iterator[pa.RecordBatch]], T],
    ) -> T:
        """Return what `sink` makes of the rows of a statement, block by block."""
        with self._prepared(sql, values, beside) as (told, given, settings):
            return self._client.stream(told, given, settings, sink)

    @contextmanager
    def _prepared(
        self,
        sql: str,
        values: Mapping[str, Value] | None,
        beside: Mapping[str, pa.Table] | None,
    ) -> Iterator[tuple[str, dict[str, Value], Mapping[str, Any]]]:
        """Yield a statement with the tables that it names, its values and its settings."""
        here = {name: self._beside(rows) for name, rows in (beside or {}).items()}
        try:
            named = _named_in(sql, self._kept | here)
            given = dict(values or {})
            for one in named.values():
                given |= one.values
            with self._snapshots.statement() as settings:
                yield _with_tables(sql, named), given, {**settings, **self._in_time()}
        except StatementRefused as error:
            if error.number == _TIMEOUT and self._limit:
                raise self._limit.error() from error
            raise
        finally:
            self._drop(here)

    def _in_time(self) -> dict[str, int]:
        """Return the settings that end a statement with the limit, in whole seconds."""
        if self._limit is None:
            return {}
        self._limit.check()
        return {"max_execution_time": math.ceil(self._limit.left())}

    def keep(self, name: str, rows: pa.Table) -> None:
        """Let later statements of this reader name these rows as a table."""
        before = {name: self._kept[name]} if name in self._kept else {}
        self._kept[name] = self._beside(rows)
        self._drop(before)

    def close(self) -> None:
        """Drop the tables that were kept."""
        self._drop(self._kept)
        self._kept = {}

    def _beside(self, rows: pa.Table) -> _Beside:
        few = as_arrays(f"beside_{next(self._numbers)}", rows)
        if few:
            return _Beside(*few)
        name = self._stored(rows)
        return _Beside(f"SELECT * FROM {name}", {}, name)

    def _stored(self, rows: pa.Table) -> str:
        name = f"{self._prefix}{uuid.uuid4().hex}"
        columns = ", ".join(
            f"{quoted(field.name)} {_type(field.type, rows[field.name].null_count)}"
            for field in rows.schema
        )
        self._client.run(f"CREATE TABLE {name} ({columns}) ENGINE = Memory")
        if rows.num_rows:
            self._client.insert(name, rows)
        return name

    def _drop(self, tables: Mapping[str, _Beside]) -> None:
        for one in tables.values():
            if one.stored:
                with suppress(AskfirstError):  # what remains is dropped at a later start
                    self._client.run(f"DROP TABLE IF EXISTS {one.stored} SYNC")


def _named_in(sql: str, tables: Mapping[str, _Beside]) -> dict[str, _Beside]:
    return {name: one for name, one in tables.items() if re.search(rf"\b{re.escape(name)}\b", sql)}


def _with_tables(sql: str, tables: Mapping[str, _Beside]) -> str:
    """Return a statement before which the tables that it names are introduced."""
    if not tables:
        return sql
    introduced = ", ".join(f"{quoted(name)} AS ({one.query})" for name, one in tables.items())
    begun = _WITH.match(sql)
    rest = f", {sql[begun.end() :]}" if begun else f" {sql}"
    return f"WITH {introduced}{rest}"


def _type(kind: pa.DataType, nulls: int) -> str:
    """Return the type of ClickHouse for values of an Arrow type."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    types: dict[Any, str] = {
        pa.bool_(): "Bool",
        pa.string(): "String",
        pa.large_string(): "String",
        pa.float64(): "Float64",
        pa.date32(): "Date32",
        **{getattr(pa, f"int{size}")(): f"Int{size}" for size in (8, 16, 32, 64)},
        **{getattr(pa, f"uint{size}")(): f"UInt{size}" for size in (8, 16, 32, 64)},
    }
    name = "UUID" if str(kind) == "extension<arrow.uuid>" else types[kind]
    return f"Nullable({name})" if nulls else name


def _with_texts_of_ids(rows: pa.Table) -> pa.Table:
    """Return rows whose columns of type uuid are texts, as DuckDB answers."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    for place, field in enumerate(rows.schema):
        if str(field.type) == "extension<arrow.uuid>":
            texts = [None if one is None else str(one) for one in rows.column(place).to_pylist()]
            rows = rows.set_column(place, field.name, pa.array(texts, pa.string()))
    return rows
