"""Rows to be stored, as Arrow tables of a stored table's types (an id is 32 hexadecimal digits)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.engine import Insert
from askfirst.store.warehouse.tables import TABLES

if TYPE_CHECKING:
    import pyarrow as pa


_ALIASES = {"boolean": "bool", "uuid": "string"}
"""The names of Ibis types in Arrow, where they differ."""


def arrow_table(columns: Mapping[str, Any], types: Mapping[str, str]) -> pa.Table:
    """Return a table from the values of each column, with the Arrow types of these Ibis types."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s, and a start needs none

    return pa.table({name: _array(found, types[name]) for name, found in columns.items()})


def _array(values: Any, kind: str) -> pa.Array:
    import pyarrow as pa  # noqa: PLC0415 - see above

    wanted = pa.type_for_alias(_ALIASES.get(kind, kind))
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
