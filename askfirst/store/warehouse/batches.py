"""Batches of warehouse rows as Arrow tables, the form in which the warehouse stores them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from askfirst.columns import COLUMNS, nothing_of
from askfirst.events import EVENT_COLUMNS

_ARROW = {
    "int32": pa.int32(),
    "int64": pa.int64(),
    "string": pa.string(),
    "timestamp(6)": pa.timestamp("us"),
}
ARROW_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in EVENT_COLUMNS.items()])


def batch_of(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Return a table of `ARROW_SCHEMA` from the values of each of its columns, by name."""
    arrays = [pa.array(columns[field.name], type=field.type) for field in ARROW_SCHEMA]
    return pa.Table.from_arrays(arrays, schema=ARROW_SCHEMA)


def completed(rows: pa.Table) -> pa.Table:
    """Return rows with every column of `ARROW_SCHEMA`: those that they lack say nothing."""
    for one in COLUMNS:
        if one.name not in rows.column_names:
            kind = ARROW_SCHEMA.field(one.name).type
            nothing = pa.repeat(pa.scalar(nothing_of(one), kind), rows.num_rows)
            rows = rows.append_column(one.name, nothing)
    return rows
