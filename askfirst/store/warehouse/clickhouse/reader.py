"""Reads a ClickHouse database: each statement sees what is stored when it begins."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from askfirst.errors import AskfirstError
from askfirst.store.warehouse.clickhouse.schema import quoted
from askfirst.store.warehouse.engine import Value

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.client import Client

KEPT = "kept_"
"""How the names begin of tables in the server's memory, which last as long as their reader."""

_WITH = re.compile(r"\s*WITH\b", re.IGNORECASE)


class ClickHouseReader:
    """Reads by statements of their own, from any thread.

    Rows that a statement reads beside the warehouse become a table in the server's memory under a
    name that is never used again; the statement names it by a common table expression.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kept: dict[str, str] = {}

    def arrow(
        self,
        sql: str,
        values: Mapping[str, Value] | None = None,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Return the rows of a statement, which may name the tables in `beside`."""
        here = {name: self._stored(rows) for name, rows in (beside or {}).items()}
        try:
            named = _with_tables(sql, self._kept | here)
            return _with_texts_of_ids(self._client.arrow(named, values))
        finally:
            self._drop(here)

    def keep(self, name: str, rows: pa.Table) -> None:
        """Let later statements of this reader name these rows as a table."""
        before = {name: self._kept[name]} if name in self._kept else {}
        self._kept[name] = self._stored(rows)
        self._drop(before)

    def close(self) -> None:
        """Drop the tables that were kept."""
        self._drop(self._kept)
        self._kept = {}

    def _stored(self, rows: pa.Table) -> str:
        name = f"{KEPT}{uuid.uuid4().hex}"
        columns = ", ".join(
            f"{quoted(field.name)} {_type(field.type, rows[field.name].null_count)}"
            for field in rows.schema
        )
        self._client.run(f"CREATE TABLE {name} ({columns}) ENGINE = Memory")
        if rows.num_rows:
            self._client.insert(name, rows)
        return name

    def _drop(self, tables: Mapping[str, str]) -> None:
        for name in tables.values():
            with suppress(AskfirstError):  # what remains is dropped at the next start
                self._client.run(f"DROP TABLE IF EXISTS {name} SYNC")


def _with_tables(sql: str, tables: Mapping[str, str]) -> str:
    """Return a statement before which the tables that it may name are introduced."""
    named = [
        f"{quoted(name)} AS (SELECT * FROM {stored})"
        for name, stored in tables.items()
        if re.search(rf"\b{re.escape(name)}\b", sql)
    ]
    if not named:
        return sql
    begun = _WITH.match(sql)
    rest = f", {sql[begun.end() :]}" if begun else f" {sql}"
    return f"WITH {', '.join(named)}{rest}"


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
