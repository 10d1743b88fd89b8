"""Patterns of RE2, which both engines use: whether one is known, and cheap enough, for either.

DuckDB is always there, and its RE2 is older than that of ClickHouse, which knows what this one
knows; so this one decides for both.
"""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MOST_REPEATED = 50
"""What the counts of `{n}` and `{n,m}` in a pattern may multiply to.

RE2 takes time in proportion to the text, but also to the size of what it compiles a pattern to:
100,000 paths took 7 seconds for `(?i:\\pL){300}`, 0.05 for `(?i:\\pL){9}`.
"""

_REPEATED = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_lock = threading.Lock()


def is_pattern(pattern: str) -> bool:
    """Return whether RE2 knows a pattern, and whether it repeats little enough."""
    counts = (max(1, *map(_number, found)) for found in _REPEATED.findall(pattern))
    return prod(counts) <= MOST_REPEATED and _found_in_nothing(pattern) is not None


def _number(digits: str) -> int:
    return int(digits[:9] or 0)


def matches_nothing(pattern: str) -> bool:
    """Return whether a pattern is found in ''."""
    return bool(_found_in_nothing(pattern))


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
