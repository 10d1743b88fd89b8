"""How much is tried: little in every run, much where LONG_TESTS is set (scripts/test --faults)."""

import os

import pytest

IS_LONG = bool(os.environ.get("LONG_TESTS"))


def examples(short: int, long: int) -> int:
    """Return how many examples Hypothesis makes."""
    return long if IS_LONG else short


long_on_clickhouse = pytest.mark.parametrize(
    "open_engine", ["duckdb", "clickhouse"] if IS_LONG else ["duckdb"], indirect=True
)
"""ClickHouse takes 80 ms to plan each statement of a change, and changes have dozens of them.

Tests of what is the same for both engines, whose statements the others' tests carry out on both,
run on it where LONG_TESTS is set.
"""
