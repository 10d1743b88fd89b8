"""Creates a warehouse of many generated events in DuckDB itself, and keeps it for reuse."""

import os
import sys
import time
from pathlib import Path

from askfirst.store.warehouse.duckdb.files import Limits, closed_duckdb
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.warehouse_rows import insert_rows

KEPT_DAYS = 30
"""An older one is created again: its events would come near the end of their retention."""

_HOUR_MS = 3_600_000
_MAKING = Limits(memory_mb=2048)
"""The engine's usual memory is too little to make ten million events in a few statements."""


def large_warehouse(
    cache: Path, events: int, paths: int = 500, kept_days: float = KEPT_DAYS
) -> Path:
    """Return a warehouse file with about so many events, made now or kept from before; copy it.

    Its last event is an hour old when it is made. No day is closed in it: `fold` closes them.
    """
    path = cache / f"{events}-events-{paths}-paths.duckdb"
    if path.exists() and time.time() - path.stat().st_mtime < kept_days * 86_400:
        return path
    cache.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    Warehouse(making).close()  # makes the tables
    print(f"Making a warehouse of {events:,} events in {cache}.", file=sys.stderr)
    with closed_duckdb(making, limits=_MAKING) as warehouse:
        insert_rows(warehouse, events, paths, time.time_ns() // 1_000_000 - _HOUR_MS)
    os.replace(making, path)
    return path
