"""The line chart over time: the paths, levels, ticks and weekends of one SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from reports.charts.ticks import Tick, step_label, ticks_of
from reports.figures.figures import Step
from reports.formatting.template_filters import number, short_number

WIDTH, HEIGHT, LEVELS = 1000.0, 100.0, 4
LONGEST_WITH_WEEKENDS = 24 * 31
UNITS = {"hour": "an hour", "day": "a day", "week": "a week", "month": "a month"}
_SO_FAR = {
    "hour": "this hour so far",
    "day": "today so far",
    "week": "this week so far",
    "month": "this month so far",
}
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)  # of a power of ten: one decimal each is enough
_WEEKEND = (5, 6)

Point = tuple[float, float]


@dataclass(frozen=True)
class Band:
    """A weekend behind the line: where it begins and how long it is, in per cent of the width."""

    x: float
    width: float


@dataclass(frozen=True)
class ChartRow:
    """A step in words, for the table and the readout; `change` is relative to the period before."""

    label: str
    now: int | None
    before: int | None
    change: float | None
    is_whole: bool


@dataclass(frozen=True)
class Chart:
    """What the page draws; `line` to `faint` are the `d` of SVG paths in a box of 1000 by 100."""

    label: str
    """What is counted, such as Visitors."""
    unit: str
    """The length of a step, such as `a day`."""
    summary: str
    """The chart in a sentence, for those who do not see it."""
    top: float
    """The number that the highest level stands for."""
    levels: tuple[str, ...]
    """The numbers at the five even lines, from the top down to 0."""
    ticks: tuple[Tick, ...]
    """The labels under the chart."""
    weekends: tuple[Band, ...]
    """The weekends behind the line."""
    line: str
    """The line through whole steps."""
    open_line: str
    """The line to and from steps that the period or the present cuts."""
    open_key: str
    """What those steps are, such as `today so far`, or ''."""
    area: str
    """The area under `line`."""
    faint: str
    """The line of the period before."""
    end: Point | None
    """The last step if it is not whole, in per cent of width and height."""
    rows: tuple[ChartRow, ...]
    """Every step in words."""


def chart_of(
    label: str, steps: Sequence[Step], by: str, today: date | None = None, highest: int = 0
) -> Chart:
    """Draw the steps; `label` says what is counted, and days of `today`'s year have no year.

    `highest` is a number that the scale reaches at least, where several charts share one.
    """
    rows = tuple(_row(step, by, len(steps), today) for step in steps)
    numbers = [n for row in rows for n in (row.now, row.before) if n]
    top = _top(max([highest, *numbers]))
    runs = _runs(rows, top)
    whole = [run for run in runs if run[0]]
    return Chart(
        label=label,
        unit=UNITS[by],
        summary=_summary(label, by, rows),
        top=top,
        levels=tuple(short_number(top * n / LEVELS) for n in range(LEVELS, -1, -1)),
        ticks=ticks_of([step.bucket.local for step in steps], by),
        weekends=_weekends(steps, by),
        line=_path(points for _, points in whole),
        open_line=_path(points for is_whole, points in runs if not is_whole),
        open_key=_open_key(steps, by),
        area="".join(_area(points) for _, points in whole),
        faint=_path([_points([row.before for row in rows], top)]),
        end=_end(rows, top),
        rows=rows,
    )


def _row(step: Step, by: str, count: int, today: date | None) -> ChartRow:
    label = step_label(step.bucket.local, by, count, today)
    if step.now is not None and not step.is_whole:
        label += ", so far" if step.is_running else ", in part"
    change = None
    if step.now is not None and step.before:
        change = (step.now - step.before) / step.before
    return ChartRow(label, step.now, step.before, change, step.is_whole)


def _open_key(steps: Sequence[Step], by: str) -> str:
    cut = [step for step in steps if step.now is not None and not step.is_whole]
    if not cut:
        return ""
    return _SO_FAR[by] if all(step.is_running for step in cut) else f"not a whole {by}"


def _top(highest: int) -> float:
    size = 1
    while True:
        for step in _STEPS:
            level = size * step
            if level == int(level) and level * LEVELS >= highest:
                return level * LEVELS
        size *= 10


def _points(values: Sequence[int | None], top: float) -> list[Point]:
    """Return the points of known values; a single step is drawn from side to side."""
    last = max(1, len(values) - 1)
    found = [
        (WIDTH * index / last, HEIGHT - HEIGHT * value / top)
        for index, value in enumerate(values)
        if value is not None
    ]
    return [(0.0, found[0][1]), (WIDTH, found[0][1])] if len(values) == 1 and found else found


def _runs(rows: Sequence[ChartRow], top: float) -> list[tuple[bool, list[Point]]]:
    """Split the line where it turns from whole steps to cut ones, or back."""
    known = [row for row in rows if row.now is not None]
    points = _points([row.now for row in rows], top)
    if len(rows) == 1:
        return [(rows[0].is_whole, points)] if points else []
    runs: list[tuple[bool, list[Point]]] = []
    for (one, two), (here, there) in zip(pairwise(known), pairwise(points), strict=True):
        is_whole = one.is_whole and two.is_whole
        if runs and runs[-1][0] == is_whole:
            runs[-1][1].append(there)
        else:
            runs.append((is_whole, [here, there]))
    return runs


def _path(runs: Iterable[Sequence[Point]]) -> str:
    return "".join(f"M{_joined(points)}" for points in runs if points)


def _area(points: Sequence[Point]) -> str:
    left, right = points[0][0], points[-1][0]
    return f"M{_joined(points)} L{right:.1f} {HEIGHT:.0f} L{left:.1f} {HEIGHT:.0f}Z"


def _joined(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _end(rows: Sequence[ChartRow], top: float) -> Point | None:
    known = [row for row in rows if row.now is not None]
    if not known or known[-1].is_whole:
        return None
    x, y = _points([row.now for row in rows], top)[-1]
    return round(100 * x / WIDTH, 2), round(y, 2)


def _weekends(steps: Sequence[Step], by: str) -> tuple[Band, ...]:
    """Return the weekends of hours and days; a step reaches half a step to each side."""
    if by not in ("hour", "day") or not 1 < len(steps) <= LONGEST_WITH_WEEKENDS:
        return ()
    bands: list[list[int]] = []
    for index, step in enumerate(steps):
        if step.bucket.local.weekday() not in _WEEKEND:
            continue
        if bands and bands[-1][1] == index - 1:
            bands[-1][1] = index
        else:
            bands.append([index, index])
    return tuple(_band(first, last, len(steps) - 1) for first, last in bands)


def _band(first: int, last: int, whole: int) -> Band:
    left, right = max(0.0, first - 0.5), min(float(whole), last + 0.5)
    return Band(round(100 * left / whole, 2), round(100 * (right - left) / whole, 2))


def _summary(label: str, by: str, rows: Sequence[ChartRow]) -> str:
    """Describe the chart in a sentence, for those who do not see it."""
    said = f"{label} {UNITS[by]}, {rows[0].label} to {rows[-1].label}"
    known = [row for row in rows if row.now is not None and row.is_whole]
    if not known:
        return f"{said}."
    low = min(known, key=lambda row: row.now or 0)
    high = max(known, key=lambda row: row.now or 0)
    return f"{said}: lowest {number(low.now)}, highest {number(high.now)} ({high.label})."
