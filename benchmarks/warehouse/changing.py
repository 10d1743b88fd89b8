"""What goes on beside the questions: folding, appending, erasing; each with its slowest answer."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from askfirst.clock import DAY_MS
from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.summaries.deleting import delete
from askfirst.store.warehouse.summaries.folding import fold
from askfirst.store.warehouse.summaries.removal import of_visitor
from askfirst.store.warehouse.summaries.source import Source
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.generated_events import event_id
from benchmarks.load.warehouse_rows import SITE
from benchmarks.warehouse.window import ZONE

RATE = 5000
"""Events a second that are appended while a page is asked each second."""

_BATCH = 1000
_JOURNAL = "benchmark"


def fold_all(warehouse: Warehouse, now: int) -> float:
    """Close every day that can be closed; return the seconds."""
    began = time.perf_counter()
    while _folded(warehouse, now):
        pass
    return time.perf_counter() - began


def _folded(warehouse: Warehouse, now: int) -> bool:
    with warehouse.reading() as reader:
        operations = fold(Source(reader, warehouse.dialect), SITE, ZONE, now)
    if operations:
        warehouse.engine.commit(operations, f"fold:{time.perf_counter_ns()}")
    return bool(operations)


def folding(warehouse: Warehouse, now: int) -> dict[str, float]:
    """Fold all days but the last, then that one; return the seconds of both."""
    return {
        "all_days_s": round(fold_all(warehouse, now - DAY_MS), 2),
        "last_day_s": round(fold_all(warehouse, now), 3),
    }


@dataclass
class _Asking:
    """The milliseconds of pages asked meanwhile, and whether to stop."""

    milliseconds: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def slowest(self) -> float:
        return round(max(self.milliseconds, default=0), 1)


@contextmanager
def _asked_meanwhile(ask: Callable[[], Any], every: float) -> Iterator[_Asking]:
    asking = _Asking()

    def repeat() -> None:
        while not asking.stop.wait(every):
            began = time.perf_counter()
            ask()
            asking.milliseconds.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield asking
    finally:
        asking.stop.set()
        thread.join()


def appending(warehouse: Warehouse, ask: Callable[[], Any], seconds: float) -> dict[str, Any]:
    """Append so many events a second, as far as it keeps up, and ask for a page each second."""
    rounds = max(1, round(seconds * RATE / _BATCH))
    batches = [_batch(number) for number in range(rounds)]
    warehouse.watermark(_JOURNAL)
    took = []
    began = time.perf_counter()
    with _asked_meanwhile(ask, 1) as asking:
        for number, batch in enumerate(batches):
            time.sleep(max(0.0, began + number * _BATCH / RATE - time.perf_counter()))
            start = time.perf_counter()
            warehouse.append(batch, _JOURNAL, number + 1)
            took.append((time.perf_counter() - start) * 1000)
        elapsed = max(time.perf_counter() - began, rounds * _BATCH / RATE)
    return {
        "events_a_second": round(rounds * _BATCH / elapsed),
        "slowest_append_ms": round(max(took), 1),
        "slowest_page_ms": asking.slowest,
        "pages": len(asking.milliseconds),
    }


def _batch(number: int) -> Any:
    """Return visits of four views each, as the shipper would hand them over, from new visitors."""
    now = time.time()
    first = number * _BATCH
    rows = range(first, first + _BATCH)
    visits = [event_id(row - row % 4) for row in rows]
    columns: dict[str, list[Any]] = {
        name: ["" if kind == "string" else 1] * _BATCH for name, kind in EVENT_COLUMNS.items()
    }
    columns |= {
        "event_id": [event_id(row) for row in rows],
        "kind": ["page_view"] * _BATCH,
        "time": [
            datetime.fromtimestamp(now + row % 4 / 100, UTC).replace(tzinfo=None) for row in rows
        ],
        "visitor_id": [f"{row // 4:032x}" for row in rows],
        "consent_id": [f"{(1 << 64) + row // 4:032x}" for row in rows],
        "visit_id": visits,
        "host": ["example.org"] * _BATCH,
        "path": [f"/appended/{row % 97}" for row in rows],
        "country": ["DE"] * _BATCH,
        "browser": ["Firefox"] * _BATCH,
    }
    return batch_of(columns)


def erasing(
    warehouse: Warehouse, ask: Callable[[], Any], visitor: int, every: float = 1
) -> dict[str, Any]:
    """Erase a visitor and the bytes; a page is asked so many seconds after the one before."""
    with _asked_meanwhile(ask, every) as asking:
        began = time.perf_counter()
        with warehouse.reading() as reader:
            deletion = delete(Source(reader, warehouse.dialect), of_visitor(SITE, visitor))
        warehouse.engine.commit(deletion.operations, f"erase:{visitor}")
        deleted = time.perf_counter()
        warehouse.rewrite()
        ended = time.perf_counter()
    return {
        "events": deletion.events,
        "rows_s": round(deleted - began, 3),
        "rewrite_s": round(ended - deleted, 3),
        "all_s": round(ended - began, 3),
        "slowest_page_ms": asking.slowest,
        "pages": len(asking.milliseconds),
    }
