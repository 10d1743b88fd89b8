"""Whole numbers of one type, whatever an engine adds numbers up to."""

from __future__ import annotations

from typing import Any

import ibis


def int64(number: Any) -> Any:
    """Return a count or a sum as int64.

    DuckDB adds up to 128 bits and ClickHouse counts without a sign, both of which Ibis takes for
    int64 and casts no more; so it goes by way of float64, which is exact up to 2**53.
    """
    return number.cast("float64").cast("int64")


def exact_sum(number: Any) -> Any:
    """Return the sum of numbers that visitors send, exact beyond 64 bits: a decimal.

    ClickHouse adds whole numbers up to 64 bits and begins anew silently.
    """
    return number.cast("decimal(38, 0)").sum()


def place(lead: Any, group_by: str | None = None) -> Any:
    """Return how many rows of a group have a larger `lead` (a column): equal ones share a place.

    Ibis writes a frame of rows unless told otherwise, and by that ClickHouse gives equal rows
    different ranks.
    """
    window = ibis.range_window(group_by=group_by, order_by=ibis.desc(lead), following=0)
    return ibis.rank().over(window)
