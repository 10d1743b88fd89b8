"""The chart over time: a Vega-Lite specification by Altair, and a plain drawing of the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import altair as alt
import msgspec

from reports.dates import NOTHING, short_day
from reports.figures import Step
from reports.formats import short_number

WIDTH, HEIGHT = 1000.0, 200.0
MOST_TICKS = 6
BEFORE = "Period before"
_STEPS = (1, 2, 4, 5, 10)  # of a power of ten, where the axis may end


@dataclass(frozen=True)
class Tick:
    """A label under the chart."""

    index: int
    label: str


@dataclass(frozen=True)
class ChartRow:
    """The chart's numbers in words, for the table beside it."""

    label: str
    now: int | None
    before: int | None


@dataclass(frozen=True)
class Chart:
    """What the page needs of a chart.

    `line`, `area` and `faint` are the `points` of SVG polylines in a box of 1000 by 200.
    """

    label: str
    top: str
    middle: str
    ticks: tuple[Tick, ...]
    line: str
    area: str
    faint: str
    rows: tuple[ChartRow, ...]
    spec: dict[str, Any]


def chart_of(label: str, steps: Sequence[Step], by: str) -> Chart:
    """Draw the steps; `label` says what is counted."""
    rows = tuple(
        ChartRow(step_label(step.bucket.local, by, len(steps)), step.now, step.before)
        for step in steps
    )
    top = _top(max((n for row in rows for n in (row.now, row.before) if n), default=0))
    ticks = _ticks(rows)
    line = _points([row.now for row in rows], top)
    return Chart(
        label=label,
        top=short_number(top),
        middle=short_number(top / 2),
        ticks=ticks,
        line=" ".join(line),
        area=_area(line),
        faint=" ".join(_points([row.before for row in rows], top)),
        rows=rows,
        spec=_spec(label, rows, ticks, top),
    )


def step_label(local: datetime, by: str, count: int) -> str:
    """Name a step: its hour, its day, the first day of its week, or its month."""
    if by == "hour":
        clock = f"{local:%H:%M}"
        return clock if count <= 25 else f"{short_day(local)}, {clock}"
    return f"{local:%b %Y}" if by == "month" else short_day(local)


def _top(highest: int) -> float:
    size = 1.0
    while size * 10 <= highest:
        size *= 10
    # Two steps up to the top: an even number keeps the middle a whole number.
    return max(2.0, next(size * step for step in _STEPS if size * step >= highest))


def _ticks(rows: Sequence[ChartRow]) -> tuple[Tick, ...]:
    count = min(len(rows), MOST_TICKS)
    last = len(rows) - 1
    chosen = [round(n * last / (count - 1)) for n in range(count)] if count > 1 else [0]
    return tuple(Tick(index, rows[index].label) for index in chosen)


def _points(values: Sequence[int | None], top: float) -> list[str]:
    known = [value for value in values if value is not None]
    if len(values) == 1 and known:  # one step has no length of its own: draw it from side to side
        values = known = known * 2
    last = max(1, len(values) - 1)
    return [
        f"{WIDTH * index / last:.1f},{HEIGHT - HEIGHT * value / top:.1f}"
        for index, value in enumerate(known)
    ]


def _area(line: Sequence[str]) -> str:
    if not line:
        return ""
    left, right = line[0].split(",")[0], line[-1].split(",")[0]
    return " ".join((f"{left},{HEIGHT:.0f}", *line, f"{right},{HEIGHT:.0f}"))


def _spec(
    label: str, rows: Sequence[ChartRow], ticks: tuple[Tick, ...], top: float
) -> dict[str, Any]:
    values = [_value(index, row, label) for index, row in enumerate(rows)]
    return {**_drawing(label, ticks, len(rows), top), "data": {"values": values}}


@lru_cache(maxsize=256)
def _drawing(label: str, ticks: tuple[Tick, ...], count: int, top: float) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData(name="steps")).encode(x=_axis_x(ticks, count))
    scale = alt.Scale(domain=[0, top])
    axis = alt.Axis(
        values=[0, top / 2, top],
        # An axis's own `format` gives every label the unit of the largest: zero would be "0k".
        labelExpr="format(datum.value, '~s')",
        title=None,
        domain=False,
        ticks=False,
    )
    # Stacking would draw the steps after the present as zeros.
    now = alt.Y("now:Q", scale=scale, axis=axis, stack=None)
    before = alt.Y("before:Q", scale=scale, axis=axis)
    drawing = alt.layer(
        base.mark_area(style="now-area").encode(y=now),
        base.mark_line(style="before").encode(y=before),
        base.mark_line(style="now").encode(y=now),
        _hover(base, label),
        _dot(base, now),
    )
    shape = drawing.properties(width="container", height=220, padding=4)
    return dict(shape.to_dict(validate=False))


def _value(index: int, row: ChartRow, label: str) -> dict[str, Any]:
    return {
        "i": index,
        "now": row.now,
        "before": row.before,
        "step": row.label,
        label: NOTHING if row.now is None else f"{row.now:,}",
        BEFORE: NOTHING if row.before is None else f"{row.before:,}",
    }


def _axis_x(ticks: Sequence[Tick], count: int) -> Any:
    names = msgspec.json.encode({str(tick.index): tick.label for tick in ticks}).decode()
    axis = alt.Axis(
        values=[tick.index for tick in ticks],
        labelExpr=f"{names}[datum.value]",
        labelFlush=True,
        grid=False,
        title=None,
    )
    return alt.X("i:Q", scale=alt.Scale(domain=[0, max(1, count - 1)], nice=False), axis=axis)


def _nearest() -> Any:
    return alt.selection_point(
        name="near", fields=["i"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )


def _hover(base: Any, label: str) -> Any:
    told = [alt.Tooltip(f"{name}:N") for name in ("step", label, BEFORE)]
    points = base.mark_point(size=200).encode(opacity=alt.value(0), tooltip=told)
    return points.add_params(_nearest())


def _dot(base: Any, y: Any) -> Any:
    near = {"param": "near", "empty": False}
    return base.mark_point(style="dot").encode(y=y).transform_filter(near)
