"""The levels of a chart: the number at its top, and how those at its even lines are written."""

from reports.formatting.dates import duration
from reports.formatting.readers import decimal, percentage
from reports.formatting.template_filters import short_number

LEVELS = 4
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)  # of a power of ten: one decimal each is enough
_SHARES = (0.01, 0.02, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25)
_RATIOS = (0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 5, 7.5, 10)
_SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1800, 3600)


def top_of(highest: float, kind: str = "count") -> float:
    """Return the number that the highest level stands for, not below `highest`.

    `kind` is that of a figure: "count", "ratio", "share" (1 is all) or "seconds".
    """
    steps = {"share": _SHARES, "ratio": _RATIOS, "seconds": _SECONDS}.get(kind)
    if steps is None:
        return _of_counts(highest)
    size = 1
    while True:
        for step in steps:
            if step * size * LEVELS >= highest:
                return step * size * LEVELS
        size *= 10


def _of_counts(highest: float) -> float:
    size = 1
    while True:
        for step in _STEPS:
            level = size * step
            if level == int(level) and level * LEVELS >= highest:
                return level * LEVELS
        size *= 10


def levels_of(top: float, kind: str = "count") -> tuple[str, ...]:
    """Write the numbers at the even lines, from the top down to 0."""
    return tuple(_written(top * n / LEVELS, kind) for n in range(LEVELS, -1, -1))


def _written(level: float, kind: str) -> str:
    if kind == "share":
        return percentage(_plain(level * 100))
    if kind == "ratio":
        return _plain(level)
    return duration(level) if kind == "seconds" else short_number(level)


def _plain(level: float) -> str:
    """Write a level with as many decimals as it needs: 7.5, 10."""
    return decimal(level, len(f"{level:g}".partition(".")[2]))
