"""Values of a statement as parameters that the server binds: `$name` becomes `{name:Type}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from askfirst.store.warehouse.engine import Value

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
