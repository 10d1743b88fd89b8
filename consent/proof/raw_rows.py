"""Reading tables as bytes, so that a damaged row can be named."""

import json
from typing import Any

from sqlalchemy import JSON, Column, Integer, LargeBinary, Table, cast

NONSENSE = (ValueError, OverflowError, RecursionError, TypeError)
"""What is raised for a value that cannot be read or written as canonical JSON."""

_MOST_SHOWN = 64


def raw_columns(table: Table) -> list[Any]:
    """Return a table's columns to select, each as bytes, whatever is stored there."""
    return [cast(column, LargeBinary).label(column.name) for column in table.c]


def decoded(table: Table, row: Any) -> dict[str, Any] | None:
    """Return a row of `raw_columns` in its table's types, or None where it does not fit."""
    try:
        return {column.name: _value(column, row[column.name]) for column in table.c}
    except NONSENSE:
        return None


def shown(name: bytes | None) -> str:
    """Return a stored name as printable text, with what is not printable replaced."""
    text = (name or b"").decode("utf-8", "replace")[:_MOST_SHOWN]
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _value(column: Column[Any], stored: bytes | None) -> Any:
    if stored is None:
        return None
    text = stored.decode()
    if isinstance(column.type, JSON):
        return json.loads(text)
    return _whole_number(text) if isinstance(column.type, Integer) else text


def _whole_number(text: str) -> int:
    number = int(text)
    if str(number) != text:  # Python reads more spellings than the database writes
        raise ValueError("This is not a whole number.")
    return number
