"""Reading tables as bytes, so that a row that makes no sense any more can still be named."""

import json
from typing import Any

from sqlalchemy import JSON, Column, Integer, LargeBinary, Table, cast

NONSENSE = (ValueError, OverflowError, RecursionError, TypeError)
"""What a value raises that cannot be read, or not be written as canonical JSON."""

_MOST_SHOWN = 64


def raw_columns(table: Table) -> list[Any]:
    """Return a table's columns to select, each as bytes whatever somebody stored there."""
    return [cast(column, LargeBinary).label(column.name) for column in table.c]


def decoded(table: Table, row: Any) -> dict[str, Any] | None:
    """Return a row of `raw_columns` as the table means it, or None where it is not that."""
    try:
        return {column.name: _value(column, row[column.name]) for column in table.c}
    except NONSENSE:
        return None


def shown(name: bytes | None) -> str:
    """Return a stored name to print: what is no text or cannot be printed is replaced."""
    text = (name or b"").decode("utf-8", "replace")[:_MOST_SHOWN]
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


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
