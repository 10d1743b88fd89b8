"""One case of `benchmarks.reports`: a warehouse of one size on one engine, measured whole.

It runs in a process of its own: the real ClickHouse engine lives within it (chdb), and the memory
that it holds is that of this case.
"""

import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askfirst.errors import Unavailable
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.large_warehouse import large_warehouse
from benchmarks.load.timing import now
from benchmarks.load.usage import rss_of
from benchmarks.warehouse import hand_clickhouse, hand_sql
from benchmarks.warehouse.asking import SEGMENTS, Answers, through_layers
from benchmarks.warehouse.breakdowns import Asking, breakdowns, same_rows
from benchmarks.warehouse.changing import appending, erasing, folding
from benchmarks.warehouse.longer import longer
from benchmarks.warehouse.window import Asked, asked

DAYS = (30, 90)
AGAIN = 7
_LONG_ENOUGH_MS = 2_000
"""How long one of the breakdowns may take, with its repetitions."""
_BY_HAND = {"duckdb": hand_sql.by_hand, "clickhouse": hand_clickhouse.by_hand}
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
        with _opened(case.engine, path) as (warehouse, size):
            return _measured(case, warehouse, size)


def _measured(case: Case, warehouse: Warehouse, size: Callable[[], int]) -> dict[str, Any]:
    found = warehouse.answer("SELECT count(*) AS n, max(time) AS last FROM events")
    events, end = int(found["n"].iloc[0]), int(found["last"].iloc[0]) + 1
    result: dict[str, Any] = {"events": events, "paths": case.paths, "engine": case.engine}
    result["folding"] = folding(warehouse, time.time_ns() // 1_000_000)
    warehouse.rewrite()
    result["bytes_an_event"] = round(size() / events, 2)
    with ThreadPoolExecutor(_THREADS) as pool:
        pages = {days: asked(days, end, warehouse.summarised(1)) for days in DAYS}
        result["questions"] = {
            str(days): _questions(warehouse, pool, wanted) for days, wanted in pages.items()
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
            result["appending"] = appending(warehouse, ask, case.seconds)
    result["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return result


def _questions(warehouse: Warehouse, pool: ThreadPoolExecutor, wanted: Asked) -> dict[str, Any]:
    layers = through_layers(warehouse, pool, wanted, None)
    found: dict[str, Any] = {}
    by_hand = _BY_HAND[warehouse.dialect]
    hand = by_hand(warehouse, pool, wanted)
    same = agree(layers(), hand())
    times = [(*_milliseconds(layers), *_milliseconds(hand)) for _ in range(AGAIN)]
    found["no filter"] = {
        "ms": _median(one for one, _, _, _ in times),
        "cpu_ms": _median(cpu for _, cpu, _, _ in times),
        "by_hand_ms": _median(other for _, _, other, _ in times),
        "by_hand_cpu_ms": _median(cpu for _, _, _, cpu in times),
        "ratio": _median(one / other for one, _, other, _ in times),
        "same_answers": same,
    }
    for name, segment in SEGMENTS.items():
        found[name] = _repeated(through_layers(warehouse, pool, wanted, segment))
    return found


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
    times = [_milliseconds(ask)]
    while len(times) < again and sum(one for one, _ in times) < _LONG_ENOUGH_MS:
        times.append(_milliseconds(ask))
    return {"ms": _median(one for one, _ in times), "cpu_ms": _median(cpu for _, cpu in times)}


def agree(one: Answers, other: Answers) -> bool:
    """Return whether two pages have the same rows, numbers to a thousandth.

    A sum over no row is 0, whether it is told as 0, as nothing or as no number.
    """
    return {name: _plain(rows) for name, rows in one.items()} == {
        name: _plain(rows) for name, rows in other.items()
    }


def _plain(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [[cell if isinstance(cell, str) else _number(cell) for cell in row] for row in rows]


def _number(cell: Any) -> float:
    return 0.0 if cell is None or cell != cell else round(float(cell), 3)


def _milliseconds(ask: Callable[[], Any]) -> tuple[float, float]:
    """Return the wall-clock time, and the processor time in all threads of the process."""
    began = now()
    ask()
    wall, cpu = (after - before for after, before in zip(now(), began, strict=True))
    return wall * 1000, cpu * 1000


def _repeated(ask: Callable[[], Any]) -> dict[str, float]:
    ask()
    times = [_milliseconds(ask) for _ in range(AGAIN)]
    return {"ms": _median(one for one, _ in times), "cpu_ms": _median(cpu for _, cpu in times)}


def _median(each: Iterable[float]) -> float:
    return round(statistics.median(each), 2)


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
