"""Whole numbers of one type, whatever an engine adds numbers up to."""

from __future__ import annotations

from typing import Any


def int64(number: Any) -> Any:
    """Return a count or a sum as int64.

    DuckDB adds up to 128 bits and ClickHouse counts without a sign, both of which Ibis takes for
    int64 and casts no more; so it goes by way of float64, which is exact up to 2**53.
    """
    return number.cast("float64").cast("int64")
