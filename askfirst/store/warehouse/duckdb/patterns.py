"""Patterns of RE2, which both engines use: whether one is known, and cheap enough, for either.

DuckDB is always there, and its RE2 is older than that of ClickHouse, which knows what this one
knows; so this one decides for both.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from askfirst.store.warehouse.duckdb.pattern_size import LARGEST, is_small, size_of

if TYPE_CHECKING:
    import duckdb

_ALIKE = "(?i)(?-is)"
"""The flags by which both engines read a pattern alike, before those that it sets itself.

`.` matches no line break, which ClickHouse would let it. And ClickHouse looks first for letters
that a text must have, as it guesses from the pattern: of `é?` it takes half of the letter for one.
Where it sees a flag `i`, wherever that ends, it guesses none.
"""
_lock = threading.Lock()


def is_pattern(pattern: str) -> bool:
    """Return whether RE2 knows a pattern, and whether it expands to little enough.

    What expands to too much is refused before it is compiled: RE2 took 7 seconds for 100,000 paths
    and `(?i:\\pL){300}`, 0.05 for `(?i:\\pL){9}`.
    """
    return is_small(pattern) and _found_in_nothing(pattern) is not None


def are_small(patterns: Sequence[str]) -> bool:
    """Return whether patterns expand together to no more than one of them may."""
    return sum(size_of(one).size for one in patterns) <= LARGEST


def matches_nothing(pattern: str) -> bool:
    """Return whether a pattern is found in ''."""
    return bool(_found_in_nothing(pattern))


def read_alike(pattern: str) -> str:
    """Return a pattern that finds in either engine what a known one finds in this one."""
    return f"{_ALIKE}{pattern}"


@lru_cache(maxsize=1024)
def _found_in_nothing(pattern: str) -> bool | None:
    import duckdb  # noqa: PLC0415 - a start should not wait for it

    with _lock:
        try:
            database = _database().execute("SELECT regexp_matches('', $1)", [pattern])
            return bool((database.fetchone() or (False,))[0])
        except duckdb.Error:
            return None


@cache
def _database() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - a start should not wait for it

    from askfirst.store.warehouse.duckdb.files import CLOSED  # noqa: PLC0415 - it imports DuckDB

    return duckdb.connect(":memory:", config={**CLOSED, "threads": 1})
