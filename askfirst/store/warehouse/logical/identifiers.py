"""Identifiers in questions: 32 hexadecimal digits of what is stored as 128 bits."""

from __future__ import annotations

from typing import Any


def digits(column: Any) -> Any:
    """Return an id as 32 hexadecimal digits (see `askfirst.store.warehouse.identifiers`)."""
    return column.cast("string").replace("-", "")
