"""SQL of DuckDB for an operation: rows that are added, and conditions of those that go."""

from collections.abc import Callable
from typing import Any

import duckdb

from askfirst.store.warehouse.engine import Delete, Insert, Operation
from askfirst.store.warehouse.tables import TABLES, Table

_ROWS = "rows_to_insert"


def carry_out(cursor: duckdb.DuckDBPyConnection, operation: Operation) -> None:
    """Carry out one operation in the transaction of a cursor."""
    if isinstance(operation, Insert):
        _insert(cursor, operation)
    else:
        _delete(cursor, operation)


def _insert(cursor: duckdb.DuckDBPyConnection, insert: Insert) -> None:
    table = TABLES[insert.table]
    chosen = ", ".join(_cast(table, name) for name in table.columns)
    how = "INSERT OR REPLACE" if table.key else "INSERT"
    cursor.register(_ROWS, insert.rows)
    cursor.execute(f"{how} INTO {table.name} BY NAME SELECT {chosen} FROM {_ROWS}")
    cursor.unregister(_ROWS)


def _cast(table: Table, name: str) -> str:
    return f'"{name}"::UUID AS "{name}"' if table.columns[name] == "uuid" else f'"{name}"'


def _delete(cursor: duckdb.DuckDBPyConnection, delete: Delete) -> None:
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s, and a start needs none

    types = TABLES[delete.table].columns
    values: list[Any] = []
    conditions = [
        _compared(name, sign, value, types, values)
        for sign, given in (("=", delete.equal), ("<", delete.below), (">=", delete.since))
        for name, value in given.items()
    ]
    beside: list[str] = []
    for number, (name, found) in enumerate(delete.among.items()):
        beside.append(f"among_{number}")
        cursor.register(beside[-1], pa.table({"value": found}))
        cast = "::UUID" if types[name] == "uuid" else ""
        conditions.append(f'"{name}" IN (SELECT value{cast} FROM among_{number})')
    cursor.execute(f"DELETE FROM {delete.table} WHERE {' AND '.join(conditions)}", values)
    _each(cursor.unregister, beside)


def _compared(name: str, sign: str, value: Any, types: dict[str, str], values: list[Any]) -> str:
    values.append(value)
    return f'"{name}" {sign} ?' + ("::UUID" if types[name] == "uuid" else "")


def _each(act: Callable[[str], Any], names: list[str]) -> None:
    for name in names:
        act(name)


def copy_statement(table: Table, target: str) -> str:
    """Return the statement that copies a table, with what is to be added up added up."""
    if not table.sums:
        every = ", ".join(f'"{name}"' for name in table.columns)  # which may lie in another order
        return f"INSERT INTO {target}.{table.name} SELECT {every} FROM {table.name}"
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
