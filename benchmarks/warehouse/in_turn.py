"""The six questions of a page with each filter, beside the same by others, asked in turn."""

import statistics
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.timing import milliseconds
from benchmarks.warehouse import hand_clickhouse, hand_sql
from benchmarks.warehouse.asking import SEGMENTS, Answers, through_layers
from benchmarks.warehouse.narrow_beside import NarrowRows
from benchmarks.warehouse.narrow_sql import FILTERS, NO_FILTER
from benchmarks.warehouse.window import Asked

AGAIN = 7
_BY_HAND = {"duckdb": hand_sql.by_hand, "clickhouse": hand_clickhouse.by_hand}
_Other = tuple[Callable[[], Answers], Callable[[], tuple[float, float]]]
"""What asks a page, and what tells how long that takes: wall-clock and processor time in ms."""


def questions(
    warehouse: Warehouse, pool: ThreadPoolExecutor, wanted: Asked, raw: NarrowRows | None
) -> dict[str, Any]:
    """Return the times of a page with each filter, beside others asked in turn with it."""
    found: dict[str, Any] = {}
    for name, segment in {NO_FILTER: None, **SEGMENTS}.items():
        ours = through_layers(warehouse, pool, wanted, segment)
        others: dict[str, _Other] = {}
        if segment is None:
            hand = _BY_HAND[warehouse.dialect](warehouse, pool, wanted)
            others["by_hand"] = hand, partial(milliseconds, hand)
        if raw and name in FILTERS:
            others["raw_rows"] = (
                partial(raw.answers, wanted, name),
                partial(raw.milliseconds, wanted, name),
            )
        found[name] = in_turn(ours, others)
    return found


def in_turn(ours: Callable[[], Answers], others: dict[str, _Other]) -> dict[str, Any]:
    """Ask ours and the others in turn, so that a slow minute hits all of them."""
    answers = ours()
    same = {name: agree(answers, ask()) for name, (ask, _) in others.items()}
    rounds = [
        (milliseconds(ours), {name: timed() for name, (_, timed) in others.items()})
        for _ in range(AGAIN)
    ]
    found: dict[str, Any] = {
        "ms": median(wall for (wall, _), _ in rounds),
        "cpu_ms": median(cpu for (_, cpu), _ in rounds),
    }
    for name in others:
        found[name] = {
            "ms": median(times[name][0] for _, times in rounds),
            "cpu_ms": median(times[name][1] for _, times in rounds),
            "ratio": median(wall / times[name][0] for (wall, _), times in rounds),
            "cpu_ratio": median(cpu / times[name][1] for (_, cpu), times in rounds),
            "same_answers": same[name],
        }
    return found


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


def median(each: Iterable[float]) -> float:
    """Return the median to two digits."""
    return round(statistics.median(each), 2)
