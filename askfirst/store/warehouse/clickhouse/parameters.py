"""Values of a statement as parameters that the server binds: `$name` becomes `{name:Type}`.

A few rows beside the warehouse are parameters as well: an array for each column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.engine import Value

if TYPE_CHECKING:
    import pyarrow as pa

_FEW_ROWS = 2_000
_FEW_BYTES = 30_000  # of texts: a server takes 128 KiB in one parameter, and escapes lengthen them

_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*` | \$([A-Za-z_]\w*)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)


def with_types(sql: str, values: Mapping[str, Value]) -> str:
    """Return a statement whose `$name` are parameters of the types of the values.

    What stands in quotes remains as it is.
    """

    def typed(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"{{{name}:{_type(values[name])}}}" if name in values else found.group(0)

    return _TOKEN.sub(typed, sql)


def bound(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the values in the form in which the client sends them."""
    return {
        name: value if isinstance(value, str | int | float) else list(value)
        for name, value in values.items()
    }


def _type(value: Value) -> str:
    if isinstance(value, bool):
        return "Bool"
    if isinstance(value, str):
        return "String"
    if isinstance(value, int):
        return "Int64"
    if isinstance(value, float):
        return "Float64"
    return "Array(String)" if any(isinstance(one, str) for one in value) else "Array(Int64)"


def as_arrays(prefix: str, rows: pa.Table) -> tuple[str, dict[str, Any]] | None:
    """Return a query that yields these rows, and its parameters; None for too many or other types.

    The parameters' names begin with the prefix.
    """
    if rows.num_rows > _FEW_ROWS or rows.nbytes > _FEW_BYTES or not rows.num_columns:
        return None
    kinds = [_ARRAYS.get(str(field.type)) for field in rows.schema]
    if None in kinds or any(column.null_count for column in rows.columns):
        return None
    values = {f"{prefix}_{n}": column.to_pylist() for n, column in enumerate(rows.columns)}
    arrays = [f"{{{name}:Array({kind})}}" for name, kind in zip(values, kinds, strict=True)]
    chosen = ", ".join(
        f"tupleElement(one, {n + 1}) AS `{_escaped(name)}`"
        for n, name in enumerate(rows.column_names)
    )
    return f"SELECT {chosen} FROM (SELECT arrayJoin(arrayZip({', '.join(arrays)})) AS one)", values


_ARRAYS = {
    "string": "String",
    **{f"int{size}": f"Int{size}" for size in (8, 16, 32, 64)},
}


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("`", "\\`")
