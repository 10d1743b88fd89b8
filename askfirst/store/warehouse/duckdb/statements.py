"""SQL of DuckDB for an operation: rows that are added, and conditions of those that go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.engine import Delete, Insert, Operation
from askfirst.store.warehouse.tables import TABLES, Table

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_ROWS = "rows_to_insert"
_FEW = 200
"""Up to how many values are parameters of a statement; more are scanned as Arrow."""


def carry_out(cursor: duckdb.DuckDBPyConnection, operation: Operation) -> None:
    """Carry out one operation in the transaction of a cursor."""
    if isinstance(operation, Insert):
        _insert(cursor, operation)
    else:
        _delete(cursor, operation)


def _insert(cursor: duckdb.DuckDBPyConnection, insert: Insert) -> None:
    table = TABLES[insert.table]
    how = f"INSERT{' OR REPLACE' if table.key else ''} INTO {table.name}"
    if not insert.rows.num_rows:  # only what was overtaken came
        return
    if insert.rows.num_rows * len(table.columns) <= _FEW:
        _insert_values(cursor, how, table, insert.rows)
        return
    chosen = ", ".join(_cast(table, name) for name in table.columns)
    cursor.register(_ROWS, insert.rows)
    cursor.execute(f"{how} BY NAME SELECT {chosen} FROM {_ROWS}")
    cursor.unregister(_ROWS)


def _insert_values(
    cursor: duckdb.DuckDBPyConnection, how: str, table: Table, rows: pa.Table
) -> None:
    """Insert few rows as parameters, which takes half the time of a scan of Arrow."""
    names = ", ".join(f'"{name}"' for name in table.columns)
    row = ", ".join(_place(kind) for kind in table.columns.values())
    columns = [rows[name].to_pylist() for name in table.columns]
    values = [value for found in zip(*columns, strict=True) for value in found]
    every = ", ".join([f"({row})"] * rows.num_rows)
    cursor.execute(f"{how} ({names}) VALUES {every}", values)


def _cast(table: Table, name: str) -> str:
    return f'"{name}"::UUID AS "{name}"' if table.columns[name] == "uuid" else f'"{name}"'


def _place(kind: str) -> str:
    return "?::UUID" if kind == "uuid" else "?"


def _delete(cursor: duckdb.DuckDBPyConnection, delete: Delete) -> None:
    types = TABLES[delete.table].columns
    values: list[Any] = []
    conditions = [
        _compared(name, sign, value, types, values)
        for sign, given in (("=", delete.equal), ("<", delete.below), (">=", delete.since))
        for name, value in given.items()
    ]
    beside: list[str] = []
    for name, found in delete.among.items():
        if 0 < len(found) <= _FEW:
            places = ", ".join([_place(types[name])] * len(found))
            values += found.to_pylist()
            conditions.append(f'"{name}" IN ({places})')
        else:
            conditions.append(_among(cursor, name, found, types, beside))
    cursor.execute(f"DELETE FROM {delete.table} WHERE {' AND '.join(conditions)}", values)
    _each(cursor.unregister, beside)


def _among(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    found: pa.Array,
    types: dict[str, str],
    beside: list[str],
) -> str:
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s, and a start needs none

    beside.append(f"among_{len(beside)}")
    cursor.register(beside[-1], pa.table({"value": found}))
    cast = "::UUID" if types[name] == "uuid" else ""
    return f'"{name}" IN (SELECT value{cast} FROM {beside[-1]})'


def _compared(name: str, sign: str, value: Any, types: dict[str, str], values: list[Any]) -> str:
    values.append(value)
    return f'"{name}" {sign} {_place(types[name])}'


def _each(act: Callable[[str], Any], names: list[str]) -> None:
    for name in names:
        act(name)
