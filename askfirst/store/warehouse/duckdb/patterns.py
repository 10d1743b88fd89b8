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


@lru_cache(maxsize=1024)
def is_pattern(pattern: str) -> bool:
    """Return whether RE2 knows a pattern, and whether it repeats little enough."""
    counts = (max(1, *map(_number, found)) for found in _REPEATED.findall(pattern))
    return prod(counts) <= MOST_REPEATED and _compiles(pattern)


def _number(digits: str) -> int:
    return int(digits[:9] or 0)


def _compiles(pattern: str) -> bool:
    import duckdb  # noqa: PLC0415 - a start should not wait for it

    with _lock:
        try:
            _database().execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()
        except duckdb.Error:
            return False
    return True


@cache
def _database() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - a start should not wait for it

    from askfirst.store.warehouse.duckdb.files import CLOSED  # noqa: PLC0415 - it imports DuckDB

    return duckdb.connect(":memory:", config={**CLOSED, "threads": 1})
