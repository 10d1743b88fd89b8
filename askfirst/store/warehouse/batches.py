"""Batches of warehouse rows in Arrow's form, as the warehouse takes them in."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from askfirst.events import EVENT_COLUMNS

_ARROW = {"int32": pa.int32(), "string": pa.string(), "timestamp(6)": pa.timestamp("us")}
ARROW_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in EVENT_COLUMNS.items()])


def batch_of(rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    """Return a table of `ARROW_SCHEMA` of rows whose values are in its order."""
    columns = list(zip(*rows, strict=True)) or [()] * len(ARROW_SCHEMA)
    arrays = [
        pa.array(values, type=field.type)
        for values, field in zip(columns, ARROW_SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=ARROW_SCHEMA)
