"""Changes of a warehouse file that are cut short at any of their steps, and what a file holds.

`python killing.py PATH CHANGE STEP` carries out a change on the file at PATH, and the process is
killed at its STEPth step.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import askfirst.store.warehouse.duckdb.engine as engine_module
from askfirst.clock import DAY_MS
from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.duckdb import copying
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.shared_connection import SharedConnection
from askfirst.store.warehouse.tables import TABLES, Table
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.closing import close_days_at
from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of, ms, naive

JOURNAL, LAST = "j", 4
WORD = "a-page-of-the-erased"
_FIFTH = ms("2026-06-05T12:00")


def _batch(*views: tuple[int, str, str, str], rule_of: str = "") -> Any:
    """Return page views: number, visitor, time and path."""
    rows = [
        NOTHING
        | {
            "site_id": 1, "event_id": id_of(number), "kind": "page_view",
            "time": naive(ms(f"2026-06-{time}")), "visitor_id": hex_of(visitor),
            "visit_id": id_of(number), "consent_id": hex_of(f"consent of {visitor}"),
            "policy_version": 1, "path": path,
            "bot_rule": "webdriver" if visitor == rule_of else "",
        }
        for number, visitor, time, path in views
    ]  # fmt: skip
    return batch_of({name: [row[name] for row in rows] for name in EVENT_COLUMNS})


def a_batch(events: int, seq: int, length: int = 1) -> Any:
    """Return a batch of new visitors' views of new pages, whose paths have so many letters."""
    numbers = range(1000 * seq, 1000 * seq + events)
    long = "x" * length
    return _batch(*((n, f"visitor {n}", "04T11:00", f"/{n}{long}") for n in numbers))


def fill(path: Path) -> None:
    """Make a file with events of closed days and an open one, and what an erasure has left."""
    warehouse = Warehouse(path)
    warehouse.append(
        _batch(
            (1, "one", "01T10:00", "/"),
            (2, "two", "01T11:00", "/a"),
            (3, "one", "02T10:00", "/a"),
            (4, "three", "02T12:00", "/only-of-three"),
            rule_of="two",
        ),
        JOURNAL,
        1,
    )
    close_days_at(warehouse, 1, "UTC", _FIFTH - DAY_MS // 2)
    warehouse.append(
        _batch((5, "one", "04T10:00", "/b"), (6, "three", "04T10:00", "/")), JOURNAL, 2
    )
    warehouse.append(_batch((7, "erased", "04T10:00", f"/{WORD}")), JOURNAL, 3)
    warehouse.delete_visitor(1, hex_of("erased"))
    warehouse.close()


def _append(warehouse: Warehouse, *views: tuple[int, str, str, str]) -> None:
    """Store a batch as the shipper does: where the watermark says that it is there, it is."""
    if warehouse.watermark(JOURNAL) < LAST:
        warehouse.append(_batch(*views), JOURNAL, LAST)


def _a_batch(warehouse: Warehouse) -> None:
    _append(warehouse, (8, "four", "04T11:00", "/c"), (9, "one", "04T12:00", "/"))


def _a_late_event(warehouse: Warehouse) -> None:
    _append(warehouse, (8, "two", "02T09:00", "/late"), (9, "four", "04T12:00", "/"))


def _an_erasure(warehouse: Warehouse) -> None:
    warehouse.delete_visitor(1, hex_of("three"))


def _a_closed_day(warehouse: Warehouse) -> None:
    if warehouse.summarised(1).until <= _FIFTH // DAY_MS - 1:
        warehouse.fold(1, "UTC", _FIFTH + DAY_MS)


def _a_rule_left_out(warehouse: Warehouse) -> None:
    warehouse.set_left_out(1, "webdriver", left_out=True)


def _a_batch_and_a_rewrite(warehouse: Warehouse) -> None:
    _a_batch(warehouse)
    warehouse.rewrite()


CHANGES: dict[str, Callable[[Warehouse], None]] = {
    "a batch": _a_batch,
    "an event of a closed day": _a_late_event,
    "an erasure": _an_erasure,
    "closing days": _a_closed_day,
    "a rule that is left out": _a_rule_left_out,
    "a batch and a rewrite": _a_batch_and_a_rewrite,
    "a rewrite": Warehouse.rewrite,
}


class Steps:
    """Tells of every step of a change: of each operation, transaction, copied table and file."""

    def __init__(self, reached: Callable[[int, str], None]) -> None:
        self._reached = reached
        self._numbers = itertools.count(1)  # tables are copied side by side

    def reach(self, name: str) -> None:
        """Tell of a step."""
        self._reached(next(self._numbers), name)

    def around(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """Return what tells of a step before and after a function."""

        def told(*given: Any, **named: Any) -> Any:
            self.reach(f"before {name}")
            done = act(*given, **named)
            self.reach(f"after {name}")
            return done

        return told

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Tell of the steps of every engine until the block ends."""
        transaction = SharedConnection.transaction

        @contextmanager
        def told(connection: SharedConnection) -> Iterator[Any]:
            with transaction(connection) as cursor:
                yield cursor
                self.reach("before the commit")
            self.reach("after the commit")

        with ExitStack() as stack:
            stack.enter_context(patch.object(SharedConnection, "transaction", told))
            for owner, name in _STEPS:
                changed = self.around(name, getattr(owner, name))
                stack.enter_context(patch.object(owner, name, changed))
            yield


_STEPS: tuple[tuple[Any, str], ...] = (
    (engine_module, "carry_out"),
    (copying, "carry_out"),
    (engine_module, "sync"),
    (os, "replace"),
    (DuckDBEngine, "_copy"),
    (DuckDBEngine, "_opened"),
)


def held(path: Path) -> dict[str, list[str]]:
    """Return the rows of every table of a file, with summaries added up as a rewrite does."""
    warehouse = Warehouse(path)
    try:
        with warehouse.reading() as reader:
            return {
                name: _rows(table, reader.arrow(f"SELECT * FROM {name}").to_pylist())
                for name, table in TABLES.items()
            }
    finally:
        warehouse.close()


def _rows(table: Table, found: list[dict[str, Any]]) -> list[str]:
    if not table.sums:
        return sorted(map(repr, found))
    added: dict[tuple[Any, ...], list[int]] = {}
    for row in found:
        key = tuple(row[name] for name in table.columns if name not in table.sums)
        before = added.setdefault(key, [0] * len(table.sums))
        added[key] = [one + row[name] for one, name in zip(before, table.sums, strict=True)]
    return sorted(repr((key, numbers)) for key, numbers in added.items() if any(numbers))


def change(path: Path, name: str) -> None:
    """Open a file, carry out a change, and close it."""
    warehouse = Warehouse(path)
    try:
        CHANGES[name](warehouse)
    finally:
        warehouse.close()


def _kill_at(step: int) -> Callable[[int, str], None]:
    def reached(number: int, _name: str) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


if __name__ == "__main__":
    with Steps(_kill_at(int(sys.argv[3]))).watched():
        change(Path(sys.argv[1]), sys.argv[2])
