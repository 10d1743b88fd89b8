"""Fixtures: real stores in a temporary folder, and a clock that stands still."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from askfirst.events import EVENT_COLUMNS
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.store.warehouse.warehouse import Warehouse

NOON = 1_789_992_000_000  # 2026-09-21T12:00:00Z


@dataclass
class StoppedClock:
    """Returns the same millisecond until a test moves it."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
    yield opened
    await opened.close()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = Warehouse(tmp_path / "warehouse.duckdb")
    yield opened
    opened.close()


def events(*rows: dict[str, Any]) -> pa.Table:
    """Build a batch of events; columns that a row leaves out get fillers."""
    filler = {name: "x" if kind == "string" else 1 for name, kind in EVENT_COLUMNS.items()}
    filler["kind"] = "page_view"
    filler["time"] = datetime(2026, 9, 21, 12)  # noqa: DTZ001 - the warehouse keeps plain UTC
    return pa.Table.from_pylist([filler | row for row in rows], schema=ARROW_SCHEMA)


@pytest.fixture
def batch_of() -> Any:
    return events
