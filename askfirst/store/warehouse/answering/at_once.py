"""Calls at once, each in a thread of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

_AT_ONCE = 3
"""How many questions of a page are asked at once: planning one takes a thread, reading it all."""


def at_once(calls: Sequence[Callable[[], pa.Table]]) -> list[pa.Table]:
    """Return what calls return, which are made at once."""
    if len(calls) < 2:
        return [call() for call in calls]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda call: call(), calls))
