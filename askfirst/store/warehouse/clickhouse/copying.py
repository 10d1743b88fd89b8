"""Copies a ClickHouse warehouse into a DuckDB file, by slices of the order in which rows lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from askfirst.store.warehouse.clickhouse.schema import quoted
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.engine import Insert
from askfirst.store.warehouse.tables import TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.reader import ClickHouseReader

_ROWS = 200_000  # of one slice, which bounds the memory


def copy_to_file(reader: ClickHouseReader, path: Path) -> None:
    """Copy every table into a new DuckDB file; nothing may be written meanwhile."""
    copy = DuckDBEngine(path)
    try:
        for table in TABLES.values():
            if table.name != "form":  # the file has its own
                for rows in _slices(reader, table):
                    copy.commit([Insert(table.name, rows)], "copy")
    finally:
        copy.close()


def _slices(reader: ClickHouseReader, table: Table) -> Iterator[pa.Table]:
    """Yield the rows in slices, each after the last row of the one before.

    All columns order them, so that rows which agree in each are never cut in two.
    """
    names = [*table.order, *(name for name in table.columns if name not in table.order)]
    listed = ", ".join(map(quoted, names))
    start = 0
    while True:
        rows = reader.arrow(
            f"SELECT {listed} FROM {quoted(table.name)} ORDER BY {listed}"
            " LIMIT $most OFFSET $start",
            {"most": _ROWS, "start": start},
        )
        if rows.num_rows:
            yield rows
        if rows.num_rows < _ROWS:
            return
        start += _ROWS
