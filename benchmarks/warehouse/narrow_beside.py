"""Raw rows, narrow, asked beside the product: by a process of their own, and the goals as ratios.

Their process keeps what their engine holds out of the memory of the product's. A goal in
milliseconds says little on another machine than that on which it was set. There the questions of
raw rows, narrow, were measured as well, so a goal is also a ratio to these of the same rounds.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from askfirst.store.warehouse.duckdb.files import closed_duckdb
from benchmarks.load.timing import milliseconds
from benchmarks.warehouse.asking import Answers
from benchmarks.warehouse.narrow_rows import narrow_copy
from benchmarks.warehouse.narrow_sql import NO_FILTER, plainly
from benchmarks.warehouse.window import Asked

Days = int
PUBLISHED_MS: dict[tuple[int, int], dict[str, dict[Days, int]]] = {
    (1_000_000, 500): {
        NO_FILTER: {30: 26, 90: 64},
        "country + browser": {30: 11, 90: 18},
        "page contains": {30: 39, 90: 73},
    },
    (1_000_000, 100_000): {NO_FILTER: {30: 26, 90: 81}},
    (10_000_000, 500): {
        NO_FILTER: {30: 310, 90: 1001},
        "country + browser": {30: 56, 90: 142},
        "page contains": {30: 311, 90: 813},
    },
}
"""What raw rows, narrow, took on the machine on which the goals were set, of so many events and
paths: two cores, warm, medians of seven. Filters were measured there with 500 paths, ten million
events with one number of paths."""
GOALS_MS: dict[int, dict[str, dict[Days, int]]] = {
    1_000_000: {NO_FILTER: {30: 40, 90: 60}, "filter": {30: 60, 90: 100}},
    10_000_000: {NO_FILTER: {30: 100, 90: 150}, "filter": {30: 200, 90: 450}},
}


def goal_ms(events: int, name: str, days: Days) -> int | None:
    """Return the goal of six questions with the filter of this name, where there is one."""
    if not any(name in filters for filters in PUBLISHED_MS.values()):
        return None
    kind = NO_FILTER if name == NO_FILTER else "filter"
    return GOALS_MS.get(events, {}).get(kind, {}).get(days)


def goal_ratio(events: int, paths: int, name: str, days: Days) -> float | None:
    """Return a goal as a ratio to raw rows, narrow: its milliseconds by what these took there."""
    goal = goal_ms(events, name, days)
    took = PUBLISHED_MS.get((events, paths), {}).get(name, {}).get(days)
    return None if goal is None or took is None else round(goal / took, 2)


class NarrowRows:
    """Asks the questions in the other process, one page after the other."""

    def __init__(self, process: ProcessPoolExecutor) -> None:
        self._process = process

    def answers(self, wanted: Asked, name: str) -> Answers:
        """Return the answers of a page with the filter of a name."""
        return self._process.submit(_answers, wanted, name).result()

    def milliseconds(self, wanted: Asked, name: str) -> tuple[float, float]:
        """Return the wall-clock and the processor time of a page there, without the way there."""
        return self._process.submit(_timed, wanted, name).result()


@contextmanager
def narrow_rows(generated: Path, path: Path, threads: int) -> Iterator[NarrowRows]:
    """Copy the rows of a generated warehouse to a new file, and yield what asks them."""
    started = partial(_start, generated, path, threads)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=started) as process:
        yield NarrowRows(process)


_opened: list[tuple[duckdb.DuckDBPyConnection, ThreadPoolExecutor]] = []
"""What the other process has open."""


def _start(generated: Path, path: Path, threads: int) -> None:
    narrow_copy(generated, path)
    _opened.append((closed_duckdb(path, read_only=True), ThreadPoolExecutor(threads)))


def _answers(wanted: Asked, name: str) -> Answers:
    return plainly(*_opened[0], wanted, name)()


def _timed(wanted: Asked, name: str) -> tuple[float, float]:
    return milliseconds(plainly(*_opened[0], wanted, name))
