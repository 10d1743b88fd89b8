"""The line chart over time: the paths, levels, ticks and weekends of one SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from reports.charts.levels import levels_of, top_of
from reports.charts.ticks import Tick, step_label, ticks_of
from reports.figures.figures import Step, change_of
from reports.formatting.template_filters import figure, number

WIDTH, HEIGHT = 1000.0, 100.0
LONGEST_WITH_WEEKENDS = 24 * 31
UNITS = {"hour": "an hour", "day": "a day", "week": "a week", "month": "a month"}
_SO_FAR = {
    "hour": "this hour so far",
    "day": "today so far",
    "week": "this week so far",
    "month": "this month so far",
}
_WEEKEND = (5, 6)
_DASH = 3.0  # half the length of a point that stands by itself

Point = tuple[float, float]


@dataclass(frozen=True)
class Band:
    """A weekend behind the line: where it begins and how long it is, in per cent of the width."""

    x: float
    width: float


@dataclass(frozen=True)
class ChartRow:
    """A step in words, for the table and the readout; `change` is since the period before."""

    label: str
    now: float | None
    before: float | None
    change: float | None
    is_whole: bool

    @property
    def is_new(self) -> float | None:
        """What a whole step has where the compared one had nothing; None for any other."""
        return self.now if self.is_whole and self.before == 0 else None


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
    kind: str = "count"
    """How a value is written: "count", "ratio", "share" or "seconds"."""


def chart_of(
    label: str,
    steps: Sequence[Step],
    by: str,
    today: date | None = None,
    kind: str = "count",
    highest: int = 0,
) -> Chart:
    """Draw the steps; `label` says what is counted, and days of `today`'s year have no year.

    `highest` is a number that the scale reaches at least, where several charts share one.
    """
    rows = _told_apart([_row(step, by, len(steps), today, kind) for step in steps])
    numbers = [n for row in rows for n in (row.now, row.before) if n]
    top = top_of(max([highest, *numbers]), kind)
    runs = _runs(rows, top)
    whole = [run for run in runs if run[0]]
    return Chart(
        label=label,
        unit=UNITS[by],
        summary=_summary(label, by, rows, kind),
        top=top,
        levels=levels_of(top, kind),
        ticks=ticks_of([step.bucket.local for step in steps], by),
        weekends=_weekends(steps, by),
        line=_path(points for _, points in whole),
        open_line=_path(points for is_whole, points in runs if not is_whole),
        open_key=_open_key(steps, by),
        area="".join(_area(points) for _, points in whole),
        faint=_path(_pieces([row.before for row in rows], top)),
        end=_end(rows, top),
        rows=rows,
        kind=kind,
    )


def _row(step: Step, by: str, count: int, today: date | None, kind: str) -> ChartRow:
    label = step_label(step.bucket.local, by, count, today)
    if step.now is not None and not step.is_whole:
        label += ", so far" if step.is_running else ", in part"
    if step.days and step.now is not None:
        label += f", {_lengths(*step.days, compares=step.before is not None)}"
    change = change_of(kind, step.now, step.before, step.weight)
    return ChartRow(label, step.now, step.before, change, step.is_whole)


def _told_apart(rows: Sequence[ChartRow]) -> tuple[ChartRow, ...]:
    """Say of an hour that it comes again, as it does when summer time ends."""
    before = ("", *(row.label for row in rows))
    return tuple(
        replace(row, label=f"{row.label}, again") if row.label == label else row
        for row, label in zip(rows, before, strict=False)
    )


def _lengths(days: int, before: int, *, compares: bool) -> str:
    """Write how many days a month has, and how many the compared one where those are others."""
    own = f"{days} day{'' if days == 1 else 's'}"
    return f"{own} against {before}" if compares and before not in (0, days) else own


def _open_key(steps: Sequence[Step], by: str) -> str:
    cut = [step for step in steps if step.now is not None and not step.is_whole]
    if not cut:
        return ""
    return _SO_FAR[by] if all(step.is_running for step in cut) else f"not a whole {by}"


def _pieces(values: Sequence[float | None], top: float) -> list[list[Point]]:
    """Return the points of known values, in pieces between the unknown ones."""
    pieces: list[list[Point]] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if index == 0 or values[index - 1] is None:
            pieces.append([])
        pieces[-1].append(_point(index, value, len(values), top))
    return [_visible(piece, len(values)) for piece in pieces]


def _point(index: int, value: float, count: int, top: float) -> Point:
    return WIDTH * index / max(1, count - 1), HEIGHT - HEIGHT * value / top


def _visible(piece: list[Point], count: int) -> list[Point]:
    """Draw a point by itself as a short line, and the only one from side to side."""
    if len(piece) > 1:
        return piece
    x, y = piece[0]
    return [(0.0, y), (WIDTH, y)] if count == 1 else [(max(0.0, x - _DASH), y), (x + _DASH, y)]


def _runs(rows: Sequence[ChartRow], top: float) -> list[tuple[bool, list[Point]]]:
    """Split the line where it turns from whole steps to cut ones, or back, or is unknown."""
    values = [row.now for row in rows]
    runs: list[tuple[bool, list[Point]]] = []
    first = 0
    for piece in _pieces(values, top):
        while values[first] is None:
            first += 1
        length = next((n for n, it in enumerate(values[first:]) if it is None), len(values) - first)
        runs += _split(rows[first : first + length], piece)
        first += length
    return runs


def _split(rows: Sequence[ChartRow], points: list[Point]) -> list[tuple[bool, list[Point]]]:
    if len(rows) == 1:
        return [(rows[0].is_whole, points)]
    runs: list[tuple[bool, list[Point]]] = []
    for (one, two), (here, there) in zip(pairwise(rows), pairwise(points), strict=True):
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
    known = [(index, row) for index, row in enumerate(rows) if row.now is not None]
    if not known or known[-1][1].is_whole:
        return None
    index, row = known[-1]
    x, y = _point(index, row.now or 0, len(rows), top)
    return 100.0 if len(rows) == 1 else round(100 * x / WIDTH, 2), round(y, 2)


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


def _summary(label: str, by: str, rows: Sequence[ChartRow], kind: str) -> str:
    """Describe the chart in a sentence, for those who do not see it.

    A step that is not over has no lowest value yet; a count of it can be the highest already.
    """
    said = f"{label} {UNITS[by]}, {rows[0].label} to {rows[-1].label}"
    known = [row for row in rows if row.now is not None]
    whole = [row for row in known if row.is_whole]
    if not whole:
        return f"{said}."
    low = min(whole, key=lambda row: row.now or 0)
    high = max(known if kind == "count" else whole, key=lambda row: row.now or 0)
    lowest, highest = (_exactly(one.now, kind) for one in (low, high))
    return f"{said}: lowest {lowest}, highest {highest} ({high.label})."


def _exactly(value: float | None, kind: str) -> str:
    return number(value) if kind == "count" else figure(value, kind)
