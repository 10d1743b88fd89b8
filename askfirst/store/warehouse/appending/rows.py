"""Rows to be stored, as Arrow tables of a stored table's types (an id is 32 hexadecimal digits)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from askfirst.store.warehouse.engine import Insert
from askfirst.store.warehouse.tables import TABLES

_ARROW = {
    "boolean": pa.bool_(),
    "int8": pa.int8(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "string": pa.string(),
    "uuid": pa.string(),
}


def arrow_table(columns: Mapping[str, Any], types: Mapping[str, str]) -> pa.Table:
    """Return a table from the values of each column, with the Arrow types of these Ibis types."""
    return pa.table({name: _array(found, types[name]) for name, found in columns.items()})


def _array(values: Any, kind: str) -> pa.Array:
    wanted = _ARROW[kind]
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(wanted)
    return pa.array(values, type=wanted)


def insert_columns(table: str, columns: Mapping[str, Any]) -> Insert:
    """Return the insertion of rows into a stored table from the values of each column."""
    return Insert(table, arrow_table(columns, TABLES[table].columns))


def insert_rows(table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[Insert]:
    """Return the insertion of rows whose values are in the order of the names; none for no rows."""
    if not rows:
        return []
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return [insert_columns(table, columns)]
