"""One case of `benchmarks.reports`: a warehouse of one size on one engine, measured whole.

It runs in a process of its own: the real ClickHouse engine lives within it (chdb), and the memory
that it holds is that of this case.
"""

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askfirst.errors import Unavailable
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.large_warehouse import large_warehouse
from benchmarks.load.timing import milliseconds
from benchmarks.load.usage import rss_of
from benchmarks.warehouse.asking import through_layers
from benchmarks.warehouse.breakdowns import Asking, breakdowns, same_rows
from benchmarks.warehouse.changing import appending, erasing, folding
from benchmarks.warehouse.in_turn import AGAIN, median, questions
from benchmarks.warehouse.longer import longer
from benchmarks.warehouse.narrow_beside import NarrowRows, narrow_rows
from benchmarks.warehouse.window import asked

DAYS = (30, 90)
_LONG_ENOUGH_MS = 2_000
"""How long one of the breakdowns may take, with its repetitions."""
_THREADS = 6  # as asyncio.to_thread has on two cores


@dataclass(frozen=True)
class Case:
    """What is measured: `changes` are folding alone or also appending and erasing."""

    events: int
    paths: int
    engine: str
    cache: Path
    seconds: float
    changes: bool
    again: int = AGAIN


def measured(case: Case) -> dict[str, Any]:
    """Measure a case; the file is a copy, and what is generated is at most a day old."""
    kept = large_warehouse(case.cache, case.events, case.paths, kept_days=1)
    with tempfile.TemporaryDirectory(dir=case.cache) as name:
        path = Path(name) / "warehouse.duckdb"
        shutil.copyfile(kept, path)
        with (
            _raw_rows(case.engine, kept, Path(name) / "narrow.duckdb") as raw,
            _opened(case.engine, path) as (warehouse, size),
        ):
            return _measured(case, warehouse, size, raw)


def _raw_rows(engine: str, kept: Path, path: Path) -> AbstractContextManager[NarrowRows | None]:
    return narrow_rows(kept, path, _THREADS) if engine == "duckdb" else nullcontext()


def _measured(
    case: Case, warehouse: Warehouse, size: Callable[[], int], raw: NarrowRows | None
) -> dict[str, Any]:
    found = warehouse.answer("SELECT count(*) AS n, max(time) AS last FROM events")
    events, end = int(found["n"].iloc[0]), int(found["last"].iloc[0]) + 1
    result: dict[str, Any] = {"events": events, "paths": case.paths, "engine": case.engine}
    result["folding"] = folding(warehouse, time.time_ns() // 1_000_000)
    warehouse.rewrite()
    result["bytes_an_event"] = round(size() / events, 2)
    with ThreadPoolExecutor(_THREADS) as pool:
        pages = {days: asked(days, end, warehouse.summarised(1)) for days in DAYS}
        result["questions"] = {
            str(days): questions(warehouse, pool, wanted, raw) for days, wanted in pages.items()
        }
        result["longer"] = {
            str(days): {name: _repeated(ask) for name, ask in longer(warehouse, wanted).items()}
            for days, wanted in pages.items()
        }
        result["breakdowns"] = {
            str(days): _each(breakdowns(warehouse, wanted), case.again)
            for days, wanted in pages.items()
        }
        result["rss_mib_after_asking"] = rss_of(os.getpid()) >> 20
        if case.changes:
            ask = through_layers(warehouse, pool, pages[30], None)
            result["erasing"] = erasing(warehouse, ask, visitor=events // 20)
            result["erasing_beside_page_after_page"] = erasing(
                warehouse, ask, visitor=events // 21, every=0.01
            )
            result["appending"] = appending(warehouse, ask, case.seconds)
    result["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return result


def _each(asked: dict[str, Asking], again: int) -> dict[str, dict[str, Any]]:
    """Return the times of questions that are asked one after the other, beside SQL by hand."""
    found: dict[str, dict[str, Any]] = {}
    for name, (layers, hand) in asked.items():
        try:
            ours = layers()
        except Unavailable as error:
            found[name] = {"ms": None, "fault": error.message}
            continue
        found[name] = _shortly(layers, again)
        if hand:
            found[name]["same_answers"] = same_rows(ours, hand())
            found[name]["by_hand_ms"] = _shortly(hand, again)["ms"]
    return found


def _shortly(ask: Callable[[], Any], again: int) -> dict[str, Any]:
    times = [milliseconds(ask)]
    while len(times) < again and sum(one for one, _ in times) < _LONG_ENOUGH_MS:
        times.append(milliseconds(ask))
    return {"ms": median(one for one, _ in times), "cpu_ms": median(cpu for _, cpu in times)}


def _repeated(ask: Callable[[], Any]) -> dict[str, float]:
    ask()
    times = [milliseconds(ask) for _ in range(AGAIN)]
    return {"ms": median(one for one, _ in times), "cpu_ms": median(cpu for _, cpu in times)}


@contextmanager
def _opened(engine: str, path: Path) -> Iterator[tuple[Warehouse, Callable[[], int]]]:
    """Yield the warehouse of a file, or of its copy in ClickHouse, and what tells its bytes."""
    if engine == "duckdb":
        warehouse = Warehouse(path)
        yield warehouse, lambda: path.stat().st_size
        warehouse.close()
        return
    from benchmarks.warehouse.in_clickhouse import copied  # noqa: PLC0415 - chdb is heavy

    with copied(path) as (copy, size):
        yield Warehouse(copy), size
